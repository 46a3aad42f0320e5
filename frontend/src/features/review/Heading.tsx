import { Badge, Box, Group, Text, Title } from "@mantine/core";
import { useTranslation } from "@/i18n/use-translation";
import type { Entry, Kind } from "./entries";
import { KindIcon } from "./KindIcon";

const colors: Record<Kind, string> = {
  new: "green",
  add: "green",
  changed: "blue",
  change: "blue",
  deleted: "red",
  same: "gray",
  missing: "yellow",
};

/** The name of what the middle shows. */
export function Heading({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      <KindIcon kind={entry.kind} size={26} silent />
      <Box style={{ minWidth: 0 }} flex={1}>
        <Title order={2} fz={16} lh={1.35} style={{ overflowWrap: "anywhere" }}>
          {entry.name}
        </Title>
        <Text size="sm" c="dimmed">
          {entry.type}
        </Text>
      </Box>
      <Badge
        variant="light"
        radius="sm"
        tt="none"
        fw={550}
        color={colors[entry.kind]}
        style={{ flex: "none" }}
      >
        {t(`review.kind.${entry.kind}`)}
      </Badge>
    </Group>
  );
}
