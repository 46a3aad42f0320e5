import { Box, Button, Group, Stack } from "@mantine/core";
import { IconBook, IconPlus, IconRoute, IconServer2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, useRef } from "react";
import { environments } from "@/api/environments";
import { runs, today, works } from "@/api/home";
import type { workspace } from "@/api/models";
import { NotRead } from "@/components/NotRead";
import { PageHeader } from "@/components/PageHeader";
import { useLookedAt } from "@/components/use-looked";
import { useTour } from "@/components/use-tour-kept";
import { useWorkspace } from "@/components/use-workspace";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";
import { EmptyHome } from "./EmptyHome";
import { RunningRow } from "./RunningRow";
import { Section } from "./Section";
import { Stranger } from "./Stranger";
import { TaskRow } from "./TaskRow";

/** The first page: what waits for me, runs, failed and expires, and my drafts, each one click from its action. */
export function HomePage(): React.ReactNode {
  const { t } = useTranslation();
  const { state, me } = useWorkspace();
  const places = useQuery(environments);
  const connected = !places.data || places.data.length > 0;
  const day = useQuery(today);
  const work = useQuery(works);
  const { all: looks } = useLookedAt();
  const place = useRef<HTMLDivElement>(null);
  const { open: takeTour } = useTour();

  const fault = day.isError && <NotRead alone={!day.data} title={t("home.notRead")} query={day} />;
  if (!day.data)
    return fault ? (
      <Box p="lg" maw={720}>
        {fault}
      </Box>
    ) : (
      <Waiting label={t("home.reading")} labelFor={(seconds) => t("home.readingFor", { seconds })} />
    );

  const waiting = day.data.waiting ?? [];
  const failed = day.data.failed ?? [];
  const expiring = day.data.expiring ?? [];
  const reviews = day.data.reviews ?? [];
  const drafts = day.data.drafts ?? [];
  const outside = day.data.outside ?? [];
  const going = (work.data ?? []).filter(runs);
  // An attempt of another window, or of before a restart, is no work of this window yet.
  const elsewhere = (day.data.running ?? []).filter((task) => !going.some((w) => isOf(w, task)));
  const running = going.length + elsewhere.length;
  // The lists are cut; the totals are of all.
  const of = (list: workspace.Task[], total?: number) => Math.max(list.length, total ?? 0);
  const totals = day.data.totals;
  const nothing =
    waiting.length +
      failed.length +
      expiring.length +
      reviews.length +
      drafts.length +
      outside.length +
      running ===
    0;

  const walk = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey || (e.key !== "j" && e.key !== "k")) return;
    const links = [...(place.current?.querySelectorAll<HTMLElement>("[data-task]") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    const next = at < 0 ? links[0] : links[at + (e.key === "j" ? 1 : -1)];
    if (!next) return;
    e.preventDefault();
    next.focus();
  };

  const makeRequest = (variant: "default" | "filled") => (
    <Button
      variant={variant}
      leftSection={<IconPlus size={16} aria-hidden />}
      renderRoot={(props) => <Link {...props} to="/change-requests/$id" params={{ id: "new" }} />}
    >
      {t("command.new-request")}
    </Button>
  );
  const make1 = makeRequest(waiting.length > 0 ? "default" : "filled");
  if (nothing && !fault && state && !me) return <Stranger name={state.name} />;
  if (nothing && !fault)
    return (
      <EmptyHome>
        {connected ? (
          make1
        ) : (
          <>
            <Button
              leftSection={<IconServer2 size={16} aria-hidden />}
              renderRoot={(props) => <Link {...props} to="/environments" search={{ view: "new" }} />}
            >
              {t("home.connect")}
            </Button>
            {makeRequest("default")}
          </>
        )}
        <Button variant="default" leftSection={<IconRoute size={16} aria-hidden />} onClick={takeTour}>
          {t("command.tour")}
        </Button>
        <Button
          variant="subtle"
          leftSection={<IconBook size={16} aria-hidden />}
          renderRoot={(props) => <Link {...props} to="/guide" />}
        >
          {t("home.guide")}
        </Button>
      </EmptyHome>
    );

  const counts = [
    waiting.length > 0
      ? t("home.lead.waiting", { count: of(waiting, totals?.waiting) })
      : t("home.lead.nothing"),
    running > 0 && t("home.lead.running", { count: running }),
    failed.length > 0 && t("home.lead.failed", { count: of(failed, totals?.failed) }),
  ].filter(Boolean);
  return (
    <Box px="lg" py="md" maw={1680} ref={place} onKeyDown={walk} component="div">
      <PageHeader
        title={me ? t("home.hello", { name: me.name.split(/\s/)[0] }) : t("command.home")}
        lead={counts.join(" ")}
        aside={make1}
      />
      {fault && <Box mb="lg">{fault}</Box>}
      <div className="room">
        <div className="columns" data-columns="2-home" data-gap="xl">
          <Stack gap="xl">
            <Section
              title={t("home.waiting")}
              count={of(waiting, totals?.waiting)}
              none={t("home.noneWaiting")}
            >
              {waiting.map((task, i) => (
                <TaskRow
                  key={`${task.kind}${task.id}`}
                  task={task}
                  first={i === 0}
                  looked={task.digest ? looks[task.id] : undefined}
                />
              ))}
            </Section>
            {reviews.length > 0 && (
              <Section title={t("home.reviews")} count={of(reviews, totals?.reviews)}>
                {reviews.map((task) => (
                  <TaskRow
                    key={`${task.kind}${task.id}`}
                    task={task}
                    tone={new Date(task.expires).getTime() < Date.now() ? "red" : "yellow"}
                  />
                ))}
              </Section>
            )}
            {outside.length > 0 && (
              <Section title={t("home.outside")} count={of(outside, totals?.outside)}>
                {outside.map((task) => (
                  <TaskRow key={`${task.kind}${task.id}`} task={task} tone="yellow" />
                ))}
              </Section>
            )}
            {failed.length > 0 && (
              <Section title={t("home.failed")} count={of(failed, totals?.failed)}>
                {failed.map((task) => (
                  <TaskRow key={`${task.kind}${task.id}`} task={task} tone="red" />
                ))}
              </Section>
            )}
            {expiring.length > 0 && (
              <Section title={t("home.expiring")} count={of(expiring, totals?.expiring)}>
                {expiring.map((task) => (
                  <TaskRow key={`${task.kind}${task.id}${task.code}`} task={task} tone="yellow" />
                ))}
              </Section>
            )}
          </Stack>
          <Stack gap="xl">
            <Section title={t("home.running")} count={running} none={t("home.noneRunning")}>
              {going.map((w) => (
                <RunningRow key={w.id} work={w} />
              ))}
              {elsewhere.map((task) => (
                <TaskRow key={`${task.kind}${task.id}`} task={task} />
              ))}
            </Section>
            <Section title={t("home.drafts")} count={of(drafts, totals?.drafts)} none={t("home.noneDrafts")}>
              {drafts.map((task) => (
                <TaskRow key={`${task.kind}${task.id}`} task={task} />
              ))}
            </Section>
            <Group gap="xs">
              <Button
                size="xs"
                variant="subtle"
                leftSection={<IconRoute size={15} aria-hidden />}
                onClick={takeTour}
              >
                {t("command.tour")}
              </Button>
              <Button
                size="xs"
                variant="subtle"
                leftSection={<IconBook size={15} aria-hidden />}
                renderRoot={(props) => <Link {...props} to="/guide" />}
              >
                {t("home.guide")}
              </Button>
            </Group>
          </Stack>
        </div>
      </div>
    </Box>
  );
}

const isOf = (work: workspace.Work, task: workspace.Task) =>
  work.subject === task.id || work.logId === task.id;
