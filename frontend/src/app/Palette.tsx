import { Group, Kbd, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { createSpotlight, Spotlight, useSpotlight } from "@mantine/spotlight";
import {
  IconBolt,
  IconFileCheck,
  IconLink,
  IconRocket,
  IconSearch,
  IconServer2,
  IconUserCheck,
} from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { requestList } from "@/api/change-requests";
import { recordList } from "@/api/deployment-records";
import { environments } from "@/api/environments";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { keyNames, keysOf } from "@/components/keys";
import { usePageShown } from "@/components/page-actions";
import { StatusBadge } from "@/components/StatusBadge";
import { faultTitle } from "@/components/use-act";
import { useActAs } from "@/components/use-unsaved";
import { useWorkspace } from "@/components/use-workspace";
import { useTranslation } from "@/i18n/use-translation";
import { type Command, commands } from "./commands";
import { isPlace } from "./places";

const [store, palette] = createSpotlight();

export const openPalette = palette.open;

const shown = 6; // of each kind: a palette is for finding, a list is for reading
const typingInMs = 150;

/** Long enough for the palette to give the focus back, so that a dialog that is opened then takes it from there. */
const closingInMs = 40;
const afterClosing = (run: () => void) => void setTimeout(run, closingInMs);

type Props = { run: (id: string) => void };

/** Ctrl K: every command, and what is in the workspace, by what a person types. */
export function Palette({ run }: Props) {
  const { t } = useTranslation();
  const [query, setQuery] = useState("");
  const [opened, setOpened] = useState(false);
  const { listId } = useSpotlight(store);
  const active = useActive();
  useEffect(() => palette.close, []); // it goes with the frame
  return (
    <Spotlight.Root
      store={store}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      clearQueryOnClose
      scrollable
      maxHeight="min(60vh, 30rem)"
      size="40rem"
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
      transitionProps={{ duration: 0 }}
      onSpotlightOpen={() => setOpened(true)}
      onSpotlightClose={() => setOpened(false)}
      attributes={{ content: { "aria-label": t("shell.search") } }}
    >
      <Spotlight.Search
        placeholder={t("palette.ask")}
        aria-label={t("palette.ask")}
        role="combobox"
        aria-expanded
        aria-autocomplete="list"
        aria-controls={listId || undefined}
        aria-activedescendant={active || undefined}
        leftSection={<IconSearch size={18} stroke={1.6} aria-hidden />}
      />
      <Spotlight.ActionsList role="listbox" aria-label={t("palette.results")}>
        {opened && <Results query={query.trim()} run={run} />}
      </Spotlight.ActionsList>
      <Group gap="md" px="sm" py={6} className="palette-foot" aria-hidden>
        <Text size="xs">
          <Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> {t("palette.move")}
        </Text>
        <Text size="xs">
          <Kbd size="xs">{keyNames("Enter")}</Kbd> {t("palette.open")}
        </Text>
        <Text size="xs">
          <Kbd size="xs">{keyNames("Escape")}</Kbd> {t("palette.close")}
        </Text>
      </Group>
    </Spotlight.Root>
  );
}

/** The id of the selected row, told to screen readers: the focus stays in the field. Spotlight marks it in the page only. */
function useActive() {
  const { listId, opened } = useSpotlight(store);
  const [id, setId] = useState("");
  useEffect(() => {
    const list = opened && listId ? document.getElementById(listId) : null;
    if (!list) return;
    const look = () => {
      list.querySelectorAll("[data-action]").forEach((row, i) => {
        row.id = `${listId}-${i}`; // Spotlight takes the id of an action away
        row.setAttribute("aria-selected", String(row.hasAttribute("data-selected")));
      });
      setId(list.querySelector("[data-selected]")?.id ?? "");
    };
    const watch = new MutationObserver(look);
    watch.observe(list, { subtree: true, childList: true, attributeFilter: ["data-selected"] });
    look();
    return () => watch.disconnect();
  }, [listId, opened]);
  return id;
}

/** Selects the first row again when other rows are there: Spotlight does it only while a person types. */
function useFirstSelected(rows: string) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows is what is listed
  useEffect(() => {
    const list = document.getElementById(store.getState().listId);
    list?.querySelector("[data-selected]")?.removeAttribute("data-selected");
    list?.querySelector("[data-action]")?.setAttribute("data-selected", "true");
    store.updateState((s) => ({ ...s, selected: 0 }));
  }, [rows]);
}

/** Every word that is typed begins a word of the text, in any order. */
export function matches(text: string, query: string) {
  const has = text.toLocaleLowerCase().split(/[\s,/-]+/);
  return query
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => has.some((h) => h.startsWith(word)) || text.toLocaleLowerCase().includes(word));
}

function Results({ query, run }: Props & { query: string }) {
  const { t } = useTranslation();
  const router = useRouter();
  const [text] = useDebouncedValue(query, typingInMs);
  const found = useFound(text);
  const people = useMembers(query);
  const words = (c: Command) => t(`command.${c.id}`);
  const page = usePageShown();
  const onPage = page.actions.filter((a) => query === "" || matches(`${a.words} ${page.heading}`, query));
  const fitting = commands.filter(
    (c) =>
      !c.hidden &&
      !page.actions.some((a) => a.id === c.id) && // the page has its own way
      (query === "" || matches(`${words(c)} ${t(`palette.group.${c.group}`)}`, query)),
  );
  const place = query.replace(/^#/, "");
  const link = query.startsWith("#/") && isPlace(place) ? place : "";
  const all = [...found.requests, ...found.records, ...found.environments];
  useFirstSelected(
    [
      query,
      link,
      ...onPage.map((a) => a.key),
      ...all.map((r) => r.key),
      ...people.map((r) => r.key),
      ...fitting.map((c) => c.id),
    ].join(),
  );
  const nothing = query !== "" && !link && all.length + people.length + fitting.length + onPage.length === 0;
  return (
    <>
      {link && (
        <Spotlight.ActionsGroup label={t("palette.group.link")}>
          <Row
            icon={<IconLink size={18} stroke={1.6} />}
            label={t("palette.link", { place: link })}
            onClick={() => router.history.push(link)}
          />
        </Spotlight.ActionsGroup>
      )}
      {onPage.length > 0 && (
        <Spotlight.ActionsGroup label={page.heading}>
          {onPage.map((a) => (
            <Row
              key={a.key}
              icon={<IconBolt size={18} stroke={1.6} aria-hidden />}
              label={a.words}
              held={a.why}
              onClick={() => afterClosing(a.press)}
              right={a.keys && <Kbd size="xs">{keysOf(a.keys)}</Kbd>}
            />
          ))}
        </Spotlight.ActionsGroup>
      )}
      {found.requests.length > 0 && (
        <Spotlight.ActionsGroup label={t("command.requests")}>{found.requests}</Spotlight.ActionsGroup>
      )}
      {found.records.length > 0 && (
        <Spotlight.ActionsGroup label={t("palette.group.records")}>{found.records}</Spotlight.ActionsGroup>
      )}
      {found.environments.length > 0 && (
        <Spotlight.ActionsGroup label={t("command.environments")}>
          {found.environments}
        </Spotlight.ActionsGroup>
      )}
      {(["make", "go", "window"] as const).map((group) => {
        const some = fitting.filter((c) => c.group === group);
        if (some.length === 0) return null;
        return (
          <Spotlight.ActionsGroup key={group} label={t(`palette.group.${group}`)}>
            {some.map((c) => (
              <Row
                key={c.id}
                icon={<c.icon size={18} stroke={1.6} aria-hidden />}
                label={words(c)}
                onClick={() => run(c.id)}
                right={c.keys && <Kbd size="xs">{keysOf(c.keys)}</Kbd>}
              />
            ))}
          </Spotlight.ActionsGroup>
        );
      })}
      {people.length > 0 && <Spotlight.ActionsGroup label={t("acting.as")}>{people}</Spotlight.ActionsGroup>}
      {nothing && (
        <Spotlight.Empty>
          {found.searching ? t("palette.searching") : t("palette.nothing", { query })}
        </Spotlight.Empty>
      )}
      {found.problem && (
        <Text size="sm" c="red" p="sm" role="alert">
          {found.problem}
        </Text>
      )}
    </>
  );
}

function Row(p: {
  icon: ReactNode;
  label: string;
  description?: string;
  /** Why it cannot be done now. */
  held?: string;
  onClick: () => void;
  right?: ReactNode;
}) {
  return (
    <Spotlight.Action
      onClick={p.onClick}
      label={p.label}
      role="option"
      aria-selected={false}
      aria-disabled={p.held ? true : undefined}
      title={p.held || undefined}
    >
      <Group gap="sm" wrap="nowrap" w="100%">
        <span className="palette-icon" aria-hidden>
          {p.icon}
        </span>
        <Text size="sm" fw={500} truncate="end" flex={1} miw={0} c={p.held ? "dimmed" : undefined}>
          {p.label}
          {p.held && (
            <Text span size="xs" fw={400}>
              {" "}
              {p.held}
            </Text>
          )}
          {p.description && (
            <Text span size="sm" c="dimmed" fw={400}>
              {" "}
              {p.description}
            </Text>
          )}
        </Text>
        {p.right}
      </Group>
    </Spotlight.Action>
  );
}

/** What the workspace holds of a text: the backend searches, so that 10,000 requests are no burden here. */
function useFound(text: string) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const enabled = text.length > 0 && !text.startsWith("#/");
  const requests = useInfiniteQuery({
    ...requestList({ view: "", text, status: [], sort: "-updatedAt" }),
    enabled,
  });
  const records = useInfiniteQuery({
    ...recordList({ requestId: "", text, status: [], sort: "-updatedAt" }),
    enabled,
  });
  const places = useQuery({ ...environments, enabled });
  const problem = requests.error ?? records.error;
  return {
    searching: enabled && (requests.isFetching || records.isFetching),
    problem: enabled && problem ? faultTitle(t, problem) : "",
    requests: (enabled ? (requests.data?.items ?? []) : [])
      .slice(0, shown)
      .map((r) => (
        <Row
          key={r.id}
          icon={<IconFileCheck size={18} stroke={1.6} />}
          label={r.name || t("palette.unnamed")}
          description={r.label}
          right={<StatusBadge status={r.status} />}
          onClick={() => navigate({ to: "/change-requests/$id", params: { id: r.id } })}
        />
      )),
    records: (enabled ? (records.data?.items ?? []) : [])
      .slice(0, shown)
      .map((r) => (
        <Row
          key={r.id}
          icon={<IconRocket size={18} stroke={1.6} />}
          label={`${r.source} → ${r.target}`}
          description={`${r.label} · ${r.request}`}
          right={<StatusBadge status={r.status} />}
          onClick={() => navigate({ to: "/deployments/$id", params: { id: r.id } })}
        />
      )),
    environments: (enabled ? (places.data ?? []) : [])
      .filter((e) => matches(e.environment.name, text))
      .slice(0, shown)
      .map((e) => (
        <Row
          key={e.environment.id}
          icon={<IconServer2 size={18} stroke={1.6} />}
          label={e.environment.name}
          right={
            <EnvironmentBadge
              id={e.environment.id}
              name={t(`environments.kind.${e.environment.kind}`)}
              production={e.production}
              size="sm"
            />
          }
          onClick={() => navigate({ to: "/environments/$id", params: { id: e.environment.id } })}
        />
      )),
  };
}

/** In the demo, the members whom a person can act as. */
function useMembers(query: string) {
  const { t } = useTranslation();
  const { state, me } = useWorkspace();
  const act = useActAs();
  if (!state?.demo || query === "") return [];
  return state.members
    .filter((m) => m.id !== me?.id && matches(`${t("acting.as")} ${m.name}`, query))
    .map((m) => (
      <Row
        key={m.id}
        icon={<IconUserCheck size={18} stroke={1.6} />}
        label={t("acting.take", { name: m.name })}
        onClick={() => act.mutate(m.id)}
      />
    ));
}
