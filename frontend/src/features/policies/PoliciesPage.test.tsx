import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { governance, type workspace } from "@/api/models";
import { barriers, showPages } from "@/components/testing";
import { PoliciesPage } from "./PoliciesPage";

const { Category, ChangeLevel, Role } = governance;
const bo = { id: "bo", name: "Bo Approver", roles: ["approver", "owner"] };

const policy = (over: Partial<governance.Policy>): governance.Policy => ({
  approvalDays: 30,
  approverMayDeploy: false,
  authorMayApprove: false,
  authorMayDeploy: false,
  deployerRole: Role.ReleaseManager,
  kind: "" as governance.EnvironmentKind,
  levels: [{ category: Category.Code, level: ChangeLevel.FullSoftwareDevelopmentLifecycle }],
  name: "Change Requests",
  organization: "",
  rules: [
    {
      changeType: "" as governance.ChangeType,
      level: ChangeLevel.LogChangesOnly,
      ordered: false,
      steps: [{ quorum: 1, role: Role.Approver }],
    },
  ],
  severalSeatsEach: false,
  testFirst: false,
  validationDays: 10,
  validationFirst: false,
  ...over,
});

const sentence = (text: string, relaxed = false): workspace.PolicySentence => ({
  code: "rules",
  text,
  relaxed,
  said: { text, code: "", params: {} },
});

let all: workspace.Policies;
const prefer = vi.fn(async (_key: string, _value: string) => {});
const bound = {
  Get: vi.fn(async () => all),
  Propose: vi.fn(async (_requests: governance.Policy, _environments: governance.Policy[]) => all),
  Sign: vi.fn(async (_change: string) => all),
  WouldNeed: vi.fn(async (question: workspace.PolicyQuestion) => {
    const seats = {
      level: ChangeLevel.LogChangesOnly,
      rule: "Change Requests: Log Changes Only needs 1 approver.",
      seats: [{ step: 0, role: Role.Approver, at: "", reason: "", may: [bo] }],
      filled: false,
      refused: [],
      expires: "",
      expired: false,
      expected: true,
    };
    const why = question.types.length ? "Report is Analytics." : "Nothing is known of what it holds.";
    return {
      request: seats,
      record: question.environmentId ? seats : undefined,
      why,
      said: { text: why, code: "", params: {} },
    };
  }),
};

beforeEach(() => {
  vi.clearAllMocks();
  all = {
    version: 3,
    requests: { policy: policy({}), sentences: [sentence("A change with Code needs 2 approvals.")] },
    environments: [
      {
        policy: policy({ name: "Deployments to production", kind: governance.EnvironmentKind.Production }),
        sentences: [sentence("Authors may deploy their own change.", true)],
      },
    ],
    members: [bo],
    owners: 2,
    solo: false,
    pending: [],
    versions: [],
    categories: [
      { category: Category.Code, types: ["ApexClass", "ApexPage", "ApexTrigger", "StaticResource"] },
    ],
    canPropose: true,
    why: "",
    vocabulary: {
      roles: Object.values(Role),
      levels: [ChangeLevel.LogChangesOnly, ChangeLevel.FullSoftwareDevelopmentLifecycle],
      types: Object.values(governance.ChangeType),
    },
  };
  Object.assign(window, {
    go: {
      app: {
        Policies: bound,
        Environments: { List: async () => [{ environment: { id: "prod", name: "Acme" } }] },
        Settings: { Preferences: async () => ({}), Prefer: prefer },
        Workspaces: { State: async () => ({ open: true, id: "w1", demo: true, me: "bo", members: [bo] }) },
      },
    },
  });
});

const show = (place = "/policies") => showPages({ "/policies": PoliciesPage }, place);

test("policies are read as sentences, and what is relaxed says so", async () => {
  show();
  expect(await screen.findByText("A change with Code needs 2 approvals.")).toBeTruthy();
  const relaxed = screen.getByText("Authors may deploy their own change.");
  expect(within(relaxed).getByText("Relaxed")).toBeTruthy();
  expect(screen.getByText(/Version 3 is in force; 2 owners sign a change/)).toBeTruthy();
  expect(await barriers()).toEqual([]);
});

test("policies that cannot be read have the fault as the page's heading", async () => {
  bound.Get.mockRejectedValueOnce(
    new Error(JSON.stringify({ code: "busy", message: "The database is busy.", hint: "" })),
  );
  show();
  expect(await screen.findByRole("heading", { level: 1, name: "The policies cannot be shown" })).toBeTruthy();
});

test("who may not change them reads why", async () => {
  all = { ...all, canPropose: false, why: "Only an owner can change the policies." };
  show("/policies?view=edit");
  const button = (await screen.findByRole("button", { name: "Propose a change" })) as HTMLButtonElement;
  expect(button.getAttribute("aria-disabled")).toBe("true");
  expect(screen.getByText("Only an owner can change the policies.")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Review and sign" })).toBeNull();
});

test("a change is made with forms, its exact difference is in sight, and it is signed", async () => {
  show("/policies?view=edit");
  const sign = (await screen.findByRole("button", { name: "Review and sign" })) as HTMLButtonElement;
  expect(sign.disabled).toBe(true);
  expect(screen.getByText("Change something first; there is nothing to sign.")).toBeTruthy();

  await userEvent.click(screen.getByRole("combobox", { name: "Change Level of Code" }));
  await userEvent.click(await screen.findByRole("option", { name: "Log Changes Only" }));
  await userEvent.click(screen.getByRole("switch", { name: /Authors may approve/ }));
  await userEvent.click(
    within(screen.getByRole("group", { name: "Log Changes Only" })).getByRole("button", {
      name: "Add seats",
    }),
  );
  const preview = within(screen.getByRole("list", { name: "What you change" }));
  const lines = preview.getAllByRole("listitem").map((line) => line.textContent);
  expect(lines).toEqual([
    "Change RequestsLevel of CodeFull Software Development LifecycleLog Changes Only",
    "Change RequestsSeats for Log Changes Only1 × Approver1 × Approver and 1 × Approver",
    "Change RequestsAuthors may approve their own changenoyes",
  ]);
  expect(await barriers()).toEqual([]);

  await userEvent.click(sign);
  const dialog = within(await screen.findByRole("dialog", { name: "Sign the new policies" }));
  expect(dialog.getByText("After you, 1 other owner has to sign before this is in force.")).toBeTruthy();
  await userEvent.click(dialog.getByRole("button", { name: "Sign and propose" }));
  await waitFor(() => expect(bound.Propose).toHaveBeenCalledOnce());
  const [requests, environments] = bound.Propose.mock.lastCall ?? [];
  expect(requests?.authorMayApprove).toBe(true);
  expect(requests?.levels).toEqual([{ category: "Code", level: "Log Changes Only" }]);
  expect(requests?.rules[0]?.steps).toHaveLength(2);
  expect(environments).toEqual([all.environments[0]?.policy]);
});

test("an exception for one Change Type stands beside the rule for all", async () => {
  show("/policies?view=edit");
  const level = within(await screen.findByRole("group", { name: "Log Changes Only" }));
  await userEvent.click(level.getByRole("button", { name: "Add rule" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Major only" }));
  const preview = screen.getByRole("list", { name: "What you change" });
  expect(preview.textContent).toContain("Seats for Log Changes Only, Major onlyno rule1 × Approver");
});

test("a proposal says what it changes and who signed, and another owner signs it", async () => {
  all.pending = [
    {
      act: "abc123",
      version: 4,
      by: bo,
      at: new Date().toISOString(),
      endorsed: [bo],
      needed: 2,
      canSign: true,
      why: "",
      diff: [
        {
          policy: "Change Requests",
          what: "approvalDays",
          before: "An approval counts for 30 days.",
          after: "An approval counts for 7 days.",
        },
      ],
    },
  ];
  show();
  const proposal = within(await screen.findByRole("region", { name: "Proposed: version 4" }));
  expect(proposal.getByText("An approval counts for 7 days.")).toBeTruthy();
  expect(proposal.getByText("Signed by 1 of 2:")).toBeTruthy();
  await userEvent.click(proposal.getByRole("button", { name: "Sign" }));
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.click(dialog.getByRole("button", { name: "Sign" }));
  await waitFor(() => expect(bound.Sign).toHaveBeenCalledWith("abc123"));
});

test("what a request would need is answered with the seats, who may fill them, and why", async () => {
  show("/policies?tab=ask");
  expect(await screen.findByText("Nothing is known of what it holds.")).toBeTruthy();
  await userEvent.click(screen.getByRole("combobox", { name: "Metadata types in it" }));
  await userEvent.click(await screen.findByRole("option", { name: "ApexClass" }));
  expect(await screen.findByText("Report is Analytics.")).toBeTruthy();
  expect(screen.getByText(/Bo Approver/)).toBeTruthy();
  await userEvent.click(screen.getByRole("combobox", { name: "Deployed to" }));
  await userEvent.click(await screen.findByRole("option", { name: "Acme" }));
  expect(await screen.findByRole("region", { name: "The Deployment Record" })).toBeTruthy();
  expect(bound.WouldNeed.mock.lastCall?.[0]).toEqual({
    type: "Minor",
    types: ["ApexClass"],
    requestId: "",
    environmentId: "prod",
  });
});

test("a real Change Request is asked about, and under the draft that is written", async () => {
  Object.assign((window as unknown as { go: { app: object } }).go.app, {
    ChangeRequests: {
      List: async () => ({ items: [{ id: "cr7", label: "CR-0007", name: "Discounts" }], total: 1 }),
    },
  });
  show("/policies?view=edit");
  await userEvent.click(await screen.findByRole("button", { name: "What would it need?" }));
  await userEvent.click(await screen.findByRole("combobox", { name: "Change Request" }));
  await userEvent.click(await screen.findByRole("option", { name: "CR-0007 Discounts" }));
  await waitFor(() => expect(bound.WouldNeed.mock.lastCall?.[0].requestId).toBe("cr7"));
  expect(bound.WouldNeed.mock.lastCall?.[0].draft?.requests.name).toBe("Change Requests");
  expect(screen.queryByRole("combobox", { name: "Metadata types in it" })).toBeNull();
});

test("the draft of one workspace is not that of another", async () => {
  show("/policies?view=edit");
  await userEvent.click((await screen.findAllByRole("button", { name: /^Remove/ }))[0] as HTMLElement);
  await waitFor(() => expect(prefer.mock.calls.at(-1)?.[0]).toBe("policy-draft.w1"));
});
