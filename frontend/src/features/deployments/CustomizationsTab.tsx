import { Button, Group, Stack, Text } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { recordContent, saveRecord } from "@/api/deployment-records";
import type { governance, workspace } from "@/api/models";
import { ChangeBadge } from "@/components/ChangeBadge";
import { keyOf } from "@/components/customization";
import { NotRead } from "@/components/NotRead";
import { usePageActions } from "@/components/page-actions";
import { useAct } from "@/components/use-act";
import { useFields } from "@/components/use-fields";
import { useUnsaved } from "@/components/use-unsaved";
import { VirtualList } from "@/components/VirtualList";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";
import { ContentFilter } from "./ContentFilter";
import { fieldsOf } from "./options";
import { SelectionList } from "./SelectionList";
import { chosenOf, type Picks, picksOf, withPicks } from "./selection";
import { WholeOrPart } from "./WholeOrPart";

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
  usePageActions(`${view.label} ${view.record.name}`.trim(), [
    {
      id: "selection",
      why: view.locked ? t("deployments.selectionFixed") : "",
      run: () => setEditing(true),
    },
  ]);
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
  const asked = text.trim();
  const type = search.type ?? "";
  const list = useInfiniteQuery({
    ...recordContent(id, { text: asked, type }),
    placeholderData: keepPreviousData,
  });
  if (list.isError) return <NotRead title={t("deployments.notRead")} query={list} />;
  if (list.isPending) return <Waiting />;
  const { items, types, total } = list.data;
  return (
    <Stack gap="xs">
      <ContentFilter
        text={text}
        onText={setText}
        types={types}
        type={type}
        onType={(to) =>
          void navigate({ to: ".", replace: true, search: (old) => ({ ...old, type: to || undefined }) })
        }
      >
        <Text size="sm" c="dimmed" ml="auto" className="tabular" role="status">
          {t("deployments.customizations", { count: total })}
        </Text>
      </ContentFilter>
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
                <ChangeBadge size="sm" change={item.action} />
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
    placeholderData: keepPreviousData, // what is picked stays while another version is read
  });
  if (!view.record.whole && now.isError && !now.data)
    return <NotRead title={t("deployments.notRead")} query={now} />;
  if (!view.record.whole && !now.data) return <Waiting rows={3} />;
  return (
    <Form key={view.record.id} view={view} first={(!view.record.whole && now.data) || none} onDone={onDone} />
  );
}

type Selection = ReadonlyMap<string, governance.Customization>;

const none: Selection = new Map();

type FormProps = {
  view: workspace.RecordView;
  /** What the record selects by now. */
  first: Selection;
  onDone: () => void;
};

function Form({ view, first, onDone }: FormProps) {
  const { t } = useTranslation();
  const { fields, dirty, set } = useFields({ whole: view.record.whole });
  const { whole } = fields;
  // What was picked and taken out here, on top of what the record selects by now.
  const [picks, setPicks] = useState<Picks>({ put: none, out: new Set() });
  const chosen = useMemo(() => withPicks(first, picks), [first, picks]);
  useUnsaved(dirty || picks.put.size + picks.out.size > 0);
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
      <WholeOrPart whole={whole} onChange={(to) => set({ whole: to })} count={view.request.customizations} />
      {!whole && (
        <SelectionList
          requestId={view.record.requestId}
          chosen={chosen}
          onChange={(to) => setPicks(picksOf(first, to))}
        />
      )}
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
