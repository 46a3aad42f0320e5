import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { governance, salesforce, workspace } from "@/api/models";
import { barriers, showPages } from "@/components/testing";
import { EnvironmentPage } from "./EnvironmentPage";
import { EnvironmentsPage } from "./EnvironmentsPage";

// A machine that builds something else at the same time is no reason to fail.

const never = "0001-01-01T00:00:00Z";
const key = "3MVG9someConsumerKey";

const view = (
  over: Partial<governance.Environment> = {},
  more: Partial<workspace.EnvironmentView> = {},
): workspace.EnvironmentView => ({
  environment: {
    id: "uat",
    name: "UAT",
    kind: governance.EnvironmentKind.Sandbox,
    url: "https://acme--uat.sandbox.my.salesforce.com",
    signIn: governance.SignInMethod.Oauth,
    username: "",
    consumerKey: key,
    deployBy: governance.DeployTransport.Soap,
    organizationId: "",
    organizationName: "",
    apiVersion: "",
    testedAt: never,
    createdAt: never,
    updatedAt: never,
    ...over,
  },
  production: false,
  inventory: { environmentId: "uat", name: "UAT", at: never, count: 0 },
  hasCredentials: false,
  workId: "",
  records: 0,
  ...more,
});

const answer: workspace.Connection = {
  identity: {
    userId: "005",
    username: "ana@acme.com.uat",
    userName: "Ana",
    organizationName: "Acme",
    organizationId: "00D1",
    organizationType: "Enterprise Edition",
    namespace: "",
    kind: "sandbox",
    instance: "",
    instanceUrl: "",
    apiVersion: "66.0",
  },
  sentence: "Connected to UAT as ana@acme.com.uat.",
  said: { text: "", code: "", params: {} },
  changed: true,
  offer: "",
};
const fault = (code: string, message: string, hint = "") =>
  new Error(JSON.stringify({ code, message, hint }));

let shown: workspace.EnvironmentView;
let comesBack: { resolve: (answer: unknown) => void; reject: (why: Error) => void };
const bound = {
  List: vi.fn(async () => [shown]),
  Get: vi.fn(async () => shown),
  Save: vi.fn(),
  SaveCredentials: vi.fn(),
  SignInRecipe: vi.fn(async () => ({
    callbacks: ["http://localhost:17170/oauth/callback", "http://localhost:17270/oauth/callback"],
    scopes: ["api", "refresh_token"],
    permission: "Modify Metadata Through Metadata API Functions",
  })),
  SignIn: vi.fn(
    () =>
      new Promise((resolve, reject) => {
        comesBack = { resolve, reject };
      }),
  ),
  ConfirmSignIn: vi.fn(),
  DeclineSignIn: vi.fn(),
  RemoveSecret: vi.fn(),
  CancelSignIn: vi.fn(async () => comesBack.reject(fault("signin_canceled", "The sign-in was cancelled."))),
  ShowSignIn: vi.fn(async () => {}),
  CopySignIn: vi.fn(async () => {}),
  SignOut: vi.fn(),
  Diagnose: vi.fn(),
  CLIOrgs: vi.fn(),
  TestConnection: vi.fn(),
};
const copied = vi.fn(async (_text: string) => {});

beforeEach(() => {
  vi.clearAllMocks();
  shown = view();
  Object.assign(window, {
    innerWidth: 1400,
    go: {
      app: {
        Environments: bound,
        Settings: { Preferences: async () => ({}), Prefer: async () => {}, Copy: copied },
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

const show = (place = "/environments/uat?tab=connection") =>
  showPages({ "/environments": EnvironmentsPage, "/environments/$id": EnvironmentPage }, place);

test("an org without an app shows the recipe, to be copied for an administrator", async () => {
  shown = view({ consumerKey: "" });
  show();
  expect(await screen.findByText(/^Sign in to this org with the browser, so/)).toBeTruthy();
  const recipe = await screen.findByText(/New External Client App/);
  expect(recipe.closest("ol")?.textContent).toMatch(
    /http:\/\/localhost:17170\/oauth\/callback\n.*17270.*api, refresh_token/s,
  );
  expect(screen.getByText("Modify Metadata Through Metadata API Functions")).toBeTruthy();
  await userEvent.click(screen.getByText("Copy"));
  expect(copied).toHaveBeenCalledWith(
    "http://localhost:17170/oauth/callback\nhttp://localhost:17270/oauth/callback",
  );
  await userEvent.click(screen.getByText("Copy the whole recipe"));
  expect(copied.mock.lastCall?.[0]).toMatch(/^1\. In Setup open External Client App Manager.*\n2\. /s);
  expect(copied.mock.lastCall?.[0]).not.toMatch(/<b>|\{\{/);
  expect(await barriers()).toEqual([]);
});

test("the consumer key comes before the sign-in, which says so until then", async () => {
  shown = view({ consumerKey: "" });
  bound.Save.mockImplementation(async (_id: string, fields: workspace.EnvironmentFields) => {
    shown = view(fields);
    return shown;
  });
  show();
  const button = (await screen.findByText("Sign in with Salesforce")).closest("button") as HTMLButtonElement;
  await userEvent.click(button);
  expect(bound.SignIn).not.toHaveBeenCalled();
  expect(document.getElementById(button.getAttribute("aria-describedby") ?? "")?.textContent).toBe(
    "Save the consumer key first.",
  );
  await userEvent.click(screen.getByLabelText(/^Consumer key/));
  await userEvent.paste(` ${key} `);
  await userEvent.click(screen.getByText("Save"));
  await waitFor(() => expect(bound.Save).toHaveBeenCalled());
  expect(bound.Save.mock.lastCall?.[1]).toMatchObject({ consumerKey: key, signIn: "oauth" });
  expect(bound.SaveCredentials).not.toHaveBeenCalled();
  await waitFor(() => expect(button.getAttribute("aria-disabled")).toBeNull());
});

test("a consumer secret goes to the keychain and is not on the page afterwards", async () => {
  bound.SaveCredentials.mockImplementation(async () => {
    shown = view({}, { secret: workspace.SecretState.Kept });
    return shown;
  });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "The app asks for a consumer secret" }));
  await userEvent.type(screen.getByLabelText(/^Consumer secret/), "s3cret");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText(/^A consumer secret is saved in the keychain/)).toBeTruthy();
  expect(bound.SaveCredentials).toHaveBeenCalledWith("uat", {
    password: "",
    token: "",
    consumerSecret: "s3cret",
  });
  expect(document.body.innerHTML).not.toContain("s3cret");
  expect(screen.getByRole("button", { name: "Enter another consumer secret" })).toBeTruthy();

  bound.RemoveSecret.mockImplementation(async () => {
    shown = view();
    return shown;
  });
  await userEvent.click(screen.getByRole("button", { name: "Remove" }));
  expect(await screen.findByText("The consumer secret was removed from this computer.")).toBeTruthy();
  expect(bound.RemoveSecret).toHaveBeenCalledWith("uat");
});

test("a consumer secret of another app is said not to be sent", async () => {
  shown = view({}, { secret: workspace.SecretState.Other });
  show();
  expect(await screen.findByText(/saved for another consumer key or address. It is not sent/)).toBeTruthy();
});

test("the first sign-in is confirmed by the person who sees which org it led to", async () => {
  const offered = { ...answer, offer: "o1", changed: false };
  shown = view({ organizationId: "" });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Sign in with Salesforce" }));
  await screen.findByRole("group", { name: "Waiting for the browser" });
  shown = view({ organizationId: "" }, { unconfirmed: offered });
  comesBack.resolve(offered);
  const question = within(
    await screen.findByRole("group", { name: "Is this the org and the user that you mean by UAT?" }),
  );
  expect(question.getByText("Acme · 00D1")).toBeTruthy();
  expect(question.getByText(/Sandbox$/)).toBeTruthy();
  expect(question.getByText(/^Ana.*ana@acme.com.uat/)).toBeTruthy();
  expect(screen.getByText(/^Confirm which org and user/)).toBeTruthy();
  expect(screen.queryByText("Connected to UAT as ana@acme.com.uat.")).toBeNull();
  expect(screen.queryByRole("button", { name: "Sign in with Salesforce" })).toBeNull();
  expect(await barriers()).toEqual([]);

  bound.DeclineSignIn.mockImplementation(async () => {
    shown = view({ organizationId: "" });
    return shown;
  });
  await userEvent.click(question.getByRole("button", { name: "No, that is not it" }));
  expect(await screen.findByText(/^The sign-in was ended at Salesforce/)).toBeTruthy();
  expect(bound.DeclineSignIn).toHaveBeenCalledWith("uat", "o1");
  expect(bound.ConfirmSignIn).not.toHaveBeenCalled();

  await userEvent.click(screen.getByRole("button", { name: "Sign in with Salesforce" }));
  await screen.findByRole("group", { name: "Waiting for the browser" });
  shown = view({ organizationId: "" }, { unconfirmed: offered });
  comesBack.resolve(offered);
  bound.ConfirmSignIn.mockImplementation(async () => {
    shown = view({ username: "ana@acme.com.uat" }, { hasCredentials: true });
    return answer;
  });
  await userEvent.click(await screen.findByRole("button", { name: "Yes, keep this sign-in" }));
  expect(await screen.findByText("Connected to UAT as ana@acme.com.uat.")).toBeTruthy();
  expect(bound.ConfirmSignIn).toHaveBeenCalledWith("uat", "o1");
  expect(await screen.findByRole("button", { name: "Sign in again" })).toBeTruthy();
});

test("a sign-in that waits to be confirmed is asked about again on a page that is opened anew", async () => {
  shown = view({ organizationId: "" }, { unconfirmed: { ...answer, offer: "o1" } });
  show("/environments/uat?tab=inventory");
  await userEvent.click(await screen.findByRole("button", { name: "Look at it" }));
  expect(await screen.findByRole("button", { name: "Yes, keep this sign-in" })).toBeTruthy();
});

test("a key that is none is refused under its field", async () => {
  bound.Save.mockRejectedValue(fault("consumer_key", "This is no consumer key.", "Copy it again."));
  show();
  const field = await screen.findByLabelText(/^Consumer key/);
  await userEvent.type(field, "!");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("This is no consumer key. Copy it again.")).toBeTruthy();
  expect(field.getAttribute("aria-invalid")).toBe("true");
});

test("signing in waits for the browser, and says what an error there means", async () => {
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Sign in with Salesforce" }));
  const waits = within(await screen.findByRole("group", { name: "Waiting for the browser" }));
  expect(waits.getByRole("status").textContent).toContain("acme--uat.sandbox.my.salesforce.com");
  expect(waits.getByText(/redirect_uri_mismatch/)).toBeTruthy();
  await userEvent.click(waits.getByRole("button", { name: "Open the page again" }));
  await userEvent.click(waits.getByRole("button", { name: "Copy its address" }));
  expect(bound.ShowSignIn).toHaveBeenCalledWith("uat");
  expect(bound.CopySignIn).toHaveBeenCalledWith("uat");
  expect(await barriers()).toEqual([]);

  shown = view({ username: "ana@acme.com.uat" }, { hasCredentials: true });
  comesBack.resolve(answer);
  expect((await screen.findAllByText("Connected to UAT as ana@acme.com.uat.")).length).toBe(1);
  expect(screen.getByText("Acme · 00D1")).toBeTruthy();
  expect(await screen.findByRole("button", { name: "Sign in again" })).toBeTruthy();

  bound.SignOut.mockImplementation(async () => {
    shown = view({ username: "ana@acme.com.uat" });
    return shown;
  });
  await userEvent.click(screen.getByRole("button", { name: "Sign out" }));
  expect(await screen.findByRole("button", { name: "Sign in with Salesforce" })).toBeTruthy();
  expect(screen.queryByText("Connected to UAT as ana@acme.com.uat.")).toBeNull();
});

test("a sign-in that is cancelled is no error; one that is refused says what to do", async () => {
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Sign in with Salesforce" }));
  await userEvent.click(await screen.findByRole("button", { name: "Cancel" }));
  expect(await screen.findByText("Cancelled. Nothing was changed.")).toBeTruthy();
  expect(screen.queryByRole("alert")).toBeNull();

  await userEvent.click(screen.getByRole("button", { name: "Sign in with Salesforce" }));
  await screen.findByRole("group", { name: "Waiting for the browser" });
  comesBack.reject(
    fault("app_blocked", "An administrator has blocked this app.", "Ask for it to be unblocked."),
  );
  expect((await screen.findByRole("alert")).textContent).toMatch(
    /The sign-in did not work.*has blocked this app.*Ask for it/,
  );
});

const step = (
  code: salesforce.Stage,
  state: workspace.DiagnosisState,
  sentence: string,
  more: Partial<workspace.DiagnosisStep> = {},
): workspace.DiagnosisStep => ({
  code,
  state,
  sentence,
  said: { text: sentence, code: "", params: {} },
  remedy: "",
  fault: "",
  facts: {},
  ...more,
});

test("the doctor says of each step whether it holds, and what mends the one that does not", async () => {
  const { DiagnosisState } = workspace;
  bound.TestConnection.mockRejectedValue(fault("tls", "The certificate is not trusted."));
  bound.Diagnose.mockResolvedValue({
    healthy: false,
    steps: [
      step(salesforce.Stage.Address, DiagnosisState.Passed, "The address is acme.my.salesforce.com."),
      step(salesforce.Stage.Encryption, DiagnosisState.Failed, "Issued by Zscaler, which is not trusted.", {
        remedy: "Have its root certificate installed.",
        fault: "tls_intercepted",
        facts: { issuer: "Zscaler" },
      }),
      step(salesforce.Stage.Signin, DiagnosisState.Skipped, "Not tried."),
    ],
  });
  shown = view({}, { hasCredentials: true });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Test Connection" }));
  await screen.findByRole("alert");
  const [beside] = screen.getAllByRole("button", { name: "Find the cause" });
  await userEvent.click(beside as HTMLElement);
  const steps = within(await screen.findByRole("list", { name: "What a connection needs" }));
  const [address, encryption, signIn] = steps.getAllByRole("listitem");
  expect(within(address as HTMLElement).getByLabelText("holds")).toBeTruthy();
  expect(encryption?.textContent).toMatch(
    /Encryption.*Zscaler.*Have its root certificate.*issued by: Zscaler/,
  );
  expect(within(signIn as HTMLElement).getByLabelText("not tried")).toBeTruthy();
  expect(bound.Diagnose).toHaveBeenCalledTimes(1);
  expect(await barriers()).toEqual([]);
});

test("an org of the sf CLI is picked from its own list", async () => {
  bound.CLIOrgs.mockRejectedValueOnce(fault("sf_missing", "The sf CLI is not installed.", "Install it."));
  show("/environments?view=new");
  const dialog = within(await screen.findByRole("dialog", { name: "Add environment" }));
  expect(dialog.getByRole<HTMLInputElement>("radio", { name: /recommended/ }).checked).toBe(true);
  expect(dialog.getByRole("radio", { name: /ends in Summer ’27/ })).toBeTruthy();
  await userEvent.click(dialog.getByRole("radio", { name: /sf CLI/ }));
  expect(bound.CLIOrgs).not.toHaveBeenCalled(); // it takes seconds, so it is asked for
  await userEvent.click(dialog.getByRole("button", { name: "List the orgs of the sf CLI" }));
  expect((await dialog.findByRole("alert")).textContent).toContain(
    "The sf CLI is not installed. Install it.",
  );

  bound.CLIOrgs.mockResolvedValue([
    {
      alias: "uat",
      username: "ana@acme.com.uat",
      instanceUrl: "",
      organizationId: "00D1",
      kind: "sandbox",
      expired: false,
    },
    {
      alias: "",
      username: "ana@acme.com",
      instanceUrl: "",
      organizationId: "00D2",
      kind: "production",
      expired: false,
    },
  ]);
  await userEvent.click(dialog.getByRole("button", { name: "List the orgs of the sf CLI" }));
  await userEvent.click(await dialog.findByRole("combobox", { name: /Org of the sf CLI/ }));
  await userEvent.click(await screen.findByRole("option", { name: /uat · ana@acme.com.uat · Sandbox/ }));
  expect(dialog.getByLabelText<HTMLInputElement>(/User name or alias/).value).toBe("uat");
  bound.Save.mockResolvedValue(view({ signIn: governance.SignInMethod.Sf }));
  await userEvent.click(dialog.getByRole("button", { name: "Add environment" }));
  await waitFor(() => expect(bound.Save).toHaveBeenCalled());
  expect(bound.Save.mock.lastCall?.[1]).toMatchObject({
    name: "uat",
    username: "uat",
    kind: "sandbox",
    signIn: "sf",
  });
});
