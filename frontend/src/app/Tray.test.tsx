import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { barriers, showPages } from "@/components/testing";
import { StatusBar } from "./StatusBar";
import { Tray } from "./Tray";

const never = "0001-01-01T00:00:00Z";
const dismiss = vi.fn();
const cancel = vi.fn();
let works: unknown[];
let state: Record<string, unknown>;

const work = (over: Record<string, unknown>) => ({
  id: "w1",
  kind: "deploy",
  subject: "dr1",
  requestId: "cr1",
  logId: "log1",
  title: "DR-0016",
  environment: "Demo Production",
  production: true,
  phase: "",
  detail: "",
  done: 0,
  total: 0,
  startedAt: new Date().toISOString(),
  heardAt: never,
  endedAt: never,
  succeeded: false,
  sentence: "",
  ...over,
});

beforeEach(() => {
  works = [];
  state = {
    open: true,
    members: [],
    doubts: [],
    entries: 1284,
    checked: "2026-01-01T10:00:00Z",
    warning: "",
    keychain: { works: true, where: "the keychain", why: "" },
  };
  dismiss.mockReset().mockResolvedValue(undefined);
  cancel.mockReset().mockResolvedValue(undefined);
  Object.assign(window, {
    go: {
      app: {
        Workspaces: { State: async () => state },
        Home: { Works: async () => works, Dismiss: dismiss },
        DeploymentLogs: { Cancel: cancel },
        Settings: { Preferences: async () => ({}), About: async () => ({ version: "1.2.3" }) },
      },
    },
  });
});

const show = (part: () => React.ReactNode) => showPages({ "/": part }, "/");

test("the tray counts what runs, cancels an attempt and says that closing is safe", async () => {
  works = [
    work({}),
    work({
      id: "w2",
      kind: "inventory",
      logId: "",
      requestId: "",
      subject: "uat",
      title: "Demo UAT",
      environment: "Demo UAT",
      production: false,
    }),
  ];
  show(Tray);

  await userEvent.click(await screen.findByRole("button", { name: "2 running" }));
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).getByText(/You may close the window/)).toBeTruthy();
  expect(within(dialog).getAllByRole("button", { name: /^Cancel/ })).toHaveLength(1);
  expect(await barriers()).toEqual([]);
  await userEvent.click(within(dialog).getByRole("button", { name: "Cancel: Deployment of DR-0016" }));
  await waitFor(() => expect(cancel).toHaveBeenCalledWith("log1"));
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("what ended tells how, leads to its log and can be dismissed", async () => {
  works = [work({ endedAt: "2026-01-01T10:00:00Z", sentence: "3 of 41 components failed." })];
  show(Tray);

  await userEvent.click(await screen.findByRole("button", { name: "1 failed" }));
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).getByText("3 of 41 components failed.")).toBeTruthy();
  expect(within(dialog).getByRole("link", { name: "Deployment of DR-0016" }).getAttribute("href")).toBe(
    "/logs/log1",
  );
  await userEvent.click(within(dialog).getByRole("button", { name: "Dismiss: Deployment of DR-0016" }));
  await waitFor(() => expect(dismiss).toHaveBeenCalledWith("w1"));
});

test("an empty tray says what would be in it", async () => {
  show(Tray);
  await userEvent.click(await screen.findByRole("button", { name: "Nothing running" }));
  expect(await screen.findByText(/Scans, checks and deployments appear here/)).toBeTruthy();
});

test("the foot says what can be trusted", async () => {
  show(StatusBar);
  const foot = await screen.findByRole("region", { name: "State of the workspace" });
  expect(foot.textContent).toContain("1,284 entries");
  expect(foot.textContent).toContain("Keychain ok");
  expect(await within(foot).findByText("1.2.3")).toBeTruthy();
  expect(await barriers()).toEqual([]);
});

test("doubts and a locked keychain lead to where they are explained", async () => {
  state = {
    ...state,
    doubts: [{ code: "x", message: "Entry 12 was changed." }],
    keychain: { works: false, where: "", why: "It is locked." },
    warning: "The key lives for this session only.",
  };
  show(StatusBar);
  expect(
    (await screen.findByRole("link", { name: "1 doubt about the audit trail" })).getAttribute("href"),
  ).toBe("/audit-trail");
  expect(screen.getByRole("link", { name: "Keychain cannot be used" }).getAttribute("href")).toBe(
    "/settings",
  );
  expect(screen.getByText("The key lives for this session only.")).toBeTruthy();
});
