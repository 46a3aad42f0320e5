import { Box, Button, Group, MultiSelect, Text } from "@mantine/core";
import {
  IconArrowsExchange,
  IconFileCheck,
  IconPlus,
  IconRocket,
  IconSearch,
  IconX,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useRef } from "react";
import { requestsAt } from "@/api/change-requests";
import { governance, type workspace } from "@/api/models";
import { EmptyState } from "@/components/EmptyState";
import { FaultAlert } from "@/components/FaultAlert";
import { PageHeader } from "@/components/PageHeader";
import { usePageActions } from "@/components/page-actions";
import { SearchField } from "@/components/SearchField";
import { Segments } from "@/components/Segments";
import { SortHead } from "@/components/SortHead";
import { useFirst } from "@/components/use-first";
import { usePreference } from "@/components/use-preference";
import { useWindow } from "@/components/use-window";
import { VirtualList } from "@/components/VirtualList";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";
import { columns, RequestLine } from "./RequestLine";

const views = ["mine", "waiting", "all"] as const;
const statuses = Object.values(governance.Status);

/** The Change Requests: mine, those that wait for me, all. What is searched, filtered and sorted is in the address. */
export function RequestsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const [liked, like] = usePreference("requests.view", "all");
  const view = views.find((v) => v === (search.view ?? liked)) ?? "all";
  const status = (search.status?.split(",") ?? []).filter((s: string): s is governance.Status =>
    statuses.includes(s as governance.Status),
  );
  const sort = search.sort ?? "-updatedAt";
  const query = { view: view === "all" ? "" : view, text: search.text ?? "", status, sort };
  const list = useWindow<workspace.RequestRow, workspace.RequestPage>((offset) => requestsAt(query, offset));
  const waiting = useQuery(requestsAt({ view: "waiting", text: "", status: [], sort: "-updatedAt" }, 0)).data
    ?.total;
  const narrowed = query.text !== "" || status.length > 0;

  const put = (part: Record<string, string | undefined>) =>
    navigate({ to: "/change-requests", search: { ...search, item: undefined, ...part }, replace: true });
  const open = async (row: workspace.RequestRow) => {
    await put({ item: row.id }); // so that Back finds the same row again
    await navigate({ to: "/change-requests/$id", params: { id: row.id } });
  };
  const place = useRef<HTMLDivElement>(null);
  const toList = () => place.current?.querySelector<HTMLElement>('[role="listbox"]')?.focus();
  // The list takes the keyboard once, with the page: not from who searches, sorts or chooses a view later.
  const fresh = useFirst(list.first !== undefined) && !narrowed;
  const initial = search.item
    ? Math.max(
        0,
        list.items.findIndex((row) => row?.id === search.item),
      )
    : 0;

  usePageActions(t("changeRequests.title"), [
    {
      id: "send",
      run: () => navigate({ to: "/exchange", search: { tab: "send", request: search.item } }),
    },
  ]);

  return (
    <Box className="fill-page" px="lg" py="md">
      <PageHeader
        title={t("changeRequests.title")}
        lead={t("changeRequests.lead")}
        aside={
          <Group gap="xs" wrap="nowrap" style={{ flex: "none" }}>
            <Button
              component={Link}
              to="/exchange"
              search={{ tab: "send", request: search.item } as never}
              variant="default"
              leftSection={<IconArrowsExchange size={15} aria-hidden />}
            >
              {t("exchange.tab.send")}
            </Button>
            <Button
              component={Link}
              to="/deployments"
              variant="default"
              leftSection={<IconRocket size={15} aria-hidden />}
            >
              {t("changeRequests.view.deployments")}
            </Button>
            <Button
              component={Link}
              to="/change-requests/new"
              leftSection={<IconPlus size={16} stroke={1.8} aria-hidden />}
            >
              {t("changeRequests.new")}
            </Button>
          </Group>
        }
      />
      <Group gap="xs" mb="sm" align="flex-start">
        <Segments
          label={t("changeRequests.views")}
          value={view}
          onChange={(to) => {
            like(to);
            void put({ view: to });
          }}
          data={views.map((value) => ({
            value,
            label: (
              <span className="pair">
                {t(`changeRequests.view.${value}`)}
                {value === "waiting" && !!waiting && (
                  <span className="badge of-count tabular" data-size="sm" data-color="yellow">
                    {waiting}
                  </span>
                )}
              </span>
            ),
          }))}
        />
        <SearchField
          aria-label={t("changeRequests.search")}
          placeholder={t("changeRequests.searchHint")}
          text={query.text}
          onText={(text) => put({ text: text || undefined })}
          onDown={toList}
          flex="1 1 220px"
          maw={420}
        />
        <MultiSelect
          aria-label={t("changeRequests.status")}
          placeholder={status.length ? undefined : t("changeRequests.status")}
          data={statuses.map((value) => ({ value, label: t(`status.${value}`) }))}
          value={status}
          onChange={(all) => put({ status: all.join(",") || undefined })}
          clearable
          clearButtonProps={{ "aria-label": t("changeRequests.clearStatus") }}
          flex="0 1 200px"
          miw={150}
          comboboxProps={{ transitionProps: { duration: 0 } }}
        />
        <Text size="sm" c="dimmed" ml="auto" mt={8} className="tabular" aria-live="polite" visibleFrom="md">
          {list.first && t("changeRequests.count", { count: list.total })}
        </Text>
      </Group>
      <Box ref={place} className="list-frame" style={{ opacity: list.stale ? 0.6 : 1 }}>
        {list.fault && (
          <Box p="md">
            <FaultAlert
              title={t("changeRequests.notListed")}
              fault={list.fault}
              onRetry={() => list.again()}
            />
          </Box>
        )}
        {list.pending && (
          <Waiting
            label={t("changeRequests.reading")}
            labelFor={(seconds) => t("changeRequests.readingFor", { seconds })}
          />
        )}
        {list.first && list.total === 0 && !list.fault && (
          <Nothing
            view={view}
            narrowed={narrowed}
            onAll={() => put({ text: undefined, status: undefined })}
          />
        )}
        {list.total > 0 && (
          <VirtualList
            question={list.question}
            items={list.items}
            keyOf={(row) => row.id}
            rowHeight={42}
            label={t("changeRequests.title")}
            head={<Head sort={sort} onSort={(to) => put({ sort: to })} />}
            row={line}
            onOpen={open}
            onSeen={list.onSeen}
            initial={initial}
            takesFocus={fresh}
          />
        )}
      </Box>
    </Box>
  );
}

const line = (row: workspace.RequestRow) => <RequestLine row={row} />;

function Nothing(p: { view: (typeof views)[number]; narrowed: boolean; onAll: () => void }) {
  const { t } = useTranslation();
  const word = p.narrowed ? "found" : p.view;
  return (
    <>
      <EmptyState
        icon={p.narrowed ? IconSearch : IconFileCheck}
        title={t(`changeRequests.empty.${word}.title`)}
        text={t(`changeRequests.empty.${word}.text`)}
      />
      <Group justify="center" mt={-48} pb="lg">
        {p.narrowed && (
          <Button variant="default" leftSection={<IconX size={15} aria-hidden />} onClick={p.onAll}>
            {t("changeRequests.empty.clear")}
          </Button>
        )}
      </Group>
    </>
  );
}

function Head({ sort, onSort }: { sort: string; onSort: (sort: string) => void }) {
  const { t } = useTranslation();
  return (
    <div className="list-head line">
      {columns.map(({ id, place, sortable }) => (
        <div key={id} className={place}>
          {sortable ? (
            <SortHead by={id} sort={sort} onSort={onSort} newestFirst={id === "updatedAt"}>
              {t(`changeRequests.column.${id}`)}
            </SortHead>
          ) : (
            t(`changeRequests.column.${id}`)
          )}
        </div>
      ))}
    </div>
  );
}
