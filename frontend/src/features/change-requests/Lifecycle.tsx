import { Button } from "@mantine/core";
import { IconPlus, IconRocket } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { governance, type workspace } from "@/api/models";
import { keyOfAct, useWaits } from "@/components/use-act";
import { useSaid, useWhy } from "@/components/use-said";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";

const { Action } = governance;

/** What is about to be signed: the action, and the content as it was saved when it was asked for. */
export type Sign = { action: governance.ActionState; digest: string };

type Props = {
  view: workspace.RequestView;
  onAction: (action: governance.ActionState) => void;
  onAdd: () => void;
};

export const actionOf = (view: workspace.RequestView, action: string) =>
  view.actions.find((a) => a.action === action);

/** The one filled button: what the backend says is next. It never decides by itself. */
export function Lifecycle({ view, onAction, onAdd }: Props) {
  const { t } = useTranslation();
  const why = useWhy();
  const sentence = useSaid("sentences");
  const { next } = view;
  const id = view.request.id;
  const waits = useWaits(keyOfAct.lifecycle(id));
  if (next.action === Action.Approve || next.action === Action.Reject)
    return (
      <Button component={Link} to="/change-requests/$id/review" params={{ id } as never}>
        {t("changeRequests.review")}
      </Button>
    );
  if (next.action === "new-record")
    return (
      <Button
        component={Link}
        to="/deployments/new"
        search={{ request: id } as never}
        leftSection={<IconRocket size={16} aria-hidden />}
      >
        {t("changeRequests.deploy")}
      </Button>
    );
  const action = actionOf(view, next.action);
  if (action)
    return (
      <WhyButton
        allowed={action.allowed}
        loading={waits}
        why={action.allowed ? "" : why.action(action)}
        onClick={() => onAction(action)}
      >
        {t(`changeRequests.action.${action.action}`)}
      </WhyButton>
    );
  if (next.code !== "edit") return <OpenRecord view={view} />;
  const missing = view.checks.filter((check) => !check.ok).map((check) => check.code);
  if (missing.length === 1 && missing[0] === "content")
    return (
      <Button onClick={onAdd} leftSection={<IconPlus size={16} aria-hidden />}>
        {t("changeRequests.add")}
      </Button>
    );
  // The sentence beside it says why.
  return (
    <WhyButton allowed={false} why={sentence(next.sentence, next.said)}>
      {t("changeRequests.action.submit")}
    </WhyButton>
  );
}

/** When it waits for one of its records, the way there. */
function OpenRecord({ view }: { view: workspace.RequestView }) {
  const { t } = useTranslation();
  const record =
    view.next.code === "deploy"
      ? view.records.find((r) => r.id === view.next.said.params.recordId)
      : undefined;
  if (!record) return null;
  return (
    <Button component={Link} to="/deployments/$id" params={{ id: record.id } as never}>
      {t("changeRequests.openRecord", { record: record.label })}
    </Button>
  );
}
