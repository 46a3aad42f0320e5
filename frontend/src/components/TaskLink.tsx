import { Link } from "@tanstack/react-router";
import type { workspace } from "@/api/models";

type Props = { task: workspace.Task } & Record<string, unknown>;

/** Where a task is done: a vote on the review page, all else on its own page. */
export function TaskLink({ task, ...props }: Props) {
  const params = { id: task.id };
  const vote = task.code === "vote";
  if (task.kind === "review") return <Link {...props} to="/change-requests/$id" params={params} />;
  if (task.kind === "request")
    return (
      <Link {...props} to={vote ? "/change-requests/$id/review" : "/change-requests/$id"} params={params} />
    );
  if (task.kind === "record")
    return <Link {...props} to={vote ? "/deployments/$id/review" : "/deployments/$id"} params={params} />;
  if (task.kind === "log") return <Link {...props} to="/logs/$id" params={params} />;
  if (task.kind === "environment")
    return <Link {...props} to="/environments/$id" params={params} search={{ tab: "outside" }} />;
  if (task.kind === "member") return <Link {...props} to="/members" />;
  return <Link {...props} to="/policies" />;
}
