import { Group, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { governance, type workspace } from "@/api/models";
import { SearchField } from "@/components/SearchField";
import { VirtualList } from "@/components/VirtualList";
import { useTranslation } from "@/i18n/use-translation";

const rowHeight = 30;

/** What was sent, those that failed first. Nothing of a rolled back attempt is said to be in the org. */
export function Components({ view }: { view: workspace.LogView }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const items = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return view.content
      .map((name, i) => ({ name, failed: i < view.failed }))
      .filter(({ name }) => words.every((w) => name.toLowerCase().includes(w)));
  }, [view.content, view.failed, text]);
  if (view.content.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t("logs.noComponents")}
      </Text>
    );
  const { kind, result } = view.log;
  const checked = kind === governance.AttemptKind.Validate || kind === governance.AttemptKind.ReverseCheck;
  const what =
    result === governance.Result.None
      ? "sent"
      : result !== governance.Result.Succeeded
        ? "notDone"
        : checked
          ? "checked"
          : kind === governance.AttemptKind.Retrieve
            ? "retrieved"
            : "done";
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <SearchField size="xs" w={240} aria-label={t("logs.searchComponents")} text={text} onText={setText} />
        <Text size="sm" c="dimmed">
          {t(`logs.componentsWhat.${what}`, { count: view.content.length, target: view.record.target })}
        </Text>
      </Group>
      {items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("logs.noHit")}
        </Text>
      ) : (
        <VirtualList
          items={items}
          keyOf={(c) => c.name}
          rowHeight={rowHeight}
          height={Math.min(14, items.length) * rowHeight + 2}
          label={t("logs.tab.components")}
          row={(c) => (
            <Group gap={8} h="100%" px="sm" wrap="nowrap">
              <Text size="sm" c="dimmed" truncate="end" w="12rem" flex="none">
                {c.name.slice(0, Math.max(0, c.name.indexOf(":")))}
              </Text>
              <Text size="sm" fw={500} truncate="end" title={c.name} flex={1}>
                {c.name.slice(c.name.indexOf(":") + 1)}
              </Text>
              {c.failed && (
                <Group gap={4} wrap="nowrap" c="var(--mantine-color-red-light-color)">
                  <IconX size={14} aria-hidden />
                  <Text size="xs" fw={550}>
                    {t("logs.failedWord")}
                  </Text>
                </Group>
              )}
            </Group>
          )}
        />
      )}
    </Stack>
  );
}
