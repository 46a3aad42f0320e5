import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { governance, type workspace } from "@/api/models";
import { barriers, showPages } from "@/components/testing";
import i18next from "@/i18n/i18n";
import { EnvironmentPage } from "./EnvironmentPage";

const never = "0001-01-01T00:00:00Z";
const soon = new Date(Date.now() - 3_600_000).toISOString();
const person = (name: string) => ({ id: name, name, roles: [] }) as unknown as workspace.Person;

const view = {
  environment: {
    id: "prod",
    name: "Acme",
    kind: governance.EnvironmentKind.Production,
    url: "https://login.salesforce.com",
    signIn: governance.SignInMethod.Password,
    username: "ana@acme.com",
    deployBy: governance.DeployTransport.Soap,
    consumerKey: "",
    organizationId: "00D1",
    organizationName: "Acme",
    apiVersion: "65.0",
    testedAt: soon,
    createdAt: soon,
    updatedAt: soon,
  },
  production: true,
  inventory: { environmentId: "prod", name: "Acme", at: soon, count: 2 },
  hasCredentials: true,
  workId: "",
  records: 0,
} as workspace.EnvironmentView;

const change = (over: Partial<workspace.OutsideChange>): workspace.OutsideChange => ({
  act: "a1",
  kind: "deployment",
  said: {
    text: "A deployment of 2 components.",
    code: "outside.deployment",
    params: { count: "2" },
    parts: {},
  },
  summary: "A deployment of 2 components.",
  components: ["GlobalValueSet:Billing", "Flow:Old_Flow"],
  changes: ["add", "delete"],
  count: 2,
  by: "Robin Admin",
  at: soon,
  foundBy: person("Ana"),
  hasPage: true,
  resolved: false,
  resolvedAt: never,
  reason: "",
  requestId: "",
  requestLabel: "",
  ...over,
});

const clicked = change({
  act: "a2",
  kind: "setup",
  said: { text: "Changed by hand in Setup.", code: "outside.setup", params: {}, parts: {} },
  summary: "Changed validation rule: Account.Rule; and 7 more",
  components: ["ValidationRule:Account.Rule"],
  changes: ["change"],
  count: 1,
});

const done = change({
  act: "a3",
  resolved: true,
  resolvedBy: person("Bo Approver"),
  resolvedAt: soon,
  reason: "The vendor did it.",
  requestId: "cr1",
  requestLabel: "CR-0001 After the fact",
});

let page: workspace.OutsidePage;
let most: number; // that one answer has
const bound = {
  List: vi.fn(async () => [view]),
  Get: vi.fn(async () => view),
  Outside: vi.fn(async (_id: string, q: workspace.OutsideQuery) => ({
    ...page,
    items: page.items
      .filter((c) => !q.open || !c.resolved)
      .slice(q.offset, q.offset + Math.min(q.limit, most)),
    total: page.items.filter((c) => !q.open || !c.resolved).length,
  })),
  CheckOutside: vi.fn(),
  ResolveOutside: vi.fn(),
  OpenOutside: vi.fn(async () => {}),
  ProbablyDeployed: vi.fn(),
  FindProbable: vi.fn(async () => 1),
};

beforeEach(async () => {
  vi.clearAllMocks();
  await i18next.changeLanguage("en");
  most = 200;
  page = {
    items: [change({}), clicked, done],
    total: 3,
    open: 2,
    resolved: 1,
    until: soon,
    closes: true,
    governed: true,
    unread: false,
    setupUnread: false,
    troubleAt: never,
    probable: 0,
  };
  Object.assign(window, {
    innerWidth: 1400,
    go: {
      app: {
        Environments: bound,
        Settings: { Preferences: async () => ({}), Prefer: async () => {} },
        Home: { Works: async () => [] },
        Workspaces: {
          State: async () => ({
            open: true,
            demo: true,
            me: person("Ana"),
            members: [],
            keychain: { works: true, where: "", why: "" },
          }),
        },
      },
    },
  });
});

const show = () => showPages({ "/environments/$id": EnvironmentPage }, "/environments/prod?tab=outside");
const lines = async () =>
  within(await screen.findByRole("list", { name: "Changed outside" })).getAllByRole("listitem");

test("what is open says what it is, who did it, what was new or deleted, and that it closes the gate", async () => {
  show();
  const [first, second] = await lines();
  expect(first?.textContent).toMatch(
    /A deployment of 2 components\..*Open.*Robin Admin · 1 hour ago.*GlobalValueSet Billing \(new\), Flow Old_Flow \(deleted\)/,
  );
  expect(second?.textContent).toMatch(
    /Changed by hand in Setup.*Changed validation rule: Account.Rule; and 7 more/,
  );
  expect(
    screen.getByText("Deployments to Acme are closed until each of these is resolved: the policy says so."),
  ).toBeTruthy();
  expect(screen.queryByText("The vendor did it.")).toBeNull();
  await userEvent.click(screen.getByRole("radio", { name: "All · 3" }));
  await screen.findByText(/Bo Approver: The vendor did it\./);
  expect(screen.getByRole("link", { name: "CR-0001 After the fact" }).getAttribute("href")).toMatch(
    /change-requests\/cr1/,
  );
  await userEvent.click(
    within((await lines())[0] as HTMLElement).getByRole("button", { name: "Open in Salesforce" }),
  );
  expect(bound.OpenOutside).toHaveBeenCalledWith("prod", "a1");
  expect(await barriers()).toEqual([]);
});

test("many are resolved at once, with a reason", async () => {
  bound.ResolveOutside.mockResolvedValue({ requestId: "" });
  show();
  await lines();
  const resolve = screen.getByRole("button", { name: "Resolve" });
  expect(resolve.getAttribute("aria-disabled")).toBe("true");
  await userEvent.click(screen.getByRole("checkbox", { name: "All" }));
  await userEvent.click(screen.getByRole("button", { name: "Resolve 2" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText("2 changes outside the process")).toBeTruthy();
  const sign = dialog.getByRole("button", { name: "Sign the reason" });
  expect((sign as HTMLButtonElement).disabled).toBe(true);
  await userEvent.type(dialog.getByRole("textbox", { name: /Reason/ }), "The vendor did it, ticket 88.");
  expect(await barriers()).toEqual([]);
  await userEvent.click(sign);
  expect(bound.ResolveOutside).toHaveBeenCalledWith("prod", {
    acts: ["a1", "a2"],
    reason: "The vendor did it, ticket 88.",
    newRequest: false,
    name: "",
  });
  await screen.findByText("Resolved. It stands in the audit trail.");
});

test("a Change Request takes one over, and its page opens", async () => {
  bound.ResolveOutside.mockResolvedValue({ requestId: "cr9" });
  show();
  const [first] = await lines();
  await userEvent.click(
    within(first as HTMLElement).getByRole("checkbox", { name: /A deployment of 2 components.* Robin/ }),
  );
  await userEvent.click(screen.getByRole("button", { name: "Resolve 1" }));
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.click(dialog.getByRole("radio", { name: "A change request takes it over afterwards" }));
  const name = dialog.getByRole("textbox", { name: "Name of the change request" });
  expect((name as HTMLInputElement).value).toBe("Change made in Acme outside the process");
  await userEvent.clear(name);
  const sign = dialog.getByRole("button", { name: "Make the change request and sign" });
  expect((sign as HTMLButtonElement).disabled).toBe(true);
  await userEvent.type(name, "Billing, after the fact");
  await userEvent.click(sign);
  expect(bound.ResolveOutside).toHaveBeenCalledWith("prod", {
    acts: ["a1"],
    reason: "",
    newRequest: true,
    name: "Billing, after the fact",
  });
  await screen.findByText("At /change-requests/cr9");
});

test("a refusal of the backend is shown, and nothing is lost", async () => {
  bound.ResolveOutside.mockRejectedValue(
    new Error(
      '{"code":"not_allowed","message":"One of them is no open finding about this organisation.","hint":""}',
    ),
  );
  show();
  await lines();
  await userEvent.click(screen.getByRole("checkbox", { name: "All" }));
  await userEvent.click(screen.getByRole("button", { name: "Resolve 2" }));
  const dialog = within(await screen.findByRole("dialog"));
  const reason = dialog.getByRole("textbox", { name: /Reason/ });
  await userEvent.type(reason, "Known.");
  await userEvent.click(dialog.getByRole("button", { name: "Sign the reason" }));
  await screen.findByText("One of them is no open finding about this organisation.");
  expect((reason as HTMLTextAreaElement).value).toBe("Known.");
});

test("what could not be read is said, in both ways", async () => {
  Object.assign(page, {
    unread: true,
    setupUnread: true,
    trouble: { code: "org_unreachable", message: "Acme cannot be reached.", hint: "Try again." },
    troubleAt: soon,
  });
  show();
  await screen.findByText(/list of deployments could not be read the last time/);
  expect(screen.getByText(/Setup Audit Trail was not read the last time/)).toBeTruthy();
  expect(screen.getByText(/The last reading did not work,/).textContent).toMatch(
    /1 hour ago\. Acme cannot be reached\. Try again\./,
  );

  bound.CheckOutside.mockRejectedValueOnce(
    new Error('{"code":"org_unreachable","message":"Acme cannot be reached.","hint":"Try again."}'),
  );
  const asked = bound.Outside.mock.calls.length;
  await userEvent.click(screen.getByRole("button", { name: "Check for changes outside" }));
  expect(bound.CheckOutside).toHaveBeenCalledWith("prod", false);
  await waitFor(() => expect(bound.Outside.mock.calls.length).toBeGreaterThan(asked));

  const sentence = "What was changed in Acme outside the process could not be read.";
  bound.CheckOutside.mockResolvedValueOnce({
    found: 0,
    probable: 0,
    until: soon,
    said: { text: sentence, code: "outside.unread", params: { environment: "Acme" }, parts: {} },
    unread: { code: "invalid_type", message: "x", hint: "" },
  });
  await userEvent.click(screen.getByRole("button", { name: "Read everything the org still knows" }));
  expect(bound.CheckOutside).toHaveBeenCalledWith("prod", true);
  await screen.findByText(sentence);
});

test("what is probably of a deployment is counted, listed when it is asked for, and can be marked", async () => {
  page.probable = 2;
  bound.ProbablyDeployed.mockResolvedValue([
    {
      ref: "0Ym1",
      kind: "setup",
      at: soon,
      by: "Dee Release",
      text: "Turned on a feature",
      component: "",
      deployment: "0Af1",
      deployedAt: soon,
    },
    {
      ref: "ApexClass:A@x",
      kind: "drift",
      at: soon,
      by: "Dee Release",
      text: "",
      component: "ApexClass:A",
      deployment: "0Af1",
      deployedAt: soon,
    },
  ]);
  show();
  const title = await screen.findByRole("button", { name: "2 changes are probably of a deployment" });
  expect(bound.ProbablyDeployed).not.toHaveBeenCalled();
  await userEvent.click(title);
  const list = within(await screen.findByRole("list", { name: "Probably of a deployment" }));
  expect(list.getAllByRole("listitem").map((line) => line.textContent)).toEqual([
    expect.stringMatching(/Turned on a feature.*Dee Release · 1 hour ago · deployment 0Af1/),
    expect.stringMatching(/ApexClass A.*Dee Release/),
  ]);
  expect(await barriers()).toEqual([]);
  await userEvent.click(list.getByRole("button", { name: "Done by hand: Turned on a feature" }));
  expect(bound.FindProbable).toHaveBeenCalledWith("prod", ["0Ym1"]);
  await screen.findByText("It is a change outside the process now.");
});

test("an org that no policy governs says why nothing is looked for", async () => {
  Object.assign(page, { items: [], open: 0, resolved: 0, governed: false, closes: false, until: never });
  show();
  const check = await screen.findByRole("button", { name: "Check for changes outside" });
  expect(check.getAttribute("aria-disabled")).toBe("true");
  await userEvent.click(check);
  expect(bound.CheckOutside).not.toHaveBeenCalled();
  expect(screen.getByText("The org’s own lists were not read yet.")).toBeTruthy();
});

test("in German", async () => {
  await i18next.changeLanguage("de");
  show();
  const list = await screen.findByRole("list", { name: "Außerhalb geändert" });
  expect(list.textContent).toMatch(
    /Eine Bereitstellung\. Komponenten: 2\..*GlobalValueSet Billing \(neu\), Flow Old_Flow \(gelöscht\)/,
  );
});

test("more than a page is asked for page by page", async () => {
  most = 2;
  page.items = [1, 2, 3].map((i) => change({ act: `a${i}`, by: `Person ${i}` }));
  Object.assign(page, { open: 3, resolved: 0 });
  show();
  expect(await lines()).toHaveLength(2);
  await userEvent.click(screen.getByRole("button", { name: "Show more" }));
  await waitFor(async () => expect(await lines()).toHaveLength(3));
  expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
});
