import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import type { workspace } from "@/api/models";
import { barriers, showPages } from "@/components/testing";
import i18next from "@/i18n/i18n";
import { TrailPage } from "./TrailPage";

const ana = { id: "ana", name: "Ana Requester", roles: ["requester"] };
const total = 100_000;

const entry = (index: number): workspace.TrailEntry => ({
  index,
  kind: index % 2 ? "cr.submit" : "draft",
  at: "2026-03-01T10:00:00Z",
  by: ana,
  text: `Sentence ${index}.`,
  said: { text: `Sentence ${index}.`, code: "", params: {} },
  reason: "",
  about: "CR-0042",
  link: "r42",
  linkTo: "request",
  act: index % 2 ? "abcdef0123456789" : "",
  hash: "q83vEjRWeJA=",
});

let proof: workspace.TrailProof;
const bound = {
  List: vi.fn(async (query: workspace.TrailQuery): Promise<workspace.TrailPage> => {
    const kinds = [
      { name: "cr.submit", count: total / 2 },
      { name: "draft", count: total / 2 },
    ];
    if (query.text === "nothing") return { items: [], next: 0, total, kinds, looked: 0 };
    const from = query.before > 0 ? Math.min(query.before, total) : total;
    const items = Array.from({ length: query.limit }, (_, i) => entry(from - 1 - i))
      .filter((each) => each.index >= 0)
      .filter((each) => query.kinds.length === 0 || query.kinds.includes(each.kind));
    return { items, next: from - query.limit, total, kinds, looked: from - query.limit };
  }),
  Entry: vi.fn(async (index: number) => JSON.stringify({ index, kind: "cr.submit" })),
  Proof: vi.fn(async () => proof),
  Verify: vi.fn(async () => ({})),
  Rebuild: vi.fn(async () => [
    {
      text: "CR-0042 was Approved and is Rejected, as its acts say.",
      code: "told.rebuilt",
      params: { label: "CR-0042", column: "Approved", status: "Rejected" },
    },
  ]),
};

beforeEach(() => {
  vi.clearAllMocks();
  proof = {
    at: "0001-01-01T00:00:00Z",
    report: { entries: 0, acts: 0, requests: 0, records: 0, blobs: 0, findings: [] },
    proves: [],
    said: [],
    root: "",
    size: 0,
    keychain: true,
    work: "",
    since: [],
    foundSaid: [],
    sinceSaid: [],
  };
  Object.assign(window, {
    go: {
      app: {
        AuditTrail: bound,
        Home: { Works: async () => [] },
        Settings: { Preferences: async () => ({}) },
        Workspaces: { State: async () => ({ open: true, members: [ana] }) },
      },
    },
  });
});

const show = (place = "/audit-trail") => showPages({ "/audit-trail": TrailPage }, place);

test("of a hundred thousand entries only those in sight are read, and the end is one key away", async () => {
  show();
  const list = await screen.findByRole("listbox", { name: "Audit trail, newest first" });
  expect(await within(list).findByText("Sentence 99999.")).toBeTruthy();
  expect(screen.getByText("100,000 entries")).toBeTruthy();
  expect(bound.List.mock.calls.every(([query]) => query.limit <= 100)).toBe(true);
  expect(bound.List.mock.calls.length).toBeLessThan(5);
  expect(within(list).getAllByRole("option").length).toBeLessThan(60);
  expect(await barriers()).toEqual([]);
});

test("a search asks for it, says how much is left, and what to do when nothing is", async () => {
  show();
  await userEvent.type(await screen.findByRole("searchbox"), "nothing");
  expect(await screen.findByRole("heading", { name: "No entry matches" })).toBeTruthy();
  expect(bound.List.mock.lastCall?.[0].text).toBe("nothing");
  await userEvent.click(screen.getByRole("button", { name: "Clear filters" }));
  expect(await screen.findByText("Sentence 99999.")).toBeTruthy();
});

test("a kind is chosen by its word", async () => {
  show("/audit-trail?kind=cr.submit");
  expect(await screen.findByText("Sentence 99999.")).toBeTruthy();
  expect(screen.queryByText("Sentence 99998.")).toBeNull();
  expect(bound.List.mock.lastCall?.[0].kinds).toEqual(["cr.submit"]);
  expect(screen.getAllByText(/Request submitted/).length).toBeGreaterThan(0);
});

test("an entry opens to its JSON, its hash, the signed act and what it is about", async () => {
  show("/audit-trail?item=99999");
  const drawer = within(await screen.findByRole("dialog", { name: "Entry 99,999" }));
  expect(await drawer.findByText("Sentence 99999.")).toBeTruthy();
  expect(drawer.getByText(/"kind": "cr.submit"/)).toBeTruthy();
  expect(drawer.getByText("abcdef0123456789")).toBeTruthy();
  const link = drawer.getByRole("link", { name: "CR-0042" });
  expect(link.getAttribute("href")).toContain("/change-requests/r42");
  expect(await barriers()).toEqual([]);
});

test("after Verify everything it says what that proves", async () => {
  bound.Verify.mockImplementation(async () => {
    proof = {
      ...proof,
      at: new Date().toISOString(),
      report: { entries: total, acts: 5, requests: 1, records: 0, blobs: 0, findings: [] },
      proves: ["None of 100,000 entries was changed."],
      said: [],
      root: "cm9vdA==",
      size: total,
    };
    return {};
  });
  show();
  expect(
    await screen.findByText("What is new was verified when it was opened; the whole trail was not yet."),
  ).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Verify everything" }));
  expect(await screen.findByText("Everything holds: 100,000 entries, 5 signed acts.")).toBeTruthy();
  expect(screen.getByText("None of 100,000 entries was changed.")).toBeTruthy();
});

test("a doubt is red with what to do, and Rebuild is offered only where it mends", async () => {
  proof.since = [{ code: "log_rewritten", message: "Entry 7 was rewritten." }];
  const first = show();
  const stop = await screen.findByRole("alert");
  expect(stop.textContent).toMatch(/Entry 7 was rewritten.*Deploy nothing/);
  expect(screen.queryByRole("button", { name: /Rebuild/ })).toBeNull();
  first.unmount();

  proof.since = [{ code: "status", message: "The status of CR-0042 was changed outside Countersign." }];
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Rebuild from signed acts" }));
  expect(await screen.findByText("CR-0042 was Approved and is Rejected, as its acts say.")).toBeTruthy();
  expect(await barriers()).toEqual([]);
});

test("what the trail shows is said in German, with its values", async () => {
  const row = { text: "change request", code: "told.row_request", params: {} };
  proof.since = [
    { code: "row_altered", message: "The change request CR-0042 was changed outside Countersign." },
    { code: "log_damaged", message: "Entry 1204 of the audit trail names no act." },
    { code: "new", message: "Something that has no words yet." },
  ];
  proof.sinceSaid = [
    {
      text: "The change request CR-0042 was changed outside Countersign.",
      code: "told.row_altered",
      params: { row: "change request", name: "CR-0042" },
      parts: { row },
    },
    {
      text: "Entry 1204 of the audit trail names no act.",
      code: "told.entry_no_act",
      params: { entry: "1204" },
    },
    { text: "Something that has no words yet.", code: "", params: {} },
  ];
  await i18next.changeLanguage("de");
  try {
    show();
    const found = await screen.findByRole("alert");
    expect(found.textContent).toContain("Außerhalb von Countersign wurde geändert: Change Request CR-0042.");
    expect(found.textContent).toContain("Eintrag 1.204 des Prüfpfads nennt keine Handlung.");
    expect(found.textContent).toContain("Something that has no words yet.");
  } finally {
    await i18next.changeLanguage("en");
  }
});

test("the search of the trail is replaced after the first pause: the focus and letters are lost", async () => {
  showPages({ "/audit-trail": TrailPage }, "/audit-trail");
  const search = await screen.findByRole("searchbox", { name: /Search/ });
  await userEvent.click(search);
  await userEvent.keyboard("s");
  await waitFor(() => expect(bound.List.mock.calls.at(-1)?.[0]).toMatchObject({ text: "s" }));
  await userEvent.keyboard("ub");
  await waitFor(() => expect(bound.List.mock.calls.at(-1)?.[0]).toMatchObject({ text: "sub" }));
  expect(document.activeElement).toBe(search);
  expect(search).toHaveProperty("value", "sub");
});
