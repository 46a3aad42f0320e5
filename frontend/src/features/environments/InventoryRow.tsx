import { Text } from "@mantine/core";
import { memo, type ReactNode } from "react";
import type { store } from "@/api/models";
import { SortHead } from "@/components/SortHead";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

type HeadProps = { sort: string; onSort: (sort: string) => void };

export function InventoryHead({ sort, onSort }: HeadProps) {
  const { t } = useTranslation();
  return (
    <div className="list-head inventory-line inventory-head">
      <Head>{t("environments.inventory.type")}</Head>
      <SortHead by="name" sort={sort} onSort={onSort}>
        {t("environments.inventory.name")}
      </SortHead>
      <Head>{t("environments.inventory.package")}</Head>
      <Head>{t("environments.inventory.by")}</Head>
      <SortHead by="lastModifiedAt" sort={sort} onSort={onSort} newestFirst>
        {t("environments.inventory.changed")}
      </SortHead>
    </div>
  );
}

const Head = ({ children }: { children: ReactNode }) => (
  <Text span size="xs" fw={550} c="dimmed" truncate="end">
    {children}
  </Text>
);

/** One customization of an inventory. Plain elements: see LookBadge. */
export const InventoryRow = memo(function InventoryRow({ item }: { item: store.ScanItem }) {
  return (
    <div className="line inventory-line">
      <div className="dim cut" title={item.type}>
        {item.type}
      </div>
      <div className="cut inventory-name" title={item.name}>
        {item.name}
      </div>
      <div className="clip">
        {item.namespacePrefix && (
          <span className="badge of-package" data-size="sm" data-color="gray">
            <span className="badge-word">{item.namespacePrefix}</span>
          </span>
        )}
      </div>
      <div className="cut" title={item.lastModifiedByName}>
        {item.lastModifiedByName}
      </div>
      <When at={item.lastModifiedAt} />
    </div>
  );
});
