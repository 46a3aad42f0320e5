import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { governance, type workspace } from "@/api/models";
import { barriers, showPages } from "@/components/testing";
import { LogPage } from "./LogPage";

const lately = "2026-03-10T10:00:00Z";
const never = "0001-01-01T00:00:00Z";

// The generated bindings are real; what they call, the object that Wails puts on the window, is answered here.
const calls = {
  Get: vi.fn(),
  Raw: vi.fn(),
  SendAgain: vi.fn(),
  GiveUp: vi.fn(),
  Cancel: vi.fn(),
  OpenStatusPage: vi.fn(),
  AddMissing: vi.fn(),
  Record: vi.fn(),
  Do: vi.fn(),
  Copy: vi.fn(),
};

beforeEach(() => {
  for (const call of Object.values(calls)) call.mockReset().mockResolvedValue({});
  const { Get, Raw, SendAgain, GiveUp, Cancel, OpenStatusPage, AddMissing, Record: One, Do, Copy } = calls;
  Object.assign(window, {
    go: {
      app: {
        DeploymentLogs: { Get, Raw, SendAgain, GiveUp, Cancel, OpenStatusPage },
        DeploymentRecords: { Get: One, AddMissing, Do },
        Settings: { Preferences: async () => ({}), Copy },
        Workspaces: { State: async () => ({ open: true, demo: true, members: [], me: "" }) },
      },
    },
  });
});

type Over = Omit<Partial<workspace.LogView>, "log"> & { log?: Partial<governance.DeploymentLog> };

function view({ log, ...over }: Over = {}): workspace.LogView {
  return {
    log: {
      id: "log",
      recordId: "dr",
      requestId: "cr",
      kind: governance.AttemptKind.Deploy,
      attempt: 3,
      progress: governance.Progress.Done,
      result: governance.Result.Failed,
      asyncId: "0Af000000000001",
      componentsTotal: 41,
      componentsDone: 41,
      componentErrors: 3,
      testsTotal: 18,
      testsDone: 18,
      testErrors: 1,
      cancelWanted: false,
      stateDetail: "",
      outcome: { failures: [], tests: [], coverage: [], warnings: [], unchanged: [], simulated: false },
      startedAt: lately,
      lastContact: lately,
      completedAt: lately,
      ...log,
    } as governance.DeploymentLog,
    word: "Failed",
    warningsSaid: [],
    record: {
      id: "dr",
      label: "DR-0017",
      name: "Discount",
      requestId: "cr",
      request: "CR-0042 Discount approval",
      target: "Production",
      targetId: "prod",
      production: true,
    } as workspace.RecordRow,
    verdict: "Nothing was changed in Production: 3 of 41 components failed and all were rolled back.",
    said: { text: "", code: "", params: {} },
    causes: [],
    coverage: [],
    orgPercent: 81,
    queue: 0,
    seconds: 130,
    workId: "",
    canCancel: false,
    canSend: false,
    canGiveUp: false,
    statusPage: false,
    content: [],
    failed: 0,
    ...over,
  };
}

const show = (log: workspace.LogView, place = "/logs/log") => {
  calls.Get.mockResolvedValue(log);
  return showPages({ "/logs/$id": LogPage }, place);
};

const failure = (name: string): governance.ComponentFailure => ({
  type: "ApexClass",
  name,
  problem: "Field Partner_Tier__c does not exist",
  line: 3,
  column: 7,
});

const failed = view({
  causes: [
    {
      problem: "Field Partner_Tier__c does not exist",
      count: 3,
      failures: ["A", "B", "C"].map(failure),
      missing: [{ action: governance.Change.Add, type: "CustomField", name: "Account.Partner_Tier__c" }],
    },
    {
      problem: "Dependent class is invalid",
      count: 1,
      failures: [failure("<img src=x onerror=alert(1)>")],
      missing: [],
    },
  ],
  content: ["ApexClass:A", "ApexClass:Z"],
  failed: 1,
});

test("the verdict in a sentence, then the causes, the first one first", async () => {
  show(failed);
  const verdict = await screen.findByRole("status", { name: "Verdict" });
  expect(verdict.textContent).toContain("Nothing was changed in Production");
  const causes = screen.getByRole("region", { name: "Failures by cause" });
  expect(causes.textContent).toMatch(
    /Partner_Tier__c does not exist3 components failed for it.*line 3, column 7.*Dependent class is invalid/,
  );
  expect(causes.textContent).toContain("<img src=x onerror=alert(1)>");
  expect(screen.getByText(/41 components · 18 tests · coverage 81 % · 2:10/)).toBeTruthy();
  expect(
    within(screen.getByRole("listbox", { name: "Components" })).getAllByRole("option")[0]?.textContent,
  ).toBe("ApexClassAFailed");
  expect(await barriers()).toEqual([]);
});

test("what a cause misses goes into the Change Request", async () => {
  calls.AddMissing.mockResolvedValue({ label: "CR-0042", request: { id: "cr" } });
  show(failed);
  await userEvent.click(await screen.findByRole("button", { name: "Add to Change Request" }));
  const dialog = await screen.findByRole("dialog", { name: "Add to Change Request" });
  await userEvent.type(within(dialog).getByLabelText(/Reason/), "Needed");
  await userEvent.click(within(dialog).getByRole("button", { name: "Add to Change Request" }));
  expect(calls.AddMissing).toHaveBeenCalledWith("dr", failed.causes[0]?.missing, "Needed");
});

test("Mend and repeat names the ways, and a way that is closed says why", async () => {
  calls.Record.mockResolvedValue({
    digest: "h1:d",
    actions: [
      { action: "reopen", allowed: false, why: "Only its authors reopen it.", needsReason: false, step: 0 },
    ],
    steps: [{ code: "deploy", allowed: true, why: "", remedy: "" }],
  });
  show(failed);
  await userEvent.click(await screen.findByRole("button", { name: "Mend and repeat" }));
  const dialog = await screen.findByRole("dialog", { name: "Mend and repeat" });
  const reopen = await within(dialog).findByRole<HTMLButtonElement>("button", { name: "Reopen DR-0017" });
  expect(reopen.getAttribute("aria-disabled")).toBe("true");
  expect(dialog.textContent).toContain("Only its authors reopen it.");
  expect(within(dialog).getByRole("button", { name: "Add to Change Request" })).toBeTruthy();
  await userEvent.click(within(dialog).getByRole("button", { name: "Go to the step" }));
  expect(await screen.findByText("At /deployments/dr")).toBeTruthy();
});

test("failing tests come with message and stack, and simulated ones are said to be simulated", async () => {
  show(
    view({
      log: {
        outcome: {
          failures: [],
          tests: [
            {
              class: "DiscountTest",
              method: "rounds",
              message: "Expected 1, was 2",
              stack: "Class.DiscountTest.rounds: line 9",
            },
          ],
          coverage: [],
          warnings: ["A warning"],
          unchanged: ["Profile:Admin"],
          simulated: true,
        },
      },
    }),
  );
  expect(await screen.findByText("DiscountTest.rounds")).toBeTruthy();
  expect(screen.getByText("Expected 1, was 2")).toBeTruthy();
  expect(screen.getByText("Class.DiscountTest.rounds: line 9")).toBeTruthy();
  expect(screen.getByText("17 tests passed")).toBeTruthy();
  expect(screen.getByText(/^Simulated: a demo org cannot run Apex/)).toBeTruthy();
  expect(screen.getByText("1 component was accepted, but is not in the org as it was sent")).toBeTruthy();
  expect(await barriers()).toEqual([]);
});

test("coverage says how many lines are still needed", async () => {
  show(
    view({
      coverage: [
        { name: "Discount", type: "Class", locations: 40, uncovered: 12, percent: 70, needed: 2 },
        { name: "Fine", type: "Class", locations: 10, uncovered: 0, percent: 100, needed: 0 },
      ],
    }),
  );
  const rows = (await screen.findAllByRole("row")).slice(1).map((r) => r.textContent);
  expect(rows).toEqual([
    expect.stringMatching(/^Discount.*12 of 40.*2 more lines$/),
    expect.stringMatching(/^Fine.*Enough$/),
  ]);
  expect(await barriers()).toEqual([]);
});

test("the raw answer comes in parts and can be copied", async () => {
  calls.Raw.mockImplementation(async (_: string, offset: number) =>
    offset === 0 ? { text: '{"a":', next: 5, total: 7 } : { text: "1}", next: 0, total: 7 },
  );
  show(view(), "/logs/log?tab=raw");
  expect(await screen.findByText('{"a":')).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Show the next part" }));
  expect(await screen.findByText('{"a":1}')).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Copy" }));
  expect(calls.Copy).toHaveBeenCalledWith('{"a":1}');
  expect(await barriers()).toEqual([]);
});

test("an attempt that the org does not show says what is known; giving up asks once more", async () => {
  show(
    view({
      log: { progress: governance.Progress.Unknown, result: governance.Result.None, completedAt: never },
      canSend: true,
      canGiveUp: true,
      waits: {
        code: "unknown",
        message: "Production does not list the attempt.",
        hint: "Look at its deployment status.",
      },
    }),
  );
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("Production does not list the attempt.");
  expect(screen.queryByRole("button", { name: "Mend and repeat" })).toBeNull();
  await userEvent.click(within(alert).getByRole("button", { name: "Give Up" }));
  expect(calls.GiveUp).not.toHaveBeenCalled();
  const dialog = await screen.findByRole("dialog", { name: "Give Up" });
  expect(dialog.textContent).toContain("does not appear in the deployment status of Production");
  await userEvent.click(within(dialog).getByRole("button", { name: "Give Up" }));
  expect(calls.GiveUp).toHaveBeenCalledWith("log");
});

test("an attempt whose sign-in was lost leads to the sign-in, and goes on without sending anything again", async () => {
  show(
    view({
      log: { progress: governance.Progress.Running, result: governance.Result.None, completedAt: never },
      canSend: true,
      waits: {
        code: "signin_unknown",
        message: "The answer never came.",
        hint: "Sign in with Salesforce again. Nothing else is lost.",
      },
    }),
  );
  const alert = within(await screen.findByRole("alert"));
  expect(alert.getByText("This attempt is not followed any more")).toBeTruthy();
  expect(alert.getByText(/^Sign in with Salesforce again/)).toBeTruthy();
  expect(alert.getByText(/nothing is sent a second time/)).toBeTruthy();
  expect(alert.getByRole("link", { name: "To the sign-in of Production" }).getAttribute("href")).toContain(
    "/environments/prod?tab=connection",
  );
  expect(alert.queryByRole("button", { name: "Send Again" })).toBeNull();
  await userEvent.click(alert.getByRole("button", { name: "Go on" }));
  expect(calls.SendAgain).toHaveBeenCalledWith("log");
});

test("Salesforce's own page opens in the browser where there is one", async () => {
  show(view({ statusPage: true }));
  await userEvent.click(await screen.findByRole("button", { name: "Open in Salesforce" }));
  expect(calls.OpenStatusPage).toHaveBeenCalledWith("log");
});

test("of many failures only those that fit into the causes are marked in the content", async () => {
  show({ ...failed, causes: [], content: ["ApexClass:B", "ApexClass:C", "ApexClass:A"], failed: 2 });
  await userEvent.click(await screen.findByRole("tab", { name: /Components/ }));
  const rows = within(await screen.findByRole("listbox")).getAllByRole("option");
  expect(rows.map((r) => r.textContent)).toEqual([
    expect.stringMatching(/B.*Failed/i),
    expect.stringMatching(/C.*Failed/i),
    expect.not.stringMatching(/Failed/i),
  ]);
});
