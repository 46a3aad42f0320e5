import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { governance, type workspace } from "@/api/models";
import { App } from "./App";

// The generated bindings are real; what they call, the object that Wails puts on the window, is answered here.
const list = vi.fn<(offset: number) => Promise<workspace.ChangeRequestPage>>();

const page = (items: governance.ChangeRequest[], total = items.length): workspace.ChangeRequestPage => ({
  items,
  total,
});

beforeEach(() => {
  list.mockReset();
  Object.assign(window, { go: { app: { ChangeRequests: { List: list } } } });
  window.location.hash = "";
  localStorage.clear();
});
afterEach(() => vi.useRealTimers());

const request = (over: Partial<governance.ChangeRequest>): governance.ChangeRequest => ({
  id: `id-${over.number}`,
  number: 1,
  name: "",
  overview: "",
  type: governance.ChangeType.Minor,
  supportingText: "",
  externalLink: "",
  externalNumber: "",
  attachments: [],
  changeSets: [],
  manifests: [],
  customizations: [],
  authors: [],
  status: governance.Status.InProgress,
  round: 0,
  revision: "",
  parents: [],
  createdAt: "2026-03-01T10:00:00Z",
  updatedAt: "2026-03-01T10:00:00Z",
  ...over,
});

/** What axe finds, in words. It cannot judge colours here, since jsdom draws nothing. */
async function barriers() {
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`);
}

test("the window opens on the Change Requests, each with label, type and status", async () => {
  list.mockResolvedValue(
    page([
      request({
        number: 42,
        name: "Discount approval",
        status: governance.Status.PendingApproval,
        type: governance.ChangeType.Major,
      }),
      request({ number: 7, name: "Partner tier", status: governance.Status.Approved }),
      request({ number: 10001 }),
    ]),
  );
  render(<App />);

  const table = await screen.findByRole("table", { name: "Change Requests" });
  const rows = within(table).getAllByRole("row").slice(1);
  expect(rows.map((row) => row.textContent)).toEqual([
    expect.stringMatching(/^CR-0042Discount approvalMajorPending Approval.*2026$/),
    expect.stringMatching(/^CR-0007Partner tierMinorApproved/),
    expect.stringMatching(/^CR-10001No name yetMinorIn Progress/),
  ]);
  expect(screen.getByText("3 requests")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Change Requests", current: "page" })).toBeTruthy();
  expect(await barriers()).toEqual([]);
});

test("every status is a word with an icon", async () => {
  const all = Object.values(governance.Status);
  list.mockResolvedValue(
    page(all.map((status, i) => request({ number: i + 1, name: `Request ${i}`, status }))),
  );
  render(<App />);

  await screen.findByRole("table");
  for (const status of all) {
    const badge = screen.getByText(status).closest("[data-status]");
    expect(badge?.querySelector("svg"), status).toBeTruthy();
  }
});

test("an empty workspace says what a Change Request is", async () => {
  list.mockResolvedValue(page([]));
  render(<App />);

  expect(await screen.findByRole("heading", { name: "No Change Request yet" })).toBeTruthy();
  expect(screen.queryByRole("table")).toBeNull();
  expect(await barriers()).toEqual([]);
});

test("while the workspace opens the page says so, and after a while for how long", async () => {
  vi.useFakeTimers();
  list.mockReturnValue(new Promise(() => {}));
  render(<App />);

  await act(() => vi.advanceTimersByTimeAsync(100));
  expect(screen.getByRole("status").textContent).toBe(
    "Opening the workspace and reading its Change Requests.",
  );
  await act(() => vi.advanceTimersByTimeAsync(5000));
  expect(screen.getByRole("status").textContent).toMatch(/5 s so far/);
});

test("a long list comes a page at a time", async () => {
  const all = [3, 2, 1].map((number) => request({ number, name: `Request ${number}` }));
  list.mockImplementation(async (offset) => page(all.slice(offset, offset + 2), 3));
  render(<App />);

  expect(await screen.findByText("3 requests")).toBeTruthy();
  expect(screen.queryByText("Request 1")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Show more: 2 of 3 requests shown" }));
  expect(await screen.findByText("Request 1")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Show more/ })).toBeNull();
  expect(await barriers()).toEqual([]);
});

test("a fault is shown with its hint, and trying again asks again", async () => {
  const fault = {
    code: "in_use",
    message: "This workspace is open elsewhere.",
    hint: "Close the other window.",
  };
  list.mockRejectedValueOnce(new Error(JSON.stringify(fault)));
  render(<App />);

  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("This workspace is open elsewhere.");
  expect(alert.textContent).toContain("Close the other window.");
  expect(await barriers()).toEqual([]);

  list.mockResolvedValue(page([request({ number: 3, name: "Back again" })]));
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Back again")).toBeTruthy();
  expect(screen.queryByRole("alert")).toBeNull();
});

test("a page that throws leaves the window standing", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
  list.mockResolvedValue(page([null as unknown as governance.ChangeRequest]));
  render(<App />);

  expect((await screen.findByRole("alert")).textContent).toContain("This page stopped working");
  expect(screen.getByRole("navigation", { name: "Main navigation" })).toBeTruthy();
});

test("the appearance can be switched to dark", async () => {
  list.mockResolvedValue(page([]));
  render(<App />);

  await userEvent.click(await screen.findByRole("radio", { name: "Dark" }));
  expect(document.documentElement.getAttribute("data-mantine-color-scheme")).toBe("dark");
});
