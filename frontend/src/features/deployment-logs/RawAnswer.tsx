import { Button, Group, ScrollArea, Stack, Text } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { rawAnswer } from "@/api/deployment-logs";
import { copyText } from "@/api/settings";
import { NotRead } from "@/components/NotRead";
import { useAct } from "@/components/use-act";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";

/** Salesforce's last full answer as it came, a part at a time; it is what Support asks for. */
export function RawAnswer({ id }: { id: string }) {
  const { t } = useTranslation();
  const raw = useInfiniteQuery(rawAnswer(id));
  const copy = useAct(copyText, { done: () => t("common.copied") });
  if (raw.isError) return <NotRead title={t("logs.notRead")} query={raw} />;
  if (raw.isPending) return <Waiting rows={4} />;
  if (!raw.data)
    return (
      <Text size="sm" c="dimmed">
        {t("logs.noRaw")}
      </Text>
    );
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconCopy size={14} aria-hidden />}
          onClick={() => copy.mutate(raw.data)}
        >
          {t("common.copy")}
        </Button>
        {raw.hasNextPage && (
          <Button
            size="xs"
            variant="default"
            loading={raw.isFetchingNextPage}
            onClick={() => void raw.fetchNextPage()}
          >
            {t("logs.rawMore")}
          </Button>
        )}
        <Text size="sm" c="dimmed">
          {t(raw.hasNextPage ? "logs.rawPart" : "logs.rawAll")}
        </Text>
      </Group>
      <ScrollArea.Autosize
        mah="60vh"
        viewportProps={{ tabIndex: 0, role: "group", "aria-label": t("logs.tab.raw") }}
      >
        <pre className="raw-text">{raw.data}</pre>
      </ScrollArea.Autosize>
    </Stack>
  );
}
