import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { governance, scan, workspace } from "@/api/models";
import { actionsShown } from "@/components/page-actions";
import { barriers, showPages } from "@/components/testing";
import { ana, dee, lately, never, next, recordView, steps } from "./fixtures";
import { RecordPage } from "./RecordPage";

const { StepCode, StepState } = workspace;

// The generated bindings are real; what they call, the object that Wails puts on the window, is answered here.
const calls = {
  Get: vi.fn(),
  Do: vi.fn(),
  Start: vi.fn(),
  RunScan: vi.fn(),
  Save: vi.fn(),
  Compare: vi.fn(),
  Dependencies: vi.fn(),
  AddMissing: vi.fn(),
  TestConnection: vi.fn(),
  SaveCredentials: vi.fn(),
  Works: vi.fn(),
  Log: vi.fn(),
  Cancel: vi.fn(),
};

beforeEach(() => {
  for (const call of Object.values(calls)) call.mockReset().mockResolvedValue({});
  calls.Works.mockResolvedValue([]);
  const { Get, Do, Start, RunScan, Save, Compare, Dependencies, AddMissing } = calls;
  const { TestConnection, SaveCredentials, Works, Log, Cancel } = calls;
  Object.assign(window, {
    go: {
      app: {
        DeploymentRecords: { Get, Do, Start, RunScan, Save, Compare, Dependencies, AddMissing },
        DeploymentLogs: { Get: Log, Cancel },
        Environments: {
          TestConnection,
          SaveCredentials,
          List: async () => [recordView().source, recordView().target],
        },
        Home: { Works },
        Settings: { Preferences: async () => ({}) },
        Workspaces: {
          State: async () => ({ open: true, demo: true, solo: false, members: [ana, dee], me: "dee" }),
        },
      },
    },
  });
});

const pages = { "/deployments/$id": RecordPage };
const show = (view: workspace.RecordView, place = "/deployments/dr") => {
  calls.Get.mockResolvedValue(view);
  return showPages(pages, place);
};

test("it says from where to where, the one next thing, and the eight steps with their buttons", async () => {
  show(recordView());
  expect(await screen.findByRole("heading", { level: 1, name: "Discount to Production" })).toBeTruthy();
  expect(screen.getByRole("group", { name: "From UAT to Production" })).toBeTruthy();
  const bar = screen.getByRole("status", { name: "What happens next" });
  expect(bar.textContent).toContain("Validate the customizations.");
  const list = screen.getByRole("list", { name: "Steps" });
  expect(within(list).getAllByRole("listitem")).toHaveLength(8);
  for (const name of [
    "Test Connection",
    "Run Scan",
    "Retrieve Selected Customizations",
    "Check Dependencies",
    "Validate Customizations",
    "Deploy Retrieved Customizations",
  ])
    expect(within(list).getByRole("button", { name }), name).toBeTruthy();
  expect(await barriers()).toEqual([]);

  await userEvent.click(within(bar).getByRole("button", { name: "Validate Customizations" }));
  expect(calls.Start).toHaveBeenCalledWith("dr", "validate", "");
});

test("what cannot be done says why, what mends it and who, and does nothing when it is pressed", async () => {
  show(
    recordView({
      steps: steps({
        [StepCode.Validate]: {
          allowed: false,
          why: "Dee is named to deploy.",
          remedy: "Let Dee do it.",
          who: [dee],
        },
      }),
    }),
  );
  const button = await screen
    .findByRole("button", { name: "Validate Customizations", description: "" })
    .catch(() => null);
  const all = screen.getAllByRole("button", { name: "Validate Customizations" });
  const closed = all.find((b) => b.getAttribute("aria-disabled") === "true");
  expect(button ?? closed).toBeTruthy();
  expect(screen.getByText(/Dee is named to deploy/, { selector: ":not([hidden])" }).textContent).toContain(
    "Let Dee do it.",
  );
  await userEvent.click(closed as HTMLElement);
  expect(calls.Start).not.toHaveBeenCalled();
});

test("production is deployed to only after its name was typed", async () => {
  show(recordView({ next: next("Deploy to Production.", "deploy") }));
  const bar = await screen.findByRole("status", { name: "What happens next" });
  await userEvent.click(within(bar).getByRole("button", { name: "Deploy Retrieved Customizations" }));
  const dialog = await screen.findByRole("dialog", { name: "Deploy changes to Production" });
  const sign = within(dialog).getByRole<HTMLButtonElement>("button", { name: "Deploy Changes" });
  expect(dialog.textContent).toContain("DR-0017 Discount to Production");
  expect(within(dialog).queryByLabelText(/Comment/)).toBeNull();
  expect(sign.disabled).toBe(true);
  await userEvent.type(within(dialog).getByLabelText("Type Production to confirm"), "Production");
  expect(await barriers()).toEqual([]);
  await userEvent.click(sign);
  expect(calls.Start).toHaveBeenCalledWith("dr", "deploy", "Production");
});

test("Reopen is signed with what was looked at", async () => {
  calls.Do.mockResolvedValue(recordView({}, governance.Status.InProgress));
  show(recordView());
  await userEvent.click((await screen.findAllByRole("button", { name: "Reopen" }))[0] as HTMLElement);
  const dialog = await screen.findByRole("dialog", { name: "Reopen" });
  expect(dialog.textContent).toContain("Its approvals end");
  await userEvent.type(within(dialog).getByLabelText(/Comment/), "More to come");
  await userEvent.click(within(dialog).getByRole("button", { name: "Reopen" }));
  expect(calls.Do).toHaveBeenCalledWith("dr", {
    action: "reopen",
    reason: "More to come",
    seen: recordView().digest,
  });
});

test("the scan opens to what would change, with the difference by meaning", async () => {
  calls.Compare.mockResolvedValue({
    notesSaid: [],
    found: {
      items: [
        {
          action: governance.Change.Change,
          type: "CustomField",
          name: "Account.Tier__c",
          state: scan.State.Changed,
          sourceBy: "Ana",
          sourceAt: lately,
          targetBy: "",
          targetAt: never,
          changes: [{ path: "label", kind: "changed", before: "Tier", after: "<b>Level</b>" }],
        },
        {
          action: governance.Change.Add,
          type: "ApexClass",
          name: "Discount",
          state: scan.State.New,
          sourceBy: "",
          sourceAt: never,
          targetBy: "",
          targetAt: never,
          changes: [],
        },
      ],
      new: 1,
      changed: 1,
      same: 0,
      missingInSource: 0,
      deleted: 0,
      added: [],
      apiVersion: "68.0",
      notes: [],
      sourceAt: lately,
      targetAt: lately,
    } satisfies scan.Comparison,
  });
  show(recordView({ steps: steps({ [StepCode.Scan]: { state: StepState.Done, allowed: false } }) }));
  await userEvent.click(await screen.findByRole("button", { name: /2 Scan/ }));
  const list = await screen.findByRole("listbox", { name: "Compared customizations" });
  expect(
    within(list)
      .getAllByRole("option")
      .map((o) => o.textContent),
  ).toEqual([expect.stringContaining("Account.Tier__c"), expect.stringContaining("Discount")]);
  expect(screen.getByRole("region", { name: "What differs in Account.Tier__c" }).textContent).toContain(
    "<b>Level</b>",
  );
  expect(await barriers()).toEqual([]);
  list.focus();
  await userEvent.keyboard("j{Enter}");
  expect(screen.getByText("It is not in the target yet: all of it is new.")).toBeTruthy();
  await userEvent.click(screen.getByRole("radio", { name: "Changed 1" }));
  expect(
    within(screen.getByRole("listbox", { name: "Compared customizations" })).getAllByRole("option"),
  ).toHaveLength(1);
});

test("what is missing comes first and goes into the request in one step, with a reason", async () => {
  calls.Dependencies.mockResolvedValue({
    known: true,
    current: true,
    total: 1,
    left: 0,
    counts: [{ in: scan.Where.Missing, count: 1 }],
    answer: {
      items: [
        {
          from: { type: "ApexClass", name: "Discount" },
          to: { type: "CustomField", name: "Account.Tier__c" },
          in: scan.Where.Missing,
          found: ["parsed"],
          where: "line 3",
          kind: "field",
        },
      ],
      missing: [{ action: governance.Change.Add, type: "CustomField", name: "Account.Tier__c" }],
      checkedAt: lately,
      truncated: false,
      notCovered: [],
      notes: [],
    },
    notesSaid: [],
  } satisfies workspace.DependencyAnswer);
  calls.AddMissing.mockResolvedValue({ label: "CR-0042", request: { id: "cr" } });
  show(recordView({ steps: steps({ [StepCode.Dependencies]: { state: StepState.Done, warning: true } }) }));
  await userEvent.click(await screen.findByRole("button", { name: /5 Dependencies/ }));
  expect(await screen.findByText("1 customization is missing in the target")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Add to Change Request" }));
  const dialog = await screen.findByRole("dialog", { name: "Add to Change Request" });
  const add = within(dialog).getByRole<HTMLButtonElement>("button", { name: "Add to Change Request" });
  expect(add.disabled).toBe(true);
  await userEvent.type(within(dialog).getByLabelText(/Reason/), "The class needs it");
  await userEvent.click(add);
  expect(calls.AddMissing).toHaveBeenCalledWith(
    "dr",
    [{ action: "add", type: "CustomField", name: "Account.Tier__c" }],
    "The class needs it",
  );
  expect(await screen.findByText(/^At \/change-requests\/cr/)).toBeTruthy();
});

test("credentials are never filled in, and are saved for one environment", async () => {
  show(recordView({ source: { ...recordView().source, hasCredentials: false } }));
  await userEvent.click(await screen.findByRole("button", { name: /1 Environments/ }));
  const form = await screen.findByRole("form", { name: "Credentials for UAT" });
  const password = within(form).getByLabelText<HTMLInputElement>(/^Password/);
  expect([...form.querySelectorAll("input")].map((i) => i.value)).toEqual(["", "", ""]);
  expect(await barriers()).toEqual([]);
  await userEvent.type(password, "secret");
  await userEvent.type(within(form).getByLabelText(/Security token/), "token");
  await userEvent.click(within(form).getByRole("button", { name: "Save Credentials" }));
  expect(calls.SaveCredentials).toHaveBeenCalledWith("uat", {
    password: "secret",
    token: "token",
    consumerSecret: "",
  });
  await waitFor(() => expect(password.value).toBe(""));
});

test("a running validation shows its numbers, its place and Cancel, and says that the window may be closed", async () => {
  calls.Log.mockResolvedValue({
    log: {
      id: "log",
      attempt: 2,
      kind: "validate",
      progress: "running",
      result: "",
      cancelWanted: false,
      stateDetail: "PartnerDiscountTest",
      componentsTotal: 60,
      componentsDone: 41,
      componentErrors: 0,
      testsTotal: 18,
      testsDone: 3,
      testErrors: 1,
      startedAt: new Date(Date.now() - 84_000).toISOString(),
      lastContact: new Date().toISOString(),
    },
    record: { id: "dr", production: true },
    queue: 0,
    canCancel: true,
  });
  calls.Works.mockResolvedValue([
    {
      id: "w",
      kind: "validate",
      subject: "dr",
      logId: "log",
      endedAt: never,
      startedAt: lately,
      heardAt: never,
    },
  ]);
  show(
    recordView({
      next: next("It is under way, and this window may be closed."),
      steps: steps({
        [StepCode.Validate]: { state: StepState.Running, logId: "log", workId: "w", allowed: false },
      }),
      logs: [
        {
          id: "log",
          attempt: 2,
          kind: governance.AttemptKind.Validate,
          word: "Validation In Progress",
          active: true,
          result: governance.Result.None,
          said: { text: "", code: "", params: {} },
          message: "",
          by: dee,
          startedAt: lately,
          completedAt: never,
        },
      ],
    }),
  );
  expect(await screen.findByText("41 of 60")).toBeTruthy();
  expect(screen.getByText(/3 of 18/).textContent).toContain("1 error");
  expect(screen.getByText(/PartnerDiscountTest · 1:\d\d so far · heard \d+ s ago/)).toBeTruthy();
  expect(screen.getAllByText(/You can close the window/).length).toBeGreaterThan(0);
  expect(await barriers()).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  expect(calls.Cancel).toHaveBeenCalledWith("log");
});

test("a draft is edited in place", async () => {
  calls.Save.mockResolvedValue(recordView({}, governance.Status.InProgress));
  show(recordView({}, governance.Status.InProgress), "/deployments/dr?tab=details");
  const name = await screen.findByLabelText<HTMLInputElement>(/^Name/);
  const save = screen.getByRole<HTMLButtonElement>("button", { name: "Save" });
  expect(save.disabled).toBe(true);
  await userEvent.clear(name);
  await userEvent.type(name, "Another name");
  await userEvent.click(screen.getByRole("checkbox", { name: "Ignore warnings" }));
  expect(await barriers()).toEqual([]);
  await userEvent.click(save);
  expect(calls.Save).toHaveBeenCalledWith(
    "dr",
    expect.objectContaining({
      name: "Another name",
      options: expect.objectContaining({ ignoreWarnings: true, rollbackOnError: true }),
    }),
  );
});

test("a scan that ends while somebody types leaves what they typed", async () => {
  const draft = recordView({}, governance.Status.InProgress);
  const { client } = show(draft, "/deployments/dr?tab=details");
  const name = await screen.findByLabelText<HTMLInputElement>(/^Name/);
  await userEvent.type(name, " 2");
  calls.Get.mockResolvedValue({ ...draft, record: { ...draft.record, updatedAt: "2027-01-01T00:00:00Z" } });
  await client.invalidateQueries();
  expect(screen.getByLabelText<HTMLInputElement>(/^Name/)).toBe(name);
  expect(name.value).toBe(`${draft.record.name} 2`);
});

test("a record that cannot be read says so, and trying again asks again", async () => {
  calls.Get.mockRejectedValueOnce(
    new Error('{"code":"not_found","message":"There is no such record.","hint":"Go back."}'),
  );
  showPages(pages, "/deployments/dr");
  expect((await screen.findByRole("alert")).textContent).toContain("There is no such record.");
  calls.Get.mockResolvedValue(recordView());
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("heading", { level: 1, name: "Discount to Production" })).toBeTruthy();
});

test("Escape closes the confirmation and leaves the record too", async () => {
  show(recordView(), "/deployments/dr");
  await userEvent.click(await screen.findByRole("button", { name: "Deploy Retrieved Customizations" }));
  await screen.findByRole("dialog");
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(screen.getByRole("heading", { level: 1, name: "Discount to Production" })).toBeTruthy();
});

test("everything that can be done with a record has its words, and its keys or why not", async () => {
  show(recordView({ steps: steps({ [StepCode.Retrieve]: { allowed: false, why: "It is not approved." } }) }));
  await screen.findByRole("heading", { level: 1 });
  const known = new Map(actionsShown().map((a) => [a.words, a]));
  for (const words of [
    "Test Connection",
    "Run Scan",
    "Submit for Approval",
    "Approve",
    "Recall",
    "Retrieve Selected Customizations",
    "Check Dependencies",
    "Validate Customizations",
    "Deploy Retrieved Customizations",
    "Complete",
    "Reopen",
  ])
    expect(known.has(words), words).toBe(true);
  await userEvent.keyboard("{Control>}{Shift>}S{/Shift}{/Control}");
  await waitFor(() => expect(calls.RunScan).toHaveBeenCalledTimes(1));
  await userEvent.keyboard("{Control>}{Shift>}R{/Shift}{/Control}");
  expect(
    await screen.findByText("It is not approved.", { selector: ".mantine-Notification-description" }),
  ).toBeTruthy();
  expect(calls.Start).not.toHaveBeenCalled();
});

test("a quick deploy is offered after its time is over", async () => {
  show(
    recordView({
      quickUntil: lately,
      steps: steps({ [StepCode.Deploy]: { state: StepState.Now } }),
    }),
  );
  await screen.findByRole("heading", { level: 1 });
  expect(screen.queryByRole("button", { name: "Quick Deploy" })).toBeNull();
});

test("the link to a difference leads to no customization of the review", async () => {
  calls.Compare.mockResolvedValue({
    found: {
      items: [
        {
          type: "ApexClass",
          name: "A",
          state: scan.State.New,
          changes: [],
          sourceBy: "",
          sourceAt: never,
          targetBy: "",
          targetAt: never,
        },
      ],
      notes: [],
      new: 1,
      changed: 0,
      same: 0,
      missingInSource: 0,
      deleted: 0,
      sourceAt: lately,
      targetAt: lately,
      apiVersion: "68.0",
    },
    notesSaid: [],
  });
  show(recordView({ steps: steps({ [StepCode.Scan]: { state: StepState.Failed } }) }));
  const link = await screen.findByRole("link", { name: /text/i });
  expect(decodeURIComponent(link.getAttribute("href") ?? "")).toContain("item=ApexClass/A");
});

test("of a long history everything is drawn at once", async () => {
  Object.assign((window as unknown as { go: { app: Record<string, unknown> } }).go.app, {
    ChangeRequests: {
      Activity: async () =>
        Array.from({ length: 150 }, (_, i) => ({
          id: `h${i}`,
          text: `Event ${i}.`,
          said: { text: `Event ${i}.`, code: "", params: {} },
          at: lately,
          reason: "",
          digest: "",
          signed: false,
        })),
    },
  });
  show(recordView(), "/deployments/dr?tab=activity");
  await screen.findByText("Event 59.");
  expect(screen.queryByText("Event 60.")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Show 90 older" }));
  expect(screen.getByText("Event 100.")).toBeTruthy();
});
