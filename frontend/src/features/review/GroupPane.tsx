import { Box, Button, Group, Text, Title } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconCircleCheck } from "@tabler/icons-react";
import { VirtualList } from "@/components/VirtualList";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";
import type { Entry } from "./entries";
import { KindIcon } from "./KindIcon";

type Props = {
  title: string;
  entries: Entry[];
  viewed: ReadonlySet<string>;
  mark: (keys: string[], is: boolean) => void;
  onOpen: (key: string) => void;
};

/** The customizations of one type in a table: the quick look at many. */
export function GroupPane({ title, entries, viewed, mark, onOpen }: Props) {
  const { t } = useTranslation();
  const { ref, width } = useElementSize();
  const all = entries.every((e) => viewed.has(e.key));
  return (
    <Box ref={ref} h="100%" style={{ display: "flex", flexDirection: "column", minHeight: 280 }}>
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} fz={16}>
          {t("review.groupTitle", { type: title, count: entries.length })}
        </Title>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconCircleCheck size={15} aria-hidden />}
          onClick={() =>
            mark(
              entries.map((e) => e.key),
              !all,
            )
          }
        >
          {t(all ? "review.unmarkAll" : "review.markAll")}
        </Button>
      </Group>
      <Box flex={1} mih={0}>
        <VirtualList
          label={t("review.groupTitle", { type: title, count: entries.length })}
          items={entries}
          keyOf={(e) => e.key}
          rowHeight={34}
          onOpen={(e) => onOpen(e.key)}
          onPick={(e) => mark([e.key], !viewed.has(e.key))}
          row={(e) => (
            <Group h="100%" gap="xs" wrap="nowrap" px="xs">
              <KindIcon kind={e.kind} silent />
              <Text size="sm" truncate="end" flex="1 1 12rem" title={e.name} fw={500}>
                {e.name}
              </Text>
              {width >= 430 && (
                <Text size="sm" c="dimmed" w={150} truncate="end" style={{ flex: "none" }}>
                  {e.content
                    ? t(`level.${e.content.level}`, { defaultValue: e.content.level })
                    : e.item && e.item.changes?.length > 0
                      ? t("review.differences", { count: e.item.changes.length })
                      : t(`review.kind.${e.kind}`)}
                </Text>
              )}
              {width >= 700 && (
                <Text size="sm" c="dimmed" w={130} truncate="end" style={{ flex: "none" }}>
                  {e.content?.by ?? e.item?.sourceBy}
                </Text>
              )}
              {width >= 580 && (
                <Box w={110} style={{ flex: "none" }} ta="right">
                  <When at={e.content?.at ?? e.item?.sourceAt ?? ""} />
                </Box>
              )}
            </Group>
          )}
        />
      </Box>
    </Box>
  );
}
