import {
  ActionIcon,
  Badge,
  Box,
  Button,
  CloseButton,
  Group,
  Kbd,
  Progress,
  Select,
  Stack,
  Text,
  TextInput,
  Title,
  Tooltip,
} from "@mantine/core";
import { useElementSize, useViewportSize } from "@mantine/hooks";
import {
  IconArrowRight,
  IconChevronLeft,
  IconChevronRight,
  IconCircleCheck,
  IconLayoutSidebarRight,
  IconSearch,
} from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { governance } from "@/api/models";
import { Digest } from "@/components/Digest";
import { EmergencyBadge } from "@/components/EmergencyBadge";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { usePageActions } from "@/components/page-actions";
import { StatusBadge } from "@/components/StatusBadge";
import { useLook } from "@/components/use-looked";
import { usePageKeys, useSlash } from "@/components/use-page-keys";
import { usePreference } from "@/components/use-preference";
import { useTitle } from "@/components/use-title";
import { useTranslation } from "@/i18n/use-translation";
import { Aside } from "./Aside";
import { Decision } from "./Decision";
import { countKinds, type Entry, type Filter, kept } from "./entries";
import { GroupPane } from "./GroupPane";
import { SinceLooked } from "./SinceLooked";
import { headingOf, type Subject } from "./subject";
import { groupId, Tree } from "./Tree";
import { useViewed } from "./use-viewed";

type Props = {
  subject: Subject;
  entries: Entry[];
  /** All entries are there; marks by place need that. */
  complete: boolean;
  warnings: string[];
  source?: { id: string; name: string };
  overview: ReactNode;
  pane: (entry: Entry) => ReactNode;
  aside: ReactNode;
  /** What is missing, such as content that was not scanned. */
  notice?: ReactNode;
};

/** In em, since a larger text needs more room. */
const roomForAside = 60;
const roomForTree = 37.5;
/** With less the head and the columns would leave each other a few lines: then the whole page scrolls. */
const roomForColumns = 32;

/** The three columns of a review: what is in it, what it does, and what the decision rests on. */
export function Review(p: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  useTitle(t("review.title", { what: `${p.subject.label} ${p.subject.name}`.trim() }));
  const { ref, width } = useElementSize();
  const { item: selected = "" } = useSearch({ strict: false });
  const { viewed, mark } = useViewed(p.subject, p.entries, p.complete);
  const pending = p.subject.status === governance.Status.PendingApproval;
  const looked = useLook(p.subject.id, p.subject.digest, pending && p.complete);
  const [filter, setFilter] = useState<Filter>({ text: "", kind: "" });
  const [asideWanted, wantAside] = usePreference("review-aside", "open");
  const middle = useRef<HTMLDivElement>(null);
  const last = useRef(selected);
  const search = useRef<HTMLInputElement>(null);
  const shown = useMemo(() => kept(p.entries, filter, viewed), [p.entries, filter, viewed]);
  const kinds = useMemo(() => countKinds(p.entries), [p.entries]);
  const entry = p.entries.find((e) => e.key === selected);
  const group = selected.startsWith("type:") ? p.entries.filter((e) => groupId(e.type) === selected) : [];
  const seen = p.entries.reduce((n, e) => n + Number(viewed.has(e.key)), 0);

  const [textSize] = usePreference("text.size", "100");
  const { height } = useViewportSize();
  const em = (16 * (Number(textSize) || 100)) / 100;
  const low = height > 0 && height / em < roomForColumns;
  const stacked = low || (width > 0 && width / em < roomForTree);
  const wide = !stacked && (width === 0 || width / em >= roomForAside);
  const besides = wide && asideWanted === "open";
  const select = (id: string) =>
    navigate({ to: ".", search: (old) => ({ ...old, item: id || undefined }), replace: true });
  useEffect(() => {
    // another customization starts at its top
    if (middle.current && selected !== last.current) middle.current.scrollTop = 0;
    last.current = selected;
  }, [selected]);

  // n and p walk through what the filter shows; from the overview n begins, from the first p leads back.
  const step = (by: 1 | -1) => {
    const at = shown.findIndex((e) => e.key === selected);
    const from = at >= 0 ? at : by > 0 ? firstOf(shown, selected) - 1 : -1;
    const to = shown[from + by];
    if (to) select(to.key);
    else if (by < 0) select("");
  };
  const toggle = () => {
    if (!entry) return;
    const is = !viewed.has(entry.key);
    mark([entry.key], is);
    if (!is) return;
    const at = shown.findIndex((e) => e.key === entry.key);
    const next = [...shown.slice(at + 1), ...shown.slice(0, Math.max(0, at))].find((e) => !viewed.has(e.key));
    select(next?.key ?? "");
  };
  const params = { id: p.subject.id };
  const back = () =>
    p.subject.kind === "request"
      ? navigate({ to: "/change-requests/$id", params })
      : navigate({ to: "/deployments/$id", params });
  usePageKeys([["Escape", () => void back()]]);
  useSlash(search);
  usePageActions(headingOf(p.subject), [
    { id: "next", keys: "N", run: () => step(1) },
    { id: "previous", keys: "P", run: () => step(-1) },
    entry && { id: "viewed", keys: "V", run: toggle },
  ]);

  const aside = (
    <Aside
      subject={p.subject}
      kinds={kinds}
      total={p.entries.length}
      onKind={(kind) => setFilter({ text: "", kind })}
    >
      {p.aside}
    </Aside>
  );
  return (
    <Box
      ref={ref}
      className="review"
      data-stacked={stacked || undefined}
      data-production={p.subject.target?.production || undefined}
    >
      <Stack gap="xs" px="md" pt="sm" pb="sm" className="review-head">
        <Group justify="space-between" gap="sm" style={{ rowGap: 4 }}>
          <Group gap="xs" style={{ minWidth: 0, rowGap: 4 }}>
            <Title order={1} fz={18} lh={1.3} style={{ overflowWrap: "anywhere" }}>
              <Text span inherit c="dimmed" className="tabular" fw={500}>
                {p.subject.label}
              </Text>{" "}
              {p.subject.name || t("review.unnamed")}
            </Title>
            <StatusBadge status={p.subject.status} />
            {p.subject.round > 1 && (
              <Badge variant="light" color="gray" radius="sm" tt="none" fw={550}>
                {t("review.round", { round: p.subject.round })}
              </Badge>
            )}
          </Group>
          <Group gap="xs">
            {p.source && p.subject.target && (
              <Group gap={6} wrap="nowrap">
                <EnvironmentBadge {...p.source} />
                <IconArrowRight size={16} aria-label={t("review.to")} />
                <EnvironmentBadge {...p.subject.target} />
              </Group>
            )}
            {p.subject.emergency && <EmergencyBadge />}
            <Digest value={p.subject.digest} />
            {wide && (
              <Tooltip label={t("review.asideToggle")}>
                <ActionIcon
                  variant={besides ? "light" : "subtle"}
                  color="gray"
                  aria-label={t("review.asideToggle")}
                  aria-pressed={besides}
                  onClick={() => wantAside(besides ? "closed" : "open")}
                >
                  <IconLayoutSidebarRight size={18} stroke={1.7} />
                </ActionIcon>
              </Tooltip>
            )}
          </Group>
        </Group>
        <Decision subject={p.subject} seen={seen} total={p.entries.length} warnings={p.warnings} />
        {looked && <SinceLooked id={p.subject.id} looked={looked} />}
        {p.notice}
      </Stack>
      <Box className="review-columns">
        <Box className="review-tree">
          <Stack gap={6} p="xs">
            <TextInput
              ref={search}
              size="xs"
              aria-label={t("review.find")}
              placeholder={t("review.find")}
              leftSection={<IconSearch size={14} aria-hidden />}
              rightSection={
                filter.text ? (
                  <CloseButton
                    size="xs"
                    aria-label={t("review.clear")}
                    onClick={() => setFilter({ ...filter, text: "" })}
                  />
                ) : (
                  <Kbd size="xs" aria-hidden>
                    /
                  </Kbd>
                )
              }
              value={filter.text}
              onChange={(e) => setFilter({ ...filter, text: e.currentTarget.value })}
              onKeyDown={(e) => {
                if (e.key !== "Escape") return;
                e.stopPropagation();
                if (filter.text) setFilter({ ...filter, text: "" });
                else e.currentTarget.blur();
              }}
              spellCheck={false}
            />
            <Group gap={8} wrap="nowrap">
              <Select
                size="xs"
                flex={1}
                miw={100}
                aria-label={t("review.filter")}
                value={filter.kind}
                allowDeselect={false}
                onChange={(kind) => setFilter({ ...filter, kind: (kind ?? "") as Filter["kind"] })}
                comboboxProps={{ transitionProps: { duration: 0 }, width: 220, position: "bottom-end" }}
                data={[
                  { value: "", label: t("review.filters.all", { count: p.entries.length }) },
                  {
                    value: "unviewed",
                    label: t("review.filters.unviewed", { count: p.entries.length - seen }),
                  },
                  ...kinds.map(([kind, count]) => ({
                    value: kind,
                    label: `${t(`review.kind.${kind}`)} (${count})`,
                  })),
                ]}
              />
              <Text size="xs" c="dimmed" className="tabular" style={{ whiteSpace: "nowrap" }}>
                {t("review.viewed", { seen, count: p.entries.length })}
              </Text>
            </Group>
            <Progress
              size={3}
              radius="xs"
              transitionDuration={0}
              value={p.entries.length ? (100 * seen) / p.entries.length : 0}
              aria-label={t("review.progress")}
            />
            {shown.length < p.entries.length && (
              <Group gap={6} justify="space-between">
                <Text size="xs" c="dimmed">
                  {t("review.filtered", { shown: shown.length, count: p.entries.length })}
                </Text>
                <Button size="compact-xs" variant="subtle" onClick={() => setFilter({ text: "", kind: "" })}>
                  {t("review.showAll")}
                </Button>
              </Group>
            )}
          </Stack>
          <Tree
            overview={t(p.subject.kind === "request" ? "review.request" : "review.record")}
            entries={shown}
            viewed={viewed}
            mark={mark}
            selected={selected}
            onSelect={select}
          />
        </Box>
        <Box
          className="review-middle"
          ref={middle}
          component="section"
          aria-label={t("review.difference")}
          tabIndex={0}
        >
          {(entry || group.length > 0) && (
            <Group gap={6} mb="sm" justify="space-between" className="review-walk">
              <Group gap={6}>
                <Button
                  size="compact-sm"
                  variant="default"
                  leftSection={<IconChevronLeft size={15} aria-hidden />}
                  rightSection={<Kbd size="xs">p</Kbd>}
                  onClick={() => step(-1)}
                >
                  {t("review.previous")}
                </Button>
                <Button
                  size="compact-sm"
                  variant="default"
                  leftSection={<IconChevronRight size={15} aria-hidden />}
                  rightSection={<Kbd size="xs">n</Kbd>}
                  onClick={() => step(1)}
                >
                  {t("review.next")}
                </Button>
              </Group>
              {entry && (
                <Button
                  size="compact-sm"
                  variant={viewed.has(entry.key) ? "light" : "default"}
                  leftSection={<IconCircleCheck size={15} aria-hidden />}
                  rightSection={<Kbd size="xs">v</Kbd>}
                  aria-pressed={viewed.has(entry.key)}
                  onClick={toggle}
                >
                  {t("review.viewedMark")}
                </Button>
              )}
            </Group>
          )}
          {entry ? (
            p.pane(entry)
          ) : group.length > 0 ? (
            <GroupPane
              title={selected.slice("type:".length)}
              entries={group}
              viewed={viewed}
              mark={mark}
              onOpen={select}
            />
          ) : (
            <>
              {p.overview}
              {!besides && <Box mt="xl">{aside}</Box>}
            </>
          )}
        </Box>
        {besides && (
          <Box className="review-aside" component="aside" aria-label={t("review.aside")} tabIndex={0}>
            {aside}
          </Box>
        )}
      </Box>
    </Box>
  );
}

/** Where a group begins in the list, or its start. */
const firstOf = (shown: Entry[], selected: string) =>
  Math.max(
    0,
    shown.findIndex((e) => groupId(e.type) === selected),
  );
