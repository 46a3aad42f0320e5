import { Group, Stack, Text, TextInput } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { governance, type workspace } from "@/api/models";
import { VirtualList } from "@/components/VirtualList";

const rowHeight = 30;

/** What was sent, those that failed first. Nothing of a rolled back attempt is said to be in the org. */
export function Components({ view }: { view: workspace.LogView }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const failed = useMemo(
    () => new Set(view.causes.flatMap((c) => c.failures.map((f) => `${f.type}:${f.name}`))),
    [view.causes],
  );
  const items = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const hit = view.content.filter((c) => words.every((w) => c.toLowerCase().includes(w)));
    return [...hit.filter((c) => failed.has(c)), ...hit.filter((c) => !failed.has(c))];
  }, [view.content, failed, text]);
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
        <TextInput
          size="xs"
          w={240}
          aria-label={t("logs.searchComponents")}
          placeholder={t("logs.searchComponents")}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={text}
          onChange={(e) => setText(e.currentTarget.value)}
        />
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
          keyOf={(c) => c}
          rowHeight={rowHeight}
          height={Math.min(14, items.length) * rowHeight + 2}
          label={t("logs.tab.components")}
          row={(c) => (
            <Group gap={8} h="100%" px="sm" wrap="nowrap">
              <Text size="sm" c="dimmed" truncate="end" w="12rem" flex="none">
                {c.slice(0, Math.max(0, c.indexOf(":")))}
              </Text>
              <Text size="sm" fw={500} truncate="end" title={c} flex={1}>
                {c.slice(c.indexOf(":") + 1)}
              </Text>
              {failed.has(c) && (
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
