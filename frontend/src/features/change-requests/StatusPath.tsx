import { IconBan, IconCheck, IconCircleX } from "@tabler/icons-react";
import { governance, type workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";

const { Status } = governance;

type Step = { key: string; word: string; state: "done" | "now" | "next" | "rejected" | "cancelled" };

/** Where a request is on its way, as Salesforce's path shows it: what is behind it, where it is, what comes. */
export function StatusPath({ view }: { view: workspace.RequestView }) {
  const { t } = useTranslation();
  return (
    <ol className="path" aria-label={t("changeRequests.path.label")}>
      {stepsOf(view, t).map((step) => (
        <li key={step.key} data-state={step.state} aria-current={isHere(step) ? "step" : undefined}>
          {step.state === "done" && (
            <IconCheck size={14} stroke={2.2} aria-label={t("changeRequests.path.done")} />
          )}
          {step.state === "rejected" && <IconCircleX size={14} aria-hidden />}
          {step.state === "cancelled" && <IconBan size={14} aria-hidden />}
          <span>{step.word}</span>
        </li>
      ))}
    </ol>
  );
}

const isHere = (step: Step) => step.state !== "done" && step.state !== "next";

function stepsOf(view: workspace.RequestView, t: (key: string) => string): Step[] {
  const { status } = view.request;
  const deployed = view.places.length > 0;
  const at = {
    [Status.InProgress]: 0,
    [Status.PendingApproval]: 1,
    [Status.Rejected]: 1,
    [Status.Approved]: deployed ? 3 : 2,
  }[status as string];
  const here = status === Status.Completed ? 5 : (at ?? 0);
  const words = [
    t(`status.${Status.InProgress}`),
    t(`status.${status === Status.Rejected ? Status.Rejected : Status.PendingApproval}`),
    t(`status.${Status.Approved}`),
    t("changeRequests.path.deployed"),
    t(`status.${Status.Completed}`),
  ];
  const steps: Step[] = words.map((word, i) => ({
    key: String(i),
    word,
    state: i < here ? "done" : i === here ? "now" : "next",
  }));
  const current = steps[here];
  if (status === Status.Rejected && current) current.state = "rejected";
  if (status === Status.Cancelled) {
    for (const step of steps) step.state = "next";
    steps.push({ key: "cancelled", word: t(`status.${Status.Cancelled}`), state: "cancelled" });
  }
  const last = steps[4];
  if (status === Status.Completed && last) last.state = "done";
  return steps;
}
