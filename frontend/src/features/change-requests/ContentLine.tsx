import { Badge, Box, type BoxProps, Group, Text } from "@mantine/core";
import { IconSquare, IconSquareCheckFilled } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { workspace } from "@/api/models";
import { ChangeBadge } from "@/components/ChangeBadge";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

type Place = BoxProps & { className?: string };

const fixed = (w: number): Place => ({ w, style: { flex: "none" } });
const boxes = {
  name: { flex: 1, miw: 0 },
  action: fixed(84),
  exists: fixed(92),
  category: { ...fixed(200), className: "from-52" },
  by: { ...fixed(130), className: "from-38" },
} satisfies Record<string, Place>;

/** The column heads of customizations; before is what stands above the boxes that pick. */
export function ContentHead({ before }: { before?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Group className="list-head" gap="sm" px="sm" wrap="nowrap">
      {before}
      {(Object.keys(boxes) as (keyof typeof boxes)[]).map((word) => (
        <Box key={word} {...boxes[word]}>
          {t(`changeRequests.content.column.${word}`)}
        </Box>
      ))}
    </Group>
  );
}

/** The box that shows whether a row is picked. The row itself is what is pressed. */
export function PickMark({ picked }: { picked: boolean }) {
  const Icon = picked ? IconSquareCheckFilled : IconSquare;
  return (
    <Icon
      size={18}
      stroke={1.4}
      aria-hidden
      style={{ flex: "none" }}
      color={picked ? "var(--mantine-primary-color-filled)" : "var(--mantine-color-dimmed)"}
    />
  );
}

type Props = { item: workspace.ContentItem; pickable: boolean; picked: boolean };

/** One customization of a request. */
export function ContentLine({ item, pickable, picked }: Props) {
  const { t } = useTranslation();
  return (
    <Group h="100%" gap="sm" px="sm" wrap="nowrap">
      {pickable && <PickMark picked={picked} />}
      <Box {...boxes.name}>
        <Text size="sm" fw={550} lh={1.3} truncate="end" title={item.name}>
          {item.name === "*" ? t("changeRequests.content.everything") : item.name}
        </Text>
        <Text size="xs" c="dimmed" lh={1.3} truncate="end">
          {item.type}
          {item.package && ` · ${item.package}`}
          {item.manifest && ` · ${item.manifest}`}
        </Text>
      </Box>
      <Box {...boxes.action}>
        <ChangeBadge change={item.action} />
      </Box>
      <Box {...boxes.exists}>
        <Badge
          variant={item.exists ? "default" : "outline"}
          color="violet"
          radius="sm"
          tt="none"
          fw={500}
          fz="xs"
        >
          {t(item.exists ? "changeRequests.content.existing" : "changeRequests.content.proposed")}
        </Badge>
      </Box>
      <Box {...boxes.category}>
        <Text size="sm" lh={1.3} truncate="end">
          {t(`category.${item.category}`, { defaultValue: item.category })}
        </Text>
        <Text size="xs" c="dimmed" lh={1.3} truncate="end" title={item.level}>
          {t(`level.${item.level}`, { defaultValue: item.level })}
        </Text>
      </Box>
      <Box {...boxes.by}>
        <Text size="sm" lh={1.3} truncate="end" title={item.by}>
          {item.by || "–"}
        </Text>
        <Box lh={1.3} fz="xs">
          {item.by && <When at={item.at} />}
        </Box>
      </Box>
    </Group>
  );
}
