import { useNavigate } from "@tanstack/react-router";
import { attach, importManifest } from "@/api/change-requests";
import { governance, type workspace } from "@/api/models";
import type { ActionId } from "@/components/actions";
import { type PageAction, usePageActions } from "@/components/page-actions";
import { useAct } from "@/components/use-act";
import { useWhy } from "@/components/use-said";
import { useTranslation } from "@/i18n/use-translation";
import { useAnswer } from "./Files";

const { Action, Status } = governance;

type Undoing = { run: () => unknown; busy: boolean };

type Props = {
  id: string;
  view?: workspace.RequestView;
  name: string;
  kept: boolean;
  flush: () => Promise<boolean>;
  onAction: (action: governance.ActionState) => void;
  onItem: (item: string) => void;
  undo: Undoing;
  redo: Undoing;
};

/** The lifecycle on the page of a request; what is signed is signed there, what is reviewed on the review's page. */
const lifecycle: Partial<Record<governance.Action, ActionId>> = {
  [Action.Submit]: "submit",
  [Action.Withdraw]: "withdraw",
  [Action.Recall]: "recall",
  [Action.Reopen]: "reopen",
  [Action.Complete]: "complete",
  [Action.Cancel]: "cancel",
};

const reviewed: Partial<Record<governance.Action, ActionId>> = {
  [Action.Approve]: "approve",
  [Action.Reject]: "reject",
};

/** All that can be done with a request, for the palette, the keys and the menu. Duplicate and the like are in More. */
export function useRequestActions(p: Props) {
  const { t } = useTranslation();
  const why = useWhy();
  const navigate = useNavigate();
  const onDone = useAnswer();
  const { view } = p;
  const pick = useAct(() => importManifest(p.id), { onDone });
  const file = useAct(() => attach(p.id), { onDone });
  const review = () => void navigate({ to: "/change-requests/$id/review", params: { id: p.id } });
  const fixed = view?.locked ? t("changeRequests.impact.locked") : "";
  const saved = (act: () => void) => async () => {
    if (await p.flush()) act();
  };
  const heading = [view?.label, p.name].filter(Boolean).join(" ") || t("changeRequests.new");
  const of = (state: governance.ActionState): PageAction | undefined => {
    const held = {
      words: t(`changeRequests.action.${state.action}`),
      why: state.allowed ? "" : why.action(state),
    };
    const own = lifecycle[state.action];
    if (own) return { id: own, ...held, run: () => p.onAction(state) };
    const there = reviewed[state.action];
    return there && { id: there, ...held, run: review };
  };
  usePageActions(
    heading,
    view
      ? [
          {
            id: "undo",
            why: fixed || (!view.canUndo && p.kept ? t("action.nothingToUndo") : ""),
            ...p.undo,
          },
          { id: "redo", why: fixed || (view.canRedo ? "" : t("action.nothingToRedo")), ...p.redo },
          ...view.actions.map(of),
          view.request.status === Status.PendingApproval && { id: "review", run: review },
          { id: "add", why: fixed, run: () => p.onItem("add") },
          { id: "propose", why: fixed, run: () => p.onItem("propose") },
          { id: "import", why: fixed, busy: pick.isPending, run: saved(() => pick.mutate()) },
          { id: "attach", why: fixed, busy: file.isPending, run: saved(() => file.mutate()) },
          {
            id: "deploy",
            words: t("changeRequests.deploy"),
            why:
              view.request.status === Status.Approved
                ? ""
                : t("deployments.notApproved", { label: view.label }),
            run: () => void navigate({ to: "/deployments/new", search: { request: p.id } }),
          },
        ]
      : [],
  );
}
