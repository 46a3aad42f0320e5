import { Button } from "@mantine/core";
import {
  IconAlertTriangle,
  IconClockExclamation,
  IconFileCheck,
  IconListDetails,
  IconRocket,
  IconServer2,
  IconShieldCheck,
  IconUrgent,
  IconUserPlus,
  type TablerIcon,
} from "@tabler/icons-react";
import { memo } from "react";
import type { workspace } from "@/api/models";
import { isKnown } from "@/api/times";
import { EmergencyBadge } from "@/components/EmergencyBadge";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { TaskLink } from "@/components/TaskLink";
import type { Looked } from "@/components/use-looked";
import { useSaid } from "@/components/use-said";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

const icons: Record<string, TablerIcon> = {
  request: IconFileCheck,
  record: IconRocket,
  log: IconListDetails,
  policy: IconShieldCheck,
  review: IconUrgent,
  environment: IconServer2,
  member: IconUserPlus,
};

/** What is pressed for a task whose step does not name it. */
const ofKind: Record<string, string> = { log: "log", policy: "sign", member: "member" };

type Props = {
  task: workspace.Task;
  first?: boolean;
  tone?: "red" | "yellow";
  /** The content that the person looked at last, if any. */
  looked?: Looked;
};

/** One thing to look at. Pressing its name or its button leads to where it is done. Plain elements: see LookBadge. */
export const TaskRow = memo(function TaskRow({ task, first, tone, looked }: Props) {
  const { t } = useTranslation();
  const sentence = useTaskSentence(task);
  const Icon =
    tone === "red"
      ? IconAlertTriangle
      : tone === "yellow"
        ? IconClockExclamation
        : (icons[task.kind] ?? IconFileCheck);
  const color = tone ? `var(--mantine-color-${tone}-light-color)` : "var(--mantine-color-dimmed)";
  return (
    <li className="task task-line" data-production={task.production || undefined}>
      <Icon size={18} stroke={1.7} aria-hidden style={{ color }} />
      <div className="task-words">
        <div className="task-head">
          <TaskLink task={task} className="task-name" data-task>
            <span className="dim tabular">{task.label}</span>{" "}
            <span className="strong">{task.name || t("home.unnamed")}</span>
          </TaskLink>
          {task.emergency && <EmergencyBadge size="sm" />}
          {task.environment && task.kind !== "environment" && (
            <EnvironmentBadge size="sm" id="" name={task.environment} production={task.production} />
          )}
        </div>
        <div>{sentence}</div>
        <div className="small dim">
          {task.by && `${task.by.name} · `}
          <When at={task.at} />
          {task.kind !== "review" && isKnown(task.expires ?? "") && (
            <>
              {" · "}
              {t("home.expires")} <When at={task.expires} />
            </>
          )}
        </div>
        {looked && looked.digest !== task.digest && (
          <div className="small">
            {t("home.changedSince")} <When at={looked.at} />.{" "}
            <TaskLink task={task}>{t("home.seeChanges")}</TaskLink>
          </div>
        )}
      </div>
      <TaskButton task={task} filled={first} />
    </li>
  );
});

/** The sentences of this page are in its own words, those of a record's next step in those that all share. */
function useTaskSentence(task: workspace.Task) {
  const here = useSaid("home");
  const shared = useSaid("sentences");
  return (task.said?.code.startsWith("task.") ? here : shared)(task.sentence, task.said);
}

function TaskButton({ task, filled }: { task: workspace.Task; filled?: boolean }) {
  const { t } = useTranslation();
  const word = t(`home.do.${ofKind[task.kind] ?? task.code}`, {
    defaultValue: t("home.do.open"),
  });
  return (
    <Button
      size="xs"
      variant={filled ? "filled" : "default"}
      style={{ flex: "none" }}
      renderRoot={(props) => (
        <TaskLink {...props} task={task} aria-label={`${word}: ${task.label} ${task.name}`} />
      )}
    >
      {word}
    </Button>
  );
}
