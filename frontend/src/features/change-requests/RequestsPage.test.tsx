import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { governance, type workspace } from "@/api/models";
import { row } from "./fixtures";
import { barriers, giveHeight, show } from "./harness";

const list = vi.fn<(query: workspace.RequestQuery) => Promise<workspace.RequestPage>>();
const bound = { List: list };
const pageOf = (items: workspace.RequestRow[], total = items.length) => ({ items, total });

beforeEach(() => {
  giveHeight();
  Object.assign(window, {
    go: {
      app: {
        ChangeRequests: bound,
        Settings: { Preferences: async () => ({}), Prefer: async () => {} },
        Environments: { List: async () => [] },
      },
    },
  });
  list.mockReset();
  list.mockResolvedValue(pageOf([]));
});
afterEach(cleanup);

const asked = () => list.mock.calls.map(([query]) => query);

test("each request is a line with its number, name, type and status", async () => {
  list.mockResolvedValue(
    pageOf([
      row({
        label: "CR-0042",
        name: "Partner tiers",
        status: governance.Status.PendingApproval,
        waiting: true,
      }),
      row({ label: "CR-0007", name: "", type: governance.ChangeType.Major }),
    ]),
  );
  show("/change-requests");

  const box = await screen.findByRole("listbox", { name: "Change Requests" });
  const lines = within(box).getAllByRole("option");
  expect(lines[0]?.textContent).toMatch(/^CR-0042Partner tiersYour turn.*Pending Approval.*Minor/);
  expect(lines[1]?.textContent).toMatch(/^CR-0007No name yet.*In Progress.*Major/);
  expect(screen.getByText("2 requests")).toBeTruthy();
  expect(await barriers()).toEqual([]);
});

test("the list is walked by j and k and opened by Enter, and Back finds the same line again", async () => {
  list.mockResolvedValue(
    pageOf([row({ label: "CR-0003" }), row({ label: "CR-0002" }), row({ label: "CR-0001" })]),
  );
  Object.assign(bound, { Get: () => new Promise(() => {}) });
  const { router } = show("/change-requests");

  await waitFor(() => expect(document.activeElement?.getAttribute("role")).toBe("listbox"));
  await userEvent.keyboard("jjk{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/change-requests/CR-0002"));
  router.history.back();
  const line = await screen.findByRole("option", { selected: true });
  expect(line.textContent).toContain("CR-0002");
});

test("search begins with the first letter, then waits for the fingers to rest; filter and order are in the address", async () => {
  list.mockResolvedValue(pageOf([row({})]));
  const { router } = show("/change-requests?view=mine&sort=name&status=Approved");

  await screen.findByRole("listbox");
  expect(asked()[0]).toMatchObject({ view: "mine", sort: "name", status: ["Approved"] });
  const search = screen.getByRole("textbox", { name: "Search the Change Requests" });
  // At once, as no machine is too slow for: a person's letters come with pauses.
  fireEvent.change(search, { target: { value: "t" } });
  fireEvent.change(search, { target: { value: "ti" } });
  fireEvent.change(search, { target: { value: "tier" } });
  await waitFor(() => expect(asked().at(-1)).toMatchObject({ view: "mine", text: "t" }));
  await waitFor(() => expect(asked().at(-1)).toMatchObject({ view: "mine", text: "tier" }));
  expect(asked().map((query) => query.text)).not.toContain("ti");
  expect(router.state.location.search).toMatchObject({ text: "tier" });

  await userEvent.click(await screen.findByRole("button", { name: "Sort by Status" }));
  await waitFor(() => expect(asked().at(-1)).toMatchObject({ sort: "status" }));
  await userEvent.click(await screen.findByRole("button", { name: /^Sorted by Status, ascending/ }));
  await waitFor(() => expect(asked().at(-1)).toMatchObject({ sort: "-status" }));
});

test("of ten thousand requests only those are read and drawn that one looks at", async () => {
  list.mockImplementation(async ({ offset }) =>
    pageOf(
      Array.from({ length: 200 }, (_, i) => row({ label: `CR-${offset + i}` })),
      10_000,
    ),
  );
  show("/change-requests");

  const box = await screen.findByRole("listbox", { name: "Change Requests" });
  expect(within(box).getAllByRole("option").length).toBeLessThan(60);
  expect(within(box).getAllByRole("option")[0]?.getAttribute("aria-setsize")).toBe("10000");
  expect(Math.max(...asked().map((query) => query.offset))).toBe(0);
});

test("each empty view says why it is empty", async () => {
  show("/change-requests?view=waiting");
  expect(await screen.findByRole("heading", { name: "Nothing waits for you" })).toBeTruthy();
  await userEvent.click(screen.getByRole("radio", { name: "All" }));
  expect(await screen.findByRole("heading", { name: "No Change Request yet" })).toBeTruthy();
  expect(await barriers()).toEqual([]);
});

test("a search without a find is cleared by a button", async () => {
  const { router } = show("/change-requests?text=nope");
  await userEvent.click(await screen.findByRole("button", { name: "Clear search and filter" }));
  await waitFor(() => expect(router.state.location.search).not.toHaveProperty("text"));
});

test("a fault says what to do, and is asked again", async () => {
  list.mockRejectedValue(
    new Error(JSON.stringify({ code: "busy", message: "The database is busy.", hint: "Wait." })),
  );
  show("/change-requests");
  expect((await screen.findByRole("alert")).textContent).toContain("The database is busy.");
  list.mockResolvedValue(pageOf([row({ name: "Back again" })]));
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Back again")).toBeTruthy();
});

const focusIsOn = (role: string) => document.activeElement?.getAttribute("role") === role;

test("clearing the search moves the focus into the list", async () => {
  list.mockImplementation(async ({ text }) => pageOf(text ? [] : [row({})]));
  show("/change-requests");
  await waitFor(() => expect(focusIsOn("listbox")).toBe(true));
  const search = screen.getByRole("textbox", { name: "Search the Change Requests" });
  await userEvent.click(search);
  await userEvent.keyboard("x");
  await screen.findByRole("heading", { name: /No Change Request/ });
  await userEvent.keyboard("{Backspace}");
  await screen.findByRole("listbox");
  expect(document.activeElement).toBe(search);
});

test("the arrow keys lose the views, and the head of a column its focus after one press", async () => {
  list.mockImplementation(async ({ view }) => pageOf([row({ name: view })]));
  show("/change-requests");
  await screen.findByRole("listbox");
  const radio = screen.getByRole("radio", { name: /^Waiting/ });
  radio.focus();
  fireEvent.click(radio); // as the arrow key does
  await waitFor(() => expect(asked().at(-1)).toMatchObject({ view: "waiting" }));
  await screen.findByText("waiting");
  expect(document.activeElement).toBe(radio);

  const head = screen.getByRole("button", { name: "Sort by Status" });
  head.focus();
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(asked().at(-1)).toMatchObject({ sort: "status" }));
  await screen.findByRole("button", { name: /^Sorted by Status, ascending/ });
  expect(document.activeElement).toBe(head);
});
