import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { governance, type store, type workspace } from "@/api/models";
import { barriers, showPages } from "@/components/testing";
import { EnvironmentPage } from "./EnvironmentPage";
import { EnvironmentsPage } from "./EnvironmentsPage";

const never = "0001-01-01T00:00:00Z";
const soon = new Date(Date.now() - 3_600_000).toISOString();

const env = (
  over: Partial<governance.Environment>,
  more: Partial<workspace.EnvironmentView> = {},
): workspace.EnvironmentView => ({
  environment: {
    id: "uat",
    name: "UAT",
    kind: governance.EnvironmentKind.Sandbox,
    url: "https://test.salesforce.com",
    signIn: governance.SignInMethod.Password,
    username: "ana@acme.com.uat",
    deployBy: governance.DeployTransport.Soap,
    consumerKey: "",
    organizationId: "00D1",
    organizationName: "Acme",
    apiVersion: "65.0",
    testedAt: soon,
    createdAt: soon,
    updatedAt: soon,
    ...over,
  },
  production: false,
  inventory: { environmentId: "uat", name: "UAT", at: soon, count: 2 },
  hasCredentials: true,
  workId: "",
  records: 3,
  ...more,
});

const found = (name: string): store.ScanItem => ({
  scanId: "s",
  type: "CustomField",
  name,
  fileName: `objects/${name}`,
  metadataId: "00N1",
  namespacePrefix: "",
  createdByName: "Ingrid",
  lastModifiedByName: "Ingrid Solberg",
  lastModifiedAt: soon,
  manageableState: "unmanaged",
});

let all: workspace.EnvironmentView[];
const bound = {
  List: vi.fn(async () => all),
  Get: vi.fn(async (id: string) => all.find((view) => view.environment.id === id)),
  Save: vi.fn(),
  SaveCredentials: vi.fn(),
  TestConnection: vi.fn(),
  RunScan: vi.fn(),
  Inventory: vi.fn(async (_id: string, query: workspace.InventoryQuery) => {
    const items = ["Account.Region__c", "Account.Tier__c"]
      .filter((name) => name.includes(query.text))
      .map(found);
    return { items: items.slice(query.offset), total: items.length };
  }),
  Summary: vi.fn(async () => ({
    age: env({}).inventory,
    types: [
      { type: "ApexClass", count: 25 },
      { type: "CustomField", count: 80 },
    ],
    packages: [{ name: "", count: 105 }],
    people: [{ name: "Ingrid Solberg", count: 105 }],
    since: soon,
  })),
};
const prefer = vi.fn(async (_key: string, _value: string) => {});

beforeEach(() => {
  vi.clearAllMocks();
  all = [
    env({}),
    env(
      { id: "prod", name: "Acme", kind: governance.EnvironmentKind.Production, testedAt: never },
      {
        production: true,
        hasCredentials: false,
        inventory: { environmentId: "prod", name: "Acme", at: never, count: 0 },
      },
    ),
  ];
  Object.assign(window, {
    innerWidth: 1400,
    go: {
      app: {
        Environments: bound,
        Settings: { Preferences: async () => ({}), Prefer: prefer },
        Home: { Works: async () => [] },
        Workspaces: {
          State: async () => ({
            open: true,
            demo: false,
            members: [],
            keychain: { works: true, where: "the keychain of this computer", why: "" },
          }),
        },
      },
    },
  });
});

const show = (place: string) =>
  showPages({ "/environments": EnvironmentsPage, "/environments/$id": EnvironmentPage }, place);

test("each environment says what it is, whether it can be reached and how old its scan is", async () => {
  show("/environments");
  const [uat, prod] = await screen.findAllByRole("listitem");
  expect(uat?.textContent).toMatch(
    /Sandbox.*Acme.*ana@acme.com.uat.*saved on this computer.*1 hour ago.*2 customizations/,
  );
  expect(prod?.textContent).toMatch(/not saved yet.*Testednever.*Last scannever/);
  expect(prod?.querySelector("[data-production]")).toBeTruthy();
  expect(await barriers()).toEqual([]);
});

test("Test Connection says who we are, or what is wrong and what to do", async () => {
  bound.TestConnection.mockRejectedValueOnce(
    new Error('{"code":"no_credentials","message":"There are no credentials.","hint":"Enter them."}'),
  );
  show("/environments");
  const [uat] = await screen.findAllByRole("listitem");
  const card = within(uat as HTMLElement);
  await userEvent.click(card.getByRole("button", { name: "Test Connection" }));
  expect((await card.findByRole("alert")).textContent).toMatch(/There are no credentials.*Enter them/);

  const identity = { username: "ana@acme.com.uat", organizationName: "Acme" };
  const sentence = "Connected to UAT as ana@acme.com.uat.";
  bound.TestConnection.mockResolvedValue({
    identity,
    sentence,
    said: { text: sentence, code: "", params: {} },
    changed: true,
  });
  await userEvent.click(card.getByRole("button", { name: "Try again" }));
  expect(await card.findByText(sentence)).toBeTruthy();
});

test("a new environment: the presets fill in the address, and a refusal stands under its field", async () => {
  bound.Save.mockRejectedValueOnce(
    new Error('{"code":"invalid_url","message":"This is not the address of an org.","hint":"Use https."}'),
  );
  show("/environments?view=new");
  const dialog = within(await screen.findByRole("dialog", { name: "Add environment" }));
  await userEvent.type(dialog.getByRole("textbox", { name: /^Name/ }), "Partner sandbox");
  await userEvent.click(dialog.getByRole("radio", { name: /^User name and password/ }));
  await userEvent.click(dialog.getByRole("radio", { name: "My Domain" }));
  const address = dialog.getByRole("textbox", { name: /My Domain address/ });
  await userEvent.clear(address);
  await userEvent.type(address, "nonsense");
  await userEvent.type(dialog.getByRole("textbox", { name: /User name/ }), "ana@acme.com.p");
  await userEvent.click(dialog.getByRole("button", { name: "Add environment" }));
  expect(await dialog.findByText(/This is not the address of an org. Use https./)).toBeTruthy();

  bound.Save.mockResolvedValue(env({}));
  await userEvent.click(dialog.getByRole("radio", { name: "login.salesforce.com" }));
  await userEvent.click(dialog.getByRole("button", { name: "Add environment" }));
  expect(bound.Save).toHaveBeenLastCalledWith("", {
    name: "Partner sandbox",
    kind: "production",
    url: "https://login.salesforce.com",
    signIn: "password",
    username: "ana@acme.com.p",
    deployBy: "soap",
    consumerKey: "",
  });
  expect(await screen.findByRole("tab", { name: "Connection", selected: true })).toBeTruthy();
});

test("a secret goes to the keychain and is not on the page afterwards", async () => {
  bound.SaveCredentials.mockImplementation(async () => {
    all = [env({}, { hasCredentials: true })];
    return all[0];
  });
  all = [env({}, { hasCredentials: false })];
  show("/environments/uat?tab=connection");
  expect(await screen.findByText(/^Save credentials for this org, so/)).toBeTruthy();
  const password = screen.getByLabelText(/^Password/);
  await userEvent.type(password, "s3cret");
  await userEvent.click(screen.getByRole("button", { name: "Save Credentials" }));
  expect(await screen.findByText("Saved. Now press Test Connection.")).toBeTruthy();
  expect(bound.SaveCredentials).toHaveBeenCalledWith("uat", {
    password: "s3cret",
    token: "",
    consumerSecret: "",
  });
  expect(bound.Save).not.toHaveBeenCalled();
  expect(document.body.innerHTML).not.toContain("s3cret");
  expect((password as HTMLInputElement).value).toBe("");
  expect(await barriers()).toEqual([]);
});

test("deployments are sent through REST once that is chosen", async () => {
  bound.Save.mockImplementation(async (_: string, fields: Partial<governance.Environment>) => env(fields));
  show("/environments/uat?tab=connection");
  await userEvent.click(await screen.findByRole("combobox", { name: "Deployments are sent" }));
  await userEvent.click(await screen.findByRole("option", { name: "Through REST" }));
  await userEvent.click(screen.getByRole("button", { name: "Save changes" }));
  await waitFor(() => expect(bound.Save.mock.lastCall?.[1]).toMatchObject({ name: "UAT", deployBy: "rest" }));
});

test("a colour is chosen for a sandbox; production has none to choose", async () => {
  show("/environments/uat?tab=connection");
  await userEvent.click(await screen.findByRole("radio", { name: "Violet" }));
  expect(prefer).toHaveBeenCalledWith("environment.uat.color", "violet");
});

test("the inventory: types with counts, search, and one item with all that is known of it", async () => {
  show("/environments/uat?tab=inventory");
  const list = await screen.findByRole("listbox", { name: "Customizations of this org" });
  expect(await within(list).findByText("Account.Region__c")).toBeTruthy();
  expect(screen.getByText("2 customizations", { selector: "[role=status]" })).toBeTruthy();

  await userEvent.click(screen.getByRole("checkbox", { name: "CustomField" }));
  await waitFor(() => expect(bound.Inventory.mock.lastCall?.[1].types).toEqual(["CustomField"]));
  await userEvent.type(screen.getByRole("searchbox"), "Tier");
  await waitFor(() => expect(bound.Inventory.mock.lastCall?.[1].text).toBe("Tier"));
  await waitFor(() => expect(screen.queryByText("Account.Region__c")).toBeNull());
  expect(await barriers()).toEqual([]);

  await userEvent.click(await screen.findByText("Account.Tier__c"));
  expect((await screen.findByRole("dialog")).textContent).toMatch(/objects\/Account.Tier__c.*Ingrid Solberg/);
});

test("an org that was never scanned says what a scan does", async () => {
  show("/environments/prod?tab=inventory");
  expect(await screen.findByRole("heading", { name: "Nothing is known of this org yet" })).toBeTruthy();
  expect(bound.Inventory).not.toHaveBeenCalled();
});

test("a scan or a test that ends while somebody types leaves what they typed", async () => {
  const { client } = show("/environments/uat?tab=connection");
  const name = await screen.findByLabelText<HTMLInputElement>(/^Name/);
  await userEvent.type(name, " 2");
  const password = screen.getByLabelText<HTMLInputElement>(/^Password/, { selector: "input[type=password]" });
  await userEvent.type(password, "secret");
  all = all.map((view) => ({
    ...view,
    environment: { ...view.environment, updatedAt: new Date().toISOString(), username: "told@acme.com.uat" },
  }));
  await client.invalidateQueries();
  expect((await screen.findAllByDisplayValue("told@acme.com.uat")).length).toBeGreaterThan(0);
  expect(screen.getByLabelText<HTMLInputElement>(/^Name/).value).toBe("UAT 2");
  expect(password.isConnected && password.value).toBe("secret");
});

test("a background reading of an environment that fails leaves the page, with the fault beside it", async () => {
  const { client } = show("/environments/uat?tab=connection");
  await screen.findByRole("heading", { level: 1, name: "UAT" });
  bound.Get.mockRejectedValueOnce(new Error('{"code":"busy","message":"The database is busy."}'));
  await client.invalidateQueries({ queryKey: ["environments", "uat"] });
  expect((await screen.findByRole("alert")).textContent).toContain("The database is busy.");
  expect(screen.getByRole("heading", { level: 1, name: "UAT" })).toBeTruthy();
});

test("Test Connection and Run Scan can be pressed without credentials, only to be refused", async () => {
  all = [env({}, { hasCredentials: false })];
  showPages({ "/environments": EnvironmentsPage }, "/environments");
  const test = await screen.findByRole("button", { name: "Test Connection" });
  for (const button of [test, screen.getByRole("button", { name: "Run Scan" })]) {
    expect(button.getAttribute("aria-disabled")).toBe("true");
    const why = document.getElementById(button.getAttribute("aria-describedby") ?? "");
    expect(why?.textContent).toContain("Save credentials for this org first");
    await userEvent.click(button);
  }
  expect(bound.TestConnection).not.toHaveBeenCalled();
});
