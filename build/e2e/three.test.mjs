// Three people, three folders, three keychains, and files between them: Ada
// founds a workspace, Ben and Cleo join it, and a Change Request goes from draft
// to a completed deployment on two demo orgs. All is done by pressing what the
// window offers; the backend is asked only for what to wait for and what became
// of it. A folder stands for each person's dialogs and questions, one beside it for
// the keychain (app/bridge.go), a script for the browser.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { barriers, openDesk, settle, story, tooWide } from "./desk.mjs";
import { person } from "./person.mjs";
import { until } from "./wait.mjs";

const cli = process.env.COUNTERSIGN_CLI ?? "build/bin/countersign-cli";
const shots = process.env.COUNTERSIGN_SHOTS;
const room = mkdtempSync(join(tmpdir(), "countersign-three-"));
const passphrase = "lantern orchard pebble tide";
let uat;
let live;
let ada;
let ben;
let cleo;
let used;

const step = story("three", () => used);
const on = (desk) => (used = desk);

before(async () => {
  [uat, live] = await Promise.all([serve("uat"), serve("production")]);
  [ada, ben, cleo] = await Promise.all(["ada", "ben", "cleo"].map(deskOf));
});
after(async () => {
  await Promise.all([ada, ben, cleo].map((desk) => desk?.close()));
  await Promise.all([uat, live].map((org) => org?.end()));
  rmSync(room, { recursive: true, force: true });
});

async function serve(name) {
  const dir = join(room, name);
  const served = spawn(cli, ["demo-org", "--org", name, "--data", dir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
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

/** Somebody's computer: a folder, a keychain, a browser and a place for files of their own. */
async function deskOf(name) {
  const own = join(room, name);
  const files = join(own, "files");
  const bin = join(own, "bin");
  const opened = join(own, "opened");
  for (const dir of [files, bin]) mkdirSync(dir, { recursive: true });
  writeFileSync(
    join(bin, "xdg-open"),
    `#!/bin/sh\nprintf '%s' "$1" > '${opened}.part' && mv '${opened}.part' '${opened}'\n`,
  );
  chmodSync(join(bin, "xdg-open"), 0o755);
  const desk = await openDesk({
    env: { COUNTERSIGN_BRIDGE_FILES: files, PATH: `${bin}:${process.env.PATH}` },
  });
  desk.page.setDefaultTimeout(30_000);
  const me = person(desk);
  return {
    ...desk,
    me,
    files,
    bin,
    /** What the next file dialog answers. */
    picks: (path) => writeFileSync(join(files, "open"), path),
    /** What the system asked since it was looked at last. */
    asked() {
      const file = join(files, "asked");
      const text = existsSync(file) ? readFileSync(file, "utf8") : "";
      rmSync(file, { force: true });
      return text;
    },
    /** Goes with the only file of a kind that was saved, as by mail. */
    mails(end) {
      const found = readdirSync(files).filter((one) => one.endsWith(end));
      assert.equal(found.length, 1, `${found} in ${name}'s folder`);
      const to = join(room, `${Math.random().toString(36).slice(2)}-${found[0]}`);
      cpSync(join(files, found[0]), to);
      rmSync(join(files, found[0]));
      return to;
    },
    /** Signs in on the page that the system's browser was sent to. */
    async signsIn() {
      const address = await until(
        "the sign-in page",
        () => existsSync(opened) && readFileSync(opened, "utf8"),
      );
      rmSync(opened);
      await fetch(address);
    },
    /** By the navigation, as somebody who looks for it. */
    async visits(place) {
      await desk.page.getByRole("navigation").first().getByRole("link", { name: place }).click();
      await settle(desk.page);
    },
  };
}

/** Keeps a picture, and looks whether all can be used and read, also in the smallest window. */
async function look(desk, name) {
  const { page } = desk;
  for (const scheme of shots ? ["light", "dark"] : ["light"]) {
    await page.emulateMedia({ colorScheme: scheme });
    await settle(page);
    if (shots) await page.screenshot({ path: join(shots, `${name}-${scheme}.png`) });
    assert.deepEqual(await barriers(page), [], `${name}, ${scheme}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 900, height: 600 });
  await settle(page);
  if (shots) await page.screenshot({ path: join(shots, `${name}-small.png`) });
  assert.deepEqual(await tooWide(page), [], `${name} at 900 x 600`);
  await page.setViewportSize({ width: 1280, height: 860 });
  await settle(page);
}

step("Ada founds a workspace of her own", async () => {
  on(ada);
  const { page } = ada;
  await page.getByLabel(/^Your name/).fill("Ada Lind");
  await page.getByLabel(/^Name of the workspace/).fill("Northwind");
  await ada.me.press("Make my workspace");
  await ada.drawn();
  assert.match(ada.asked(), /Make a Workspace[^]*Northwind[^]*Ada Lind/);
  await settle(page);
  await look(ada, "01-founded");
});

step("she connects UAT and Production", async () => {
  on(ada);
  for (const [name, org] of [
    ["UAT", uat],
    ["Production", live],
  ])
    await connects(ada, name, org);
  await look(ada, "02-environments");
});

/** Adds an environment, signs in there and says that it is the org that is meant. */
async function connects(desk, name, org) {
  const { page, me } = desk;
  await desk.visits("Environments");
  await me.press("Add environment");
  const dialog = me.dialog();
  await dialog.getByLabel(/^Name/).fill(name);
  await dialog.getByRole("radio", { name: /A demo org on this computer/ }).check();
  await dialog.getByLabel(/^Address of the demo org/).fill(org.url);
  await dialog.getByRole("button", { name: "Add environment" }).click();
  await page.getByRole("heading", { name, level: 1 }).waitFor();
  await page.getByLabel(/^Consumer key/).fill("3MVG9.countersign_northwind");
  await me.press("Save");
  await me.press("Sign in with Salesforce");
  await desk.signsIn();
  await me.press("Yes, keep this sign-in");
  await me.says(new RegExp(`^Connected to ${name} as `));
}

let invitation;

step("she makes it a team's workspace and writes an invitation", async () => {
  on(ada);
  const { page, me } = ada;
  await ada.visits("Members");
  await look(ada, "03-members-solo");
  await me.press("Make it a team's workspace");
  await me.sign("Sign and propose");
  await me.press("Invite");
  await look(ada, "04-invite");
  const dialog = me.dialog();
  await dialog.getByLabel("Passphrase (may stay empty)").fill(passphrase);
  await dialog.getByLabel("The passphrase again").fill(passphrase);
  await me.press("Choose where to save", dialog);
  await dialog.waitFor({ state: "hidden" });
  await settle(page);
  invitation = ada.mails(".csbundle");
  assert.ok(readFileSync(invitation, "latin1").startsWith("age-encryption.org/v1"), "it is encrypted");
});

/** What the page is alarmed about; notices in its corner are none. */
const alarms = (desk) => desk.page.locator("main").getByRole("alert").count();

const answers = new Map();

/** Opens the invitation, asks to be let in, and gives the file with the answer and the 20 digits. */
async function joins(desk, name, note) {
  on(desk);
  const { page, me } = desk;
  desk.picks(invitation);
  await page.getByLabel("Passphrase of the invitation").fill(passphrase);
  await me.press("Choose the invitation");
  await desk.drawn();
  await page.getByRole("heading", { level: 1, name: "You are not a member yet" }).waitFor();
  if (desk === ben) await look(desk, "05-not-a-member");
  await me.press("Go on under Members");
  await page.getByLabel(/^Your name/).fill(name);
  await page.getByLabel(/^Note/).fill(note);
  await me.press("Ask to be let in");
  if (desk === ben) await look(desk, "06-asked");
  const digits = await page
    .getByRole("img", { name: /^Fingerprint/ })
    .first()
    .innerText();
  await me.press("Save the answer");
  await me.press("Choose where to save", me.dialog());
  await me.dialog().waitFor({ state: "hidden" });
  await settle(page);
  answers.set(name, { file: desk.mails(".csbundle"), digits });
}

step("Ben opens the invitation, is told that he is no member yet, and asks to be let in", async () => {
  await joins(ben, "Ben Okafor", "We met at the kick-off.");
  const asked = ben.asked();
  assert.match(asked, /Join a Workspace[^]*invitation/);
  assert.match(asked, /Ask to Be Let In[^]*Northwind[^]*Ben Okafor/);
  await ben.visits("Home");
  await ben.page.getByRole("heading", { level: 1, name: "Your key waits to be let in" }).waitFor();
});

step("so does Cleo", () => joins(cleo, "Cleo Marsh", ""));

/** Looks at a file on the page that receives, and takes it in. */
async function receives(desk, path, says, look = async () => {}) {
  on(desk);
  const { page, me } = desk;
  await desk.visits("Exchange");
  await me.tab("Receive");
  const other = me.button("Look at another file");
  if (await other.count()) await other.click();
  desk.picks(path);
  await me.press("Choose a file…");
  await me.says(says);
  const entries = () =>
    desk
      .call("AuditTrail", "List", { kinds: [], text: "", member: "", before: 0, limit: 1 })
      .then((list) => list.total);
  const before = await entries();
  await look("preview");
  assert.equal(await entries(), before, "looking takes nothing in");
  await me.press("Import");
  await me.says("Imported");
  await look("imported");
}

step(
  "Ada looks at both answers, compares the digits by voice, and lets them in with their roles",
  async () => {
    for (const [name, { file, digits }] of answers) {
      await receives(ada, file, `From somebody who asks to be let in as “${name}”`, async (stage) => {
        assert.equal(await alarms(ada), 0, "an answer is no alarm");
        if (name === "Ben Okafor") await look(ada, `07-answer-${stage}`);
      });
      if (name === "Ben Okafor") {
        await ada.visits("Home");
        await ada.me.press(/^Look and let in/);
      } else await ada.me.press("Compare and let in");
      const card = ada.page.getByRole("region", { name: `${name} asks to be let in` });
      assert.equal(
        await card.getByRole("img", { name: /^Fingerprint/ }).innerText(),
        digits,
        "what Ada sees is what is read out to her",
      );
      if (name === "Ben Okafor") await look(ada, "08-asks");
      await ada.me.press("Let in", card);
      const dialog = ada.me.dialog();
      for (const role of name === "Ben Okafor" ? ["Requester", "Approver"] : ["Approver", "Release Manager"])
        await dialog.getByRole("checkbox", { name: new RegExp(`^${role}`) }).check();
      await dialog.getByRole("radio", { name: /^Yes/ }).check();
      await dialog.getByText(`The key of ${name} was compared by voice.`).waitFor();
      if (name === "Ben Okafor") await look(ada, "09-admit");
      await ada.me.sign("Sign and propose");
      await ada.page.getByRole("region", { name, exact: true }).waitFor();
    }
    await look(ada, "10-members");
  },
);

step("the roster goes back, and makes them members", async () => {
  await ada.me.press("Send members and policies");
  await ada.me.press("Save the bundle…");
  await ada.me.says("The bundle is saved");
  const roster = ada.mails(".csbundle");
  for (const desk of [ben, cleo]) {
    await receives(desk, roster, "From Ada Lind", async () =>
      assert.equal(await alarms(desk), 0),
    );
    await desk.visits("Members");
    await desk.page.getByText("You", { exact: true }).waitFor();
  }
  await look(cleo, "11-members-cleo");
});

const request = "Discount of the public sector";

async function opens(desk, place, name) {
  on(desk);
  await desk.visits(place);
  await desk.page.locator("main").getByText(name, { exact: true }).first().click();
  await desk.page.getByRole("heading", { level: 1, name }).waitFor();
  await settle(desk.page);
}

/** Sends the request with all that belongs to it, from the page that is open. */
async function sends(desk) {
  on(desk);
  await desk.me.press("More actions");
  await desk.page.getByRole("menuitem", { name: "Send to colleagues…" }).click();
  await desk.me.says("1 chosen");
  await desk.me.press(/^Save the bundle of 1 request/);
  await desk.me.says("The bundle is saved");
  return desk.mails(".csbundle");
}

/** Waits until what was typed is saved. */
const saved = (desk, overview) =>
  until("the draft to be saved", async () => {
    const { items } = await desk.call("ChangeRequests", "List", {
      view: "",
      text: request,
      status: [],
      sort: "",
      offset: 0,
      limit: 10,
    });
    return items[0] && (await desk.call("ChangeRequests", "Get", items[0].id)).request.overview === overview;
  });

step("Ada scans UAT and drafts a Change Request with a customization from its inventory", async () => {
  on(ada);
  const { page, me } = ada;
  await ada.visits("Environments");
  await page.getByRole("link", { name: /UAT/ }).first().click();
  await me.press("Run Scan");
  await me.idle();
  await ada.visits("Change Requests");
  await me.press("New Change Request");
  await page.getByLabel("Change Request Name").fill(request);
  await page.getByLabel("Change Overview").fill("Tenders need a tier of their own: 10 %.");
  await saved(ada, "Tenders need a tier of their own: 10 %.");
  await me.tab(/^Customizations/);
  await me.press(/^Add Customizations/);
  const dialog = me.dialog();
  await dialog.getByRole("textbox", { name: /Search by API name/ }).fill("Public_Sector");
  const found = dialog.getByRole("listbox", { name: /^Inventory of/ }).getByRole("option");
  await until("one hit", async () => (await found.count()) === 1);
  await found.first().click();
  await dialog.getByRole("button", { name: /^Add 1 Customization/ }).click();
  await dialog.waitFor({ state: "hidden" });
  await me.tab("Overview");
});

step("Ben and Ada edit the draft at the same time; Ada compares and keeps hers", async () => {
  const draft = await sends(ada);
  await receives(ben, draft, "From Ada Lind");
  await ben.page.getByRole("link", { name: /^CR-/ }).first().click();
  await ben.page
    .getByLabel("Change Overview")
    .fill("Tenders need a tier of their own: 10 %, capped at 50,000.");
  await saved(ben, "Tenders need a tier of their own: 10 %, capped at 50,000.");
  const theirs = await sends(ben);
  await opens(ada, "Change Requests", request);
  await ada.page.getByLabel("Change Overview").fill("Tenders need a tier of their own: 12 %.");
  await saved(ada, "Tenders need a tier of their own: 12 %.");
  await receives(ada, theirs, /waits beside yours/);
  await ada.me.press("Choose between the drafts");
  await ada.me.says("Ben Okafor edited it too,");
  await ada.me.says("Tenders need a tier of their own: 10 %, capped at 50,000.");
  await look(ada, "12-drafts");
  await ada.me.press("Keep mine");
  await ada.me.says("No draft waits for a choice");
});

/** The digest that the open confirmation shows; the rest of it is in its tooltip. */
const shown = (desk) => desk.me.dialog().locator("code").first().innerText();
const current = async (desk, kind, id) => (await desk.call(kind, "Get", id)).digest;
let requestId;

step("she submits it, and what she saw is what she signed", async () => {
  await opens(ada, "Change Requests", request);
  requestId = new URL(ada.page.url()).hash.match(/change-requests\/([^/?]+)/)[1];
  ada.asked();
  await ada.me.press("Submit for Approval");
  const digest = await shown(ada);
  await ada.me.sign("Submit for Approval");
  assert.match(ada.asked(), new RegExp(`Content: ${digest.slice(0, 16)}`));
  assert.ok(
    (await current(ada, "ChangeRequests", requestId)).startsWith(digest),
    "another digest was signed than the one shown",
  );
});

step("Ben imports it beside his own edit, and approves exactly that digest", async () => {
  const file = await sends(ada);
  await receives(ben, file, "From Ada Lind", async (stage) => {
    await ben.me.says("Your edit is kept beside it.");
    assert.equal(await alarms(ben), 0);
    await look(ben, `13-submitted-${stage}`);
  });
  await ben.visits("Home");
  ben.asked();
  await ben.me.press(/^Review/);
  await ben.me.press(/^Approve/);
  const digest = await shown(ben);
  assert.ok(
    (await current(ada, "ChangeRequests", requestId)).startsWith(digest),
    "Ben approves what Ada submitted",
  );
  await look(ben, "14-approve");
  await ben.me.sign(/^Approve/, { reason: "Reviewed with sales." });
  assert.match(
    ben.asked(),
    new RegExp(`Approve[^]*Content: ${digest.slice(0, 16)}[^]*Signed by: Ben Okafor`),
  );
});

step("Cleo makes the Deployment Record from it and submits that", async () => {
  await opens(ben, "Change Requests", request);
  const approved = await sends(ben);
  await receives(ada, approved, "From Ben Okafor");
  await receives(cleo, approved, "From Ben Okafor");
  for (const [name, org] of [
    ["UAT", uat],
    ["Production", live],
  ])
    await connects(cleo, name, org);
  await opens(cleo, "Change Requests", request);
  const { page, me } = cleo;
  await me.press("Deploy");
  await page.getByRole("heading", { level: 1, name: "New Deployment Record" }).waitFor();
  for (const [label, option] of [
    [/^Source environment/, /UAT/],
    [/^Target environment/, /Production/],
  ]) {
    await page.getByRole("combobox", { name: label }).or(page.getByLabel(label)).first().click();
    await page.getByRole("option", { name: option }).first().click();
  }
  await look(cleo, "15-new-record");
  await me.press("Save");
  await page.getByRole("heading", { level: 1, name: `${request} to Production` }).waitFor();
  await me.press("Test Connection");
  await me.press("Run Scan");
  await me.idle();
  await me.press("Check Dependencies");
  await me.idle();
  await me.press("Submit for Approval");
  await me.sign("Submit for Approval");
});

step("the approval travels, with the target in sight of who has no sign-in there", async () => {
  const submitted = await sends(cleo);
  await receives(ben, submitted, "From Cleo Marsh");
  await ben.visits("Home");
  await ben.me.press(/^Review: DR/);
  ben.asked();
  await ben.me.press(/^Approve/);
  await look(ben, "16-approve-record");
  await ben.me.sign(/^Approve/);
  assert.match(ben.asked(), new RegExp(`Target: ${live.organizationId}`));
  await opens(ben, "Deployments", `${request} to Production`);
  const approved = await sends(ben);
  for (const desk of [ada, cleo]) await receives(desk, approved, "From Ben Okafor");
});

let recordId;

step("Cleo retrieves, validates, deploys and completes", async () => {
  await opens(cleo, "Deployments", `${request} to Production`);
  recordId = new URL(cleo.page.url()).hash.match(/deployments\/([^/?]+)/)[1];
  for (const word of ["Retrieve Selected Customizations", "Check Dependencies", "Validate Customizations"]) {
    await cleo.me.press(word);
    await cleo.me.idle();
  }
  await cleo.me.press(/^Deploy (Changes|Retrieved Customizations)/);
  await cleo.me.sign(/^Deploy/);
  await cleo.me.idle();
  await cleo.me.press("Complete");
  await cleo.me.sign("Complete");
  await look(cleo, "17-completed");
});

step("everybody imports that; Ada completes the request, and all see the same", async () => {
  const deployed = await sends(cleo);
  for (const desk of [ada, ben]) await receives(desk, deployed, "From Cleo Marsh");
  await opens(ada, "Change Requests", request);
  await ada.me.press("Complete");
  await ada.me.sign("Complete");
  const completed = await sends(ada);
  for (const desk of [ben, cleo]) await receives(desk, completed, "From Ada Lind");
  const seen = [];
  for (const desk of [ada, ben, cleo]) {
    const cr = await desk.call("ChangeRequests", "Get", requestId);
    const dr = await desk.call("DeploymentRecords", "Get", recordId);
    const deployed = dr.logs.find((log) => log.kind === "deploy");
    seen.push(
      JSON.stringify([
        cr.request.status,
        cr.digest,
        cr.request.overview,
        dr.record.status,
        dr.digest,
        deployed?.result,
        cr.seats.seats.map((seat) => seat.member?.name),
        dr.seats.seats.map((seat) => seat.member?.name),
      ]),
    );
    await opens(desk, "Change Requests", request);
    await desk.me.says("Completed");
  }
  assert.equal(JSON.parse(seen[0])[0], "Completed");
  assert.equal(JSON.parse(seen[0])[3], "Completed");
  assert.equal(JSON.parse(seen[0])[5], "succeeded");
  assert.deepEqual([...new Set(seen)], [seen[0]]);
});

step("the trail verifies in all three folders", async () => {
  for (const desk of [ada, ben, cleo]) {
    on(desk);
    await desk.visits("Audit Trail");
    await desk.me.press(/^Verify/);
    await desk.me.idle();
    await desk.me.says(/^Everything holds/);
    const proof = await desk.call("AuditTrail", "Proof");
    assert.deepEqual(proof.report.findings, []);
  }
  await look(ada, "18-verified");
});

step("an auditor verifies the evidence with a file and nothing else", async () => {
  await opens(ada, "Change Requests", request);
  await ada.me.press("More actions");
  await ada.page.getByRole("menuitem", { name: "Write an evidence file…" }).click();
  await ada.me.press("Write the evidence file…");
  await ada.me.says("The evidence file is saved");
  const evidence = ada.mails(".evidence.zip");
  const verified = spawnSync(cli, ["verify", evidence], { encoding: "utf8" });
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
  assert.match(verified.stdout, /a whole evidence file\n *1 change, 1 deployment/);
  assert.match(verified.stdout, /as Ada Lind signed it/);
  const forged = join(room, "forged.evidence.zip");
  const bytes = readFileSync(evidence);
  bytes[Math.floor(bytes.length / 2)] ^= 1;
  writeFileSync(forged, bytes);
  assert.notEqual(spawnSync(cli, ["verify", forged], { encoding: "utf8" }).status, 0);
});

step("the pages complained of nothing", () =>
  assert.deepEqual([...ada.errors(), ...ben.errors(), ...cleo.errors()], []),
);
