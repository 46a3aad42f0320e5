// Signing in to an org for the first time, from the recipe to the question
// which org it was: a demo org on loopback, a browser that is a script.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { barriers, openDesk, settle, story, tooWide } from "./desk.mjs";
import { person } from "./person.mjs";
import { until } from "./wait.mjs";

const cli = process.env.COUNTERSIGN_CLI ?? "build/bin/countersign-cli";
const smallest = { width: 900, height: 600 };

let room;
let org;
let desk;
let me;
let opened; // the file into which the system's browser writes what it is asked to open

before(async () => {
  room = mkdtempSync(join(tmpdir(), "countersign-signin-"));
  org = await serveOrg();
  desk = await openDesk({ size: smallest, env: { PATH: `${aBrowser()}:${process.env.PATH}` } });
  await desk.page.locator("h1").first().waitFor();
  await desk.openDemo();
  me = person(desk);
});
after(async () => {
  await desk?.close();
  await org?.end();
  rmSync(room, { recursive: true, force: true });
});

async function serveOrg() {
  const dir = join(room, "org");
  const served = spawn(cli, ["demo-org", "--org", "uat", "--data", dir], { stdio: ["ignore", "pipe", "inherit"] });
  const gone = new Promise((resolve) => served.on("exit", resolve));
  let said = "";
  served.stdout.on("data", (text) => (said += text));
  await until("the demo org", () => said.includes("\n") && existsSync(join(dir, "connection.json")));
  return {
    ...JSON.parse(readFileSync(join(dir, "connection.json"), "utf8")),
    end: () => {
      served.kill("SIGTERM");
      return gone;
    },
  };
}

/** A folder with the program that opens addresses on a Linux desktop. It shows nothing. */
function aBrowser() {
  const bin = join(room, "bin");
  opened = join(room, "opened");
  mkdirSync(bin);
  writeFileSync(join(bin, "xdg-open"), `#!/bin/sh\nprintf '%s' "$1" > '${opened}.part' && mv '${opened}.part' '${opened}'\n`);
  chmodSync(join(bin, "xdg-open"), 0o755);
  return bin;
}

/** The person signs in on the page that was opened, and the browser comes back to the callback. */
async function signsInThere() {
  const address = await until("the sign-in page", () => existsSync(opened) && readFileSync(opened, "utf8"));
  rmSync(opened);
  const answer = await fetch(address);
  return { address, text: await answer.text() };
}

async function beginSignIn() {
  await me.press("Sign in with Salesforce");
  await desk.page.getByRole("group", { name: "Waiting for the browser" }).waitFor();
  return signsInThere();
}

const question = () => desk.page.getByRole("group", { name: /^Is this the org and the user that you mean by/ });
const now = (id) => desk.call("Environments", "Get", id);
const fields = (more) => ({ name: "", kind: "demo", url: org.url, signIn: "oauth", username: "", deployBy: "", consumerKey: "", ...more });

/** What of a sign-in is in the files of the workspace, which keeps a demo's keychain there too. */
function tokensKept() {
  const files = readdirSync(desk.data, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  assert.ok(files.length > 3);
  return files.filter((f) => readFileSync(join(f.parentPath, f.name)).includes("5Aep861")).map((f) => f.name);
}

async function fitsAndCanBeUsed() {
  assert.deepEqual(await tooWide(desk.page), []);
  assert.deepEqual(await barriers(desk.page), []);
}

describe("the first sign-in with the browser", () => {
  const step = story("environments", () => desk);
  let id;

  step("an environment is added, and its page begins with the recipe", async () => {
    await desk.go("/environments?view=new");
    const dialog = me.dialog();
    await dialog.getByLabel(/^Name/).fill("Partner UAT");
    await dialog.getByRole("radio", { name: /A demo org on this computer/ }).check();
    await dialog.getByLabel(/^Address of the demo org/).fill(org.url);
    await dialog.getByRole("button", { name: "Add environment" }).click();
    await desk.page.getByRole("heading", { name: "Partner UAT" }).waitFor();
    id = (await desk.call("Environments", "List")).find((v) => v.environment.name === "Partner UAT").environment.id;
    await desk.go(`/environments/${id}?tab=connection`);
    await me.says("New External Client App");
    await fitsAndCanBeUsed();
    assert.equal(await me.button("Sign in with Salesforce").getAttribute("aria-disabled"), "true");
    await desk.page.getByLabel(/^Consumer key/).fill("3MVG9.countersign_partner");
    await me.press("Save");
  });

  step("which org and user it was is asked; No leaves nothing", async () => {
    const { address, text } = await beginSignIn();
    assert.match(text, /Countersign|window|close/i);
    assert.match(address, /code_challenge_method=S256/);
    await question().waitFor();
    const words = await question().innerText();
    for (const part of [org.organizationId, org.username]) assert.ok(words.includes(part), `${part} is not in ${words}`);
    assert.match(words, /Demo org/);
    await fitsAndCanBeUsed();
    const { hasCredentials, environment } = await now(id);
    assert.deepEqual([hasCredentials, environment.organizationId, environment.username], [false, "", ""]);
    assert.deepEqual(tokensKept(), []);
    await me.press("No, that is not it");
    await me.says("The sign-in was ended at Salesforce, and nothing of it was kept.");
    assert.equal((await now(id)).unconfirmed, undefined);
    assert.deepEqual(tokensKept(), []);
  });

  step("a page that is opened anew asks again; a program that is closed has forgotten it", async () => {
    await beginSignIn();
    await question().waitFor();
    await desk.reload();
    await desk.go(`/environments/${id}?tab=inventory`);
    await me.press("Look at it");
    await question().waitFor();
    await desk.again(() => assert.deepEqual(tokensKept(), []));
    await desk.go(`/environments/${id}?tab=connection`);
    await me.button("Sign in with Salesforce").waitFor();
    const { hasCredentials, environment, unconfirmed } = await now(id);
    assert.deepEqual([hasCredentials, environment.organizationId, unconfirmed], [false, "", undefined]);
  });

  step("Yes keeps it, and from then on nobody is asked", async () => {
    await beginSignIn();
    await question().waitFor();
    await me.press("Yes, keep this sign-in");
    await me.says(/^Connected to Partner UAT as /);
    const { hasCredentials, environment } = await now(id);
    assert.deepEqual([hasCredentials, environment.organizationId, environment.username], [true, org.organizationId, org.username]);
    await me.press("Test Connection");
    await me.says(/^Connected to Partner UAT as /);
    await me.press("Sign in again");
    await signsInThere();
    await me.button("Sign out").waitFor();
    assert.equal(await question().count(), 0);
    await me.press("Find the cause");
    await me.says("All of it holds");
    await fitsAndCanBeUsed();
  });

  step("a consumer secret is shown as kept, never itself, and removed", async () => {
    const { page } = desk;
    await me.press("The app asks for a consumer secret");
    await page.getByLabel(/^Consumer secret/).fill("C0nsumer5ecretCanary");
    await me.press("Save");
    await me.says("A consumer secret is saved in the demo workspace’s own folder.");
    assert.doesNotMatch(await page.content(), /C0nsumer5ecretCanary/);
    await desk.reload();
    await me.says("A consumer secret is saved in the demo workspace’s own folder.");
    await me.press("Remove");
    await me.says("The consumer secret was removed from this computer.");
    assert.equal((await now(id)).secret ?? "", "");
  });

  step("the page complained of nothing", () => assert.deepEqual(desk.errors(), []));
});

describe("a sign-in that the org refuses says why and what mends it", () => {
  const step = story("environments-refused", () => desk);
  for (const [word, why, remedy] of [
    ["blocked", /has blocked this External Client App/, /Connected Apps OAuth Usage/],
    ["denied", /does not let this user use the External Client App/, /permit all users, or admit a profile/],
    ["unapproved", /does not let this user use the External Client App/, /permit all users, or admit a profile/],
    ["noscope", /does not grant the scope api/, /select the scopes api refresh_token/],
    ["unknown", /does not know this consumer key/, /Copy it from the app's OAuth settings again/],
    ["refused", /was declined in the browser/, /press Allow there/],
    ["quota", /has no API calls left/, /the last 24 hours/],
    ["noapi", /The API is not enabled for this user/, /API Enabled/],
  ])
    step(`demo-${word}`, async () => {
      const { environment } = await desk.call("Environments", "Save", "", fields({ name: `Refused ${word}`, consumerKey: `demo-${word}` }));
      await desk.go(`/environments/${environment.id}?tab=connection`);
      await beginSignIn();
      const alert = desk.page.getByRole("alert").filter({ hasText: "The sign-in did not work" });
      await alert.waitFor();
      const words = await alert.innerText();
      assert.match(words, why);
      assert.match(words, remedy);
      await settle(desk.page);
      assert.deepEqual(await tooWide(desk.page), []);
      assert.equal((await now(environment.id)).hasCredentials, false);
    });
});
