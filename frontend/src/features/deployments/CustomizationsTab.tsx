import { Button, Group, Radio, Select, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { recordContent, saveRecord } from "@/api/deployment-records";
import { Fault } from "@/api/fault";
import type { governance, workspace } from "@/api/models";
import { FaultAlert } from "@/components/FaultAlert";
import { useAct } from "@/components/use-act";
import { VirtualList } from "@/components/VirtualList";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { fieldsOf, keyOf, readable } from "./options";
import { ActionBadge, SelectionList } from "./SelectionList";
import { chosenOf } from "./selection";

const columns = {
  display: "grid",
  gridTemplateColumns: "92px minmax(0, 2fr) minmax(0, 1fr) minmax(0, 1fr) 104px",
  columnGap: 12,
  alignItems: "center",
  padding: "0 12px",
} as const;

const rowHeight = 36;

/** What the record carries; while it is In Progress, the selection can be changed here. */
export function CustomizationsTab({ view }: { view: workspace.RecordView }) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  if (editing && !view.locked) return <Edited view={view} onDone={() => setEditing(false)} />;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm">
          {t(view.record.whole ? "deployments.allOfRequest" : "deployments.selectionOf", {
            count: view.count,
            label: view.request.label,
          })}
        </Text>
        {view.locked ? (
          <Text size="sm" c="dimmed">
            {t("deployments.selectionFixed")}
          </Text>
        ) : (
          <Button size="xs" variant="default" onClick={() => setEditing(true)}>
            {t("deployments.changeSelection")}
          </Button>
        )}
      </Group>
      <Content id={view.record.id} />
    </Stack>
  );
}

function Content({ id }: { id: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const [text, setText] = useState(search.text ?? "");
  const [asked] = useDebouncedValue(text.trim(), 150);
  const type = search.type ?? "";
  const list = useInfiniteQuery({
    ...recordContent(id, { text: asked, type }),
    placeholderData: keepPreviousData,
  });
  if (list.isError)
    return (
      <FaultAlert
        title={t("deployments.notRead")}
        fault={Fault.from(list.error)}
        onRetry={() => list.refetch()}
        retrying={list.isFetching}
      />
    );
  if (list.isPending)
    return (
      <Waiting label={t("common.loading")} labelFor={(seconds) => t("common.loadingFor", { seconds })} />
    );
  const { items, types, total } = list.data;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <TextInput
          size="xs"
          w={220}
          aria-label={t("deployments.select.search")}
          placeholder={t("deployments.select.search")}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={text}
          onChange={(e) => setText(e.currentTarget.value)}
        />
        <Select
          size="xs"
          w={210}
          clearable
          aria-label={t("deployments.select.type")}
          placeholder={t("deployments.select.type")}
          data={types.map((c) => ({ value: c.type, label: `${c.type} (${c.count})` }))}
          value={type || null}
          onChange={(to) =>
            void navigate({ to: ".", replace: true, search: (old) => ({ ...old, type: to ?? undefined }) })
          }
        />
        <Text size="sm" c="dimmed" ml="auto" className="tabular" role="status">
          {t("deployments.customizations", { count: total })}
        </Text>
      </Group>
      {items.length === 0 ? (
        <Text size="sm" c="dimmed" py="md">
          {t("deployments.select.noHit")}
        </Text>
      ) : (
        <VirtualList
          items={items}
          keyOf={keyOf}
          rowHeight={rowHeight}
          height={Math.min(14, items.length) * rowHeight + 2}
          label={t("deployments.tab.customizations")}
          onEnd={() => list.hasNextPage && !list.isFetchingNextPage && void list.fetchNextPage()}
          head={
            <div className="table-head" style={{ ...columns, minHeight: 28 }}>
              {["action", "name", "type", "by", "changed"].map((word) => (
                <Text key={word} fz={12} fw={550} c="dimmed" truncate="end">
                  {t(`deployments.column.${word}`)}
                </Text>
              ))}
            </div>
          }
          row={(item) => (
            <div style={{ ...columns, height: "100%" }}>
              <div>
                <ActionBadge action={item.action} />
              </div>
              <Text size="sm" fw={550} truncate="end" title={item.name}>
                {item.name}
              </Text>
              <Text size="sm" c="dimmed" truncate="end">
                {item.type}
              </Text>
              <Text size="sm" truncate="end">
                {item.by || "–"}
              </Text>
              <When at={item.at} />
            </div>
          )}
        />
      )}
    </Stack>
  );
}

function Edited({ view, onDone }: { view: workspace.RecordView; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const now = useQuery({
    queryKey: ["selection", view.record.id, view.record.updatedAt],
    queryFn: () => chosenOf(client, view.record.id),
    enabled: !view.record.whole,
  });
  if (!view.record.whole && now.isError)
    return (
      <FaultAlert
        title={t("deployments.notRead")}
        fault={Fault.from(now.error)}
        onRetry={() => now.refetch()}
      />
    );
  if (!view.record.whole && !now.data)
    return (
      <Waiting
        rows={3}
        label={t("common.loading")}
        labelFor={(seconds) => t("common.loadingFor", { seconds })}
      />
    );
  return <Form view={view} first={now.data ?? new Map()} onDone={onDone} />;
}

type FormProps = {
  view: workspace.RecordView;
  first: Map<string, governance.Customization>;
  onDone: () => void;
};

function Form({ view, first, onDone }: FormProps) {
  const { t } = useTranslation();
  const [whole, setWhole] = useState(view.record.whole);
  const [chosen, setChosen] = useState(first);
  const save = useAct(
    () =>
      saveRecord(view.record.id, {
        ...fieldsOf(view, []),
        whole,
        customizations: whole ? [] : [...chosen.values()],
      }),
    { onDone, done: (after) => t("deployments.saved", { label: after.label }) },
  );
  const ready = whole || chosen.size > 0;
  return (
    <Stack gap="md">
      <Radio.Group
        value={whole ? "whole" : "part"}
        onChange={(v) => setWhole(v === "whole")}
        aria-label={t("deployments.part.what")}
      >
        <Stack gap={8}>
          <Radio
            size="xs"
            styles={readable}
            value="whole"
            label={<Text size="sm">{t("deployments.whole", { count: view.request.customizations })}</Text>}
            description={t("deployments.wholeWhy")}
          />
          <Radio
            size="xs"
            styles={readable}
            value="part"
            label={<Text size="sm">{t("deployments.partly")}</Text>}
            description={t("deployments.partlyWhy")}
          />
        </Stack>
      </Radio.Group>
      {!whole && <SelectionList requestId={view.record.requestId} chosen={chosen} onChange={setChosen} />}
      <Text size="sm" c="dimmed">
        {ready ? t("deployments.selectionWhat") : t("deployments.need.selection")}
      </Text>
      <Group gap="xs">
        <Button variant="default" disabled={!ready} loading={save.isPending} onClick={() => save.mutate()}>
          {t("common.save")}
        </Button>
        <Button variant="subtle" onClick={onDone}>
          {t("common.cancel")}
        </Button>
      </Group>
    </Stack>
  );
}
