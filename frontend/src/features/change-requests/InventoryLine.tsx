import { Badge, Box, type BoxProps, Group, Text } from "@mantine/core";
import type { store } from "@/api/models";
import { SortHead } from "@/components/SortHead";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";
import { PickMark } from "./ContentLine";

type Place = BoxProps & { className?: string };

const fixed = (w: number): Place => ({ w, style: { flex: "none" } });
const boxes = {
  name: { flex: 1, miw: 0 },
  by: { ...fixed(140), className: "from-34" },
  lastModifiedAt: fixed(104),
} satisfies Record<string, Place>;

const sortable = ["name", "lastModifiedAt"];

/** The column heads of an inventory; two of them sort. */
export function InventoryHead({ sort, onSort }: { sort: string; onSort: (sort: string) => void }) {
  const { t } = useTranslation();
  return (
    <Group className="list-head" gap="xs" px="sm" wrap="nowrap">
      <Box w={18} style={{ flex: "none" }} />
      {(Object.keys(boxes) as (keyof typeof boxes)[]).map((word) => {
        const name = t(`changeRequests.picker.column.${word}`);
        return (
          <Box key={word} {...boxes[word]}>
            {sortable.includes(word) ? (
              <SortHead by={word} sort={sort} onSort={onSort} newestFirst={word === "lastModifiedAt"}>
                {name}
              </SortHead>
            ) : (
              name
            )}
          </Box>
        );
      })}
    </Group>
  );
}

/** One customization of an inventory. */
export function InventoryLine({
  item,
  picked,
  inside,
}: {
  item: store.ScanItem;
  picked: boolean;
  inside: boolean;
}) {
  const { t } = useTranslation();
  return (
    <Group h="100%" gap="xs" px="sm" wrap="nowrap">
      <PickMark picked={picked} />
      <Box {...boxes.name}>
        <Group gap={6} wrap="nowrap">
          <Text size="sm" fw={500} lh={1.3} truncate="end" title={item.name}>
            {item.name}
          </Text>
          {inside && (
            <Badge
              variant="light"
              color="gray"
              radius="sm"
              size="xs"
              tt="none"
              fw={500}
              style={{ flex: "none" }}
            >
              {t("changeRequests.picker.inside")}
            </Badge>
          )}
        </Group>
        <Text size="xs" c="dimmed" lh={1.3} truncate="end">
          {item.type}
          {item.namespacePrefix && ` · ${item.namespacePrefix}`}
        </Text>
      </Box>
      <Text {...boxes.by} size="sm" c="dimmed" truncate="end">
        {item.lastModifiedByName || "–"}
      </Text>
      <Box {...boxes.lastModifiedAt}>
        <When at={item.lastModifiedAt} />
      </Box>
    </Group>
  );
}
