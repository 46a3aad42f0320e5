import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import type { workspace } from "@/api/models";
import { barriers, showPages } from "@/components/testing";
import { HomePage } from "./HomePage";

const never = "0001-01-01T00:00:00Z";
const rita = { id: "rita", name: "Rita Requester", roles: ["requester"] };

const task = (over: Partial<workspace.Task>): Partial<workspace.Task> => ({
  kind: "request",
  id: "cr1",
  label: "CR-0042",
  name: "Discounts",
  code: "vote",
  sentence: "Review it.",
  environment: "",
  production: false,
  by: rita,
  at: never,
  ...over,
});

const nothing = { waiting: [], running: [], failed: [], expiring: [], drafts: [] };
let day: unknown;
let works: unknown[];
const save = vi.fn();
const prefer = vi.fn();

beforeEach(() => {
  day = nothing;
  works = [];
  save.mockReset().mockResolvedValue({ request: { id: "cr-new" } });
  prefer.mockReset().mockResolvedValue(undefined);
  Object.assign(window, {
    go: {
      app: {
        Workspaces: {
          State: async () => ({ open: true, id: "w1", demo: true, members: [rita], me: "rita", doubts: [] }),
        },
        Home: { Today: async () => day, Works: async () => works },
        Settings: { Preferences: async () => ({}), Prefer: prefer },
        ChangeRequests: { Save: save },
      },
    },
  });
});

const show = () => showPages({ "/": HomePage }, "/");

const app = () => (window as unknown as { go: { app: object } }).go.app;

/** As somebody who opened an invitation and is no member. */
const asStranger = (asked: boolean) =>
  Object.assign(app(), {
    Workspaces: {
      State: async () => ({ open: true, id: "w1", name: "Northwind", members: [rita], me: "x", doubts: [] }),
    },
    Members: { Get: async () => ({ own: { asked } }) },
  });
const at = (name: string) => screen.findByRole("region", { name });

test("everything that waits, failed, expires or is a draft is one click from its action", async () => {
  day = {
    waiting: [
      task({}),
      task({
        kind: "record",
        id: "dr1",
        label: "DR-0017",
        name: "To production",
        environment: "Demo Production",
        production: true,
      }),
      task({ kind: "policy", id: "p1", label: "", name: "Demo" }),
      task({ kind: "record", id: "dr2", label: "DR-0018", code: "deploy" }),
    ],
    running: [],
    failed: [
      task({ kind: "log", id: "log9", label: "DR-0015", code: "deploy", sentence: "3 of 41 failed." }),
    ],
    expiring: [task({ id: "cr3", label: "CR-0040", code: "reopen" })],
    drafts: [task({ id: "cr5", label: "CR-0047", name: "", code: "edit" })],
  };
  show();

  const actions = async (name: string) =>
    within(await at(name))
      .getAllByRole("link", { name: /: / })
      .map((link) => [link.textContent, link.getAttribute("href")]);
  expect(await actions("Waiting for me")).toEqual([
    ["Review", "/change-requests/cr1/review"],
    ["Review", "/deployments/dr1/review"],
    ["Look and sign", "/policies"],
    ["Open", "/deployments/dr2"],
  ]);
  expect(await actions("Failed")).toEqual([["Open the log", "/logs/log9"]]);
  expect(await actions("Expires soon")).toEqual([["Reopen", "/change-requests/cr3"]]);
  expect(await actions("My drafts")).toEqual([["Continue", "/change-requests/cr5"]]);
  expect(screen.getByText("4 things wait for you. 1 failed.")).toBeTruthy();
  expect(document.querySelectorAll("[data-production] li, li[data-production]")).toHaveLength(1);
  expect(await barriers()).toEqual([]);
});

test("j and k move between the things", async () => {
  day = { ...nothing, waiting: [task({}), task({ id: "cr2", label: "CR-0043", name: "Leads" })] };
  show();
  const section = await at("Waiting for me");

  within(section).getByRole("link", { name: "CR-0042 Discounts" }).focus();
  await userEvent.keyboard("j");
  expect(document.activeElement?.textContent).toBe("CR-0043 Leads");
  await userEvent.keyboard("k");
  expect(document.activeElement?.textContent).toBe("CR-0042 Discounts");
});

test("a hundred things are not all drawn at once, and one press shows more", async () => {
  const many = Array.from({ length: 100 }, (_, i) => task({ id: `cr${i}`, label: `CR-${1000 + i}` }));
  day = {
    ...nothing,
    waiting: many,
    totals: { waiting: 4000, running: 0, failed: 0, expiring: 0, drafts: 0 },
  };
  show();
  const section = await at("Waiting for me");
  const shown = () => within(section).getAllByRole("link", { name: /^CR-/ }).length;

  expect(shown()).toBe(10);
  expect(section.textContent).toContain("and 3,990 more");
  await userEvent.click(within(section).getByRole("button", { name: "Show 20 more" }));
  expect(shown()).toBe(30);
});

test("what runs shows how far it is, once", async () => {
  const started = new Date().toISOString();
  works = [
    {
      id: "w1",
      kind: "validate",
      subject: "dr1",
      requestId: "cr1",
      logId: "log1",
      title: "DR-0016",
      environment: "Demo Production",
      production: true,
      phase: "components",
      detail: "PartnerDiscountTest",
      done: 41,
      total: 60,
      startedAt: started,
      heardAt: started,
      endedAt: never,
      sentence: "",
    },
  ];
  day = {
    ...nothing,
    running: [task({ kind: "log", id: "log1" }), task({ kind: "log", id: "log2", label: "DR-0020" })],
  };
  show();

  const section = await at("Running");
  const rows = within(section).getAllByRole("listitem");
  expect(rows).toHaveLength(2);
  expect(rows[0]?.textContent).toContain("41 of 60");
  expect(within(section).getByRole("link", { name: "Validation of DR-0016" }).getAttribute("href")).toBe(
    "/logs/log1",
  );
  expect(rows[1]?.textContent).toContain("DR-0020");
});

test("an empty home says how the work goes, and begins it", async () => {
  show();

  expect(await screen.findByRole("heading", { name: "Nothing waits for you" })).toBeTruthy();
  expect(screen.getByRole("link", { name: "Read the guide" }).getAttribute("href")).toBe("/guide");
  expect(await barriers()).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Take the tour" }));
  expect(prefer).toHaveBeenCalledWith("tour.w1", expect.stringContaining('"open":true'));
});

test("New Change Request on Home leaves no empty draft behind", async () => {
  show();
  await userEvent.click(await screen.findByRole("link", { name: "New Change Request" }));
  expect(await screen.findByText("At /change-requests/new")).toBeTruthy();
  expect(save).not.toHaveBeenCalled();
});

test("a background reading that fails leaves what was read, with the fault beside it", async () => {
  day = { ...nothing, waiting: [task({})] };
  const { client } = show();
  await at("Waiting for me");
  Object.assign((window as unknown as { go: { app: { Home: object } } }).go.app.Home, {
    Today: async () => {
      throw new Error(JSON.stringify({ code: "busy", message: "The database is busy.", hint: "" }));
    },
  });
  await client.invalidateQueries();
  expect((await screen.findByRole("alert")).textContent).toContain("The database is busy.");
  expect((await at("Waiting for me")).textContent).toContain("CR-0042");
});

test("a tour that was left goes on where it was, from the home too", async () => {
  const tour = { open: false, since: "2026-03-01T10:00:00.000Z" };
  const { app } = (window as unknown as { go: { app: { Settings: object } } }).go;
  Object.assign(app.Settings, { Preferences: async () => ({ "tour.w1": JSON.stringify(tour) }) });
  show();

  await screen.findByRole("heading", { name: "Nothing waits for you" });
  await userEvent.click(screen.getByRole("button", { name: "Take the tour" }));
  expect(prefer).toHaveBeenCalledWith("tour.w1", JSON.stringify({ ...tour, open: true }));
});

test("a fault is shown, and trying again asks again", async () => {
  let asked = 0;
  Object.assign((window as unknown as { go: { app: { Home: object } } }).go.app.Home, {
    Today: async () => {
      asked++;
      if (asked === 1)
        throw new Error(JSON.stringify({ code: "busy", message: "The database is busy.", hint: "" }));
      return nothing;
    },
  });
  show();
  expect((await screen.findByRole("alert")).textContent).toContain("The database is busy.");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("heading", { name: "Nothing waits for you" })).toBeTruthy();
});

test("who is no member yet is told so, and what to do", async () => {
  asStranger(false);
  show();
  expect(await screen.findByRole("heading", { name: "You are not a member yet" })).toBeTruthy();
  expect(screen.getByText(/opened Northwind with an invitation/)).toBeTruthy();
  expect(screen.queryByRole("link", { name: "New Change Request" })).toBeNull();
  expect(screen.getByRole("link", { name: "Go on under Members" }).getAttribute("href")).toContain(
    "/members",
  );
  expect(await barriers()).toEqual([]);
});

test("who asked already is told to send the answer", async () => {
  asStranger(true);
  show();
  expect(await screen.findByRole("heading", { name: "Your key waits to be let in" })).toBeTruthy();
  expect(screen.getByRole("link", { name: "Show the digits and the answer" })).toBeTruthy();
});

test("without an org the first thing is to connect one", async () => {
  Object.assign(app(), { Environments: { List: async () => [] } });
  show();
  const connect = await screen.findByRole("link", { name: "Connect an org" });
  expect(connect.getAttribute("href")).toContain("/environments");
  expect(screen.getByRole("link", { name: "New Change Request" })).toBeTruthy();
});

test("somebody who asks to be let in waits for an owner", async () => {
  day = { ...nothing, waiting: [task({ kind: "member", id: "j1", label: "", name: "Ben Okafor" })] };
  show();
  const waiting = within(await at("Waiting for me"));
  const link = waiting.getByRole("link", { name: /^Look and let in:.*Ben Okafor/ });
  expect(link.getAttribute("href")).toContain("/members");
});
