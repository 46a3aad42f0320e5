import { governance, type workspace } from "@/api/models";

const { Status } = governance;

/** What is reviewed, a request or a record, as far as both are alike. */
export type Subject = {
  kind: "request" | "record";
  id: string;
  label: string;
  name: string;
  status: governance.Status;
  round: number;
  digest: string;
  authors: workspace.Person[];
  actions: governance.ActionState[];
  next: workspace.NextStep;
  seats: workspace.Seats;
  checks: governance.Check[];
  trouble: string[];
  reason: string;
  emergency: boolean;
  target?: { id: string; name: string; kind: governance.EnvironmentKind; production: boolean };
};

export const ofRequest = (view: workspace.RequestView): Subject => ({
  kind: "request",
  id: view.request.id,
  label: view.label,
  name: view.request.name,
  status: view.request.status,
  round: view.request.round,
  digest: view.digest,
  authors: view.authors,
  actions: view.actions,
  next: view.next,
  seats: view.seats,
  checks: view.checks,
  trouble: view.trouble,
  reason: view.reason,
  emergency: view.request.type === governance.ChangeType.Emergency,
});

export const ofRecord = (view: workspace.RecordView): Subject => ({
  kind: "record",
  id: view.record.id,
  label: view.label,
  name: view.record.name,
  status: view.record.status,
  round: view.record.round,
  digest: view.digest,
  authors: view.authors,
  actions: view.actions,
  next: view.next,
  seats: view.seats,
  // The gate's answer stands on the step that would change the target.
  checks: [...view.steps].reverse().find((step) => step.checks.length > 0)?.checks ?? [],
  trouble: view.trouble,
  reason: view.reason,
  emergency: view.request.type === governance.ChangeType.Emergency,
  target: {
    id: view.target.environment.id,
    name: view.target.environment.name,
    kind: view.target.environment.kind,
    production: view.production,
  },
});

export const can = (subject: Subject, action: governance.Action) =>
  subject.actions.find((a) => a.action === action);

/** Whether nobody is asked any more: what was looked at for the decision is of no use after it. */
export const decided = ({ status }: Subject) =>
  status !== Status.InProgress && status !== Status.PendingApproval;

/** The subject by its number and name, as the palette heads what can be done with it. */
export const headingOf = (s: Subject) => `${s.label} ${s.name}`.trim();
