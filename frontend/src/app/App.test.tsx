import { MantineProvider } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { act, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { governance, type workspace } from "@/api/models";
import { usePageActions } from "@/components/page-actions";
import i18n from "@/i18n/i18n";
import { App } from "./App";

// The generated bindings are real; what they call, the object that Wails puts on the window, is answered here.
const people: workspace.Person[] = [
  { id: "ana", name: "Ana Requester", roles: ["requester"] },
  { id: "bo", name: "Bo Approver", roles: ["approver", "owner"] },
];
let now: workspace.State;
let kept: Record<string, string>;
let requests: Partial<workspace.RequestRow>[];
const save = vi.fn();
const list = vi.fn();
const verify = vi.fn();

beforeEach(() => {
  now = {
    open: true,
    choices: [],
    id: "w1",
    name: "Demo",
    demo: true,
    solo: false,
    folder: "/data/demo",
    members: people,
    me: "ana",
    warning: "",
    doubts: [],
    entries: 1,
    checked: "0001-01-01T00:00:00Z",
    keychain: { works: true, where: "", why: "" },
  } as unknown as workspace.State;
  kept = {};
  requests = [];
  save.mockReset();
  list.mockReset();
  verify.mockReset().mockResolvedValue({});
  list.mockImplementation(async ({ text }: { text: string }) => {
    const items = requests.filter((r) => r.name?.toLowerCase().includes(text.toLowerCase()));
    return { items, total: items.length };
  });
  answer({});
  window.location.hash = "/guide";
  localStorage.clear();
});
afterEach(async () => {
  vi.useRealTimers();
  act(() => void notifications.clean());
  Reflect.deleteProperty(window, "go");
  document.documentElement.style.fontSize = "";
  await i18n.changeLanguage("en");
});

/** Answers the bound calls; what a test does not name is not built, as while the backend starts. */
function answer(over: Record<string, Record<string, unknown>>) {
  const nothing = async () => ({ items: [], total: 0 });
  const calls: Record<string, Record<string, unknown>> = {
    Workspaces: {
      State: async () => ({ ...now }),
      ActAs: async (me: string) => {
        now = { ...now, me };
        return now;
      },
    },
    Settings: {
      Preferences: async () => ({ ...kept }),
      Prefer: async (key: string, value: string) => {
        kept[key] = value;
      },
    },
    Home: {
      Today: async () => ({ waiting: [{}, {}], running: [], failed: [], expiring: [], drafts: [] }),
      Works: async () => [],
    },
    ChangeRequests: { List: list, Save: save },
    DeploymentRecords: { List: nothing },
    Environments: { List: async () => [] },
    ...over,
  };
  const notBuilt = async () => {
    throw new Error('{"code":"not_built","message":"This is not built yet."}');
  };
  const go = new Proxy(calls, {
    get: (all, noun: string) =>
      new Proxy(all[noun] ?? {}, { get: (some, call: string) => some[call] ?? notBuilt }),
  });
  Object.assign(window, { go: { app: go } });
}

const row = (name: string): workspace.RequestRow =>
  ({
    id: "r1",
    label: "CR-0001",
    name,
    status: governance.Status.Approved,
    createdAt: "2026-11-20T10:00:00Z",
  }) as workspace.RequestRow;

/** What axe finds, in words. It cannot judge colours here, since jsdom draws nothing. */
async function barriers() {
  const { violations } = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, "page-has-heading-one": { enabled: false } },
  });
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`);
}

const press = (keys: string) => userEvent.keyboard(keys);

test("the frame names every place, where the person is, and how much waits", async () => {
  render(<App />);
  const nav = await screen.findByRole("navigation", { name: "Main navigation" });
  const places = within(nav).getAllByRole("link");
  await screen.findByRole("link", { name: /^Home.*2 things wait for you/ });
  expect(places.map((l) => l.textContent)).toEqual([
    "Home2 2 things wait for you",
    "Change Requests",
    "Deployments",
    "Environments",
    "Audit Trail",
    "Policies",
    "Members",
    "Exchange",
    "Guide",
    "Settings",
  ]);
  expect(within(nav).getByRole("link", { current: "page" }).textContent).toBe("Guide");
  expect(await barriers()).toEqual([]);
});

test("the demo says whose part the person takes, and the part can be changed by mouse and by key", async () => {
  render(<App />);
  await userEvent.click(await screen.findByRole("button", { name: /^Acting as Ana Requester/ }));
  await userEvent.click(await screen.findByRole("menuitem", { name: /Bo Approver/ }));
  expect(await screen.findByRole("button", { name: /^Acting as Bo Approver/ })).toBeTruthy();

  fireEvent.keyDown(document.documentElement, { key: "¡", code: "Digit1", altKey: true });
  expect(await screen.findByRole("button", { name: /^Acting as Ana Requester/ })).toBeTruthy();
});

test("Alt and a digit change nobody's part while a person types or a dialog is open", async () => {
  render(<App />);
  await screen.findByRole("button", { name: /^Acting as Ana Requester/ });
  const alt2 = { key: "™", code: "Digit2", altKey: true, bubbles: true };
  const field = document.body.appendChild(document.createElement("textarea"));
  fireEvent.keyDown(field, alt2);
  field.remove();
  const dialog = document.body.appendChild(document.createElement("div"));
  dialog.setAttribute("role", "dialog");
  fireEvent.keyDown(document.documentElement, alt2);
  dialog.remove();
  await act(() => new Promise((later) => setTimeout(later, 50)));
  expect(now.me).toBe("ana");
  fireEvent.keyDown(document.documentElement, alt2);
  await waitFor(() => expect(now.me).toBe("bo"));
});

test("outside the demo there is no part to choose, and a solo workspace says so", async () => {
  now = { ...now, demo: false, solo: true, name: "Acme", members: people.slice(0, 1) };
  render(<App />);
  expect(await screen.findByText("Solo workspace: self-authorised")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /^Acting as/ })).toBeNull();
});

test("the palette finds what is in the workspace and runs commands, all by keyboard", async () => {
  requests = [row("Discount approval")];
  render(<App />);
  await screen.findByRole("navigation", { name: "Main navigation" });
  await press("{Control>}k{/Control}");
  const field = await screen.findByRole("combobox", { name: /Search requests/ });
  expect(await screen.findByRole("option", { name: /New Change Request/ })).toBeTruthy();
  expect(await barriers()).toEqual([]);

  await userEvent.click(field);
  await userEvent.paste("disc");
  const found = await screen.findByRole("option", { name: /Discount approval/ });
  await waitFor(() => expect(found.getAttribute("aria-selected")).toBe("true"));
  expect(found.id).not.toBe("");
  await waitFor(() => expect(field.getAttribute("aria-activedescendant")).toBe(found.id));
  await press("{Enter}");
  await waitFor(() => expect(window.location.hash).toBe("#/change-requests/r1"));
});

test("the palette says when nothing is found, and follows a link that was copied", async () => {
  render(<App />);
  await screen.findByRole("navigation", { name: "Main navigation" });
  await press("{Control>}k{/Control}");
  const field = await screen.findByRole("combobox");
  await userEvent.click(field);
  await userEvent.paste("xyzzy");
  expect(await screen.findByText("Nothing is found for “xyzzy”.")).toBeTruthy();

  await userEvent.clear(field);
  await userEvent.paste("#/guide/backup");
  await userEvent.click(await screen.findByRole("option", { name: "Go to /guide/backup" }));
  expect(await screen.findByRole("heading", { name: "Backup and restore" })).toBeTruthy();
});

test("the document is named after its page, and not after the one before", async () => {
  render(<App />);
  await screen.findByRole("navigation", { name: "Main navigation" });
  await press("{Control>},{/Control}");
  await waitFor(() => expect(document.title).toBe("Settings"));
  await press("{F1}");
  await waitFor(() => expect(document.title).toBe("What Countersign is"));
});

test("New Change Request goes to a draft that is nowhere yet", async () => {
  render(<App />);
  await screen.findByRole("navigation", { name: "Main navigation" });
  fireEvent.keyDown(document.documentElement, { key: "n", code: "KeyN", ctrlKey: true });
  await waitFor(() => expect(window.location.hash).toBe("#/change-requests/new"));
  expect(save).not.toHaveBeenCalled();
});

test("? lists the shortcuts, but not while a person types one into a field", async () => {
  render(<App />);
  await userEvent.type(await screen.findByRole("textbox", { name: "Search the guide" }), "?");
  expect(screen.queryByRole("dialog", { name: "Keyboard shortcuts" })).toBeNull();
  act(() => (document.activeElement as HTMLElement).blur());
  fireEvent.keyDown(document.documentElement, { key: "?", code: "Slash", shiftKey: true });
  const sheet = await screen.findByRole("dialog", { name: "Keyboard shortcuts" });
  expect(within(sheet).getByText("New Change Request")).toBeTruthy();
  expect(await barriers()).toEqual([]);
  await press("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("back and forward go by button, key and mouse, and cannot be pressed when there is nowhere to go", async () => {
  render(<App />);
  const back = await screen.findByRole("button", { name: "Back" });
  expect((screen.getByRole("button", { name: "Forward" }) as HTMLButtonElement).disabled).toBe(true);
  await userEvent.click(await screen.findByRole("link", { name: "Keyboard" }));
  await screen.findByRole("heading", { name: "Keyboard" });
  await userEvent.click(back);
  await screen.findByRole("heading", { name: "What Countersign is" });
  fireEvent.keyDown(document.documentElement, { key: "ArrowRight", altKey: true });
  await screen.findByRole("heading", { name: "Keyboard" });
  fireEvent.mouseUp(window, { button: 3 });
  await screen.findByRole("heading", { name: "What Countersign is" });
});

test("the window opens where it was left, and keeps where it is", async () => {
  window.location.hash = "/";
  kept = { "last.place.w1": "/guide/backup?tab=x" };
  render(<App />);
  expect(await screen.findByRole("heading", { name: "Backup and restore" })).toBeTruthy();
  await userEvent.click(screen.getByRole("link", { name: "Keyboard" }));
  await waitFor(() => expect(kept["last.place.w1"]).toBe("/guide/keyboard"));
});

test.each(["//evil.example/", "https://evil.example", "/start"])(
  "a last place that is none of ours is not gone to: %s",
  async (place) => {
    window.location.hash = "/";
    kept = { "last.place.w1": place };
    render(<App />);
    await screen.findByRole("link", { name: /^Home/, current: "page" });
    expect(window.location.hash.replace("#", "")).toMatch(/^\/?$/);
  },
);

test("theme, language and text size are as the person likes them", async () => {
  kept = { theme: "dark", language: "de", "text.size": "150" };
  render(<App />);
  expect(await screen.findByRole("navigation", { name: "Hauptnavigation" })).toBeTruthy();
  expect(document.documentElement.lang).toBe("de");
  expect(document.documentElement.getAttribute("data-mantine-color-scheme")).toBe("dark");
  expect(document.documentElement.style.fontSize).toBe("150%");
  await press("{Control>}0{/Control}");
  await waitFor(() => expect(document.documentElement.style.fontSize).toBe(""));
  expect(kept["text.size"]).toBe("100");
});

test("without an open workspace there is only the first page", async () => {
  now = { ...now, open: false };
  window.location.hash = "/policies";
  render(<App />);
  expect(await screen.findByRole("button", { name: "Open the demo workspace" })).toBeTruthy();
  expect(screen.queryByRole("navigation", { name: "Main navigation" })).toBeNull();
});

test("a workspace that cannot be opened says why, and is tried again", async () => {
  const refuse = vi.fn(async () => {
    throw new Error(
      '{"code":"second_instance","message":"Countersign is already open.","hint":"Use the one that is open."}',
    );
  });
  answer({ Workspaces: { State: refuse } });
  render(<App />);
  expect((await screen.findByRole("alert")).textContent).toContain("Countersign is already open.");
  expect(await barriers()).toEqual([]);
  answer({});
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("navigation", { name: "Main navigation" })).toBeTruthy();
});

test("while the workspace opens the window says so, and after a while for how long", async () => {
  vi.useFakeTimers();
  answer({ Workspaces: { State: () => new Promise(() => {}) } });
  render(<App />);
  await act(() => vi.advanceTimersByTimeAsync(100));
  expect(screen.getByRole("status").textContent).toBe("Opening the workspace.");
  await act(() => vi.advanceTimersByTimeAsync(5000));
  expect(screen.getByRole("status").textContent).toMatch(/5 s so far/);
});

test("the tour names the step, lists all, is left at any step and taken up again", async () => {
  render(<App />);
  await screen.findByRole("navigation", { name: "Main navigation" });
  await press("{Control>}k{/Control}");
  await userEvent.click(await screen.findByRole("combobox"));
  await userEvent.paste("tour");
  await userEvent.click(await screen.findByRole("option", { name: "Take the tour" }));
  const tour = await screen.findByRole("region", { name: "Tour" });
  expect(within(tour).getByText("Draft a Change Request")).toBeTruthy();
  const { since } = JSON.parse(kept["tour.w1"] ?? "{}");

  await userEvent.click(within(tour).getByRole("button", { name: /^Tour 0 \/ 17 steps done/ }));
  const now = await screen.findByRole("button", { name: "Draft a Change Request", current: "step" });
  expect(now).toBeTruthy();
  expect(await barriers()).toEqual([]);
  await press("{Escape}");

  await userEvent.click(within(tour).getByRole("button", { name: /^Leave the tour/ }));
  expect(screen.queryByRole("region", { name: "Tour" })).toBeNull();
  expect(JSON.parse(kept["tour.w1"] ?? "{}")).toEqual({ open: false, since });
});

test("the palette knows 22 commands and none of what the page can do", async () => {
  answer({
    Home: {
      Today: async () => ({ waiting: [], running: [], failed: [], expiring: [], drafts: [] }),
      Works: async () => [],
    },
    AuditTrail: {
      Proof: async () => ({
        at: "0001-01-01T00:00:00Z",
        report: { entries: 0, acts: 0, findings: [] },
        proves: [],
        said: [],
        root: "",
        size: 0,
        keychain: true,
        since: [],
      }),
      List: async () => ({ items: [], next: 0, total: 0, kinds: [], looked: 0 }),
      Verify: verify,
    },
  });
  window.location.hash = "/audit-trail";
  render(<App />);
  await screen.findByRole("button", { name: "Verify everything" });
  await press("{Control>}k{/Control}");
  await screen.findByRole("combobox", { name: /Search requests/ });
  const first = (await screen.findAllByRole("option"))[0] as HTMLElement;
  expect(first.textContent).toContain("Verify everything");
  expect(first.parentElement?.getAttribute("style") ?? "").toContain("Audit Trail"); // the heading of its group
  expect(await barriers()).toEqual([]);
  await userEvent.click(first);
  await waitFor(() => expect(verify).toHaveBeenCalledTimes(1));

  fireEvent.keyDown(document.documentElement, { key: "?", code: "Slash", shiftKey: true });
  const sheet = await screen.findByRole("dialog", { name: "Keyboard shortcuts" });
  expect(within(sheet).getByText("Verify everything")).toBeTruthy();
  await press("{Escape}");
});

test("what the page cannot do is in the palette with its reason, and pressing it says why", async () => {
  function Page() {
    usePageActions("CR-0042", [{ id: "submit", why: "The overview is empty.", run: save }]);
    return null;
  }
  render(<App />);
  await screen.findByRole("navigation", { name: "Main navigation" });
  render(
    <MantineProvider>
      <Page />
    </MantineProvider>,
  );
  await press("{Control>}k{/Control}");
  const held = await screen.findByRole("option", { name: /Submit for Approval/ });
  expect(held.textContent).toContain("The overview is empty.");
  expect(held.getAttribute("aria-disabled")).toBe("true");
  await userEvent.click(held);
  expect(await screen.findByText("The overview is empty.")).toBeTruthy();
  expect(save).not.toHaveBeenCalled();
});

test("leaving the demo asks nothing in the strip and the palette", async () => {
  const leave = vi.fn(async () => now);
  answer({ Workspaces: { State: async () => ({ ...now }), Leave: leave } });
  render(<App />);
  await userEvent.click(await screen.findByRole("button", { name: "Leave the demo" }));
  const asked = await screen.findByRole("dialog", { name: "Switch to another workspace?" });
  expect(within(asked).getByRole("button", { name: "Close" })).toBeTruthy();
  expect(leave).not.toHaveBeenCalled();
  await userEvent.click(within(asked).getByRole("button", { name: "Switch workspace" }));
  await waitFor(() => expect(leave).toHaveBeenCalledTimes(1));
});
