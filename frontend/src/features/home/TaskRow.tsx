import { Button } from "@mantine/core";
import {
  IconAlertTriangle,
  IconClockExclamation,
  IconFileCheck,
  IconListDetails,
  IconRocket,
  IconShieldCheck,
  type TablerIcon,
} from "@tabler/icons-react";
import { memo } from "react";
import type { workspace } from "@/api/models";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { TaskLink } from "@/components/TaskLink";
import { useSaid } from "@/components/use-said";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

const icons: Record<string, TablerIcon> = {
  request: IconFileCheck,
  record: IconRocket,
  log: IconListDetails,
  policy: IconShieldCheck,
};

type Props = { task: workspace.Task; first?: boolean; tone?: "red" | "yellow" };

/** One thing to look at. Pressing its name or its button leads to where it is done. Plain elements: see LookBadge. */
export const TaskRow = memo(function TaskRow({ task, first, tone }: Props) {
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
          {task.environment && (
            <EnvironmentBadge size="sm" id="" name={task.environment} production={task.production} />
          )}
        </div>
        <div>{sentence}</div>
        <div className="small dim">
          {task.by && `${task.by.name} · `}
          <When at={task.at} />
        </div>
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
  const word = t(`home.do.${task.kind === "log" ? "log" : task.kind === "policy" ? "sign" : task.code}`, {
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
