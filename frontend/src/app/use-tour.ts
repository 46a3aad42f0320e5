import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { trailProof } from "@/api/audit-trail";
import { request, requestList } from "@/api/change-requests";
import { record } from "@/api/deployment-records";
import { governance, workspace } from "@/api/models";
import { useWorkspace } from "@/components/use-workspace";

/** One step of the tour, its words are tour.<code>. */
export type TourStep = {
  code: string;
  /** The data shows it. */
  done: boolean;
  /** The page where it is done. */
  to: string;
  /** The page of the guide that tells more. */
  guide: string;
};

const past = (status: governance.Status | undefined, ...all: governance.Status[]) =>
  !!status && all.includes(status);
const { PendingApproval, Approved, Completed } = governance.Status;

/**
 * The steps of the job, each done when the data says so and not when something was pressed. The tour follows the first
 * Change Request that was made since it began, and that request's newest record.
 */
export function useTourSteps(since: string): TourStep[] {
  const { state, me } = useWorkspace();
  const mine = useInfiniteQuery(requestList({ view: "", text: "", status: [], sort: "-createdAt" }));
  const row = mine.data?.items.filter((r) => after(r.createdAt, since)).at(-1);
  const view = useQuery({ ...request(row?.id ?? ""), enabled: !!row }).data;
  const recordId = view?.records[0]?.id ?? "";
  const plan = useQuery({ ...record(recordId), enabled: recordId !== "" }).data;
  const proof = useQuery(trailProof).data;
  return stepsOf({
    demo: state?.demo === true,
    me,
    view: row && view,
    plan: recordId ? plan : undefined,
    proof,
    since,
  });
}

/** Whether a time is after another; the backend's have more digits than ours. */
const after = (at: string, since: string) => Date.parse(at) > Date.parse(since);

type Seen = {
  demo: boolean;
  me?: workspace.Person;
  view?: workspace.RequestView;
  plan?: workspace.RecordView;
  proof?: workspace.TrailProof;
  since: string;
};

/** The steps from what the queries answer. */
export function stepsOf({ demo, me, view, plan, proof, since }: Seen): TourStep[] {
  const here = view ? `/change-requests/${view.request.id}` : "/change-requests";
  const there = plan ? `/deployments/${plan.record.id}` : here;
  const step = (code: workspace.StepCode) => {
    const now = plan?.steps.find((s) => s.code === code)?.state;
    return now === workspace.StepState.Done || now === workspace.StepState.Skipped;
  };
  const has = (role: string) => !!me?.roles.includes(role);
  const author = !!view?.authors.some((a) => a.id === me?.id);
  const asked = view?.request.status;
  const planned = plan?.record.status;
  const { StepCode } = workspace;
  const all: (TourStep & { parts?: boolean })[] = [
    { code: "draft", done: !!view?.request.name, to: here, guide: "main-job" },
    {
      code: "customizations",
      done: (view?.count ?? 0) > 0,
      to: `${here}?tab=customizations`,
      guide: "main-job",
    },
    { code: "submit", done: past(asked, PendingApproval, Approved, Completed), to: here, guide: "main-job" },
    {
      code: "actApprover",
      done: !!view && !author && has("approver"),
      to: here,
      guide: "policies",
      parts: true,
    },
    { code: "approve", done: past(asked, Approved, Completed), to: `${here}/review`, guide: "policies" },
    {
      code: "record",
      done: !!plan,
      to: view ? `/deployments/new?request=${view.request.id}` : here,
      guide: "main-job",
    },
    { code: "connect", done: step(StepCode.Environments), to: there, guide: "connecting" },
    { code: "scan", done: step(StepCode.Scan), to: there, guide: "main-job" },
    {
      code: "submitRecord",
      done: past(planned, PendingApproval, Approved, Completed),
      to: there,
      guide: "main-job",
    },
    {
      code: "approveRecord",
      done: past(planned, Approved, Completed),
      to: `${there}/review`,
      guide: "policies",
    },
    {
      code: "actRelease",
      done: past(planned, Approved) && has("release manager"),
      to: there,
      guide: "policies",
      parts: true,
    },
    { code: "retrieve", done: step(StepCode.Retrieve), to: there, guide: "main-job" },
    { code: "dependencies", done: step(StepCode.Dependencies), to: there, guide: "main-job" },
    { code: "validate", done: step(StepCode.Validate), to: there, guide: "deployment-log" },
    { code: "deploy", done: step(StepCode.Deploy), to: there, guide: "deployment-log" },
    { code: "complete", done: past(planned, Completed), to: there, guide: "main-job" },
    {
      code: "verify",
      done: past(planned, Completed) && !!proof && after(proof.at, since),
      to: "/audit-trail",
      guide: "audit-trail",
    },
  ];
  // What was left behind is done: nobody has to act as an approver again after the approval.
  const last = all.findLastIndex((s) => s.done);
  return all
    .map(({ parts, ...s }, i) => ({ ...s, done: s.done || i < last, parts }))
    .filter((s) => demo || !s.parts)
    .map(({ parts: _, ...s }) => s);
}
