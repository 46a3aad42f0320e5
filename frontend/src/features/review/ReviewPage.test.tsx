import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { governance, scan, type workspace } from "@/api/models";
import { barriers, showPages } from "@/components/testing";
import { ReviewPage } from "./ReviewPage";

const never = "0001-01-01T00:00:00Z";
const al = { id: "al", name: "Alma Approver", roles: ["approver"] };
const rita = { id: "rita", name: "Rita Requester", roles: ["requester"] };
const digest = "h1:9f3a77c01d2be4f5a60718293a4b5c6d";

const item = (over: Partial<scan.Item>): scan.Item => ({
  type: "CustomField",
  name: "Account.Region__c",
  action: governance.Change.Change,
  state: scan.State.Changed,
  sourceBy: "Rita Requester",
  sourceAt: "2026-03-01T10:00:00Z",
  targetBy: "Otto Operations",
  targetAt: "2026-01-01T10:00:00Z",
  changes: [],
  ...over,
});

const change = (path: string, before: string, after: string, kind = "changed") => ({
  path,
  kind,
  before,
  after,
});

let items: scan.Item[];
let actions: governance.ActionState[];
let status: governance.Status;
let waiting: Partial<workspace.Task>[];
let kept: Record<string, string>;
let round: number;
let happened: Partial<workspace.Happening>[];
let seats: Partial<workspace.Seats>;
let now: string;
let me: string;
const done = vi.fn();
const compare = vi.fn();

const may = (action: governance.Action, why = ""): governance.ActionState => ({
  action,
  allowed: why === "",
  why,
  needsReason: action === governance.Action.Reject,
  step: 0,
});

const environment = (id: string, name: string, production: boolean) => ({
  environment: { id, name, kind: governance.EnvironmentKind.Demo },
  production,
});

const shared = () => ({
  authors: [rita],
  actions,
  next: { code: "vote", sentence: "Review it, and approve or reject it.", action: "approve", who: [] },
  seats: {
    rule: "Two approvers.",
    seats: [{ step: 0, role: "approver", at: never, reason: "", may: [al] }],
    refused: [],
    expires: never,
    expired: false,
    filled: false,
    expected: false,
    ...seats,
  },
  trouble: [],
  reason: "",
  digest: now,
  count: items.length,
});

const recordView = () => ({
  ...shared(),
  record: {
    id: "dr1",
    name: "To production",
    status,
    round,
    whole: true,
    options: { testLevel: "RunLocalTests", rollbackOnError: true },
  },
  label: "DR-0017",
  request: { id: "cr1", label: "CR-0042", name: "Discounts" },
  source: environment("uat", "Demo UAT", false),
  target: environment("prod", "Demo Production", true),
  production: true,
  steps: [],
  logs: [],
});

const requestView = () => ({
  ...shared(),
  request: {
    id: "cr1",
    name: "Discounts",
    overview: "Gold partners get 18 %.",
    type: "Minor",
    supportingText: "Agreed with finance.",
    externalLink: "",
    externalNumber: "SALES-412",
    attachments: [{ name: "finance.pdf", sha256: "", size: 84_211 }],
    changeSets: [],
    manifests: [{ name: "package.xml", apiVersion: "62.0", members: [{ type: "Flow", names: ["*"] }] }],
    status,
    round,
  },
  label: "CR-0042",
  checks: [],
  records: [],
});

beforeEach(() => {
  me = "al";
  items = [
    item({
      changes: [
        change("length", "80", "255"),
        change(
          "valueSet.value[Gold]",
          "",
          "<value><fullName>Gold</fullName><label>Gold partner</label></value>",
          "added",
        ),
      ],
    }),
    item({
      type: "Flow",
      name: "Discount",
      changes: [change("status", "Draft", "Active")],
      targetAt: "2026-03-02T10:00:00Z",
    }),
    item({ type: "ApexClass", name: "Discounts", state: scan.State.New, action: governance.Change.Add }),
  ];
  actions = [may(governance.Action.Approve), may(governance.Action.Reject)];
  status = governance.Status.PendingApproval;
  waiting = [];
  kept = {};
  round = 1;
  happened = [];
  seats = {};
  now = digest;
  done.mockReset();
  done.mockResolvedValue({});
  compare.mockReset();
  compare.mockImplementation(async () => ({
    notesSaid: [],
    found: {
      items,
      new: 1,
      changed: 2,
      same: 0,
      missingInSource: 0,
      deleted: 0,
      added: [],
      notes: [],
      sourceAt: never,
      targetAt: never,
    },
  }));
  const content = async () => ({
    items: items.map(({ type, name, action }) => ({
      type,
      name,
      action,
      category: "Code",
      level: "Change Request",
      exists: true,
      manifest: "",
      by: "Rita Requester",
      at: "2026-03-01T10:00:00Z",
      package: "",
    })),
    total: items.length,
    types: [],
  });
  const go = {
    Workspaces: {
      State: async () => ({
        open: true,
        name: "Demo",
        demo: true,
        members: [al, rita],
        me,
        doubts: [],
        entries: 3,
        checked: never,
        keychain: { works: true },
      }),
    },
    Home: {
      Today: async () => ({ waiting, running: [], failed: [], expiring: [], drafts: [] }),
      Works: async () => [],
    },
    Settings: {
      Preferences: async () => kept,
      About: async () => ({ version: "1" }),
      Prefer: async (key: string, value: string) => {
        kept[key] = value;
      },
    },
    ChangeRequests: {
      Get: async () => requestView(),
      Content: content,
      Impact: async () => ({ levels: [], others: [], missing: [], checkedAt: never, checkedOn: "" }),
      Activity: async () => happened,
      Do: done,
    },
    DeploymentRecords: {
      Get: async () => recordView(),
      Compare: compare,
      Content: content,
      Dependencies: async () => ({
        known: true,
        current: true,
        counts: [{ in: "target", count: 24 }],
        answer: {
          items: [],
          missing: [{ type: "CustomField", name: "Account.Tier__c", action: "add" }],
          checkedAt: never,
          notCovered: [],
          notes: [],
        },
      }),
      Sides: async () => [
        { path: "classes/Discounts.cls", before: "", after: "class Discounts {}", binary: false, cut: false },
      ],
      Do: done,
    },
  };
  Object.assign(window, { go: { app: go } });
  // jsdom lays nothing out and loads no fonts; the lists draw what a window of this size would show.
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, value: 600 });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, value: 1000 });
  Object.defineProperty(document, "fonts", { configurable: true, value: new EventTarget() });
});

const show = (place = "/deployments/dr1/review") =>
  showPages({ "/deployments/$id/review": ReviewPage, "/change-requests/$id/review": ReviewPage }, place);
const tree = () => screen.findByRole("tree", { name: "Customizations by type" });
const press = (key: string) => userEvent.keyboard(key);

test("a record's review says what deploying means, what is missing and whom it waits for", async () => {
  show();

  const rows = within(await tree()).getAllByRole("treeitem");
  expect(rows.map((row) => row.getAttribute("aria-label"))).toEqual([
    "The deployment",
    "ApexClass 1 customization",
    "Discounts, New",
    "CustomField 1 customization",
    "Account.Region__c, Changed",
    "Flow 1 customization",
    "Discount, Changed",
  ]);
  expect(screen.getByText("In Demo Production, deploying means: 1 new, 2 changed.")).toBeTruthy();
  expect(screen.getByText(/1 customization was changed in Demo Production after its source/)).toBeTruthy();
  expect(await screen.findByText("1 customization is missing.")).toBeTruthy();
  expect(screen.getByText("Account.Tier__c")).toBeTruthy();
  expect(screen.getByText("Waiting for Alma Approver")).toBeTruthy();
  expect(await barriers()).toEqual([]);
});

test("n walks to a difference by meaning, v marks it as viewed and goes on, and the mark is kept for this content", async () => {
  const { unmount } = show();
  await tree();

  await press("n");
  expect(await screen.findByRole("heading", { name: "Discounts" })).toBeTruthy();
  await press("n");
  expect(await screen.findByRole("heading", { name: "Account.Region__c" })).toBeTruthy();
  const table = screen.getByRole("table", { name: "By meaning" });
  expect(
    within(table)
      .getAllByRole("row")
      .slice(1)
      .map((row) => row.textContent),
  ).toEqual([
    "Length80255",
    expect.stringMatching(/^Value set.*Value Gold.*Not there.*Full name: Gold.*Label: Gold partner$/),
  ]);
  expect(await barriers()).toEqual([]);

  await press("v");
  expect(await screen.findByRole("heading", { name: "Discount" })).toBeTruthy();
  expect(screen.getByText(/Otto Operations changed it in Demo Production after the source/)).toBeTruthy();
  expect(screen.getByText("1 of 3 viewed")).toBeTruthy();
  await press("p");
  expect(await screen.findByRole("button", { name: /Viewed/, pressed: true })).toBeTruthy();
  unmount();

  show();
  expect(await screen.findByText("1 of 3 viewed")).toBeTruthy();
});

test("content that is another by now is not viewed", async () => {
  kept["viewed.al.dr1"] = "h1:before 3 Bw==";
  show();
  await tree();
  expect(screen.getByText("0 of 3 viewed")).toBeTruthy();
});

test("approving names digest, target and person, and then leads to the next thing that waits", async () => {
  waiting = [
    { kind: "record", id: "dr1", label: "DR-0017", code: "vote", name: "", sentence: "", at: never },
    { kind: "request", id: "cr9", label: "CR-0044", code: "vote", name: "Leads", sentence: "", at: never },
  ];
  show();
  await tree();

  await press("a");
  const dialog = await screen.findByRole("dialog", { name: "Approve DR-0017" });
  expect(dialog.textContent).toContain("9f3a77c01d2be4f5a60718293a4b5c6d");
  expect(dialog.textContent).toContain("Demo Production");
  expect(dialog.textContent).toContain("Alma Approver");
  expect(dialog.textContent).toContain("3 of 3 customizations are not marked as viewed.");
  await press("{Control>}{Enter}{/Control}");

  await waitFor(() =>
    expect(done).toHaveBeenCalledExactlyOnceWith("dr1", { action: "approve", reason: "", seen: digest }),
  );
  expect(await screen.findByText(/You approved DR-0017/)).toBeTruthy();
  const next = await screen.findByRole("link", { name: "Next for you: CR-0044" });
  expect(next.getAttribute("href")).toContain("/change-requests/cr9/review");
});

test("a second approver on the same page decides for themselves", async () => {
  const { client } = show();
  await tree();
  await press("a");
  const dialog = await screen.findByRole("dialog", { name: "Approve DR-0017" });
  await userEvent.click(within(dialog).getByRole("button", { name: "Approve" }));
  expect(await screen.findByText(/You approved DR-0017/)).toBeTruthy();
  me = "rita";
  await client.invalidateQueries();
  expect(await screen.findByRole("button", { name: "Approve" })).toBeTruthy();
  expect(screen.queryByText(/You approved DR-0017/)).toBeNull();
});

test("each member has marks of their own, and after a decision they go", async () => {
  kept["viewed.rita.dr1"] = `${digest} 3 Bw==`;
  const first = show();
  await tree();
  expect(screen.getByText("0 of 3 viewed")).toBeTruthy();
  first.unmount();
  expect(kept["viewed.rita.dr1"]).not.toBe("");
  me = "rita";
  status = governance.Status.Approved;
  const second = show();
  await tree();
  expect(await screen.findByText("3 of 3 viewed")).toBeTruthy();
  second.unmount();
  await waitFor(() => expect(kept["viewed.rita.dr1"]).toBe(""));
});

test("a rejection needs a reason", async () => {
  show();
  await tree();

  await press("r");
  const dialog = await screen.findByRole("dialog", { name: "Reject DR-0017" });
  expect(within(dialog).getByRole<HTMLButtonElement>("button", { name: "Reject" }).disabled).toBe(true);
  await userEvent.type(
    within(dialog).getByRole("textbox", { name: /What has to change/ }),
    "No error message.",
  );
  await press("{Control>}{Enter}{/Control}");
  await waitFor(() =>
    expect(done).toHaveBeenCalledWith("dr1", { action: "reject", reason: "No error message.", seen: digest }),
  );
});

test("an author reads why they cannot approve, and can recall", async () => {
  actions = [
    may(governance.Action.Approve, "You wrote this change."),
    may(governance.Action.Reject, "You wrote this change."),
    may(governance.Action.Recall),
  ];
  show();
  await tree();

  const approve = screen.getByRole("button", { name: "Approve" });
  expect(approve.getAttribute("aria-disabled")).toBe("true");
  expect(screen.getByText("You wrote this change.")).toBeTruthy();
  await userEvent.click(approve);
  await press("a");
  expect(screen.queryByRole("dialog")).toBeNull();

  await userEvent.click(screen.getByRole("button", { name: "Recall" }));
  const dialog = await screen.findByRole("dialog", { name: "Recall DR-0017" });
  await userEvent.click(within(dialog).getByRole("button", { name: "Recall" }));
  await waitFor(() =>
    expect(done).toHaveBeenCalledWith("dr1", { action: "recall", reason: "", seen: digest }),
  );
});

const busy = async () => {
  throw new Error(JSON.stringify({ code: "busy", message: "The database is busy.", hint: "" }));
};
type Bound = { go: { app: Record<"ChangeRequests" | "DeploymentRecords", object> } };

test("a review that cannot be read has its fault as its heading", async () => {
  Object.assign((window as unknown as Bound).go.app.DeploymentRecords, { Get: busy });
  show();
  expect(await screen.findByRole("heading", { level: 1, name: "The review could not be read" })).toBeTruthy();
  expect(screen.getByRole("alert").textContent).toContain("The database is busy.");
});

test("a reading in the background that fails leaves the question and its reason, with the fault beside it", async () => {
  for (const [place, facade] of [
    ["/deployments/dr1/review", "DeploymentRecords"],
    ["/change-requests/cr1/review", "ChangeRequests"],
  ] as const) {
    const { client, unmount } = show(place);
    await tree();
    await userEvent.click(screen.getByRole("button", { name: "Reject" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByRole("textbox"), "Too short");
    Object.assign((window as unknown as Bound).go.app[facade], { Get: busy });
    await client.invalidateQueries();
    expect((await screen.findByText("The database is busy.")).closest("main")).toBeTruthy();
    expect(within(screen.getByRole("dialog")).getByDisplayValue("Too short")).toBeTruthy();
    unmount();
  }
});

test("an expired approval offers its author to reopen", async () => {
  status = governance.Status.Approved;
  actions = [may(governance.Action.Reopen)];
  seats = { filled: true, expired: true, expires: "2026-01-01T00:00:00Z" };
  show();
  await tree();

  expect(screen.getByText(/An approval has expired, so it no longer counts. Reopen it/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Reopen" }));
  expect(await screen.findByRole("dialog", { name: "Reopen DR-0017" })).toBeTruthy();
});

test("content that was not scanned is named, with the way to the scan", async () => {
  compare.mockRejectedValue(
    new Error(JSON.stringify({ code: "not_scanned", message: "Not scanned.", hint: "" })),
  );
  show();

  expect(await screen.findByText("There is no difference to review yet")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Run Scan on DR-0017" }).getAttribute("href")).toContain(
    "/deployments/dr1",
  );
  expect(await within(await tree()).findByRole("treeitem", { name: "Discounts, Added" })).toBeTruthy();
});

test("a request shows its fields, its files and each customization with category and level", async () => {
  round = 2;
  happened = [
    {
      id: "1",
      code: "cr.submit",
      at: never,
      text: "Rita Requester submitted it.",
      digest,
      round: 2,
      reason: "",
    },
    { id: "2", code: "draft", at: never, text: "Rita Requester changed the overview.", reason: "" },
    { id: "3", code: "cr.reject", at: never, text: "Bo Owner rejected it.", reason: "Too short.", round: 1 },
    {
      id: "4",
      code: "cr.submit",
      at: never,
      text: "Rita Requester submitted it first.",
      digest: "h1:x",
      round: 1,
      reason: "",
    },
  ];
  show("/change-requests/cr1/review");
  await tree();

  expect(screen.getByText("Gold partners get 18 %.")).toBeTruthy();
  expect(screen.getByText("Agreed with finance.")).toBeTruthy();
  expect(screen.getByRole("button", { name: "finance.pdf, 84.2 kB: save a copy" })).toBeTruthy();
  expect(screen.getByText("package.xml")).toBeTruthy();
  const since = (await screen.findByRole("heading", { name: "Since round 1" })).parentElement;
  expect(since?.textContent).toContain("Too short.");
  expect(since?.textContent).not.toContain("submitted it first");
  expect(await barriers()).toEqual([]);

  await userEvent.click(screen.getByRole("treeitem", { name: /Account.Region__c/ }));
  const facts = await screen.findByRole("table");
  expect(within(facts).getByRole("row", { name: "Category Code" })).toBeTruthy();
  expect(within(facts).getByRole("row", { name: "Change Level Change Request" })).toBeTruthy();
});

test("two thousand customizations are found, filtered and marked without being all on the page", async () => {
  items = Array.from({ length: 2000 }, (_, i) =>
    item({
      type: i % 2 ? "ApexClass" : "Flow",
      name: `Part_${String(i).padStart(4, "0")}`,
      state: i % 4 ? scan.State.Changed : scan.State.New,
    }),
  );
  show();

  expect(within(await tree()).getAllByRole("treeitem").length).toBeLessThan(120);
  await press("/");
  await userEvent.keyboard("part_1234");
  expect(await screen.findByText("1 of 2,000 shown")).toBeTruthy();
  await userEvent.click(screen.getByRole("treeitem", { name: /Part_1234/ }));
  expect(await screen.findByRole("heading", { name: "Part_1234" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: /Viewed/ }));
  expect(await screen.findByText("1 of 2,000 viewed")).toBeTruthy();
  expect((kept["viewed.dr1"] ?? "").length).toBeLessThan(500);
});

test("hostile names and values stay text", async () => {
  const bad = "<img src=x onerror=alert(1)>";
  items = [
    item({
      name: bad,
      sourceBy: bad,
      changes: [change(`a[${bad}].b`, bad, "<a><b>javascript:alert(1)</b></a>")],
    }),
  ];
  show();
  await tree();

  await press("n");
  expect(await screen.findByRole("heading", { name: bad })).toBeTruthy();
  expect(document.querySelector("img")).toBeNull();
});
