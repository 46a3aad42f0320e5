import { Anchor, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { deploymentLog } from "@/api/deployment-logs";
import { type governance, workspace } from "@/api/models";
import { isKnown } from "@/api/times";
import { AttemptBadge } from "@/components/AttemptBadge";
import { AttemptProgress } from "@/components/AttemptProgress";
import { Checklist } from "@/components/Checklist";
import { Person } from "@/components/Person";
import { useWhy } from "@/components/use-said";
import { useToCome } from "@/components/use-tick";
import { When } from "@/components/When";
import { WhyButton } from "@/components/WhyButton";
import { WorkProgress } from "@/components/WorkProgress";
import { useTranslation } from "@/i18n/use-translation";
import type { StepProps } from "./Steps";
import { stepButton } from "./use-record-acts";

/** Deploy Retrieved Customizations, and the quick way while a validation is fresh. */
export function DeployButtons({ step, acts }: StepProps) {
  const { t } = useTranslation();
  const { view } = acts;
  const deploy = stepButton("deploy", acts);
  const why = useWhy().both(step);
  const quick = useToCome(view.quickUntil);
  if (!deploy || step.state === workspace.StepState.Done) return null;
  return (
    <>
      {quick && (
        <WhyButton size="xs" variant="default" allowed why="" loading={deploy.pending} onClick={acts.quick}>
          {t("deployments.button.quick")}
        </WhyButton>
      )}
      <WhyButton
        size="xs"
        variant="default"
        allowed={step.allowed}
        why={why}
        loading={deploy.pending}
        onClick={deploy.press}
      >
        {t(deploy.word)}
      </WhyButton>
    </>
  );
}

/** An attempt: live while it runs, then what it proved; before it, what stands in its way and what mends that. */
export function AttemptDetail({ step, acts, work }: StepProps) {
  const { t } = useTranslation();
  const { view } = acts;
  const logId = step.logId || work?.logId || "";
  const row = view.logs.find((l) => l.id === logId);
  const running = step.state === workspace.StepState.Running || work !== undefined;
  const done = step.state === workspace.StepState.Done;
  return (
    <Stack gap="sm">
      {running ? (
        <Live logId={row?.active ? logId : (work?.logId ?? "")} work={work} />
      ) : (
        row && (
          <Group gap="sm">
            <AttemptBadge word={row.word} result={row.result} />
            {row.by && <Person person={row.by} size={18} />}
            <When at={row.completedAt} />
            <OpenLog id={row.id} word={t("deployments.openLog", { attempt: row.attempt })} />
          </Group>
        )
      )}
      {step.code === workspace.StepCode.Deploy && !running && !done && <Quick view={view} />}
      {!running && !done && step.checks.length > 0 && <Gate checks={step.checks} />}
      {!running && (
        <Text size="xs" c="dimmed">
          {t(`deployments.stepWhat.${step.code}`)}
        </Text>
      )}
    </Stack>
  );
}

/** What does not hold, with its remedies; what holds is a number that opens. */
function Gate({ checks }: { checks: governance.Check[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const bad = checks.filter((c) => !c.ok);
  const good = checks.filter((c) => c.ok);
  return (
    <Stack gap={6}>
      <Text size="sm" fw={550}>
        {t(bad.length > 0 ? "deployments.gateClosed" : "deployments.gateOpen")}
      </Text>
      <Checklist checks={all ? [...bad, ...good] : bad} />
      {good.length > 0 && (
        <Anchor component="button" type="button" size="sm" w="fit-content" onClick={() => setAll(!all)}>
          {all ? t("deployments.gateFewer") : t("deployments.gateHolds", { count: good.length })}
        </Anchor>
      )}
    </Stack>
  );
}

function Live({ logId, work }: { logId: string; work?: workspace.Work }) {
  const { t } = useTranslation();
  const log = useQuery({ ...deploymentLog(logId), enabled: logId !== "" });
  if (!log.data)
    return work ? <WorkProgress work={work} /> : <Text size="sm">{t("deployments.starting")}</Text>;
  return (
    <Stack gap="xs">
      <AttemptProgress view={log.data} />
      <div>
        <OpenLog id={logId} word={t("deployments.openLog", { attempt: log.data.log.attempt })} />
      </div>
    </Stack>
  );
}

function OpenLog({ id, word }: { id: string; word: string }) {
  return (
    <Anchor size="sm" renderRoot={(props) => <Link to="/logs/$id" params={{ id }} {...props} />}>
      {word}
    </Anchor>
  );
}

/** Until when the validation can be deployed quickly, or why it cannot. */
function Quick({ view }: { view: workspace.RecordView }) {
  const { t } = useTranslation();
  const { say } = useWhy();
  const open = useToCome(view.quickUntil);
  if (isKnown(view.quickUntil) && !open)
    return (
      <Text size="sm" c="dimmed">
        {t("deployments.quickOver")}
      </Text>
    );
  if (open)
    return (
      <Text size="sm">
        {t("deployments.quickUntil")} <When at={view.quickUntil} />. {t("deployments.quickWhat")}
      </Text>
    );
  if (!view.quickWhy) return null;
  return (
    <Text size="sm" c="dimmed">
      {t("deployments.noQuick", { why: say(view.quickWhy, view.quickSaid) })}
    </Text>
  );
}
