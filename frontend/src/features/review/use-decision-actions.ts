import { governance } from "@/api/models";
import { type PageAction, usePageActions } from "@/components/page-actions";
import { useWhy } from "@/components/use-said";
import { useTranslation } from "@/i18n/use-translation";
import { can, headingOf, type Subject } from "./subject";

const { Approve, Reject, Recall, Reopen, Withdraw } = governance.Action;

type Wanted = typeof Approve | typeof Reject | typeof Recall | typeof Reopen | typeof Withdraw;

/** The decision for the palette, the keys and the menu; what may not be decided says why. */
export function useDecisionActions(subject: Subject, open: boolean, ask: (action: Wanted) => void) {
  const { t } = useTranslation();
  const why = useWhy();
  const decide = (action: Wanted, keys?: string): PageAction | undefined => {
    const state = can(subject, action);
    if (!state || !open) return undefined;
    return {
      id: action,
      words: t(`review.${action}`),
      keys,
      why: state.allowed || state.for?.length ? "" : why.action(state),
      run: () => ask(action),
    };
  };
  usePageActions(headingOf(subject), [
    decide(Approve, "A"),
    decide(Reject, "R"),
    decide(Withdraw),
    decide(Recall),
    decide(Reopen),
  ]);
}
