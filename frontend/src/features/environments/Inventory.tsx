import { Box, Button, Group, Select, Stack, Text } from "@mantine/core";
import { IconFilterOff, IconListSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { inventoryAt, inventorySummary } from "@/api/environments";
import type { store, workspace } from "@/api/models";
import { EmptyState } from "@/components/EmptyState";
import { FaultAlert } from "@/components/FaultAlert";
import { SearchField } from "@/components/SearchField";
import { useNumber } from "@/components/use-number";
import { usePreference } from "@/components/use-preference";
import { useWindow } from "@/components/use-window";
import { useWindowWidth } from "@/components/use-window-width";
import { VirtualList } from "@/components/VirtualList";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";
import { InventoryHead, InventoryRow } from "./InventoryRow";
import { ItemDialog } from "./ItemDialog";
import { TypeFilter } from "./TypeFilter";

type Filters = { type?: string; text?: string; package?: string; by?: string; sort?: string };

/** What the last scan found in an org: types with counts at the left, and a list that is fluid at any length. */
export function Inventory({ id, scanned }: { id: string; scanned: boolean }) {
  const { t } = useTranslation();
  if (!scanned)
    return (
      <EmptyState
        icon={IconListSearch}
        title={t("environments.inventory.none")}
        text={t("environments.inventory.noneWhy")}
      />
    );
  return <Scanned id={id} />;
}

function Scanned({ id }: { id: string }) {
  const { t } = useTranslation();
  const number = useNumber();
  const summary = useQuery(inventorySummary(id));
  const { type, text, package: pack, by, sort } = useSearch({ strict: false }) as Filters;
  const navigate = useNavigate();
  const filter = (some: Filters) =>
    navigate({
      to: "/environments/$id",
      params: { id },
      search: (old) => ({ ...old, ...some, tab: "inventory" }),
      replace: true,
    });
  const types = type ? type.split(",") : [];
  const query = { types, text: text ?? "", package: pack ?? "", by: by ?? "", sort: sort ?? "name" };
  const list = useWindow<store.ScanItem, workspace.InventoryPage>((offset) => inventoryAt(id, query, offset));
  const [opened, setOpened] = useState<store.ScanItem>();
  const wide = useWide();
  const filtered = Boolean(type || text || pack || by);
  const clear = () => filter({ type: undefined, text: undefined, package: undefined, by: undefined });
  const label = t("environments.inventory.label");
  return (
    <Group align="stretch" gap="md" wrap="nowrap" h="100%">
      {wide && (
        <Box w={248} flex="none" h="100%">
          <TypeFilter
            types={summary.data?.types ?? []}
            chosen={types}
            onChoose={(next) => filter({ type: next.join(",") || undefined })}
          />
        </Box>
      )}
      <Stack gap="xs" flex={1} miw={0} h="100%">
        <Group gap="xs" align="flex-end">
          <SearchField
            key={id}
            type="search"
            aria-label={t("environments.inventory.search")}
            flex="1 1 220px"
            text={text ?? ""}
            onText={(next) => filter({ text: next || undefined })}
          />
          {!wide && (
            <Select
              size="sm"
              w={190}
              aria-label={t("environments.inventory.type")}
              placeholder={t("environments.inventory.allTypes")}
              data={(summary.data?.types ?? []).map((each) => ({
                value: each.type,
                label: `${each.type} (${number(each.count)})`,
              }))}
              value={types[0] ?? null}
              onChange={(next) => filter({ type: next ?? undefined })}
              searchable
              clearable
            />
          )}
          <NameFilter
            label={t("environments.inventory.package")}
            all={t("environments.inventory.allPackages")}
            names={summary.data?.packages ?? []}
            special={{ "": "none", none: "none" }}
            specialLabel={t("environments.inventory.noPackage")}
            value={pack}
            onChange={(next) => filter({ package: next })}
          />
          <NameFilter
            label={t("environments.inventory.by")}
            all={t("environments.inventory.everybody")}
            names={summary.data?.people ?? []}
            value={by}
            onChange={(next) => filter({ by: next })}
          />
          {filtered && (
            <Button
              size="sm"
              variant="subtle"
              leftSection={<IconFilterOff size={16} aria-hidden />}
              onClick={clear}
            >
              {t("environments.inventory.clear")}
            </Button>
          )}
        </Group>
        <Text size="sm" c="dimmed" role="status" className="tabular">
          {t(filtered ? "environments.inventory.found" : "environments.inventory.total", {
            count: list.total,
            n: number(list.total),
            all: number(summary.data?.age.count ?? 0),
          })}
        </Text>
        <div className={list.total > 0 ? "list-frame" : undefined} style={{ minHeight: 0 }}>
          {list.fault && (
            <FaultAlert
              title={t("environments.inventory.notRead")}
              fault={list.fault}
              onRetry={() => list.again()}
            />
          )}
          {list.fault && list.total === 0 ? null : list.pending ? (
            <Waiting />
          ) : list.total === 0 ? (
            <EmptyState
              icon={IconListSearch}
              title={t(filtered ? "environments.inventory.nothing" : "environments.inventory.emptyOrg")}
              text={t(filtered ? "environments.inventory.nothingWhy" : "environments.inventory.emptyOrgWhy")}
            />
          ) : (
            <VirtualList
              question={list.question}
              label={label}
              items={list.items}
              keyOf={(item) => `${item.type} ${item.name}`}
              rowHeight={36}
              head={<InventoryHead sort={sort ?? "name"} onSort={(next) => filter({ sort: next })} />}
              row={(item) => <InventoryRow item={item} />}
              onSeen={list.onSeen}
              onOpen={setOpened}
            />
          )}
        </div>
      </Stack>
      <ItemDialog item={opened} onClose={() => setOpened(undefined)} />
    </Group>
  );
}

const roomForTypes = 1150;

/** Whether there is room for the types beside the list; large text takes more of it. */
function useWide() {
  const width = useWindowWidth();
  const [size] = usePreference("text.size", "100");
  return width / ((Number(size) || 100) / 100) >= roomForTypes;
}

type NameFilterProps = {
  label: string;
  all: string;
  names: workspace.NameCount[];
  /** Names that stand for something else, such as the empty one. */
  special?: Record<string, string>;
  specialLabel?: string;
  value?: string;
  onChange: (name?: string) => void;
};

function NameFilter({ label, all, names, special = {}, specialLabel, value, onChange }: NameFilterProps) {
  const number = useNumber();
  const data = names
    .filter((each) => each.name !== "" || special[""] !== undefined)
    .map((each) => {
      const as = special[each.name];
      return { value: as ?? each.name, label: `${as ? specialLabel : each.name} (${number(each.count)})` };
    });
  return (
    <Select
      w={190}
      aria-label={label}
      placeholder={all}
      data={data}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
      searchable
      clearable
      limit={200}
    />
  );
}
