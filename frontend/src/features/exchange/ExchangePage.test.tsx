import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { app, store, workspace } from "@/api/models";
import { barriers, showPages } from "@/components/testing";
import i18n from "@/i18n/i18n";
import { ExchangePage } from "./ExchangePage";
import { askedFor, periods } from "./periods";

const fault = (code: string, message: string, hint = "") =>
  new Error(JSON.stringify({ code, message, hint }));
const never = "0001-01-01T00:00:00Z";
const now = new Date().toISOString();

const said = (text: string, code = "", params: Record<string, string> = {}): workspace.Said => ({
  text,
  code,
  params,
});

const row = (n: number, over: Partial<workspace.RequestRow> = {}) =>
  ({
    id: `r${n}`,
    label: `CR-000${n}`,
    name: `Change ${n}`,
    type: "Minor",
    status: "In Progress",
    deployed: [],
    authors: [],
    customizations: 1,
    waiting: false,
    updatedAt: now,
    createdAt: now,
    ...over,
  }) as workspace.RequestRow;

const nothing: store.Delivery = {
  bundle: "b".repeat(64),
  workspace: "w",
  exporter: "k",
  from: "ann",
  fromName: "Ann Approver",
  asker: "",
  created: now,
  trail: "continues",
  nothing: false,
  acts: [],
  knownActs: 3,
  requests: [],
  records: [],
  attempts: 0,
  drafts: [],
  charters: [],
  files: 0,
  bytes: 0,
  missing: [],
  forks: [],
  findings: [],
};

const saved: app.SavedFile = {
  token: "s1",
  name: "CR-0001.csbundle",
  folder: "/home/ana/Mail",
  exported: { sha256: "a".repeat(64), acts: 4, requests: 1, records: 0, drafts: 1, blobs: 0 },
  evidence: { sha256: "", changes: 0, deployments: 0, entries: 0, findings: [] },
};

let rows: workspace.RequestRow[];
let sent: store.SentRequest[];
let drafts: workspace.DraftChoice[];
let look: workspace.FileLook;
const joined = vi.fn(async (_token: string, _passphrase: string) => ({}));
let dropped: ((d: { token: string; names: string[] }) => void) | undefined;

const bound = {
  Sent: vi.fn(async () => sent),
  Drafts: vi.fn(async (_request: string) => drafts),
  Export: vi.fn(async (_what: store.Selection, _passphrase: string) => saved),
  Pick: vi.fn(async () => ({ token: "t1", name: "change.csbundle", look })),
  PickDropped: vi.fn(async (_drop: string) => ({ token: "t1", name: "change.csbundle", look })),
  Preview: vi.fn(async (_token: string, _passphrase: string) => nothing),
  Import: vi.fn(async (_token: string, _passphrase: string, _seen: string) => nothing),
  TakeDraft: vi.fn(async (_request: string, _digest: string, _theirs: boolean) => ({ label: "CR-0001" })),
  Evidence: vi.fn(async (_query: store.EvidenceQuery) => saved),
  Verify: vi.fn(
    async (_token: string, _passphrase: string): Promise<workspace.FileReport> => ({
      kind: "bundle",
      summary: said("4 signed acts"),
      proved: [said("No bit of it was changed.")],
      notProved: [said("Which workspace this is.")],
      doubts: [],
    }),
  ),
  ShowFile: vi.fn(async (_token: string) => {}),
};

beforeEach(() => {
  vi.clearAllMocks();
  rows = [row(1), row(2)];
  sent = [];
  drafts = [];
  look = { bytes: 2000, sealed: false, evidence: false };
  Object.assign(window, {
    runtime: {
      EventsOnMultiple: (event: string, take: (d: never) => void) => {
        if (event === "drop") dropped = take as typeof dropped;
        return () => {};
      },
      EventsEmit: () => {},
    },
    go: {
      app: {
        Exchange: bound,
        ChangeRequests: {
          List: vi.fn(async () => ({ items: rows, total: rows.length })),
          Get: vi.fn(async () => ({ label: "CR-0001", request: { id: "r1", name: "Change 1" } })),
        },
        Environments: {
          List: async () => [
            { environment: { id: "e1", name: "UAT" } },
            { environment: { id: "e2", name: "Production" } },
          ],
        },
        Settings: { Preferences: async () => ({}), Prefer: async () => {} },
        Workspaces: {
          State: async () => ({ open: true, id: "w1", demo: true, me: "ana", members: [] }),
          JoinPicked: joined,
        },
      },
    },
  });
});
afterEach(() => i18n.changeLanguage("en"));

const show = (place = "/exchange") => showPages({ "/exchange": ExchangePage }, place);
const press = (name: string | RegExp) => userEvent.click(screen.getByRole("button", { name }));

/** Picks a file on the page that receives. */
async function receive(place = "/exchange?tab=receive") {
  show(place);
  await userEvent.click(await screen.findByRole("button", { name: "Choose a file…" }));
}

test("what is sent is chosen; what changed since is said, and taken with one press", async () => {
  sent = [{ id: "r2", at: now, changed: true }];
  show();
  expect(await screen.findByText("Changed since")).toBeTruthy();
  expect(screen.getByText("Never sent")).toBeTruthy();
  const save = screen.getByRole("button", { name: "Save the bundle…" });
  expect(save.getAttribute("aria-disabled")).toBe("true");
  expect(screen.getByText("Choose at least one Change Request.")).toBeTruthy();
  await press("Choose the one that changed since it was sent");
  await userEvent.click(screen.getByRole("checkbox", { name: /CR-0001/ }));
  await press("Save the bundle of 2 requests…");
  expect(bound.Export).toHaveBeenCalledWith({ requests: ["r2", "r1"], all: false }, "");
  expect(await screen.findByText("The bundle is saved")).toBeTruthy();
  expect(screen.getByText(/1 Change Request, 4 signed acts, and 1 draft/)).toBeTruthy();
  expect(await barriers()).toEqual([]);
  await press("Show in folder");
  expect(bound.ShowFile).toHaveBeenCalledWith("s1");
  await userEvent.click(screen.getByRole("radio", { name: /^Everything/ }));
  await waitFor(() => expect(screen.queryByText("The bundle is saved")).toBeNull());
});

test("a passphrase has a rule, and none is shorter", async () => {
  show("/exchange?kind=all");
  await userEvent.click(await screen.findByRole("switch", { name: /Encrypt it/ }));
  await userEvent.type(screen.getByLabelText("Passphrase"), "nine char");
  expect(screen.getByText("The passphrase is too short.")).toBeTruthy();
  await press("Save the bundle…");
  expect(bound.Export).not.toHaveBeenCalled();
  await userEvent.type(screen.getByLabelText("Passphrase"), "s and more");
  expect(screen.getByText(/Long enough/)).toBeTruthy();
  await press("Save the bundle…");
  expect(bound.Export).toHaveBeenCalledWith({ requests: [], all: true }, "nine chars and more");
});

test("a workspace without requests says so", async () => {
  rows = [];
  show();
  expect(await screen.findByText("There is no Change Request yet.")).toBeTruthy();
});

test("what was sent before cannot be read: the fault stands beside the list", async () => {
  bound.Sent.mockRejectedValueOnce(fault("busy", "The database is busy."));
  show();
  expect(await screen.findByText("What was sent before cannot be shown")).toBeTruthy();
  expect(await screen.findByRole("checkbox", { name: /CR-0001/ })).toBeTruthy();
});

test("a file is looked at before it comes in, and exactly that comes in", async () => {
  bound.Preview.mockResolvedValueOnce({
    ...nothing,
    acts: [
      {
        id: "a1",
        type: "cr.approve",
        subject: "r1",
        about: "Change 1",
        member: "ann",
        name: "Ann Approver",
        asks: false,
        at: now,
        broken: "",
      },
    ],
    requests: [
      {
        id: "r1",
        request: "",
        label: "CR-0001",
        name: "Change 1",
        new: false,
        before: "Pending Approval",
        after: "Approved",
      },
      {
        id: "r3",
        request: "",
        label: "CR-0003",
        name: "Change 3",
        new: true,
        before: "",
        after: "In Progress",
      },
    ],
    charters: [4],
    attempts: 2,
    files: 3,
    bytes: 12_000,
    missing: [{ id: "m", by: "a1", ask: "ben", name: "Ben Owner", about: "r1", chain: false }],
  });
  await receive();
  expect(await screen.findByText("From Ann Approver")).toBeTruthy();
  expect(screen.getByText(/continues the one that was shown before/)).toBeTruthy();
  const requests = screen.getByRole("table", { name: "2 Change Requests" });
  expect(within(requests).getByText("New here")).toBeTruthy();
  expect(screen.getByText("Request approved")).toBeTruthy();
  expect(screen.getByText("Version 4 of members and policies comes into force.")).toBeTruthy();
  expect(screen.getByText("3 files of 12 kB")).toBeTruthy();
  expect(screen.getByText("Ask Ben Owner for a bundle: 1 act is named and not here.")).toBeTruthy();
  expect(bound.Import).not.toHaveBeenCalled();
  expect(await barriers()).toEqual([]);
  await press("Import");
  expect(bound.Import).toHaveBeenCalledWith("t1", "", nothing.bundle);
  expect(await screen.findByText("Imported")).toBeTruthy();
});

test("somebody who asks to be let in is no doubt, but nobody's word yet", async () => {
  const answer: store.Delivery = {
    ...nothing,
    from: "",
    fromName: "",
    asker: "Ben Okafor",
    acts: [
      {
        id: "j1",
        type: "member.join",
        subject: "governance",
        about: "",
        member: "",
        name: "Ben Okafor",
        asks: true,
        at: now,
        broken: "",
      },
    ],
  };
  bound.Preview.mockResolvedValueOnce(answer);
  bound.Import.mockResolvedValueOnce(answer);
  await receive();
  expect(await screen.findByText("From somebody who asks to be let in as “Ben Okafor”")).toBeTruthy();
  expect(screen.getByText("Ben Okafor asks to be let in")).toBeTruthy();
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.queryByRole("link", { name: "Compare and let in" })).toBeNull();
  await press("Import");
  const next = await screen.findByRole("link", { name: "Compare and let in" });
  expect(next.getAttribute("href")).toContain("/members");
  expect(await barriers()).toEqual([]);
});

test("what became of one's own edit is told, and leads to the choice", async () => {
  const text = "CR-0001 was submitted elsewhere while it was edited here. Your edit is kept beside it.";
  const kept = { ...nothing, findings: [{ code: "edit_kept", text, params: { label: "CR-0001" } }] };
  bound.Preview.mockResolvedValueOnce(kept);
  bound.Import.mockResolvedValueOnce(kept);
  await receive();
  expect(await screen.findByText(text)).toBeTruthy();
  expect(screen.queryByRole("alert")).toBeNull();
  await press("Import");
  expect(await screen.findByRole("link", { name: "Compare and choose" })).toBeTruthy();
});

test("a file of another workspace can be joined from here", async () => {
  bound.Preview.mockRejectedValueOnce(
    fault("bundle_other_workspace", "This bundle belongs to another workspace (aa), not to this one (bb)."),
  );
  await receive();
  expect(await screen.findByText(/belongs to another workspace/)).toBeTruthy();
  expect(await barriers()).toEqual([]);
  await press("Join that workspace");
  expect(joined).toHaveBeenCalledWith("t1", "");
});

test("doubts stand in red, in the person's language", async () => {
  bound.Preview.mockResolvedValueOnce({
    ...nothing,
    trail: "contradicts",
    forks: [{ key: "k", member: "ann", name: "Ann Approver", seq: 7 }],
    findings: [
      { code: "trail_contradicts", text: "The audit trail of Ann is not …", params: { who: "Ann Approver" } },
    ],
  });
  await i18n.changeLanguage("de");
  show("/exchange?tab=receive");
  await userEvent.click(await screen.findByRole("button", { name: "Datei wählen…" }));
  const alert = await screen.findByRole("alert");
  expect(
    within(alert).getByText(/Der Schlüssel von Ann Approver hat zwei Vorgänge als seine Nummer 7/),
  ).toBeTruthy();
  expect(within(alert).getByText(/Der Prüfpfad von Ann Approver ist nicht der früher gezeigte/)).toBeTruthy();
});

test("all of it is here already: nothing is offered to import", async () => {
  bound.Preview.mockResolvedValueOnce({ ...nothing, nothing: true });
  await receive();
  expect(await screen.findByText("All of it is here already")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Import" })).toBeNull();
  await press("Leave it");
  expect(await screen.findByText("Drop a bundle or an evidence file here")).toBeTruthy();
});

test("an encrypted file asks for its passphrase until it is the right one", async () => {
  look = { bytes: 2000, sealed: true, evidence: false };
  bound.Preview.mockRejectedValueOnce(fault("bundle_passphrase", "The passphrase does not open this file."));
  await receive();
  await userEvent.type(await screen.findByLabelText("The passphrase that you were told"), "wrong{Enter}");
  expect(await screen.findByText(/This passphrase does not open the file/)).toBeTruthy();
  await userEvent.type(screen.getByLabelText("The passphrase that you were told"), "right{Enter}");
  expect(await screen.findByText("From Ann Approver")).toBeTruthy();
  expect(bound.Preview.mock.calls).toEqual([
    ["t1", "wrong"],
    ["t1", "right"],
  ]);
});

test("a file that is refused says why and what to do", async () => {
  bound.Preview.mockRejectedValueOnce(
    fault("bundle_damaged", "The file is not a whole bundle.", "Ask for it again."),
  );
  await receive();
  expect(await screen.findByText("Nothing of this file can be taken in")).toBeTruthy();
  expect(screen.getByText("Ask for it again.")).toBeTruthy();
});

test("a dropped file is looked at, on whichever part of the page it is dropped", async () => {
  show();
  await screen.findByRole("checkbox", { name: /CR-0001/ });
  dropped?.({ token: "d1", names: ["change.csbundle"] });
  expect(await screen.findByText("From Ann Approver")).toBeTruthy();
  expect(bound.PickDropped).toHaveBeenCalledWith("d1");
});

test("an evidence file says what it proves; a doubt makes it worthless", async () => {
  look = { bytes: 2000, sealed: false, evidence: true };
  bound.Verify.mockResolvedValueOnce({
    kind: "evidence",
    summary: said("1 change"),
    proved: [said("No bit of it was changed.")],
    notProved: [said("When something happened.")],
    doubts: [said("The page evidence.html is not the one that the records make.")],
  });
  await receive();
  expect(await screen.findByText("1 thing is in doubt: the file is no proof.")).toBeTruthy();
  expect(screen.getByRole("alert").textContent).toContain("evidence.html is not the one");
  expect(screen.getByText("When something happened.")).toBeTruthy();
});

test("a German auditor reads what a file proves in German", async () => {
  look = { bytes: 2000, sealed: false, evidence: true };
  bound.Verify.mockResolvedValueOnce({
    kind: "evidence",
    summary: said("1 change", "file.evidence", {
      changes: "1",
      deployments: "2",
      entries: "1234",
      acts: "40",
      at: "2026-03-10T12:00:00Z",
    }),
    proved: [said("The file is as Bo signed it.", "file.signed", { who: "Bo" })],
    notProved: [said("Which workspace this is.", "file.which_workspace", { id: "0dd11cb0…" })],
    doubts: [
      {
        ...said("CR-1 is listed as Rejected.", "file.status_differs", {
          label: "CR-1",
          listed: "Rejected",
          status: "Approved",
        }),
      },
      {
        ...said("When the file was made, …", "file.found", { message: "Entry 7 …" }),
        parts: { message: said("Entry 7 …", "told.entry_no_act", { entry: "7" }) },
      },
    ],
  });
  await i18n.changeLanguage("de");
  show("/exchange?tab=receive");
  await userEvent.click(await screen.findByRole("button", { name: "Datei wählen…" }));
  expect(await screen.findByText(/so, wie Bo sie unterschrieben hat/)).toBeTruthy();
  expect(screen.getByText(/Einträge des Prüfpfads: 1\.234/)).toBeTruthy();
  expect(screen.getByText(/Vergleichen Sie seine Kennung 0dd11cb0…/)).toBeTruthy();
  const alert = screen.getByRole("alert");
  expect(within(alert).getByText(/CR-1 steht dort als/)).toBeTruthy();
  expect(within(alert).getByText(/fand die Prüfung: Eintrag 7/)).toBeTruthy();
});

test("two drafts of one request are compared by meaning, and one is chosen", async () => {
  drafts = [
    {
      request: "r1",
      label: "CR-0001",
      name: "Change 1",
      digest: "d".repeat(64),
      own: false,
      authors: [{ id: "ann", name: "Ann Approver", roles: [] }],
      at: now,
      updatedAt: now,
      mine: now,
      open: true,
      status: "In Progress" as workspace.DraftChoice["status"],
      differs: [
        { what: "overview", item: "", mine: "Mine says this.", theirs: "Theirs says that." },
        { what: "customization", item: "CustomField Account.Tier__c", mine: "", theirs: "add" },
      ],
    },
  ];
  show("/exchange?tab=drafts");
  const table = await screen.findByRole("table", { name: "What the drafts of CR-0001 say differently" });
  expect(within(table).getByText("Mine says this.")).toBeTruthy();
  expect(within(table).getByText("CustomField Account.Tier__c")).toBeTruthy();
  expect(within(table).getByText("not there")).toBeTruthy();
  expect(await barriers()).toEqual([]);
  await press("Keep mine");
  expect(bound.TakeDraft).toHaveBeenCalledWith("r1", "d".repeat(64), false);
});

test("a draft of a locked request cannot be chosen, and says why", async () => {
  drafts = [
    {
      request: "r1",
      label: "CR-0001",
      name: "Change 1",
      digest: "d",
      own: true,
      authors: [],
      at: now,
      updatedAt: never,
      mine: now,
      open: false,
      status: "Pending Approval" as workspace.DraftChoice["status"],
      differs: [],
    },
  ];
  show("/exchange?tab=drafts");
  const take = await screen.findByRole("button", { name: "Take my edit" });
  expect(take.getAttribute("aria-disabled")).toBe("true");
  expect(screen.getAllByText(/CR-0001 is locked/).length).toBeGreaterThan(0);
});

test("no draft waits for a choice", async () => {
  show("/exchange?tab=drafts");
  expect(await screen.findByText("No draft waits for a choice")).toBeTruthy();
});

test("evidence is written of one change, or of days that follow each other", async () => {
  bound.Evidence.mockResolvedValue({
    ...saved,
    name: "CR-0001.evidence.zip",
    evidence: {
      sha256: "e".repeat(64),
      changes: 1,
      deployments: 2,
      entries: 30,
      findings: ["A row was changed."],
    },
  });
  show("/exchange?tab=evidence&request=r1");
  await userEvent.click(await screen.findByRole("button", { name: "Write the evidence file…" }));
  expect(bound.Evidence.mock.calls[0]?.[0].request).toBe("r1");
  expect(await screen.findByText("The evidence file is saved")).toBeTruthy();
  expect(screen.getByText(/1 change, 2 deployments, and 30 entries/)).toBeTruthy();
  expect(screen.getByText(/Verifying found 1 thing, which stands in the file/)).toBeTruthy();
  expect(await barriers()).toEqual([]);
  await userEvent.click(screen.getByRole("radio", { name: "All that happened in a period" }));
  const last = await screen.findByLabelText("Last day");
  await userEvent.clear(last);
  await userEvent.type(last, "2020-01-01");
  expect(await screen.findByText("The last day is before the first one.")).toBeTruthy();
  await press("Last month");
  await press("Write the evidence file…");
  const asked = bound.Evidence.mock.calls.at(-1)?.[0];
  expect(asked?.request).toBe("");
  expect(new Date(asked?.from ?? "").getDate()).toBe(1);
  expect(asked?.environment).toBe("");
  await userEvent.click(screen.getByRole("combobox", { name: "Environment" }));
  await userEvent.click(await screen.findByRole("option", { name: "Production" }));
  await press("Write the evidence file…");
  expect(bound.Evidence.mock.calls.at(-1)?.[0].environment).toBe("e2");
  expect(await barriers()).toEqual([]);
});

test("a file is verified from the evidence part", async () => {
  show("/exchange?tab=evidence");
  await userEvent.click(await screen.findByRole("button", { name: "Choose a file to verify…" }));
  expect(await screen.findByText("The file is whole, and proves what it says.")).toBeTruthy();
  expect(bound.Preview).not.toHaveBeenCalled();
});

test("periods are whole days of this computer", () => {
  expect(periods(new Date(2026, 0, 15))).toEqual({
    thisMonth: { from: "2026-01-01", to: "2026-01-15" },
    lastMonth: { from: "2025-12-01", to: "2025-12-31" },
    thisQuarter: { from: "2026-01-01", to: "2026-01-15" },
  });
  const asked = askedFor("", { from: "2026-01-31", to: "2026-01-31" });
  expect([asked?.from, asked?.to]).toEqual([
    new Date(2026, 0, 31).toISOString(),
    new Date(2026, 1, 1).toISOString(),
  ]);
  expect(askedFor("", { from: "2026-02-01", to: "2026-01-31" })).toBeUndefined();
  expect(askedFor("", { from: "", to: "2026-01-31" })).toBeUndefined();
});
