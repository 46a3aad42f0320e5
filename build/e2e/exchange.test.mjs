// Colleagues work together with files alone. Ana, Bo and Cy each have a copy of
// one workspace in a folder of their own, as after joining it; what they do
// travels in bundles that are saved on one desk and picked, dropped or opened on
// another. The bridge has no dialogs of the system that a browser could show: a
// folder stands for them (app/bridge.go). Import asks natively outside the demo
// only; app/exchange_test.go holds that.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { barriers, openDesk, settle, story, tooWide } from "./desk.mjs";
import { person } from "./person.mjs";

const shots = process.env.COUNTERSIGN_SHOTS;
const room = mkdtempSync(join(tmpdir(), "countersign-exchange-"));
const passphrase = "orbit candle walnut fern";
let ana;
let bo;
let used;

/** A desk on a copy of the workspace, with a folder that stands for its file dialogs. */
async function deskOf(member, from) {
  const files = mkdtempSync(join(room, `${member}-`));
  const desk = await openDesk({ from, env: { COUNTERSIGN_BRIDGE_FILES: files } });
  desk.page.setDefaultTimeout(30_000);
  await desk.drawn();
  await desk.call("Workspaces", "ActAs", member);
  await desk.reload();
  const me = person(desk);
  return {
    ...desk,
    me,
    files,
    close: desk.close,
    /** What the next file dialog answers. */
    picks: (path) => writeFileSync(join(files, "open"), path),
    /** The newest file of a kind that was saved here. */
    saved(end) {
      const found = readdirSync(files).filter((name) => name.endsWith(end));
      assert.equal(found.length, 1, `${found} in ${member}'s folder`);
      // It leaves by mail, so that the next one is the only one again.
      const to = join(room, `${Math.random().toString(36).slice(2)}-${found[0]}`);
      cpSync(join(files, found[0]), to);
      rmSync(join(files, found[0]));
      return to;
    },
  };
}

const step = story("exchange", () => used);
const on = (desk) => (used = desk);

before(async () => {
  const at = process.env.COUNTERSIGN_DEMO ?? join(room, "demo");
  if (!existsSync(at)) {
    const first = await openDesk({ at, story: true });
    await first.openDemo();
    await first.close();
  }
  ana = await deskOf("ana", at);
  bo = await deskOf("bo", at);
});
after(async () => {
  await ana?.close();
  await bo?.close();
  rmSync(room, { recursive: true, force: true });
});

const requests = async (desk) => (await desk.call("ChangeRequests", "List", { view: "", text: "", status: [], sort: "number", offset: 0, limit: 100 })).items;
const numbered = async (desk, label) => (await requests(desk)).find((row) => row.label === label);

/** Looks at the page as it is now, in both schemes and in the smallest window. */
async function look(desk, name) {
  const { page } = desk;
  for (const scheme of ["light", "dark"]) {
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

/** Picks a file on the page that receives, and waits for what it says. */
async function receive(desk, path, says) {
  await desk.go("/exchange?tab=receive");
  desk.picks(path);
  await desk.me.press("Choose a file…");
  await desk.me.says(says);
}

async function edit(desk, label, fields) {
  const { id } = await numbered(desk, label);
  const { request } = await desk.call("ChangeRequests", "Get", id);
  await desk.call("ChangeRequests", "Save", id, {
    name: request.name, overview: request.overview, type: request.type, supportingText: request.supportingText,
    externalLink: request.externalLink, externalNumber: request.externalNumber, changeSets: request.changeSets ?? [], ...fields,
  });
  return id;
}

step("Ana sends a draft from its page, encrypted; a short passphrase is refused before anything is written", async () => {
  on(ana);
  const id = await edit(ana, "CR-0011", { overview: "Renewals need stages of their own, and a reminder." });
  await ana.go(`/change-requests/${id}`);
  await ana.me.press("More actions");
  await ana.page.getByRole("menuitem", { name: "Send to colleagues…" }).click();
  await ana.me.says("1 chosen");
  await look(ana, "send");
  await ana.page.getByRole("switch", { name: /Encrypt it with a passphrase/ }).check();
  await ana.page.getByLabel("Passphrase", { exact: true }).fill("short");
  await ana.me.says("The passphrase is too short.");
  const button = ana.me.button("Save the bundle of 1 request…");
  assert.equal(await button.getAttribute("aria-disabled"), "true");
  assert.deepEqual(readdirSync(ana.files), []);
  await ana.page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
  await look(ana, "send-sealed");
  await ana.me.press("Save the bundle of 1 request…");
  await ana.me.says("The bundle is saved");
  await ana.me.says(/It holds 1 Change Request/);
  await ana.me.press("Show in folder");
  assert.equal(readFileSync(join(ana.files, "shown"), "utf8"), ana.files);
  await look(ana, "send-saved");
});

let sealed;

step("Bo edits the same draft; Ana's comes, is looked at first, and waits beside his", async () => {
  on(bo);
  sealed = ana.saved(".csbundle");
  assert.ok(readFileSync(sealed, "latin1").startsWith("age-encryption.org/v1"));
  await edit(bo, "CR-0011", { overview: "Renewals need stages of their own.", externalNumber: "CHG-2207" });
  await bo.go("/exchange?tab=receive");
  await look(bo, "receive-empty");
  await receive(bo, sealed, "The passphrase that you were told");
  await bo.page.getByLabel("The passphrase that you were told").fill("another passphrase");
  await bo.me.press("Open the file");
  await bo.me.says("This passphrase does not open the file.");
  await bo.page.getByLabel("The passphrase that you were told").fill(passphrase);
  await bo.me.press("Open the file");
  await bo.me.says("From Ana Requester");
  await bo.me.says(/waits beside yours/);
  const before = (await bo.call("AuditTrail", "List", { kinds: [], text: "", member: "", before: 0, limit: 1 })).total;
  await look(bo, "preview-draft");
  assert.equal((await bo.call("AuditTrail", "List", { kinds: [], text: "", member: "", before: 0, limit: 1 })).total, before, "looking writes nothing");
  await bo.me.press("Import");
  await bo.me.says("Imported");
  await look(bo, "imported-draft");
});

step("Bo sees what differs by its meaning, and takes Ana's", async () => {
  on(bo);
  const { id } = await numbered(bo, "CR-0011");
  await bo.go(`/change-requests/${id}`);
  await bo.me.says("A colleague's draft waits beside this one.");
  await bo.page.getByRole("link", { name: "Compare and choose" }).click();
  await bo.me.says("Renewals need stages of their own, and a reminder.");
  await bo.me.says("CHG-2207");
  await look(bo, "drafts");
  await bo.me.press("Take theirs");
  await bo.me.says("No draft waits for a choice");
  const { request } = await bo.call("ChangeRequests", "Get", id);
  assert.deepEqual([request.overview, request.externalNumber], ["Renewals need stages of their own, and a reminder.", "SALES-125"]);
});

step("Ana submits, sends what changed since, Bo approves on his computer, and Ana's says Approved", async () => {
  on(ana);
  const { id } = await numbered(ana, "CR-0011");
  const { digest } = await ana.call("ChangeRequests", "Get", id);
  await ana.call("ChangeRequests", "Do", id, { action: "submit", reason: "", seen: digest });
  await ana.go("/change-requests");
  await ana.me.press("Send");
  await ana.me.says("Changed since");
  await ana.me.press("Choose the one that changed since it was sent");
  await ana.me.press("Save the bundle of 1 request…");
  await ana.me.says(/not encrypted/);
  on(bo);
  await receive(bo, ana.saved(".csbundle"), "From Ana Requester");
  await bo.me.says("Request submitted");
  await look(bo, "preview-submitted");
  await bo.me.press("Import");
  await bo.me.says("Imported");
  const view = await bo.call("ChangeRequests", "Get", id);
  assert.equal(view.request.status, "Pending Approval");
  await bo.call("ChangeRequests", "Do", id, { action: "approve", reason: "", seen: view.digest });
  await bo.go(`/exchange?request=${id}`);
  await bo.me.press("Save the bundle of 1 request…");
  await bo.me.says("The bundle is saved");
  on(ana);
  // Opened as a file manager does: the path is an argument.
  const back = bo.saved(".csbundle");
  await ana.again(() => {}, [back]);
  await ana.me.says("From Bo Approver");
  await look(ana, "preview-approved");
  await ana.me.press("Import");
  await ana.me.says("Imported");
  const seats = (await ana.call("ChangeRequests", "Get", id)).seats.seats;
  assert.ok(seats.some((seat) => seat.member?.id === "bo"), "Bo has a seat on Ana's computer");
  await receive(ana, back, "All of it is here already");
  await look(ana, "preview-nothing");
});

step("what is no bundle, was changed on its way, or belongs elsewhere is refused, and nothing is written", async () => {
  on(bo);
  const { id } = await numbered(bo, "CR-0012");
  await bo.go(`/exchange?request=${id}`);
  await bo.me.press("Save the bundle of 1 request…");
  await bo.me.says("The bundle is saved");
  const whole = readFileSync(bo.saved(".csbundle"));
  const damaged = join(room, "damaged.csbundle");
  const flipped = Buffer.from(whole);
  flipped[Math.floor(flipped.length / 2)] ^= 1;
  writeFileSync(damaged, flipped);
  const text = join(room, "letter.csbundle");
  writeFileSync(text, "Dear colleagues,\n");
  for (const [file, fault] of [[damaged, "bundle_damaged"], [text, "bundle_not_one"]]) {
    await receive(ana, file, "Nothing of this file can be taken in");
    const picked = await ana.call("Exchange", "Pick");
    const refused = await ana.call("Exchange", "Preview", picked.token, "").then(() => "", (error) => error.message);
    assert.match(refused, new RegExp(fault));
  }
  on(ana);
  await look(ana, "refused");
  const stranger = await openDesk({ env: { COUNTERSIGN_BRIDGE_FILES: ana.files } });
  try {
    await stranger.call("Workspaces", "OpenDemo");
    await stranger.reload();
    await stranger.go("/exchange?kind=all");
    await person(stranger).press("Save the bundle…");
    await person(stranger).says("The bundle is saved");
  } finally {
    await stranger.close();
  }
  await receive(ana, ana.saved(".csbundle"), "This bundle belongs to another workspace");
});

step("a key at two places is found: the same member signed on two computers", async () => {
  on(bo);
  // Ana goes on at her desk, and somebody signs with her key on a copy of her folder.
  const mine = await numbered(ana, "CR-0011");
  const recalled = await ana.call("ChangeRequests", "Get", mine.id);
  await ana.call("ChangeRequests", "Do", mine.id, { action: "recall", reason: "One more field", seen: recalled.digest });
  const { id } = await numbered(bo, "CR-0012");
  await bo.call("Workspaces", "ActAs", "ana");
  const { digest } = await bo.call("ChangeRequests", "Get", id);
  await bo.call("ChangeRequests", "Do", id, { action: "cancel", reason: "No longer wanted", seen: digest });
  await bo.reload();
  await bo.go(`/exchange?request=${id}`);
  await bo.me.press("Save the bundle of 1 request…");
  await bo.me.says("The bundle is saved");
  await bo.call("Workspaces", "ActAs", "bo");
  on(ana);
  await receive(ana, bo.saved(".csbundle"), /The key of Ana Requester signed two acts/);
  await look(ana, "doubts");
  await ana.me.press("Leave it");
  await ana.me.says("Drop a bundle or an evidence file here");
});

step("evidence of a change and of a period is written, and proves itself to anybody", async () => {
  on(ana);
  const { id } = await numbered(ana, "CR-0001");
  await ana.go(`/change-requests/${id}`);
  await ana.me.press("More actions");
  await ana.page.getByRole("menuitem", { name: "Write an evidence file…" }).click();
  await ana.me.press("Write the evidence file…");
  await ana.me.says("The evidence file is saved");
  await look(ana, "evidence-change");
  const change = ana.saved(".evidence.zip");
  await ana.go("/audit-trail");
  await ana.me.press("Write an evidence file…");
  await ana.page.getByLabel("Last day").fill("2020-01-01");
  await ana.me.says("The last day is before the first one.");
  await ana.me.press("This quarter");
  await ana.me.press("Write the evidence file…");
  await ana.me.says("The evidence file is saved");
  await look(ana, "evidence-period");
  const period = ana.saved(".evidence.zip");
  if (shots) cpSync(period, join(shots, "period.evidence.zip"));
  on(bo);
  for (const file of [change, period]) {
    await bo.go("/exchange?tab=evidence");
    bo.picks(file);
    await bo.me.press("Choose a file to verify…");
    await bo.me.says("The file is whole, and proves what it says.");
  }
  await look(bo, "report");
  const changed = readFileSync(change);
  changed[Math.floor(changed.length / 2)] ^= 1;
  const forged = join(room, "forged.evidence.zip");
  writeFileSync(forged, changed);
  bo.picks(forged);
  await bo.go("/exchange?tab=evidence");
  await bo.me.press("Choose a file to verify…");
  await bo.me.says("This file proves nothing");
});

step("the pages complained of nothing", () => {
  assert.deepEqual([...ana.errors(), ...bo.errors()], []);
});
