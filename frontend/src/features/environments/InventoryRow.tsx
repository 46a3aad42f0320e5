import { Badge, Box, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { store } from "@/api/models";
import { SortHead } from "@/components/SortHead";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

const columns = {
  display: "grid",
  gridTemplateColumns:
    "minmax(5rem, 1.1fr) minmax(8rem, 2.2fr) minmax(3.5rem, 0.5fr) minmax(5rem, 1.2fr) 6.5rem",
  gap: 12,
  alignItems: "center",
  padding: "0 12px",
} as const;

type HeadProps = { sort: string; onSort: (sort: string) => void };

export function InventoryHead({ sort, onSort }: HeadProps) {
  const { t } = useTranslation();
  return (
    <Box className="list-head" style={{ ...columns, height: "2rem" }}>
      <Head>{t("environments.inventory.type")}</Head>
      <SortHead by="name" sort={sort} onSort={onSort}>
        {t("environments.inventory.name")}
      </SortHead>
      <Head>{t("environments.inventory.package")}</Head>
      <Head>{t("environments.inventory.by")}</Head>
      <SortHead by="lastModifiedAt" sort={sort} onSort={onSort} newestFirst>
        {t("environments.inventory.changed")}
      </SortHead>
    </Box>
  );
}

const Head = ({ children }: { children: ReactNode }) => (
  <Text span size="xs" fw={550} c="dimmed" truncate="end">
    {children}
  </Text>
);

export function InventoryRow({ item }: { item: store.ScanItem }) {
  return (
    <Box style={{ ...columns, height: "100%" }}>
      <Text size="sm" c="dimmed" truncate="end" title={item.type}>
        {item.type}
      </Text>
      <Text size="sm" fw={500} truncate="end" title={item.name}>
        {item.name}
      </Text>
      <Box style={{ overflow: "hidden" }}>
        {item.namespacePrefix && (
          <Badge variant="light" color="gray" size="sm" tt="none" fw={500} radius="sm" maw="100%">
            {item.namespacePrefix}
          </Badge>
        )}
      </Box>
      <Text size="sm" truncate="end" title={item.lastModifiedByName}>
        {item.lastModifiedByName}
      </Text>
      <When at={item.lastModifiedAt} />
    </Box>
  );
}
