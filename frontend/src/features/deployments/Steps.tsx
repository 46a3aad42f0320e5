import { Group, Stack, Text, UnstyledButton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowRight,
  IconCheck,
  IconChevronDown,
  IconChevronRight,
  IconCircleDashed,
  IconLock,
  IconMinus,
  IconPlayerPlay,
  IconX,
  type TablerIcon,
} from "@tabler/icons-react";
import { type ReactNode, useEffect, useId, useState } from "react";
import { governance, workspace } from "@/api/models";
import { isKnown } from "@/api/times";
import { useSaid, useWhy } from "@/components/use-said";
import { useWorkspace } from "@/components/use-workspace";
import { When } from "@/components/When";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";
import { ApprovalButtons, ApprovalDetail } from "./ApprovalStep";
import { AttemptDetail, DeployButtons } from "./AttemptStep";
import { DependenciesDetail } from "./DependenciesStep";
import { EnvironmentsDetail } from "./EnvironmentsStep";
import { ScanDetail } from "./ScanStep";
import { type RecordActs, stepButton } from "./use-record-acts";

const { StepState, StepCode } = workspace;

export type StepProps = {
  step: workspace.Step;
  acts: RecordActs;
  /** What runs for this step. */
  work?: workspace.Work;
};

type Look = { color: string; icon: TablerIcon };

const looks: Record<workspace.StepState, Look> = {
  [StepState.Done]: { color: "green", icon: IconCheck },
  [StepState.Now]: { color: "blue", icon: IconArrowRight },
  [StepState.Open]: { color: "gray", icon: IconCircleDashed },
  [StepState.Locked]: { color: "gray", icon: IconLock },
  [StepState.Running]: { color: "blue", icon: IconPlayerPlay },
  [StepState.Failed]: { color: "red", icon: IconX },
  [StepState.Skipped]: { color: "gray", icon: IconMinus },
};

const details: Record<workspace.StepCode, (p: StepProps) => ReactNode> = {
  [StepCode.Environments]: EnvironmentsDetail,
  [StepCode.Scan]: ScanDetail,
  [StepCode.Approval]: ApprovalDetail,
  [StepCode.Retrieve]: AttemptDetail,
  [StepCode.Dependencies]: DependenciesDetail,
  [StepCode.Validate]: AttemptDetail,
  [StepCode.Deploy]: AttemptDetail,
  [StepCode.Complete]: CompleteDetail,
};

/** The steps of a record: a line each; what runs or failed is open, and every one opens to what it proved. */
export function Steps({ acts, running }: { acts: RecordActs; running: workspace.Work[] }) {
  const { t } = useTranslation();
  return (
    <ol className="steps" aria-label={t("deployments.tab.steps")}>
      {acts.view.steps.map((step, i) => (
        <StepItem
          key={step.code}
          number={i + 1}
          as={sameWhy(acts.view.steps, i)}
          step={step}
          acts={acts}
          work={workOf(step, running)}
        />
      ))}
    </ol>
  );
}

/** The number of the first step that is stopped by the same, if it is an earlier one. */
function sameWhy(steps: workspace.Step[], at: number) {
  const step = steps[at];
  const says = (s: workspace.Step) =>
    !s.allowed && s.state !== StepState.Done && s.state !== StepState.Skipped && s.why !== s.sentence;
  const first = steps.findIndex((s) => says(s) && s.why === step?.why && s.remedy === step.remedy);
  return step?.why && first >= 0 && first < at ? first + 1 : undefined;
}

function workOf(step: workspace.Step, running: workspace.Work[]) {
  const mine = (w: workspace.Work) =>
    w.id === step.workId ||
    w.kind === (step.code as string) ||
    (step.code === StepCode.Deploy && w.kind === workspace.WorkKind.Quick);
  return running.find(mine);
}

/** One step. Its line is of plain elements: see LookBadge. */
function StepItem({ step, number, as, acts, work }: StepProps & { number: number; as?: number }) {
  const { t } = useTranslation();
  const say = useSaid("deployments");
  const id = useId();
  const live = step.state === StepState.Running || work !== undefined;
  // What ran before one's eyes stays open when it has ended: nothing jumps away under the pointer.
  const [ran, setRan] = useState(false);
  useEffect(() => {
    if (live) setRan(true);
  }, [live]);
  const wants = live || ran || step.state === StepState.Failed;
  const [chosen, setChosen] = useState<{ open: boolean; at: string }>();
  // What a person opened or closed holds until the step changes its state.
  const open = chosen?.at === step.state ? chosen.open : wants;
  const { color, icon: Icon } = step.warning
    ? { color: "yellow", icon: IconAlertTriangle }
    : looks[live ? StepState.Running : step.state];
  const Detail = details[step.code];
  const word = t(`deployments.state.${step.warning ? "warning" : live ? "running" : step.state}`);
  return (
    <li className="step" data-turn={step.state === StepState.Now || undefined}>
      <div className="step-line">
        <UnstyledButton
          className="step-toggle"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setChosen({ open: !open, at: step.state })}
        >
          {open ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
          <span className="badge step-icon" data-color={color}>
            <Icon size={14} stroke={2} aria-hidden />
          </span>
          <div>
            <div className={step.state === StepState.Locked ? "step-name dim" : "step-name"}>
              {number} {t(`deployments.step.${step.code}`)}
            </div>
            <div className="small dim">
              {word}
              {isKnown(step.at) && !live && (
                <>
                  {" · "}
                  <When at={step.at} />
                </>
              )}
            </div>
          </div>
          <div className="step-words">
            <div className={step.state === StepState.Locked ? "dim" : undefined}>
              {say(step.sentence, step.said)}
            </div>
            {!step.allowed && !live && step.state !== StepState.Done && <Why step={step} as={as} />}
          </div>
        </UnstyledButton>
        {!live && (
          <Group gap={6} ml="auto">
            <Buttons step={step} acts={acts} />
          </Group>
        )}
      </div>
      <div id={id}>
        {open && (
          <div className="step-detail">
            <Detail step={step} acts={acts} work={work} />
          </div>
        )}
      </div>
    </li>
  );
}

/** Why the step's button cannot be pressed, and what mends it and who; said once where steps share it. */
function Why({ step, as }: { step: workspace.Step; as?: number }) {
  const { t } = useTranslation();
  const { why, remedy } = useWhy();
  const { me } = useWorkspace();
  if (!step.why || step.why === step.sentence || step.state === StepState.Skipped) return null;
  const mine = step.who.some((p) => p.id === me?.id);
  const names = mine ? [] : step.who.map((p) => p.name).filter((name) => !remedy(step).includes(name));
  return (
    <div className="small dim">
      {as ? t("deployments.whyAs", { number: as }) : why(step)}
      {!as && step.remedy && <span className="step-remedy"> {remedy(step)}</span>}
      {!as && names.length > 0 && ` ${t("check.who", { names: names.join(", ") })}`}
    </div>
  );
}

/** The buttons of a step, in the users' words. The one that comes next is filled above, not here. */
function Buttons({ step, acts }: StepProps) {
  const { t } = useTranslation();
  const { both } = useWhy();
  if (step.code === StepCode.Approval) return <ApprovalButtons step={step} acts={acts} />;
  if (step.code === StepCode.Deploy) return <DeployButtons step={step} acts={acts} />;
  const button = stepButton(step.code, acts);
  // What is done, or over, and cannot be done again has no button; its line says enough.
  const over =
    step.state === StepState.Done || step.state === StepState.Skipped || final(acts.view.record.status);
  if (!button || (over && !step.allowed)) return null;
  return (
    <WhyButton
      size="xs"
      variant="default"
      allowed={step.allowed}
      why={both(step)}
      loading={button.pending}
      onClick={button.press}
    >
      {t(button.word)}
    </WhyButton>
  );
}

const final = (status: governance.Status) =>
  status === governance.Status.Completed || status === governance.Status.Cancelled;

function CompleteDetail({ step, acts }: StepProps) {
  const { t } = useTranslation();
  const why = useWhy();
  const { view } = acts;
  return (
    <Stack gap={6}>
      <Text size="sm">{t("deployments.completeWhat")}</Text>
      {view.reason && <Text size="sm">{t("deployments.reason", { reason: view.reason })}</Text>}
      {!step.allowed && step.why && step.state === StepState.Done && (
        <Text size="sm" c="dimmed">
          {why.why(step)}
        </Text>
      )}
    </Stack>
  );
}
