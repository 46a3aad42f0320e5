import { Button, Chip, Group, Stack, Text } from "@mantine/core";
import { IconArrowRight, IconPlus, IconRocket, IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { memo, useRef } from "react";
import { recordList } from "@/api/deployment-records";
import { governance, type workspace } from "@/api/models";
import { EmergencyBadge } from "@/components/EmergencyBadge";
import { EmptyState } from "@/components/EmptyState";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { NotRead } from "@/components/NotRead";
import { PageHeader } from "@/components/PageHeader";
import { SearchField } from "@/components/SearchField";
import { SortHead } from "@/components/SortHead";
import { StatusBadge } from "@/components/StatusBadge";
import { useFirst, useQuestion } from "@/components/use-first";
import { VirtualList } from "@/components/VirtualList";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";
import { WordBadge } from "./WordBadge";

const { Status } = governance;

/** In the order of the path. */
const statuses = [
  Status.InProgress,
  Status.PendingApproval,
  Status.Approved,
  Status.Rejected,
  Status.Completed,
  Status.Cancelled,
];

/** All Deployment Records: what goes where, and how far it is. */
export function RecordsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const asked = search.text ?? "";
  const chosen = statuses.filter((s) => search.status?.split(",").includes(s));
  const sort = search.sort ?? "-updatedAt";
  const keep = (change: Partial<typeof search>) =>
    navigate({ to: ".", replace: true, search: (old) => ({ ...old, item: undefined, ...change }) });
  const list = useInfiniteQuery({
    ...recordList({ requestId: search.request ?? "", text: asked.trim(), status: chosen, sort }),
    placeholderData: keepPreviousData,
  });
  const filtered = asked.trim() !== "" || chosen.length > 0 || Boolean(search.request);
  const onSort = (to: string) => keep({ sort: to });
  const clear = () => keep({ text: undefined, status: undefined, request: undefined });
  const place = useRef<HTMLDivElement>(null);
  const open = async (row: workspace.RecordRow) => {
    await keep({ item: row.id }); // so that Back finds the same row again
    await navigate({ to: "/deployments/$id", params: { id: row.id } });
  };
  const initial = search.item
    ? Math.max(0, list.data?.items.findIndex((row) => row.id === search.item) ?? 0)
    : 0;
  // The list takes the keyboard once, with the page: not from who searches, sorts or filters later.
  const fresh = useFirst(list.data !== undefined) && !filtered;
  const question = useQuestion(JSON.stringify([asked, chosen, sort, search.request]), list.isPlaceholderData);

  return (
    <Stack
      ref={place}
      gap={0}
      px="lg"
      py="md"
      h="calc(100dvh - var(--app-shell-header-height, 0px) - var(--app-shell-footer-height, 0px))"
    >
      <PageHeader
        title={t("deployments.title")}
        lead={t("deployments.lead")}
        aside={
          <Button
            component={Link}
            to="/deployments/new"
            leftSection={<IconPlus size={16} aria-hidden />}
            style={{ flex: "none" }}
          >
            {t("deployments.new")}
          </Button>
        }
      />
      <Group gap="sm" mb="sm" align="center">
        <SearchField
          w={260}
          size="xs"
          aria-label={t("deployments.searchLabel")}
          placeholder={t("deployments.searchFor")}
          text={asked}
          onText={(text) => void keep({ text: text || undefined })}
          onDown={() => place.current?.querySelector<HTMLElement>('[role="listbox"]')?.focus()}
        />
        <Chip.Group
          multiple
          value={chosen}
          onChange={(all) => keep({ status: all.length ? all.join(",") : undefined })}
        >
          <Group gap={6} role="group" aria-label={t("deployments.filterStatus")}>
            {statuses.map((status) => (
              <Chip key={status} value={status} size="xs" variant="outline">
                {t(`status.${status}`, { defaultValue: status })}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        {filtered && (
          <Button size="xs" variant="subtle" onClick={clear}>
            {t("deployments.clear")}
          </Button>
        )}
        <Text size="sm" c="dimmed" ml="auto" className="tabular" role="status">
          {list.data && t("deployments.count", { count: list.data.total })}
        </Text>
      </Group>
      {list.isError ? (
        <NotRead title={t("deployments.notRead")} query={list} />
      ) : list.isPending ? (
        <Waiting />
      ) : list.data.items.length === 0 ? (
        <Empty filtered={filtered} onClear={clear} />
      ) : (
        <VirtualList
          items={list.data.items}
          keyOf={(row) => row.id}
          rowHeight={52}
          label={t("deployments.title")}
          question={question}
          initial={initial}
          takesFocus={fresh}
          onOpen={(row) => void open(row)}
          onEnd={() => list.hasNextPage && !list.isFetchingNextPage && void list.fetchNextPage()}
          head={
            <div className="table-head record-line record-head">
              <SortHead by="number" sort={sort} onSort={onSort}>
                {t("deployments.column.number")}
              </SortHead>
              <SortHead by="name" sort={sort} onSort={onSort}>
                {t("deployments.column.name")}
              </SortHead>
              <HeadText>{t("deployments.column.way")}</HeadText>
              <SortHead by="status" sort={sort} onSort={onSort}>
                {t("deployments.column.status")}
              </SortHead>
              <HeadText right>{t("deployments.column.count")}</HeadText>
              <SortHead by="updatedAt" sort={sort} onSort={onSort} newestFirst>
                {t("deployments.column.updatedAt")}
              </SortHead>
            </div>
          }
          row={line}
        />
      )}
    </Stack>
  );
}

function HeadText({ children, right }: { children: string; right?: boolean }) {
  return (
    <Text fz={12} fw={550} c="dimmed" ta={right ? "right" : undefined} truncate="end">
      {children}
    </Text>
  );
}

/** A request's number and name; the number alone where the record bears the same name. */
const shortOf = (request: string, name: string) =>
  request.endsWith(` ${name}`) ? request.slice(0, -name.length - 1) : request;

/** One Deployment Record in the list. Plain elements: see LookBadge. */
const Row = memo(function Row({ row }: { row: workspace.RecordRow }) {
  const { t } = useTranslation();
  return (
    <div className="line record-line">
      <div className="record-number dim tabular">{row.label}</div>
      <div className="cut">
        <div className="cut strong" title={row.name}>
          {row.name || t("deployments.noName")}
        </div>
        <div className="small dim cut" title={row.request}>
          {t("deployments.for")} {shortOf(row.request, row.name)}
        </div>
      </div>
      <div className="record-way">
        <span className="small dim cut" title={row.source}>
          {row.source}
        </span>
        <IconArrowRight size={14} aria-label={t("deployments.to")} />
        <EnvironmentBadge id={row.targetId} name={row.target} production={row.production} size="sm" />
      </div>
      <div className="record-status">
        <StatusBadge status={row.status} />
        <WordBadge word={row.word} />
        {row.emergency && <EmergencyBadge />}
      </div>
      <div className="record-count tabular">{row.count}</div>
      <When at={row.updatedAt} />
    </div>
  );
});

const line = (row: workspace.RecordRow) => <Row row={row} />;

function Empty({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const { t } = useTranslation();
  if (filtered)
    return (
      <Stack align="center" gap={0}>
        <EmptyState icon={IconSearch} title={t("deployments.noHit")} text={t("deployments.noHitText")} />
        <Button variant="default" onClick={onClear}>
          {t("deployments.clear")}
        </Button>
      </Stack>
    );
  return (
    <Stack align="center" gap={0}>
      <EmptyState icon={IconRocket} title={t("deployments.empty")} text={t("deployments.emptyText")} />
      <Button variant="default" component={Link} to="/change-requests">
        {t("deployments.toRequests")}
      </Button>
    </Stack>
  );
}
