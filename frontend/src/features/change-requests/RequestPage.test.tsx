import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { governance, type workspace } from "@/api/models";
import { ana, bo, content, nothingSaid, scanned, uat, view } from "./fixtures";
import { barriers, giveHeight, show } from "./harness";

const { Action, Status } = governance;
let now: workspace.RequestView;
let items: workspace.ContentItem[];
let bound: Record<string, ReturnType<typeof vi.fn>>;

beforeEach(() => {
  giveHeight();
  now = view();
  items = [
    content({}),
    content({ name: "Account.Level__c", exists: false, action: governance.Change.Add, by: "" }),
  ];
  const same = vi.fn(async () => now);
  bound = {
    Get: vi.fn(async () => now),
    Save: vi.fn(async (_id: string, fields: workspace.RequestFields) => {
      now = { ...now, request: { ...now.request, ...fields }, canUndo: true };
      return now;
    }),
    Undo: same,
    Redo: same,
    Do: vi.fn(async () => now),
    Delete: vi.fn(async () => {}),
    Content: vi.fn(async () => ({ items, total: items.length, types: [{ type: "CustomField", count: 2 }] })),
    Add: vi.fn(async () => now),
    Remove: vi.fn(async () => now),
    Activity: vi.fn(async () => []),
    Impact: vi.fn(async () => ({ levels: [], others: [], missing: [], checkedAt: "", checkedOn: "" })),
    List: vi.fn(async () => ({ items: [], total: 0 })),
    CheckNames: vi.fn(async (all: governance.Customization[]) =>
      all.map((c) => ({
        ...c,
        ok: c.name.endsWith("__c"),
        problem: c.name.endsWith("__c") ? "" : "It needs the object, a dot and the name.",
        example: "Account.Region__c",
      })),
    ),
  };
  Object.assign(window, {
    go: {
      app: {
        ChangeRequests: bound,
        Settings: { Preferences: async () => ({}), Prefer: async () => {} },
        Environments: {
          List: async () => [uat],
          Summary: async () => ({
            age: uat.inventory,
            types: [{ type: "CustomField", count: 2 }],
            packages: [],
            people: [{ name: "Ingrid Solberg", count: 2 }],
            since: "",
          }),
          Inventory: async () => ({
            items: [scanned({ name: "Account.Region__c" }), scanned({ name: "Account.Tier__c" })],
            total: 2,
          }),
        },
        Home: { Works: async () => [] },
        Workspaces: {
          State: async () => ({ open: true, demo: true, solo: false, me: "ana", members: [ana, bo] }),
        },
      },
    },
  });
});
afterEach(cleanup);

const fault = (code: string, message: string) =>
  new Error(JSON.stringify({ code, message, hint: "Try it later." }));

test("the page says where it stands, what is next, who approves by which rule, and offers one filled button", async () => {
  show("/change-requests/cr42");
  expect(await screen.findByText("CR-0042")).toBeTruthy();
  const path = screen.getByRole("list", { name: "Where it stands" });
  expect(within(path).getByText("In Progress").closest("li")?.getAttribute("aria-current")).toBe("step");
  expect(screen.getByText("Submit it for approval. It needs 1 approval: approver.")).toBeTruthy();
  const side = screen.getByRole("complementary");
  expect(within(side).getByText(/Bo Approver/)).toBeTruthy();
  expect(within(side).getByText(/Change Request needs 1 approver/)).toBeTruthy();
  expect(
    document.querySelectorAll(
      'main .mantine-Button-root[data-variant="filled"], body .mantine-Button-root[data-variant="filled"]',
    ).length,
  ).toBeLessThanOrEqual(1);
  expect(await barriers()).toEqual([]);
});

test("what is typed is saved when the fingers rest, as one save", async () => {
  show("/change-requests/cr42");
  const field = await screen.findByLabelText("Change Overview");
  for (const text of ["Partners get a discount. M", "Partners get a discount. More."])
    fireEvent.change(field, { target: { value: text } });
  expect(screen.getByText("Not saved yet")).toBeTruthy();
  expect(await screen.findByText(/^Saved \d+ s ago$/)).toBeTruthy();
  expect(bound.Save).toHaveBeenCalledTimes(1);
  expect(bound.Save?.mock.calls[0]?.[1]).toMatchObject({ overview: "Partners get a discount. More." });
});

test("a text that cannot be saved stays, and says why; trying again saves it", async () => {
  bound.Save?.mockRejectedValueOnce(
    fault("too_long", "The Change Overview is longer than 20000 characters."),
  );
  show("/change-requests/cr42");
  const field = await screen.findByLabelText<HTMLTextAreaElement>("Change Overview");
  fireEvent.change(field, { target: { value: "Partners get a discount. X" } });
  expect((await screen.findByRole("alert")).textContent).toContain("longer than 20000 characters");
  expect(field.value).toBe("Partners get a discount. X");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText(/^Saved/)).toBeTruthy();
});

test("leaving the page saves what is not saved yet", async () => {
  const { router } = show("/change-requests/cr42");
  fireEvent.change(await screen.findByLabelText("External Number"), { target: { value: "JIRA-7" } });
  expect(bound.Save).not.toHaveBeenCalled();
  await router.navigate({ to: "/elsewhere" } as never);
  await waitFor(() => expect(bound.Save?.mock.calls[0]?.[1]).toMatchObject({ externalNumber: "JIRA-7" }));
});

test("what could not be saved on leaving is there again on coming back", async () => {
  bound.Save?.mockRejectedValue(fault("busy", "The database is busy."));
  const { router } = show("/change-requests/cr42");
  fireEvent.change(await screen.findByLabelText("External Number"), { target: { value: "JIRA-7" } });
  await router.navigate({ to: "/elsewhere" } as never);
  expect(await screen.findByText("The database is busy.")).toBeTruthy();
  await router.navigate({ to: "/change-requests/$id", params: { id: "cr42" } } as never);
  expect((await screen.findByLabelText<HTMLInputElement>("External Number")).value).toBe("JIRA-7");
});

test("undo takes the last edit back, by its button and by Ctrl Z outside of text", async () => {
  now = view({ canUndo: true });
  show("/change-requests/cr42");
  const field = await screen.findByLabelText<HTMLTextAreaElement>("Change Overview");
  bound.Undo?.mockImplementation(async () => {
    now = view({ canUndo: true, request: { overview: "As before.", updatedAt: "2026-03-01T11:00:00Z" } });
    return now;
  });
  await userEvent.click(screen.getByRole("button", { name: /^Undo/ }));
  await waitFor(() => expect(field.value).toBe("As before."));
  field.focus();
  await userEvent.keyboard("{Control>}z{/Control}");
  expect(bound.Undo).toHaveBeenCalledTimes(1);
  field.blur();
  await userEvent.keyboard("{Control>}z{/Control}");
  await waitFor(() => expect(bound.Undo).toHaveBeenCalledTimes(2));
});

test("a new request is made by its first letters, and the name keeps the keys", async () => {
  const { router } = show("/change-requests/new");
  const name = await screen.findByRole<HTMLInputElement>("textbox", { name: "Change Request Name" });
  expect(document.activeElement).toBe(name);
  expect(bound.Save).not.toHaveBeenCalled();
  await userEvent.paste("Partner tiers");
  await waitFor(() => expect(router.state.location.pathname).toBe("/change-requests/cr42"));
  expect(bound.Save?.mock.calls[0]).toMatchObject(["", { name: "Partner tiers" }]);
  await userEvent.keyboard(" 2");
  expect((document.activeElement as HTMLInputElement).value).toBe("Partner tiers 2");
});

test("a new request that was never typed in leaves nothing behind", async () => {
  const { router } = show("/change-requests/new");
  await screen.findByRole("textbox", { name: "Change Request Name" });
  await router.navigate({ to: "/elsewhere" } as never);
  expect(await screen.findByText("elsewhere")).toBeTruthy();
  expect(bound.Save).not.toHaveBeenCalled();
});

test("Submit for Approval saves first, names digest and person, and signs what was seen", async () => {
  show("/change-requests/cr42");
  await userEvent.type(await screen.findByLabelText("Change Overview"), "!");
  await userEvent.click(screen.getByRole("button", { name: "Submit for Approval" }));
  const dialog = await screen.findByRole("dialog");
  expect(bound.Save).toHaveBeenCalledTimes(1);
  expect(dialog.textContent).toContain("abcdef0123456789");
  expect(dialog.textContent).toContain("Ana Requester");
  expect(await barriers()).toEqual([]);
  await userEvent.click(within(dialog).getByRole("button", { name: "Submit for Approval" }));
  expect(bound.Do).toHaveBeenCalledWith("cr42", {
    action: Action.Submit,
    reason: "",
    seen: "h1:abcdef0123456789",
  });
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("a draft without content leads to the customizations", async () => {
  now = view(
    {
      count: 0,
      existing: 0,
      next: {
        code: "edit",
        action: "",
        who: [],
        sentence: "Add at least one customization.",
        said: nothingSaid,
      },
      checks: [
        {
          code: "content",
          ok: false,
          message: "It names no customization.",
          remedy: "Add one.",
          who: ["ana"],
        },
      ],
    },
    [],
  );
  items = [];
  show("/change-requests/cr42");
  await userEvent.click(await screen.findByRole("button", { name: "Add Customizations" }));
  const dialog = await screen.findByRole("dialog", { name: "Add customizations to CR-0042" });
  const search = await within(dialog).findByRole("textbox", { name: "Search by API name" });
  await waitFor(() => expect(document.activeElement).toBe(search));
  await within(dialog).findByRole("listbox", { name: "Inventory of Demo UAT" });
  expect(await barriers()).toEqual([]);

  // by keyboard alone
  await userEvent.keyboard("{ArrowDown} {Shift>}{ArrowDown}{/Shift}");
  expect(within(dialog).getByRole("button", { name: "Add 2 Customizations" })).toBeTruthy();
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await waitFor(() =>
    expect(bound.Add).toHaveBeenCalledWith("cr42", [
      { type: "CustomField", name: "Account.Region__c", action: "" },
      { type: "CustomField", name: "Account.Tier__c", action: "" },
    ]),
  );
});

test("customizations show what they are; several are picked, changed and removed", async () => {
  items.push(content({ name: "Account.Old__c", manifest: "package.xml" }));
  show("/change-requests/cr42?tab=customizations");
  const box = await screen.findByRole("listbox", { name: "Customizations" });
  const [first, second] = within(box).getAllByRole("option");
  expect(first?.textContent).toMatch(
    /Account.Tier__cCustomField.*change.*existing.*Data Model.*Sandbox Development & Testing.*Ingrid Solberg/,
  );
  expect(second?.textContent).toContain("proposed");
  expect(await barriers()).toEqual([]);

  box.focus();
  await userEvent.keyboard("{Control>}a{/Control}");
  const bar = screen.getByRole("toolbar", { name: "3 selected" });
  expect(bar.textContent).toContain("1 comes from a package manifest");
  await userEvent.click(within(bar).getByRole("button", { name: "delete" }));
  expect(bound.Add?.mock.calls[0]?.[1]).toHaveLength(3);
  expect(bound.Add?.mock.calls[0]?.[1][0]).toEqual({
    type: "CustomField",
    name: "Account.Tier__c",
    action: "delete",
  });
  await userEvent.click(within(bar).getByRole("button", { name: "Remove" }));
  await waitFor(() =>
    expect(bound.Remove?.mock.calls[0]?.[1].map((c: governance.Customization) => c.name)).toEqual([
      "Account.Tier__c",
      "Account.Level__c",
    ]),
  );
});

test("proposed names are checked as they are typed, with an example", async () => {
  show("/change-requests/cr42?tab=customizations&item=propose");
  const dialog = await screen.findByRole("dialog", { name: "Propose customizations" });
  expect(await within(dialog).findByText("For example Account.Region__c")).toBeTruthy();
  const names = within(dialog).getByLabelText("API names, one a line");
  await userEvent.type(names, "Account.New__c{Enter}Wrong");
  expect(await within(dialog).findByText(/It needs the object, a dot and the name/)).toBeTruthy();
  expect(
    within(dialog).getByRole<HTMLButtonElement>("button", { name: "Propose 2 Customizations" }).disabled,
  ).toBe(true);
  await userEvent.type(names, "{Backspace}{Backspace}{Backspace}{Backspace}{Backspace}{Backspace}");
  await waitFor(() =>
    expect(
      within(dialog).getByRole<HTMLButtonElement>("button", { name: "Propose 1 Customization" }).disabled,
    ).toBe(false),
  );
  await userEvent.click(within(dialog).getByRole("button", { name: "Propose 1 Customization" }));
  await waitFor(() =>
    expect(bound.Add).toHaveBeenCalledWith("cr42", [
      { type: "CustomField", name: "Account.New__c", action: "add" },
    ]),
  );
});

test("an approved request leads to a new Deployment Record, and cannot be edited", async () => {
  now = view(
    {
      locked: true,
      request: { status: Status.Approved },
      next: {
        code: "deploy",
        action: "new-record",
        who: [],
        sentence: "Make a Deployment Record.",
        said: nothingSaid,
      },
    },
    [Action.Reopen, Action.Cancel],
  );
  show("/change-requests/cr42");
  const deploy = await screen.findByRole("link", { name: "Deploy" });
  expect(deploy.getAttribute("href")).toContain("/deployments/new?request=cr42");
  expect(screen.queryByLabelText("Change Overview")).toBeNull();
  expect(screen.getByRole("button", { name: "Reopen" })).toBeTruthy();
});

test("a pending request leads its approver to the review", async () => {
  now = view(
    {
      locked: true,
      request: { status: Status.PendingApproval },
      next: { code: "vote", action: Action.Approve, who: [], sentence: "Review it.", said: nothingSaid },
    },
    [Action.Approve, Action.Reject],
  );
  show("/change-requests/cr42");
  const review = await screen.findByRole("link", { name: "Review and Approve" });
  expect(review.getAttribute("href")).toContain("/change-requests/cr42/review");
});

test("a draft is deleted after a question", async () => {
  const { router } = show("/change-requests/cr42");
  await userEvent.click(await screen.findByRole("button", { name: "More actions" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Delete draft…" }));
  const dialog = await screen.findByRole("dialog", { name: "Delete CR-0042?" });
  expect(bound.Delete).not.toHaveBeenCalled();
  await userEvent.click(within(dialog).getByRole("button", { name: "Delete Draft" }));
  await waitFor(() => expect(bound.Delete).toHaveBeenCalledWith("cr42"));
  expect(router.state.location.pathname).toBe("/change-requests");
});

test("the activity marks what was signed", async () => {
  bound.Activity?.mockResolvedValue([
    {
      id: "1",
      code: "cr.submit",
      by: ana,
      at: "2026-03-01T10:00:00Z",
      text: "Ana submitted CR-0042.",
      reason: "",
      signed: true,
      digest: "h1:abc",
      link: "cr42",
      round: 1,
      said: nothingSaid,
    },
    {
      id: "2",
      code: "draft",
      by: ana,
      at: "2026-03-01T09:00:00Z",
      text: "Ana edited CR-0042.",
      reason: "",
      signed: false,
      digest: "",
      link: "cr42",
      round: 0,
      said: nothingSaid,
    },
  ]);
  show("/change-requests/cr42?tab=activity");
  expect(await screen.findByText("Ana submitted CR-0042.")).toBeTruthy();
  expect(screen.getAllByText("Signed")).toHaveLength(1);
  expect(await barriers()).toEqual([]);
});

test("hostile words are words", async () => {
  const hostile = '<img src=x onerror="window.bad=1">';
  now = view({ request: { name: hostile, overview: hostile, changeSets: [hostile] } });
  items = [content({ name: hostile, type: hostile, by: hostile })];
  show("/change-requests/cr42?tab=customizations");
  expect((await screen.findAllByTitle(hostile)).length).toBeGreaterThan(0);
  expect(document.querySelector("img")).toBeNull();
});

test("what is not there says so, with the way to try again", async () => {
  bound.Get?.mockRejectedValue(fault("not_found", "There is no such change request."));
  show("/change-requests/gone");
  expect((await screen.findByRole("alert")).textContent).toContain("There is no such change request.");
  expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy();
});

test("what is picked in one request is not picked in another", async () => {
  bound.Get?.mockImplementation(async (id: string) => view({ request: { id } }));
  const { router, client } = show("/change-requests/cr41?tab=customizations");
  const box = await screen.findByRole("listbox", { name: "Customizations" });
  client.setQueryData(["request", "cr42"], view());
  box.focus();
  await userEvent.keyboard("{Control>}a{/Control}");
  expect(screen.getByRole("toolbar", { name: "2 selected" })).toBeTruthy();
  await router.navigate({
    to: "/change-requests/$id",
    params: { id: "cr42" },
    search: { tab: "customizations" },
  } as never);
  await screen.findByRole("listbox", { name: "Customizations" });
  await waitFor(() => expect(screen.queryByRole("toolbar", { name: "2 selected" })).toBeNull());
  expect(bound.Remove).not.toHaveBeenCalled();
});

test("Ctrl Enter right after typing signs what was just saved", async () => {
  bound.Save?.mockImplementation(async (_id: string, fields: workspace.RequestFields) => {
    now = view({ request: fields, digest: "h1:saved" });
    return now;
  });
  show("/change-requests/cr42");
  fireEvent.change(await screen.findByLabelText("Change Overview"), { target: { value: "More." } });
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).queryByRole("alert")).toBeNull();
  await userEvent.click(within(dialog).getByRole("button", { name: "Submit for Approval" }));
  await waitFor(() =>
    expect(bound.Do).toHaveBeenCalledWith("cr42", { action: Action.Submit, reason: "", seen: "h1:saved" }),
  );
});

test("a print has every customization, the page beside it none, and a print past the window says so", async () => {
  const many = Array.from({ length: 1500 }, (_, i) => content({ name: `Account.F${i}__c` }));
  bound.Content?.mockImplementation(async (_id: string, { offset, limit }: workspace.ContentQuery) => ({
    items: many.slice(offset, offset + limit),
    total: many.length,
    types: [],
  }));
  now = view({ count: many.length });
  const rows = () =>
    [...document.querySelectorAll(".print-only tr")].filter((r) => /__c/.test(r.textContent));
  let printed = 0;
  const go = (window as unknown as { go: { app: { Settings: object } } }).go.app;
  Object.assign(go.Settings, { Print: async () => (printed = rows().length) });
  show("/change-requests/cr42");
  await userEvent.click(await screen.findByRole("button", { name: "More actions" }));
  expect(rows()).toHaveLength(0);
  expect(document.querySelector(".print-only")?.textContent).toContain(
    "1,500 customizations are not printed",
  );
  await userEvent.click(await screen.findByRole("menuitem", { name: "Print…" }));
  await waitFor(() => expect(printed).toBe(1500));
  fireEvent(window, new Event("afterprint"));
  await waitFor(() => expect(rows()).toHaveLength(0));
});
