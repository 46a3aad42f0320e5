import { governance, workspace } from "@/api/models";
import type { ActionId } from "@/components/actions";
import { type PageAction, usePageActions } from "@/components/page-actions";
import { useWhy } from "@/components/use-said";
import { useToCome } from "@/components/use-tick";
import { useTranslation } from "@/i18n/use-translation";
import { type RecordActs, stepButton } from "./use-record-acts";

const { Action, Status } = governance;
const { StepCode } = workspace;

/** The steps that are one press; approving has the actions of the lifecycle. */
const ofStep: Partial<Record<workspace.StepCode, ActionId>> = {
  [StepCode.Environments]: "test",
  [StepCode.Scan]: "scan",
  [StepCode.Retrieve]: "retrieve",
  [StepCode.Dependencies]: "dependencies",
  [StepCode.Validate]: "validate",
  [StepCode.Deploy]: "deploy",
};

const ofLifecycle: Partial<Record<governance.Action, ActionId>> = {
  [Action.Submit]: "submit",
  [Action.Approve]: "approve",
  [Action.Reject]: "reject",
  [Action.Recall]: "recall",
  [Action.Reopen]: "reopen",
  [Action.Complete]: "complete",
  [Action.Cancel]: "cancel",
};

/** All that can be done with a record, for the palette, the keys and the menu. */
export function useRecordPageActions(acts: RecordActs) {
  const { t } = useTranslation();
  const why = useWhy();
  const { view } = acts;
  const quick = useToCome(view.quickUntil);
  const step = (s: workspace.Step): PageAction | undefined => {
    const id = ofStep[s.code];
    const button = id && stepButton(s.code, acts);
    if (!button) return undefined;
    const held = s.allowed ? "" : why.both(s) || t(`deployments.state.${s.state}`);
    return { id, words: t(button.word), why: held, busy: button.pending, run: button.press };
  };
  const wish = (state: governance.ActionState): PageAction | undefined => {
    const { action } = state;
    const id = ofLifecycle[action];
    if (!id) return undefined;
    const held = state.allowed ? "" : why.action(state);
    const reviewed = action === Action.Approve || action === Action.Reject;
    return {
      id,
      words: t(`deployments.action.${action}`),
      why: held,
      run: reviewed ? acts.review : () => acts.ask({ about: "action", action }),
    };
  };
  const newest = view.logs[0]?.id;
  usePageActions(`${view.label} ${view.record.name}`.trim(), [
    ...view.steps.map(step),
    ...view.actions.map(wish),
    {
      id: "quick",
      why: quick
        ? ""
        : view.quickWhy
          ? t("deployments.noQuick", { why: why.say(view.quickWhy, view.quickSaid) })
          : t("deployments.quickOver"),
      run: acts.quick,
    },
    view.record.status !== Status.InProgress && {
      id: "review",
      words: t("deployments.button.review"),
      run: acts.review,
    },
    newest !== undefined && { id: "log", run: () => acts.openLog(newest) },
  ]);
}
