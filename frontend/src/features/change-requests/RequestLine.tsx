import { Badge, Box, type BoxProps, Group, Text } from "@mantine/core";
import { IconBellRinging } from "@tabler/icons-react";
import type { workspace } from "@/api/models";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { StatusBadge } from "@/components/StatusBadge";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

type Place = BoxProps & { className?: string };

const fixed = (w: string): Place => ({ w, style: { flex: "none" } });

/** The columns of the list; the narrow window keeps what says where a request stands. */
export const columns: { id: string; box: Place; sortable?: boolean }[] = [
  { id: "number", box: fixed("5rem"), sortable: true },
  { id: "name", box: { flex: 1, miw: 0 }, sortable: true },
  { id: "status", box: fixed("10.5rem"), sortable: true },
  { id: "type", box: { ...fixed("4.75rem"), className: "from-42" }, sortable: true },
  { id: "deployed", box: { ...fixed("10.5rem"), className: "from-60" } },
  { id: "customizations", box: { ...fixed("6.75rem"), ta: "right", className: "from-76" } },
  { id: "authors", box: { ...fixed("9rem"), className: "from-90" } },
  { id: "updatedAt", box: fixed("7rem"), sortable: true },
];

const box = Object.fromEntries(columns.map((c) => [c.id, c.box])) as Record<string, Place>;

/** One Change Request in the list. */
export function RequestLine({ row }: { row: workspace.RequestRow }) {
  const { t } = useTranslation();
  return (
    <Group h="100%" gap="sm" px="md" wrap="nowrap">
      <Box {...box.number}>
        <Text size="sm" c="dimmed" fw={500} className="tabular">
          {row.label}
        </Text>
      </Box>
      <Group {...box.name} gap="xs" wrap="nowrap">
        <Text size="sm" fw={550} truncate="end" title={row.name} c={row.name ? undefined : "dimmed"}>
          {row.name || t("changeRequests.noName")}
        </Text>
        {row.waiting && (
          <Badge
            variant="light"
            color="yellow"
            radius="sm"
            tt="none"
            fw={500}
            fz="xs"
            style={{ flex: "none" }}
            leftSection={<IconBellRinging size={13} aria-hidden />}
          >
            {t("changeRequests.waiting")}
          </Badge>
        )}
      </Group>
      <Box {...box.status}>
        <StatusBadge status={row.status} />
      </Box>
      <Box {...box.type}>
        <Text size="sm">{t(`changeType.${row.type}`, { defaultValue: row.type })}</Text>
      </Box>
      <Box {...box.deployed}>
        <Places places={row.deployed} />
      </Box>
      <Box {...box.customizations}>
        <Text
          size="sm"
          className="tabular"
          title={t("changeRequests.customizationCount", { count: row.customizations })}
        >
          {row.customizations}
        </Text>
      </Box>
      <Box {...box.authors}>
        <Text size="sm" c="dimmed" truncate="end">
          {row.authors.map((person) => person.name).join(", ")}
        </Text>
      </Box>
      <Box {...box.updatedAt}>
        <When at={row.updatedAt} />
      </Box>
    </Group>
  );
}

/** Where a request was deployed; the newest places first, the others as a number. */
export function Places({
  places,
  most = 2,
  wrap,
}: {
  places: workspace.Place[];
  most?: number;
  wrap?: boolean;
}) {
  const shown = [...places].reverse().slice(0, most);
  return (
    <Group gap={4} wrap={wrap ? "wrap" : "nowrap"} style={{ overflow: "hidden" }}>
      {shown.map((place) => (
        <EnvironmentBadge
          key={place.environmentId}
          id={place.environmentId}
          name={place.name}
          kind={place.kind}
          production={place.production}
          size="sm"
        />
      ))}
      {places.length > most && (
        <Text span size="xs" c="dimmed" className="tabular">
          +{places.length - most}
        </Text>
      )}
    </Group>
  );
}
