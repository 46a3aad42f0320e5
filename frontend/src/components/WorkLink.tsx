import { Link } from "@tanstack/react-router";
import { workspace } from "@/api/models";

type Props = { work: workspace.Work; children: React.ReactNode } & Record<string, unknown>;

/** Where work is seen: an attempt's log, otherwise the page of what it is about. */
export function WorkLink({ work, ...props }: Props) {
  if (work.logId) return <Link {...props} to="/logs/$id" params={{ id: work.logId }} />;
  if (work.requestId) return <Link {...props} to="/deployments/$id" params={{ id: work.subject }} />;
  if (work.kind === workspace.WorkKind.Verify) return <Link {...props} to="/audit-trail" />;
  return <Link {...props} to="/environments/$id" params={{ id: work.subject }} />;
}
