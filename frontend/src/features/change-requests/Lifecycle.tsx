import { Button, Tooltip } from "@mantine/core";
import { IconPlus, IconRocket } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { governance, type workspace } from "@/api/models";

const { Action } = governance;

/** What is about to be signed. */
export type Sign = { action: governance.ActionState };

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
  const { next } = view;
  const id = view.request.id;
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
      <Button onClick={() => onAction(action)} disabled={!action.allowed}>
        {t(`changeRequests.action.${action.action}`)}
      </Button>
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
    <Tooltip label={next.sentence} multiline maw={360}>
      <Button data-disabled aria-disabled onClick={(e) => e.preventDefault()}>
        {t("changeRequests.action.submit")}
      </Button>
    </Tooltip>
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
