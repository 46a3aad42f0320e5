import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { governance, type workspace } from "@/api/models";
import { barriers, showPages } from "@/components/testing";
import { ana, dee, lately, production, recordView, requestRow, uat } from "./fixtures";
import { NewRecordPage } from "./NewRecordPage";
import { RecordsPage } from "./RecordsPage";

// The generated bindings are real; what they call, the object that Wails puts on the window, is answered here.
const calls = { List: vi.fn(), Save: vi.fn(), Requests: vi.fn(), Request: vi.fn(), Content: vi.fn() };

beforeEach(() => {
  for (const call of Object.values(calls)) call.mockReset();
  const { List, Save, Requests, Request: One, Content } = calls;
  One.mockResolvedValue({
    request: { id: "cr", name: "Discount approval", status: governance.Status.Approved },
    label: "CR-0042",
    count: 2,
    inventory: { environmentId: "uat", name: "UAT", at: lately, count: 5 },
  });
  Object.assign(window, {
    go: {
      app: {
        DeploymentRecords: { List, Save },
        ChangeRequests: { List: Requests, Get: One, Content },
        Environments: { List: async () => [production, uat] },
        Settings: { Preferences: async () => ({}) },
        Workspaces: { State: async () => ({ open: true, demo: true, members: [ana, dee], me: "ana" }) },
      },
    },
  });
});

const pages = { "/deployments": RecordsPage, "/deployments/new": NewRecordPage };

const row = (number: number, over: Partial<workspace.RecordRow> = {}): workspace.RecordRow => ({
  id: `dr${number}`,
  label: `DR-000${number}`,
  name: `Record ${number}`,
  requestId: "cr",
  request: "CR-0042 Discount approval",
  source: "UAT",
  target: "Production",
  targetId: "prod",
  production: true,
  status: governance.Status.Approved,
  word: "",
  emergency: false,
  lastLog: "",
  kind: governance.RecordKind.Deployment,
  count: 2,
  updatedAt: lately,
  ...over,
});

test("each record says what goes where and how far it is; the keyboard opens one", async () => {
  calls.List.mockResolvedValue({ items: [row(1, { word: "Deploying" }), row(2)], total: 2 });
  showPages(pages, "/deployments");
  const list = await screen.findByRole("listbox", { name: "Deployments" });
  const [first] = within(list).getAllByRole("option");
  expect(first?.textContent).toMatch(
    /DR-0001Record 1for CR-0042 Discount approvalUAT.*Production.*Approved.*Deploying/,
  );
  expect(screen.getByText("2 records")).toBeTruthy();
  expect(await barriers()).toEqual([]);
  list.focus();
  await userEvent.keyboard("j{Enter}");
  expect(await screen.findByText("At /deployments/dr2")).toBeTruthy();
});

test("search, status and sort are asked of the backend", async () => {
  calls.List.mockResolvedValue({ items: [row(1)], total: 1 });
  showPages(pages, "/deployments");
  await userEvent.type(await screen.findByLabelText("Search deployment records"), "tier");
  await waitFor(() => expect(calls.List).toHaveBeenLastCalledWith(expect.objectContaining({ text: "tier" })));
  await userEvent.click(screen.getByRole("checkbox", { name: "Rejected" }));
  await waitFor(() =>
    expect(calls.List).toHaveBeenLastCalledWith(expect.objectContaining({ status: ["Rejected"] })),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Sort by Name" }));
  await waitFor(() => expect(calls.List).toHaveBeenLastCalledWith(expect.objectContaining({ sort: "name" })));
  await userEvent.click(await screen.findByRole("button", { name: /^Sorted by Name, ascending/ }));
  await waitFor(() =>
    expect(calls.List).toHaveBeenLastCalledWith(expect.objectContaining({ sort: "-name" })),
  );
});

test("an empty list says what a Deployment Record is and leads to the requests", async () => {
  calls.List.mockResolvedValue({ items: [], total: 0 });
  showPages(pages, "/deployments");
  expect(await screen.findByRole("heading", { name: "No Deployment Record yet" })).toBeTruthy();
  expect(screen.getByRole("link", { name: "Open the Change Requests" })).toBeTruthy();
  expect(await barriers()).toEqual([]);
});

test("a new record begins with the choice of an approved request", async () => {
  calls.Requests.mockResolvedValue({ items: [requestRow], total: 1 });
  showPages(pages, "/deployments/new");
  const list = await screen.findByRole("listbox", { name: "Approved Change Requests" });
  expect(calls.Requests).toHaveBeenCalledWith(expect.objectContaining({ status: ["Approved"] }));
  await userEvent.click(within(list).getByRole("option"));
  expect(await screen.findByRole("link", { name: "CR-0042 Discount approval" })).toBeTruthy();
});

test("the form suggests a name, the way and the deployer, and saves the whole request", async () => {
  calls.Save.mockResolvedValue(recordView());
  showPages(pages, "/deployments/new?request=cr");
  const name = await screen.findByLabelText<HTMLInputElement>(/^Name/);
  expect(name.value).toBe("Discount approval to Production");
  expect(screen.getByText(/^Production is production/)).toBeTruthy();
  expect(await barriers()).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(calls.Save).toHaveBeenCalledWith("", {
    requestId: "cr",
    name: "Discount approval to Production",
    sourceId: "uat",
    targetId: "prod",
    whole: true,
    customizations: [],
    options: { ignoreWarnings: false, purgeOnDelete: false, rollbackOnError: true, testLevel: "", tests: [] },
    deployer: "dee",
  });
  expect(await screen.findByText("At /deployments/dr")).toBeTruthy();
});

test("a selection is picked from the request's customizations; none is not enough", async () => {
  calls.Save.mockResolvedValue(recordView());
  calls.Content.mockResolvedValue({
    items: ["A", "B"].map((n) => ({ action: "add", type: "ApexClass", name: n })),
    total: 2,
    types: [{ type: "ApexClass", count: 2 }],
  });
  showPages(pages, "/deployments/new?request=cr");
  await userEvent.click(await screen.findByRole("radio", { name: "A selection" }));
  const save = screen.getByRole<HTMLButtonElement>("button", { name: "Save" });
  expect(save.getAttribute("aria-disabled")).toBe("true");
  expect(screen.getByText(/Select at least one customization/)).toBeTruthy();
  const list = await screen.findByRole("listbox", { name: "Customizations of the request" });
  list.focus();
  await userEvent.keyboard("j ");
  expect(screen.getByText("1 selected")).toBeTruthy();
  expect(await barriers()).toEqual([]);
  await userEvent.click(save);
  expect(calls.Save).toHaveBeenCalledWith(
    "",
    expect.objectContaining({
      whole: false,
      customizations: [{ action: "add", type: "ApexClass", name: "B" }],
    }),
  );
});

test("the list of records has no focus at first, and Back loses the row", async () => {
  calls.List.mockResolvedValue({ items: [row(1), row(2), row(3)], total: 3 });
  showPages(pages, "/deployments?item=dr2");
  const list = await screen.findByRole("listbox");
  await waitFor(() => expect(document.activeElement).toBe(list));
  expect(within(list).getByRole("option", { selected: true }).textContent).toContain("Record 2");
});

test("a record of a request that is not approved can be saved, only to be refused", async () => {
  calls.Request.mockResolvedValue({
    request: { id: "cr", name: "Discount approval", status: governance.Status.InProgress },
    label: "CR-0042",
    count: 2,
    inventory: { environmentId: "uat", name: "UAT", at: lately, count: 5 },
  });
  showPages(pages, "/deployments/new?request=cr");
  const save = await screen.findByRole("button", { name: "Save" });
  expect(save.getAttribute("aria-disabled")).toBe("true");
  expect(document.getElementById(save.getAttribute("aria-describedby") ?? "")?.textContent).toContain(
    "CR-0042 is not approved now",
  );
  await userEvent.click(save);
  expect(calls.Save).not.toHaveBeenCalled();
});

test("Select all means the first page, and Shift picks one row", async () => {
  const of = (n: number) => ({ type: "ApexClass", name: `C${n}`, action: governance.Change.Add });
  calls.Content.mockImplementation(async (_: string, { offset }: { offset: number }) => ({
    items: Array.from({ length: offset === 0 ? 3 : 2 }, (_, i) => of(offset + i)),
    types: [],
    total: 5,
  }));
  showPages(pages, "/deployments/new?request=cr");
  await userEvent.click(await screen.findByRole("radio", { name: /A selection/ }));
  const list = await screen.findByRole("listbox", { name: "Customizations of the request" });
  const line = (n: number) => within(list).findByRole("option", { name: new RegExp(`C${n} `) });
  await userEvent.click(await line(0));
  const user = userEvent.setup();
  await user.keyboard("{Shift>}");
  await user.click(await line(2));
  await user.keyboard("{/Shift}");
  expect(await screen.findByText("3 selected")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Select 5 shown" }));
  expect(await screen.findByText("5 selected")).toBeTruthy();
});
