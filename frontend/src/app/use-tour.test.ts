import { expect, test } from "vitest";
import { governance, workspace } from "@/api/models";
import { stepsOf } from "./use-tour";

const { Status } = governance;
const { StepCode, StepState } = workspace;
const ana = { id: "ana", name: "Ana", roles: ["requester"] };
const bo = { id: "bo", name: "Bo", roles: ["approver", "owner"] };
const dee = { id: "dee", name: "Dee", roles: ["release manager"] };

const view = (status: governance.Status, count = 3, name = "Discount") =>
  ({
    request: { id: "r1", name, status },
    authors: [ana],
    count,
    records: [],
  }) as unknown as workspace.RequestView;
const plan = (status: governance.Status, ...done: workspace.StepCode[]) =>
  ({
    record: { id: "d1", status },
    steps: Object.values(StepCode).map((code) => ({
      code,
      state: done.includes(code) ? StepState.Done : StepState.Open,
    })),
  }) as unknown as workspace.RecordView;
const now = (seen: Partial<Parameters<typeof stepsOf>[0]>) =>
  stepsOf({ demo: true, me: ana, since: "2026-01-01T00:00:00Z", ...seen }).find((s) => !s.done)?.code;

const reviewed = [StepCode.Environments, StepCode.Scan];
const all = [...reviewed, StepCode.Retrieve, StepCode.Dependencies, StepCode.Validate, StepCode.Deploy];

test.each([
  { name: "nothing yet", seen: {}, want: "draft" },
  { name: "a draft without a name", seen: { view: view(Status.InProgress, 0, "") }, want: "draft" },
  { name: "an empty draft", seen: { view: view(Status.InProgress, 0) }, want: "customizations" },
  { name: "a full draft", seen: { view: view(Status.InProgress) }, want: "submit" },
  { name: "submitted, still the author", seen: { view: view(Status.PendingApproval) }, want: "actApprover" },
  {
    name: "submitted, as an approver",
    seen: { view: view(Status.PendingApproval), me: bo },
    want: "approve",
  },
  { name: "approved", seen: { view: view(Status.Approved) }, want: "record" },
  {
    name: "a new record",
    seen: { view: view(Status.Approved), plan: plan(Status.InProgress) },
    want: "connect",
  },
  {
    name: "connected",
    seen: { view: view(Status.Approved), plan: plan(Status.InProgress, StepCode.Environments) },
    want: "scan",
  },
  {
    name: "scanned",
    seen: { view: view(Status.Approved), plan: plan(Status.InProgress, ...reviewed) },
    want: "submitRecord",
  },
  {
    name: "record submitted",
    seen: { view: view(Status.Approved), plan: plan(Status.PendingApproval, ...reviewed) },
    want: "approveRecord",
  },
  {
    name: "record approved",
    seen: { view: view(Status.Approved), plan: plan(Status.Approved, ...reviewed) },
    want: "actRelease",
  },
  {
    name: "as release manager",
    seen: { view: view(Status.Approved), plan: plan(Status.Approved, ...reviewed), me: dee },
    want: "retrieve",
  },
  {
    name: "deployed",
    seen: { view: view(Status.Approved), plan: plan(Status.Approved, ...all), me: dee },
    want: "complete",
  },
  {
    name: "completed",
    seen: { view: view(Status.Approved), plan: plan(Status.Completed, ...all) },
    want: "verify",
  },
  {
    name: "verified before it was completed counts not",
    seen: {
      view: view(Status.Approved),
      plan: plan(Status.Approved, ...all),
      proof: { at: "2026-02-01T00:00:00Z" } as workspace.TrailProof,
    },
    want: "complete",
  },
  {
    name: "verified",
    seen: {
      view: view(Status.Completed),
      plan: plan(Status.Completed, ...all),
      proof: { at: "2026-02-01T00:00:00Z" } as workspace.TrailProof,
    },
    want: undefined,
  },
])("$name: $want", ({ seen, want }) => expect(now(seen)).toBe(want));

test("a person alone takes no parts, so those steps are left out", () => {
  const codes = stepsOf({ demo: false, me: ana, since: "" }).map((s) => s.code);
  expect(codes).not.toContain("actApprover");
  expect(codes).not.toContain("actRelease");
  expect(codes).toHaveLength(15);
});
