// What was changed in an org past the app: a demo org is served on loopback, and
// another tool deploys to it over HTTP. The window finds it by itself, on Home,
// the page of the environment and the audit trail; many are resolved at once with
// a reason or a Change Request, and an open one closes the gate where the policy
// says so. SHOTS (a folder) keeps pictures of the way.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe } from "node:test";
import { barriers, openDesk, settle, story, tooWide } from "./desk.mjs";
import { aValueSet, signIn, withoutValueSet } from "./past.mjs";
import { person } from "./person.mjs";
import { until } from "./wait.mjs";

const cli = process.env.COUNTERSIGN_CLI ?? "build/bin/countersign-cli";
const shots = process.env.SHOTS;
const usual = { width: 1280, height: 800 };

let room;
let org;
let other;
let desk;
let me;
let id; // of the environment

before(async () => {
  room = mkdtempSync(join(tmpdir(), "countersign-outside-"));
  if (shots) mkdirSync(shots, { recursive: true });
  org = await serveOrg();
  desk = await openDesk({ story: true, size: usual });
  me = person(desk);
  await desk.openDemo();
  desk.page.setDefaultTimeout(30_000);
});
after(async () => {
  await desk?.close();
  await org?.end();
  rmSync(room, { recursive: true, force: true });
});

async function serveOrg() {
  const dir = join(room, "org");
  // An org with a seed of its own has an id of its own: it is not the demo's production a second time.
  const seed = join(room, "seed");
  for (const [name, text] of Object.entries(aValueSet("Region", "North"))) {
    mkdirSync(dirname(join(seed, name)), { recursive: true });
    writeFileSync(join(seed, name), text);
  }
  const served = spawn(cli, ["demo-org", "--org", "production", "--data", dir, "--seed", seed], { stdio: ["ignore", "pipe", "inherit"] });
  const gone = new Promise((resolve) => served.on("exit", resolve));
  let said = "";
  served.stdout.on("data", (text) => (said += text));
  await until("the demo org", () => said.includes("\n") && existsSync(join(dir, "second-user.json")));
  const read = (name) => JSON.parse(readFileSync(join(dir, name), "utf8"));
  return {
    ...read("connection.json"),
    second: read("second-user.json"),
    end: () => {
      served.kill("SIGTERM");
      return gone;
    },
  };
}

/** The page as it is, light, dark, in German and small. */
async function pictures(name) {
  const { page } = desk;
  assert.deepEqual(await tooWide(page), []);
  assert.deepEqual(await barriers(page), []);
  if (!shots) return;
  const take = async (how) => {
    await settle(page);
    await page.screenshot({ path: join(shots, `${name}-${how}.png`) });
  };
  await take("light");
  await page.emulateMedia({ colorScheme: "dark" });
  await take("dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 900, height: 600 });
  await take("small");
  await desk.call("Settings", "Prefer", "language", "de");
  await desk.reload();
  await take("german-small");
  await page.setViewportSize(usual);
  await take("german");
  await desk.call("Settings", "Prefer", "language", "en");
  await desk.reload();
}

const changes = () => desk.page.getByRole("list", { name: "Changed outside", exact: true }).getByRole("listitem");
const outside = (open = false) => desk.call("Environments", "Outside", id, { open, offset: 0, limit: 0 });

/** Changes the policies of environments, as one owner proposes and the other signs. */
async function policies(change) {
  await desk.call("Workspaces", "ActAs", "bo");
  const { requests, environments } = await desk.call("Policies", "Get");
  const { pending } = await desk.call("Policies", "Propose", requests.policy, change(environments.map((e) => e.policy)));
  await desk.call("Workspaces", "ActAs", "cy");
  await desk.call("Policies", "Sign", pending[0].act);
}

describe("an org that somebody changes past the app", () => {
  const step = story("outside", () => desk);

  step("the first connection finds what was deployed since the environment was added", async () => {
    // The demo's policies name its two orgs; this one governs every other.
    await policies((all) => [...all, { ...all[0], name: "Deployments to other demo orgs", organization: "" }]);
    await desk.call("Workspaces", "ActAs", "ana");
    await desk.reload();
    const fields = { name: "Partner Production", kind: "demo", url: org.url, signIn: "password", username: org.username, deployBy: "", consumerKey: "" };
    const { environment } = await desk.call("Environments", "Save", "", fields);
    id = environment.id;
    await desk.call("Environments", "SaveCredentials", id, { password: org.password, token: "", consumerSecret: "" });
    other = await signIn(org.second);
    await other.deploy(aValueSet("Billing", "Open"));
    await desk.go(`/environments/${id}?tab=connection`);
    await me.press("Test Connection");
    await me.says(/^Connected to Partner Production as /);
    await until("the reading", async () => (await outside()).total === 1, 30_000);
    await me.tab("Changed outside");
    await changes().first().waitFor();
    assert.match(await changes().first().innerText(), /A deployment of 1 component\.[^]*Robin Admin[^]*GlobalValueSet Billing \(new\)/);
    assert.equal(await changes().count(), 1);
  });

  step("Home says it, and leads there", async () => {
    await desk.go("/");
    await me.says("1 change outside the process in Partner Production.");
    const row = desk.page.getByRole("link", { name: /^Look at them: *Partner Production/ });
    await pictures("home");
    await row.click();
    await changes().first().waitFor();
  });

  step("what comes later is found when it is asked for, and nothing twice", async () => {
    await other.deploy(aValueSet("Shipping", "Open"));
    await other.deploy(aValueSet("Billing", "Closed"));
    await other.deploy(withoutValueSet("Shipping"));
    await me.press("Check for changes outside");
    await me.says("Found 3 new changes in Partner Production outside the process.");
    await until("four changes", async () => (await changes().count()) === 4);
    assert.match(await changes().first().innerText(), /GlobalValueSet Shipping \(deleted\)/);
    await me.press("Check for changes outside");
    await me.says("Nothing new was changed in Partner Production outside the process.");
    await me.press("Read everything the org still knows");
    await until("an end", async () => !(await me.button("Read everything the org still knows").getAttribute("data-loading")));
    assert.equal((await outside()).total, 4);
    await pictures("list");
  });

  step("a Change Request takes some over, with what was done to each", async () => {
    for (const n of [0, 1]) await changes().nth(n).getByRole("checkbox").check();
    await me.press("Resolve 2");
    const dialog = me.dialog();
    await dialog.getByRole("radio", { name: "A change request takes it over afterwards" }).check();
    await dialog.getByLabel("Name of the change request").fill("Billing, after the fact");
    assert.deepEqual(await barriers(desk.page), []);
    if (shots) await desk.page.screenshot({ path: join(shots, "dialog.png") });
    await me.sign("Make the change request and sign");
    await desk.page.waitForURL(/change-requests\//);
    await desk.page.getByText("Billing, after the fact").first().waitFor();
    await me.tab(/^Customizations/);
    await desk.page.getByText("Shipping").first().waitFor();
    const request = await desk.call("ChangeRequests", "Get", /change-requests\/([^?]+)/.exec(desk.page.url())[1]);
    assert.equal(request.request.status, "In Progress");
    const rows = await desk.page.locator("main").innerText();
    for (const row of [/Billing\s+GlobalValueSet\s+change/i, /Shipping\s+GlobalValueSet\s+delete/i]) assert.match(rows, row);
  });

  step("the others are resolved at once with a reason, which is needed", async () => {
    await desk.go(`/environments/${id}?tab=outside`);
    await until("two changes", async () => (await changes().count()) === 2);
    await desk.page.getByRole("checkbox", { name: "All", exact: true }).check();
    await me.press("Resolve 2");
    assert.equal(await me.dialog().getByRole("button", { name: "Sign the reason" }).isDisabled(), true);
    await me.sign("Sign the reason", { reason: "The vendor did it, ticket 88." });
    await me.says("No change outside the process");
    await desk.page.getByText("All · 4").click();
    await until("all", async () => (await changes().count()) === 4);
    assert.equal(await desk.page.getByText("The vendor did it, ticket 88.").count(), 2);
    await desk.page.getByRole("link", { name: /CR-\d+ Billing, after the fact/ }).first().waitFor();
    await pictures("resolved");
    const { outside: left } = await desk.call("Home", "Today");
    assert.deepEqual(left.map((task) => task.name), ["Demo Production"]);
  });

  step("the audit trail has each finding and what became of it", async () => {
    await desk.go("/audit-trail");
    for (const words of [/Resolved 2 changes outside the process in Partner Production\./, /Found a change outside the process in Partner Production: A deployment of 1 component\./])
      await desk.page.getByText(words).first().waitFor();
    const { items } = await desk.call("AuditTrail", "List", { kinds: ["recon.finding"], offset: 0, limit: 100 });
    assert.equal(items.filter((e) => e.text.includes("Partner Production")).length, 4);
  });

  step("an org that cannot be reached, or a user who may not see its lists, is said plainly", async () => {
    const as = async (word) => {
      const username = org.username.replace("@", `+${word}@`);
      await desk.call("Environments", "Save", id, { name: "Partner Production", kind: "demo", url: org.url, signIn: "password", username, deployBy: "", consumerKey: "" });
      await desk.call("Environments", "SaveCredentials", id, { password: org.password, token: "", consumerSecret: "" });
      await desk.go(`/environments/${id}?tab=outside`);
      await me.press("Check for changes outside");
    };
    await as("nodeployments");
    await me.says("What was changed in Partner Production outside the process could not be read.");
    await me.says(/^The org’s list of deployments could not be read the last time/);
    await pictures("unread");
    await as("nosetup");
    await me.says(/^The Setup Audit Trail was not read the last time/);
    await as("unavailable");
    await me.says(/^The last reading did not work/);
    await desk.page.locator(".mantine-Notification-root").filter({ hasText: "status.salesforce.com" }).getByRole("button", { name: "Close" }).click();
    await pictures("trouble");
  });
});

describe("the story's own findings", () => {
  const step = story("outside-story", () => desk);
  const records = async () => (await desk.call("DeploymentRecords", "List", { requestId: "", view: "", text: "", status: [], sort: "", offset: 0, limit: 100 })).items;

  step("a new user sees two on Home, and they block nothing", async () => {
    await desk.go("/");
    await me.says("2 changes outside the process in Demo Production.");
    await desk.page.getByRole("link", { name: /^Look at them: *Demo Production/ }).click();
    id = "demo-production";
    await until("two changes", async () => (await changes().count()) === 2);
    const all = await desk.page.getByRole("list", { name: "Changed outside", exact: true }).innerText();
    for (const words of [/Changed by hand in Setup/, /Credit_Hold_Needs_Reason/, /GlobalValueSet Hold_Reason \(new\)/, /Robin Admin/]) assert.match(all, words);
    assert.equal((await outside(true)).closes, false);
    await pictures("story");
  });

  step("where the policy says so they close the gate, with the reason, until they are resolved", async () => {
    await policies((all) => all.map((p) => ({ ...p, findingsClose: true })));
    const { id: record } = (await records()).find((r) => r.label === "DR-0002");
    // A policy that was changed asks for the approvals again.
    for (const [member, action] of [["ana", "reopen"], ["ana", "submit"], ["bo", "approve"], ["cy", "approve"]]) {
      await desk.call("Workspaces", "ActAs", member);
      const { digest } = await desk.call("DeploymentRecords", "Get", record);
      await desk.call("DeploymentRecords", "Do", record, { action, reason: "", seen: digest });
    }
    await desk.call("Workspaces", "ActAs", "dee");
    await desk.reload();
    await desk.go(`/deployments/${record}`);
    const closed = desk.page.locator('button.step-toggle[aria-expanded="false"]');
    await desk.page.locator("button.step-toggle").first().waitFor();
    while (await closed.count()) await closed.first().click();
    await me.says(/Changes in the target outside the process are not resolved: 2/);
    const steps = (await desk.call("DeploymentRecords", "Get", record)).steps.filter((s) => ["validate", "deploy"].includes(s.code));
    assert.deepEqual(steps.map((s) => s.allowed), [false, false]);
    await pictures("gate");

    await desk.go("/environments/demo-production?tab=outside");
    await me.says("Deployments to Demo Production are closed until each of these is resolved: the policy says so.");
    await pictures("closes");
    await desk.page.getByRole("checkbox", { name: "All", exact: true }).check();
    await me.press("Resolve 2");
    await me.sign("Sign the reason", { reason: "Asked for by finance on the phone; they stay." });
    await me.says("No change outside the process");
    await desk.go(`/deployments/${record}`);
    const gate = async () => JSON.stringify((await desk.call("DeploymentRecords", "Get", record)).steps);
    await until("a gate without them", async () => !(await gate()).includes("are not resolved: 2"), 30_000);
    await settle(desk.page);
    assert.equal(await desk.page.getByText(/Changes in the target outside the process are not resolved/).count(), 0);
  });

  step("the page complained of nothing", () => assert.deepEqual(desk.errors(), []));
});
