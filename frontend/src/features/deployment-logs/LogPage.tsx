import { Alert, Anchor, Badge, Button, Group, Stack, Text, Title } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconExternalLink,
  IconFlask,
  IconPlayerPlay,
  IconTool,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { deploymentLog, giveUp, openStatusPage, sendAgain } from "@/api/deployment-logs";
import { governance, type workspace } from "@/api/models";
import { AttemptBadge } from "@/components/AttemptBadge";
import { AttemptProgress } from "@/components/AttemptProgress";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { OrgPage } from "@/components/FillHeight";
import { PageNotRead } from "@/components/NotRead";
import { PartTabs } from "@/components/PartTabs";
import { usePageActions } from "@/components/page-actions";
import { faultHint, faultTitle, keyOfAct, useAct } from "@/components/use-act";
import { useConfirm } from "@/components/use-confirm";
import { usePageKeys } from "@/components/use-page-keys";
import { useSaid, useWhy } from "@/components/use-said";
import { useTitle } from "@/components/use-title";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { duration } from "@/components/WorkProgress";
import { useTranslation } from "@/i18n/use-translation";
import { Causes } from "./Causes";
import { Components } from "./Components";
import { CoverageTable } from "./CoverageTable";
import { MendDialog } from "./MendDialog";
import { RawAnswer } from "./RawAnswer";
import { TestFailures } from "./TestFailures";

/** Events tell what changed. Only if none came for so long while it runs, the page asks by itself. */
const silenceInMilliseconds = 5000;

const { Result } = governance;

/** One Deployment Log: what came of an attempt in a sentence, why, and what to do about it. */
export function LogPage() {
  const { t } = useTranslation();
  const { id = "" } = useParams({ strict: false });
  const log = useQuery({
    ...deploymentLog(id),
    refetchInterval: (q) => (q.state.data && active(q.state.data) ? silenceInMilliseconds : false),
  });
  if (log.isError && !log.data) return <PageNotRead title={t("logs.notRead")} query={log} />;
  if (!log.data) return <Waiting />;
  return <Log key={id} view={log.data} />;
}

function verdictLook(result: governance.Result) {
  if (result === Result.None) return { tint: "blue", icon: IconPlayerPlay };
  if (result === Result.Succeeded) return { tint: "green", icon: IconCircleCheck };
  return { tint: result === Result.Failed ? "red" : "yellow", icon: IconAlertTriangle };
}

const active = (view: workspace.LogView) => view.log.progress !== governance.Progress.Done;

function Log({ view }: { view: workspace.LogView }) {
  const { t } = useTranslation();
  const say = useSaid("logs");
  const why = useWhy();
  const router = useRouter();
  const [mending, setMending] = useState(false);
  usePageKeys([["Escape", () => router.history.back()]]);
  const { log, record } = view;
  const runs = active(view);
  const failed = !runs && log.result !== Result.Succeeded;
  const waits = useWaits(view);
  const status = useAct(openStatusPage);
  const title = t("logs.title", { kind: t(`attempt.kind.${log.kind}`), attempt: log.attempt });
  usePageActions(`${record.label} ${title}`, [
    failed && { id: "mend", run: () => setMending(true) },
    view.canSend && { id: "send-again", busy: waits.again.isPending, run: waits.send },
    view.canGiveUp && { id: "give-up", busy: waits.stop.isPending, run: waits.giveUp },
    view.statusPage && { id: "salesforce", busy: status.isPending, run: () => status.mutate(log.id) },
  ]);
  const { outcome } = log;
  const { tint, icon: Icon } = verdictLook(log.result);
  return (
    <OrgPage production={record.production}>
      <Head view={view} />
      <Group
        className="log-verdict"
        bg={`var(--mantine-color-${tint}-light)`}
        justify="space-between"
        gap="md"
        role="status"
        aria-label={t("logs.verdict")}
      >
        <Group gap="sm" wrap="nowrap" flex="1 1 300px" align="flex-start">
          <Icon size={20} stroke={1.7} aria-hidden style={{ flex: "none", marginTop: 2 }} />
          <Text size="md" fw={600} style={{ overflowWrap: "anywhere" }}>
            {view.verdict ? say(view.verdict, view.said) : t("logs.noVerdict")}
          </Text>
        </Group>
        {failed && (
          <Button leftSection={<IconTool size={16} aria-hidden />} onClick={() => setMending(true)}>
            {t("logs.mend")}
          </Button>
        )}
      </Group>
      <Facts view={view} onStatusPage={() => status.mutate(log.id)} />
      {outcome.simulated && (
        <Alert color="yellow" variant="light" p="xs" icon={<IconFlask aria-hidden />}>
          {t("logs.simulated")}
        </Alert>
      )}
      {runs && <AttemptProgress view={view} />}
      {(view.waits || view.canSend || view.canGiveUp) && <Waits view={view} {...waits} />}
      {view.causes.length > 0 && <Causes view={view} />}
      <Lines
        title={t("logs.warnings", { count: outcome.warnings.length })}
        lines={outcome.warnings.map((line, i) => why.say(line, view.warningsSaid?.[i]))}
      />
      <Lines
        title={t("logs.unchanged", { count: outcome.unchanged.length })}
        lead={t("logs.unchangedWhat")}
        lines={outcome.unchanged}
      />
      <Parts view={view} />
      <MendDialog view={view} opened={mending} onClose={() => setMending(false)} />
    </OrgPage>
  );
}

function Head({ view }: { view: workspace.LogView }) {
  const { t } = useTranslation();
  const { log, record } = view;
  const title = t("logs.title", { kind: t(`attempt.kind.${log.kind}`), attempt: log.attempt });
  useTitle(`${record.label} ${title}`);
  return (
    <div>
      <Group gap="xs">
        <Anchor
          size="sm"
          renderRoot={(props) => <Link to="/deployments/$id" params={{ id: record.id }} {...props} />}
        >
          {record.label} {record.name}
        </Anchor>
        <Text size="sm" c="dimmed">
          {t("logs.for")}
        </Text>
        <Anchor
          size="sm"
          renderRoot={(props) => (
            <Link to="/change-requests/$id" params={{ id: record.requestId }} {...props} />
          )}
        >
          {record.request.endsWith(` ${record.name}`)
            ? record.request.slice(0, -record.name.length - 1)
            : record.request}
        </Anchor>
      </Group>
      <Group gap="sm" mt={4}>
        <Title order={1} fz={22} lh={1.3}>
          {title}
        </Title>
        <EnvironmentBadge
          id={record.targetId}
          name={record.target}
          production={record.production}
          size="lg"
        />
        <AttemptBadge word={view.word} result={log.result} />
        {log.outcome.simulated && (
          <Badge variant="light" color="yellow" radius="sm" tt="none" fw={500}>
            {t("logs.simulatedWord")}
          </Badge>
        )}
      </Group>
    </div>
  );
}

/** Components, tests, coverage, time and Salesforce's id, in one line. */
function Facts({ view, onStatusPage }: { view: workspace.LogView; onStatusPage: () => void }) {
  const { t } = useTranslation();
  const { log } = view;
  const facts = [
    log.componentsTotal > 0 && t("logs.components", { count: log.componentsTotal }),
    log.testsTotal > 0 && t("logs.tests", { count: log.testsTotal }),
    view.orgPercent >= 0 && t("logs.coverage", { percent: view.orgPercent }),
    view.seconds > 0 ? duration(view.seconds) : t("logs.instant"),
    view.by && t("logs.by", { name: view.by.name }),
  ].filter(Boolean);
  return (
    <Group gap="4px 14px" className="tabular">
      <Text size="sm">{facts.join(" · ")}</Text>
      <When at={log.startedAt} />
      {log.asyncId && (
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {t("logs.asyncId", { id: log.asyncId })}
        </Text>
      )}
      {view.statusPage && (
        <Button
          size="compact-sm"
          variant="subtle"
          rightSection={<IconExternalLink size={14} aria-hidden />}
          onClick={onStatusPage}
        >
          {t("logs.openInSalesforce")}
        </Button>
      )}
    </Group>
  );
}

/** What a person can decide about an attempt that the org does not show. */
function useWaits(view: workspace.LogView) {
  const { t } = useTranslation();
  const again = useAct(sendAgain, { key: keyOfAct.attempt(view.record.id), done: () => t("logs.sentAgain") });
  const stop = useAct(giveUp, { key: ["give-up", view.log.id], done: () => t("logs.gaveUp") });
  const { log } = view;
  const confirm = useConfirm();
  const giveUpAsked = async () => {
    const goes = await confirm({
      title: t("logs.giveUp"),
      text: t("logs.giveUpWhat", { target: view.record.target }),
      yes: t("logs.giveUp"),
      red: true,
    });
    if (goes) stop.mutate(log.id);
  };
  return { again, stop, send: () => again.mutate(log.id), giveUp: giveUpAsked };
}

/** What a new sign-in to the target mends. */
const ofTheSignIn = new Set([
  "signin_unknown",
  "signin_over",
  "session_expired",
  "no_credentials",
  "invalid_login",
  "password_expired",
]);

/** What is known of an attempt that the org does not show, and what a person can decide. */
function Waits({
  view,
  again,
  stop,
  send,
  giveUp: ask,
}: { view: workspace.LogView } & ReturnType<typeof useWaits>) {
  const { t } = useTranslation();
  const { waits } = view;
  // The org has it already: nothing is sent, it is only asked how it goes.
  const there = view.log.progress === governance.Progress.Running;
  return (
    <Alert color="yellow" variant="light" title={t(there ? "logs.stopped" : "logs.waits")}>
      <Stack gap="xs">
        {waits && <Text size="sm">{faultTitle(t, waits)}</Text>}
        {waits?.hint && (
          <Text size="sm" fw={550}>
            {faultHint(t, waits)}
          </Text>
        )}
        <Group gap="xs">
          {waits && ofTheSignIn.has(waits.code) && (
            <Button
              size="xs"
              variant="default"
              renderRoot={(props) => (
                <Link
                  {...props}
                  to="/environments/$id"
                  params={{ id: view.record.targetId }}
                  search={{ tab: "connection" }}
                />
              )}
            >
              {t("logs.toSignIn", { target: view.record.target })}
            </Button>
          )}
          {view.canSend && (
            <Button size="xs" loading={again.isPending} onClick={send}>
              {t(there ? "logs.goOn" : "logs.sendAgain")}
            </Button>
          )}
          {view.canGiveUp && (
            <Button size="xs" variant="default" loading={stop.isPending} onClick={ask}>
              {t("logs.giveUp")}
            </Button>
          )}
        </Group>
        {(view.canSend || view.canGiveUp) && (
          <Text size="sm">
            {t(there ? "logs.goOnWhat" : "logs.sendAgainWhat", { target: view.record.target })}
          </Text>
        )}
      </Stack>
    </Alert>
  );
}

const linesAtOnce = 20;

function Lines({ title, lead, lines }: { title: string; lead?: string; lines: string[] }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(linesAtOnce);
  if (lines.length === 0) return null;
  return (
    <Alert color="yellow" variant="light" p="sm" title={title}>
      {lead && (
        <Text size="sm" mb={4}>
          {lead}
        </Text>
      )}
      <Stack gap={2} component="ul" m={0} pl="md">
        {lines.slice(0, shown).map((line) => (
          <Text key={line} component="li" size="sm" style={{ overflowWrap: "anywhere" }}>
            {line}
          </Text>
        ))}
      </Stack>
      {lines.length > shown && (
        <Button size="xs" variant="default" mt="xs" onClick={() => setShown(shown + 200)}>
          {t("logs.more", { count: lines.length - shown })}
        </Button>
      )}
    </Alert>
  );
}

function Parts({ view }: { view: workspace.LogView }) {
  const { t } = useTranslation();
  const { outcome } = view.log;
  const worst = view.coverage.some((c) => c.needed > 0);
  const first =
    outcome.tests.length > 0
      ? "tests"
      : worst
        ? "coverage"
        : view.content.length > 0
          ? "components"
          : "tests";
  const parts = [
    { word: "tests", count: outcome.tests.length, panel: <TestFailures view={view} /> },
    { word: "coverage", count: view.coverage.length, panel: <CoverageTable view={view} /> },
    { word: "components", count: view.content.length, panel: <Components view={view} /> },
    { word: "raw", panel: <RawAnswer id={view.log.id} /> },
  ];
  return (
    <PartTabs
      label={t("logs.parts")}
      usual={first}
      parts={parts.map((part) => ({ ...part, title: t(`logs.tab.${part.word}`) }))}
    />
  );
}
