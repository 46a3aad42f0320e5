// The whole job in the program that ships, by the keyboard alone: from the first
// start to a Completed Deployment Record in the demo, as four people in turn. A
// key is pressed only when the focus is where it should be, and wherever it is,
// it has a name and is marked as having it. What an assistive program is told of
// each stage is read from the AT-SPI tree. Nothing moves, since the person's
// system asks for that.
//
//   session.sh node --experimental-websocket keyboard.mjs WINDOW
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openWindow } from "./window.mjs";

const [binary] = process.argv.slice(2);
const pictures = "build/bin";
const mostTabs = 25;
const mostLostMs = 600; // a page that is drawn anew may need a moment to find a place for the focus
const room = mkdtempSync(join(tmpdir(), "countersign-keyboard-"));
const started = Date.now();
const table = [];
const python = reader();
let farthest = 0;
let w;

mkdirSync(join(room, "window/config/gtk-3.0"), { recursive: true });
writeFileSync(join(room, "window/config/gtk-3.0/settings.ini"), "[Settings]\ngtk-enable-animations=false\n");
if (!python) console.log("keyboard: what an assistive program is told is not looked at, because this session has no AT-SPI, or no Python that reads it.");

try {
  // The session switches AT-SPI off for the other windows.
  w = await openWindow(binary, join(room, "data"), join(room, "window"), { NO_AT_BRIDGE: undefined });
  w.withoutMouse();
  await wholeJob();
  assert.ok(w.pressed.clicks === 0, `${w.pressed.clicks} clicks`);
  const exit = await w.close();
  assert.ok(exit === 0, `the exit code after SIGTERM is ${exit}`);
  for (const { name, keys, seconds } of table) console.log(`  ${String(keys).padStart(4)} keys, ${seconds.toFixed(1).padStart(4)} s  ${name}`);
  console.log(`keyboard: ${w.pressed.keys} keys and no click from the first start to Completed, at most ${farthest} Tabs to anything; ${((Date.now() - started) / 1000).toFixed(1)} s`);
} catch (error) {
  await w?.page.picture(join(pictures, "keyboard-failed.png")).catch(() => {});
  console.error(`The job by keyboard failed: ${error.stack}\n--- keys so far: ${JSON.stringify(table)}\n${(await w?.story()) ?? ""}`);
  process.exitCode = 1;
} finally {
  if (w && w.program.exitCode === null) w.program.kill("SIGKILL");
  await w?.ended;
  rmSync(room, { recursive: true, force: true });
}
process.exit(process.exitCode ?? 0);

async function wholeJob() {
  let request;
  let record;
  await stage("first start: open the demo", firstStart);
  await stage("a Change Request: name, overview", async () => (request = await draft()));
  await stage("pick a customization", () => pick(request));
  await stage("submit it", () => submit("ChangeRequests", request));
  await stage("approve it as the others", () => approve("ChangeRequests", request, "CR"));
  await stage("a Deployment Record", async () => (record = await newRecord(request)));
  await stage("Test Connection, Run Scan, Check Dependencies, submit it", async () => {
    await testConnections(record);
    await step(record, "scan", "Run Scan");
    await step(record, "dependencies", "Check Dependencies");
    await submit("DeploymentRecords", record);
  });
  await stage("approve it as the others", () => approve("DeploymentRecords", record, "DR"));
  await stage("Retrieve, Check Dependencies, Validate", async () => {
    await actAs("Dee");
    w.key("Escape");
    await there(`/deployments/${record}`);
    await step(record, "retrieve", "Retrieve Selected Customizations");
    await step(record, "dependencies", "Check Dependencies"); // of what was retrieved
    await step(record, "validate", "Validate Customizations");
  });
  await stage("Deploy, its name typed", () => deploy(record));
  await stage("read its log", () => readLog(record));
  await stage("Complete", () => complete(record));
}

async function stage(name, act) {
  const [keys, at] = [w.pressed.keys, Date.now()];
  await act();
  await still();
  table.push({ name, keys: w.pressed.keys - keys, seconds: (Date.now() - at) / 1000 });
}

async function firstStart() {
  await w.heading("Countersign");
  await w.page.evaluate(`void (${watch})()`);
  await stop("Open the demo workspace");
  await told("first start", ["heading Countersign", "heading Demo workspace", "check box Show me the way", "push button Open the demo workspace", "entry Your name", "push button Make my workspace", "radio button English"]);
  w.key("Return");
  await w.until("Home", () => w.page.evaluate(`!!document.querySelector("nav") && !!document.querySelector("main h1")`), 240_000);
  await stop();
  await told("Home", ["heading ", "link Home", "link Change Requests", "link Deployments", "link Environments", "link Audit Trail", "push button Search or command", "link Guide", "link Settings"]);
}

/** A new Change Request, by its shortcut. Gives its id. */
async function draft() {
  w.key("ctrl+n");
  await stop("Change Request Name");
  await type("Defaults for renewals");
  await reach("Change Overview");
  await type("Renewals need defaults of their own.");
  const made = await w.until("the draft to be saved", async () => {
    const { items } = await w.call("ChangeRequests.List", { view: "", text: "Defaults for renewals", status: [], sort: "", offset: 0, limit: 10 });
    return items[0] && (await w.call("ChangeRequests.Get", items[0].id)).request.overview.includes("of their own.") && items[0].id;
  });
  await stop("Change Overview");
  await told("request", ["heading Defaults for renewals", "entry Change Request Name", "entry Change Overview", "page tab Overview", "page tab Customizations", "page tab Impact", "page tab Deployments", "page tab Activity", "push button Add Customizations", "status bar What happens next"]);
  return made;
}

async function pick(request) {
  await next("Add Customizations");
  await stop("Search by API name");
  await type("Renewal_Defaults");
  await w.until("one hit", () => w.page.evaluate(`document.querySelectorAll("[role=dialog] [role=listbox][aria-label^=Inventory] [role=option]").length === 1`));
  w.key("Return");
  await stop("Inventory of Demo UAT");
  w.key("space");
  await w.until("one to be picked", () => w.has("button", "Add 1 Customization"));
  await told("picker", ["dialog Add customizations to", "entry Search by API name", "list box Inventory of Demo UAT", "list item Service_Setting.Renewal_Defaults", "push button Add 1 Customization"]);
  w.key("ctrl+Return");
  await w.until("the request to hold it", async () => (await w.call("ChangeRequests.Get", request)).count === 1);
}

async function submit(kind, id) {
  await next("Submit for Approval");
  await sign("Submit for Approval");
  await w.until("Pending Approval", async () => (await status(kind, id)) === "Pending Approval");
  await stop();
}

/** Bo and, where the policy wants two, Cy approve in the review. */
async function approve(kind, id, sort) {
  for (const name of ["Bo", "Cy"]) {
    if ((await status(kind, id)) === "Approved") break;
    await actAs(name);
    if (!(await w.page.evaluate(`location.hash.includes("/review")`))) {
      await next(/^Review and Approve/i);
      await there("/review");
      await w.until("the decision", () => w.has("button", "Approve"));
      await stop();
      await told(`review of the ${sort}`, [`heading ${sort}-`, "push button Approve", "push button Reject", "tree Customizations by type", "landmark Difference", "landmark What the decision rests on", "entry Find a customization"]);
      w.key("n");
      await w.until("the first difference", () => w.has("button", "Viewed"));
      w.key("v");
      await w.says("1 of 1 viewed");
    }
    await stop();
    w.key("a");
    await dialog();
    await stop("Comment (optional)");
    await type("Read.");
    await sign("Approve");
    await w.until("the decision to be heard", async () => (await status(kind, id)) === "Approved" || (await w.call(`${kind}.Get`, id)).actions.every((a) => a.action !== "approve" || !a.allowed));
    await stop();
  }
  assert.ok((await status(kind, id)) === "Approved", `it is ${await status(kind, id)}`);
}

async function newRecord(request) {
  await actAs("Ana");
  w.key("Escape");
  await there(`/change-requests/${request}`);
  await next("Deploy");
  await w.heading("New Deployment Record");
  await stop();
  await told("new record", ["heading New Deployment Record", "combo box Source environment", "combo box Target environment", "entry Name", "combo box Deployer", "radio button The whole request", "push button Save"]);
  w.key("ctrl+Return");
  const { id } = await w.until("the record", async () => (await w.call("ChangeRequests.Get", request)).records[0]);
  await there(`/deployments/${id}`);
  await w.heading("Defaults for renewals to Demo Production");
  await stop();
  await told("record", ["heading Defaults for renewals to Demo Production", "page tab Steps", "page tab Customizations", "page tab Details", "page tab Logs", "page tab Activity", "push button Test Connection", "push button Run Scan", "push button Retrieve Selected Customizations", "push button Deploy Retrieved Customizations", "status bar What happens next"]);
  return id;
}

/** The demo's story has tested both connections long ago: so it is not the next step, but a button of its line. */
async function testConnections(record) {
  const at = async () => (await w.call("DeploymentRecords.Get", record)).steps.find((s) => s.code === "environments").at;
  const before = await at();
  await reach("Test Connection");
  w.key("Return");
  await w.until("both tests", async () => (await at()) !== before);
  await done(record, "environments");
}

/** Presses a step's button, and sees where the focus is while it runs and when it has ended. */
async function step(record, code, button) {
  await next(button);
  await stop();
  await done(record, code);
}

async function done(record, code) {
  await w.until(`${code} to be done`, async () => {
    const { state, sentence } = (await w.call("DeploymentRecords.Get", record)).steps.find((s) => s.code === code);
    if (state === "failed") throw new Error(sentence);
    return state === "done";
  }, 180_000);
  await w.says("Nothing running");
  await stop();
}

async function deploy(record) {
  await next(/^Deploy/);
  await dialog();
  const typed = await stop();
  assert.ok(typed.name.includes("Demo Production"), `the question has the focus on "${typed.name}"`);
  await told("deploy", ["dialog Deploy", `entry ${typed.name}`, "push button Cancel", "push button Deploy Changes"]);
  await type("Demo Production");
  await sign("Deploy Changes");
  await done(record, "deploy");
}

async function readLog(record) {
  await reach("Steps");
  for (const tab of ["Customizations", "Details", "Logs"]) {
    w.key("Right");
    await stop(new RegExp(`^${tab}`));
  }
  await reach("Logs", "listbox");
  const row = () => w.page.evaluate(`document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.innerText`);
  for (let at = ""; !at.includes("Deployment"); ) {
    w.key("j"); // the rehearsal of the way back came last
    at = await w.until("the next row", async () => (await row()) !== at && row());
  }
  w.key("Return");
  await there("/logs/");
  await w.heading("Deployment, attempt 3");
  await stop();
  await told("log", ["heading Deployment, attempt", "status bar Verdict", "page tab Tests", "page tab Components 1", "page tab Raw answer", "link DR-"]);
  w.key("Escape");
  await there(`/deployments/${record}`);
  await stop();
}

async function complete(record) {
  await next("Complete");
  await sign("Complete");
  await w.until("Completed", async () => (await status("DeploymentRecords", record)) === "Completed");
  await stop();
  await told("completed", ["status bar What happens next", "heading Defaults for renewals to Demo Production"]);
}

/** Takes a member's part, by their key. */
async function actAs(name) {
  const { members } = await w.call("Workspaces.State");
  w.key(`alt+${1 + members.findIndex((m) => m.name.startsWith(name))}`);
  await w.until(`acting as ${name}`, () => w.page.evaluate(`document.querySelector(".acting")?.textContent.includes(${JSON.stringify(name)})`));
  await stop();
}

/** Presses the page's filled button: where the focus is on it, with Enter, otherwise by its key. */
async function next(name) {
  await w.until(`the next step to be ${name}`, async () => {
    const shown = await w.page.evaluate(`[...document.querySelectorAll(".next-bar :is(a, button):not(:disabled, [data-disabled])")].map((e) => e.innerText.trim())`);
    if (shown.some((words) => same(words, name))) return true;
    throw new Error(`it offers ${shown.join(", ") || "nothing"}`);
  });
  const at = await stop();
  w.key(same(at.name, name) ? "Return" : "ctrl+Return");
}

/** Signs in the page's question. */
async function sign(button) {
  await dialog();
  await stop();
  assert.ok(await w.has("button", button), `the question has no ${button}`);
  w.key("ctrl+Return");
  await w.until("the question to close", () => w.page.evaluate(`!document.querySelector("[role=dialog]")`));
}

function dialog() {
  return w.until("the page's question", () => w.page.evaluate(`!!document.querySelector("[role=dialog]")`));
}

/** Tabs until the focus is there, on what has that name, and sees at each stop where it is. */
async function reach(name, role) {
  const way = [];
  for (let tabs = 0; tabs <= mostTabs; tabs++) {
    const at = await stop();
    farthest = Math.max(farthest, tabs);
    if (same(at.name, name) && (!role || at.role === role) && !at.off) return;
    way.push(at.name);
    await w.page.evaluate("void (window.before = document.activeElement)");
    w.key("Tab");
    await w.until(`the focus to leave "${at.name}"`, () => w.page.evaluate("document.activeElement !== window.before"));
  }
  throw new Error(`${mostTabs} Tabs do not lead to ${name}: ${way.join(" › ")}`);
}

/** Where the focus is: on something that has a name and that shows it. */
function stop(name) {
  return w.until(`the focus${name ? ` on ${name}` : ""}`, async () => {
    const at = await w.focus();
    if (!at) throw new Error("nothing has it");
    if (!at.name) throw new Error(`what has it has no name: ${at.role}`);
    if (!at.marked) throw new Error(`"${at.name}" does not show that it has it`);
    if (!at.seen) throw new Error(`"${at.name}" has it, but is not seen`);
    if (name && !same(at.name, name)) throw new Error(`"${at.name}" has it`);
    return at;
  }, 10_000);
}

/** A name, or how it begins, as with a count after it. */
function same(is, name) {
  return name instanceof RegExp ? name.test(is) : is === name || is.startsWith(`${name} `);
}

/** Types, and sees that the field holds it. */
async function type(text) {
  w.type(text);
  await w.until(`"${text}" to be typed`, () => w.page.evaluate(`document.activeElement.value === ${JSON.stringify(text)}`));
}

/** The Python that can read the AT-SPI tree, if the session has one. */
function reader() {
  const bus = spawnSync("dbus-send", ["--session", "--print-reply", "--dest=org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus.GetAddress"]);
  if (bus.status !== 0) return undefined;
  return ["/usr/bin/python3", "python3"].find((one) => spawnSync(one, ["-c", "import gi; gi.require_version('Atspi', '2.0')"]).status === 0);
}

/** What an assistive program is told: each of these is there by role and name, and nothing that can be used has no name. */
async function told(place, wanted) {
  if (!python) return;
  let tree = [];
  const usable = /^(push button|toggle button|link|entry|check box|radio button|combo box|page tab|list box|tree|tree item|menu item|slider|spin button)$/;
  await w.until(`${place} in the AT-SPI tree`, () => {
    tree = JSON.parse(execFileSync(python, ["build/e2e/tree.py", w.program.pid], { encoding: "utf8", timeout: 90_000, stdio: ["ignore", "pipe", "pipe"] }));
    const missing = wanted.filter((words) => !tree.some((node) => `${node.role} ${node.name}`.startsWith(words)));
    if (missing.length > 0) throw new Error(`of ${tree.length} nodes none is ${missing.join(", none is ")}`);
    const nameless = tree.filter((node) => usable.test(node.role) && !node.name);
    if (nameless.length > 0) throw new Error(`no name: ${nameless.map((node) => node.role)}`);
    return true;
  }).catch((error) => {
    writeFileSync(join(pictures, "keyboard-tree.txt"), tree.map((n) => `${"  ".repeat(n.depth)}${n.role} | ${n.name}`).join("\n"));
    throw error;
  });
}

/** Runs in the page: notes what moves, and for how long at most nothing had the focus. */
function watch() {
  window.moved = [];
  window.lost = { ms: 0, at: "" };
  for (const kind of ["transitionrun", "animationstart"])
    document.addEventListener(kind, (e) => window.moved.push(`${kind} ${e.propertyName ?? e.animationName} of ${e.target.className}`), true);
  let since = 0;
  setInterval(() => {
    const e = document.activeElement;
    const nowhere = !e || e === document.body || e.matches(":disabled");
    since = nowhere ? since + 40 : 0; // by what the page lived: keys wait as well while it is busy
    if (since > window.lost.ms) window.lost = { ms: since, at: `${e?.localName} on ${location.hash}` };
  }, 40);
}

/** Nothing moved since the first page, and the keyboard was never left without a place. */
async function still() {
  const { reduced, moved, moving, lost } = await w.page.evaluate(`({
    reduced: matchMedia("(prefers-reduced-motion: reduce)").matches, moved: window.moved, moving: document.getAnimations().length, lost: window.lost,
  })`);
  assert.ok(reduced, "the page does not know that its person wants no motion");
  assert.ok(moved.length + moving === 0, `${moving} things move; what moved: ${[...new Set(moved)]}`);
  assert.ok(lost.ms < mostLostMs, `for ${lost.ms} ms nothing had the focus: ${lost.at}`);
}

function there(path) {
  return w.until(`the address ${path}`, () => w.page.evaluate(`location.hash.includes(${JSON.stringify(path)})`));
}

function status(kind, id) {
  return w.call(`${kind}.Get`, id).then((v) => (v.record ?? v.request).status);
}
