import { Button, Group, MultiSelect, Select, Text } from "@mantine/core";
import {
  IconArrowBarToUp,
  IconCertificate,
  IconFilterOff,
  IconListDetails,
  IconListSearch,
} from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useRef, useState } from "react";
import type { workspace } from "@/api/models";
import { EmptyState } from "@/components/EmptyState";
import { FaultAlert } from "@/components/FaultAlert";
import { FillHeight, FullPage } from "@/components/FillHeight";
import { NotRead } from "@/components/NotRead";
import { PageHeader } from "@/components/PageHeader";
import { usePageActions } from "@/components/page-actions";
import { SearchField } from "@/components/SearchField";
import { useNumber } from "@/components/use-number";
import { useWorkspace } from "@/components/use-workspace";
import { VirtualList } from "@/components/VirtualList";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";
import { EntryDrawer } from "./EntryDrawer";
import { EntryHead, EntryRow } from "./EntryRow";
import { useKindWord } from "./kinds";
import { Proof } from "./Proof";
import { type Entries, useAllEntries, useFoundEntries, useTrailHead } from "./use-entries";

type Filters = { text?: string; kind?: string; by?: string; item?: string };

/** Everything that was done, signed and logged, newest first; and what it proves. */
export function TrailPage(): ReactNode {
  const { t } = useTranslation();
  const number = useNumber();
  const head = useTrailHead();
  const { text, kind, by } = useSearch({ strict: false }) as Filters;
  const kinds = kind ? kind.split(",") : [];
  const filtered = Boolean(text || kind || by);
  const total = head.data?.total ?? 0;
  // A search stays as it was asked for, while the trail grows: the number of entries then is part of the question.
  const asked = useRef({ filters: "", total: 0 });
  const filters = JSON.stringify([text, kind, by]);
  const [, redraw] = useState(0);
  if (asked.current.filters !== filters || asked.current.total === 0) asked.current = { filters, total };
  const found = useFoundEntries(
    { text: text ?? "", kinds, member: by ?? "" },
    asked.current.total,
    filtered && total > 0,
  );
  const newer = filtered ? total - asked.current.total : 0;
  const filter = useFilter();
  const navigate = useNavigate();
  usePageActions(t("trail.title"), [
    { id: "evidence", run: () => navigate({ to: "/exchange", search: { tab: "evidence", kind: "period" } }) },
    filtered && {
      id: "clear-filters",
      run: () => filter({ text: undefined, kind: undefined, by: undefined }),
    },
  ]);
  const showNewer = () => {
    asked.current = { filters, total };
    redraw((n) => n + 1);
  };
  return (
    <FullPage>
      <PageHeader
        title={t("trail.title")}
        lead={t("trail.lead")}
        aside={
          <Button
            component={Link}
            to="/exchange"
            search={{ tab: "evidence", kind: "period" } as never}
            variant="default"
            leftSection={<IconCertificate size={16} aria-hidden />}
            flex="none"
          >
            {t("action.evidence")}
          </Button>
        }
      />
      <Proof />
      <FilterBar
        kinds={head.data?.kinds ?? []}
        chosen={kinds}
        text={text ?? ""}
        by={by}
        filtered={filtered}
      />
      <Group justify="space-between" mb="xs" mih={26}>
        <Text size="sm" c="dimmed" role="status" className="tabular">
          {filtered
            ? t(found.more ? "trail.foundMore" : "trail.found", {
                count: found.items.length,
                n: number(found.items.length),
                total: number(total),
              })
            : t("trail.total", { count: total, n: number(total) })}
        </Text>
        {newer > 0 && (
          <Button
            size="compact-sm"
            variant="light"
            leftSection={<IconArrowBarToUp size={14} aria-hidden />}
            onClick={showNewer}
          >
            {t("trail.newer", { count: newer, n: number(newer) })}
          </Button>
        )}
      </Group>
      {head.isError ? (
        <NotRead title={t("trail.notRead")} query={head} />
      ) : head.isPending ? (
        <Waiting />
      ) : (
        <FillHeight least={340}>
          {filtered ? <List key={filters} entries={found} filtered /> : <All total={total} />}
        </FillHeight>
      )}
      <Opened />
    </FullPage>
  );
}

function useFilter() {
  const navigate = useNavigate();
  return (some: Filters) =>
    navigate({ to: "/audit-trail", search: (old) => ({ ...old, ...some }), replace: true });
}

/** The whole trail. What is looked at of it is known here, so that scrolling draws nothing of the page around it. */
function All({ total }: { total: number }) {
  return <List entries={useAllEntries(total)} filtered={false} />;
}

const keyOf = (entry: workspace.TrailEntry) => String(entry.index);
const line = (entry: workspace.TrailEntry) => <EntryRow entry={entry} />;

function List({ entries, filtered }: { entries: Entries; filtered: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const fault = entries.fault && (
    <FaultAlert title={t("trail.notRead")} fault={entries.fault} onRetry={entries.again} />
  );
  if (fault && !entries.items.some(Boolean)) return fault;
  if (entries.pending) return <Waiting />;
  if (entries.items.length === 0)
    return filtered ? (
      <EmptyState icon={IconListSearch} title={t("trail.nothing")} text={t("trail.nothingWhy")} />
    ) : (
      <EmptyState icon={IconListDetails} title={t("trail.empty")} text={t("trail.emptyWhy")} />
    );
  return (
    <div className="list-frame" style={{ height: "100%" }}>
      {fault}
      <VirtualList
        label={t("trail.list")}
        items={entries.items}
        keyOf={keyOf}
        rowHeight={38}
        head={<EntryHead />}
        row={line}
        onSeen={entries.onSeen}
        onEnd={entries.onEnd}
        onOpen={(entry) =>
          navigate({ to: "/audit-trail", search: (old) => ({ ...old, item: String(entry.index) }) })
        }
      />
    </div>
  );
}

function Opened() {
  const item = useSearch({ strict: false }).item;
  const filter = useFilter();
  const index = item === undefined || !/^\d+$/.test(item) ? undefined : Number(item);
  return <EntryDrawer index={index} onClose={() => filter({ item: undefined })} />;
}

type BarProps = {
  kinds: workspace.NameCount[];
  chosen: string[];
  text: string;
  by?: string;
  filtered: boolean;
};

function FilterBar({ kinds, chosen, text, by, filtered }: BarProps) {
  const { t } = useTranslation();
  const number = useNumber();
  const word = useKindWord();
  const filter = useFilter();
  const { state } = useWorkspace();
  return (
    <Group gap="xs" my="sm" align="flex-start">
      <SearchField
        type="search"
        aria-label={t("trail.search")}
        flex="2 1 240px"
        text={text}
        onText={(next) => filter({ text: next || undefined })}
      />
      <MultiSelect
        flex="1 1 220px"
        aria-label={t("trail.kinds")}
        placeholder={chosen.length > 0 ? undefined : t("trail.allKinds")}
        data={kinds.map((kind) => ({
          value: kind.name,
          label: `${word(kind.name)} (${number(kind.count)})`,
        }))}
        value={chosen}
        onChange={(next) => filter({ kind: next.join(",") || undefined })}
        searchable
        clearable
        hidePickedOptions
      />
      <Select
        w={210}
        aria-label={t("trail.member")}
        placeholder={t("trail.everybody")}
        data={(state?.members ?? []).map((member) => ({ value: member.id, label: member.name }))}
        value={by ?? null}
        onChange={(next) => filter({ by: next ?? undefined })}
        searchable
        clearable
      />
      {filtered && (
        <Button
          variant="subtle"
          leftSection={<IconFilterOff size={16} aria-hidden />}
          onClick={() => filter({ text: undefined, kind: undefined, by: undefined })}
        >
          {t("trail.clear")}
        </Button>
      )}
    </Group>
  );
}
