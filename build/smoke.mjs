// The program that ships, in its own window, in two parts:
//
//   1. The terminal's demo makes a workspace and approves a Change Request in it.
//      The window opens it straight away, draws what its backend answers, keeps
//      its content policy, has contrast, and ends with exit code 0 on SIGTERM.
//   2. The whole job by mouse and keyboard, from the first start to Completed: a
//      solo workspace on two served orgs, the real keyring, the system's own
//      questions. Then what is left of it on the disk, in the keyring, in the org.
//
//   session.sh node --experimental-websocket smoke.mjs WINDOW CLI
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openWindow } from "./e2e/window.mjs";

const [binary, cli] = process.argv.slice(2);
const pictures = "build/bin";
const room = mkdtempSync(join(tmpdir(), "countersign-smoke-"));
const opened = [];
const orgs = [];
mkdirSync(pictures, { recursive: true });

try {
  await part("1, what the demo left", demoWorkspace);
  await part("2, the whole job by hand", wholeJob);
} catch (error) {
  const last = opened.at(-1);
  if (last) screen(last, "failed");
  console.error(`The window's smoke failed: ${error.stack}\n${(await last?.story()) ?? ""}`);
  process.exitCode = 1;
} finally {
  for (const w of opened) if (w.program.exitCode === null) w.program.kill("SIGKILL");
  for (const org of orgs) org.program.kill("SIGTERM");
  await Promise.all([...opened.map((w) => w.ended), ...orgs.map((org) => org.ended)]);
  rmSync(room, { recursive: true, force: true });
}
process.exit(process.exitCode ?? 0);

async function part(name, act) {
  const started = Date.now();
  const said = await act();
  console.log(`window, part ${name}: ${said}; ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

async function demoWorkspace() {
  const data = join(room, "demo");
  const demo = spawnSync(cli, ["demo", "--data", data, "--until", "approve"], { encoding: "utf8", timeout: 300_000 });
  assert.ok(demo.status === 0, `the demo made no workspace (${demo.error ?? demo.status}):\n${demo.stdout}${demo.stderr}`);

  const w = await open(data, join(room, "demo-window"));
  await w.until("the page to be drawn", () => w.page.evaluate(`!!document.querySelector("nav") && !!document.querySelector("h1")`));
  const drawnAfter = Date.now() - w.started;
  await noFault(w);

  await w.click("link", "Change Requests");
  await w.heading("Change Requests");
  const { items } = await w.call("ChangeRequests.List", { view: "", text: "", status: [], sort: "", offset: 0, limit: 0 });
  assert.ok(items.length === 1, `the demo made one Change Request, the window has ${items.length}`);
  const [request] = items;
  assert.ok(request.status === "Approved", `the demo's Change Request is ${request.status}`);
  const rows = () => w.page.evaluate(`[...document.querySelectorAll("main [role=option]")].map((row) => row.innerText)`);
  await w.until("the list", async () => (await rows()).length === items.length);
  const [row] = await rows();
  for (const word of [request.label, request.name, request.type, request.status]) assert.ok(row.includes(word), `the row lacks "${word}": ${row}`);

  await contentPolicy(w);
  await droppedByScript(w, request.id);
  const places = { home: "/", requests: "/change-requests", request: `/change-requests/${request.id}`, settings: "/settings" };
  let texts = 0;
  for (const scheme of ["light", "dark"]) {
    await go(w, places.settings);
    await w.click("radio", scheme === "light" ? "Light" : "Dark");
    await w.until(`the ${scheme} appearance`, () => w.page.evaluate(`document.documentElement.dataset.mantineColorScheme === "${scheme}"`));
    for (const [name, path] of Object.entries(places)) {
      await go(w, path);
      await noFault(w);
      texts += await readable(w, `${name}, ${scheme}`);
      await w.page.picture(join(pictures, `smoke-${name}-${scheme}.png`));
    }
  }
  await end(w);
  return `drawn after ${drawnAfter} ms, ${texts} texts have contrast, exit 0 after SIGTERM`;
}

async function wholeJob() {
  const [uat, live] = await Promise.all([serve("uat"), serve("production")]);
  const data = join(room, "own");
  const kept = join(room, "own-window");
  let w = await open(data, kept);
  await firstStart(w);
  const source = await environment(w, "UAT", uat);
  const target = await environment(w, "Live", live);
  await scanInventory(w, source);
  const request = await draft(w);
  await submitRequest(w, request);
  await approve(w, "link", "Review and Approve", () => w.call("ChangeRequests.Get", request).then((v) => v.request.status));
  const record = await newRecord(w, request);
  await deploy(w, record);
  await verifyTrail(w);

  const deployed = await realDeployments(live);
  assert.ok(deployed.length === 1 && deployed[0].Status === "Succeeded", `the target had ${JSON.stringify(deployed)}, not one deployment that succeeded`);
  assert.ok((await realDeployments(uat)).length === 0, "something was deployed to the source");
  const { id: workspace } = await w.call("Workspaces.State");
  const pressed = { ...w.pressed };

  // Another place than the first page, kept for the next start.
  await w.click("link", "Deployments");
  await w.click("option", "DR-0001");
  await w.heading("Public sector discount to Live");
  await w.until("the place to be kept", async () =>
    Object.values(await w.call("Settings.Preferences")).some((place) => place === `/deployments/${record}`),
  );
  await end(w);
  verifyByTerminal(data);
  inKeyring([`${workspace}/key/`, `${workspace}/anchor`, `${workspace}/credentials/${source}/`, `${workspace}/credentials/${target}/`]);
  const files = nothingSecret([data, kept], [uat, live], w.log());

  w = await open(data, kept);
  await w.heading("Public sector discount to Live");
  assert.ok((await w.call("Workspaces.State")).id === workspace, "another workspace was opened");
  assert.ok((await w.call("DeploymentRecords.Get", record)).record.status === "Completed", "the record is not Completed any more");
  await w.click("link", "Environments");
  await w.click("link", "Live");
  await w.click("button", "Test Connection"); // with the password that the keyring kept
  await w.says("Connected");
  screen(w, "again");
  await end(w);
  nothingSecret([data, kept], [uat, live], w.log());
  return `${pressed.clicks} clicks and ${pressed.keys} keys from the first start to the verified audit trail, one deployment in the target, no secret in ${files} files`;
}

async function firstStart(w) {
  await w.fill("Your name", "Ada Ames");
  await w.fill("Name of the workspace", "Acme");
  screen(w, "first-start");
  await w.click("button", "Make my workspace");
  await w.answer(false, () => screen(w, "system-create"));
  await w.until("the end of that", () => w.page.evaluate(`!document.querySelector("[data-loading]")`));
  assert.ok(!(await w.call("Workspaces.State")).open, "No made a workspace");
  await w.click("button", "Make my workspace");
  await w.answer(true);
  await w.says("Nothing waits for you");
  await w.says("self-authorised");
}

/** Adds an environment, saves its credentials and tests its connection. Gives its id. */
async function environment(w, name, org) {
  await w.click("link", "Environments");
  await w.heading("Environments");
  await w.click("button", "Add environment");
  await w.fill("Name", name);
  await w.click("radio", "User name and password (ends in Summer ’27)");
  await w.click("radio", "A demo org on this computer");
  await w.fill("Address of the demo org", org.url);
  await w.fill("User name", org.username);
  await w.click("button", "Add environment");
  await w.heading(name);
  await w.fill("Password", org.password);
  await w.click("button", "Save Credentials");
  await w.says("Now press Test Connection");
  await w.click("button", "Test Connection");
  await w.says("Connected");
  const known = (await w.call("Environments.List")).find((e) => e.environment.name === name);
  assert.ok(known.environment.organizationId === org.organizationId, `${name} is ${known.environment.organizationId}, not ${org.organizationId}`);
  assert.ok(known.environment.kind === "demo", `${name} is a ${known.environment.kind}, but a demo org served it`);
  return known.environment.id;
}

async function scanInventory(w, source) {
  await w.click("link", "Environments");
  await w.click("link", "UAT");
  await w.click("button", "Run Scan");
  const count = await w.until("the inventory", async () => (await w.call("Environments.Get", source)).inventory.count);
  await w.says(`${count} customizations`);
}

/** Writes a Change Request and picks its customization from the inventory. Gives its id. */
async function draft(w) {
  await w.click("link", "Change Requests");
  await w.click("link", "New Change Request");
  await w.fill("Change Request Name", "Public sector discount");
  await w.fill("Change Overview", "Tenders need a tier of their own.");
  await w.click("button", "Add Customizations");
  await w.fill("Search by API name", "Public_Sector");
  await w.click("option", "Discount_Tier.Public_Sector");
  await w.click("button", "Add 1 Customization");
  await w.click("tab", "Overview");
  const { items } = await w.call("ChangeRequests.List", { view: "", text: "", status: [], sort: "", offset: 0, limit: 0 });
  assert.ok(items.length === 1 && items[0].name === "Public sector discount", `the drafts are ${JSON.stringify(items)}`);
  return items[0].id;
}

/** Submits it: the system's No signs nothing, its Yes does. */
async function submitRequest(w, id) {
  const status = async () => (await w.call("ChangeRequests.Get", id)).request.status;
  const acts = async () => (await w.call("AuditTrail.List", { text: "", kinds: ["cr.submit"], member: "", before: 0, limit: 0 })).items.length;
  await w.click("button", "Submit for Approval");
  await w.click("button", "Submit for Approval");
  await w.answer(false, async () => {
    screen(w, "system-question");
    await oneQuestion(w);
  });
  await w.until("the end of that", () => w.page.evaluate(`!document.querySelector("[data-loading]")`));
  assert.ok((await status()) === "In Progress", `after No it is ${await status()}`);
  assert.ok((await acts()) === 0, "No signed an act");
  await w.click("button", "Submit for Approval"); // the page's own question is still there
  await w.answer(true);
  await w.until("Pending Approval", async () => (await status()) === "Pending Approval");
  assert.ok((await acts()) === 1, `Yes signed ${await acts()} acts`);
}

/** While a question is open no script opens another dialog, whose Yes Wails would take for the answer to the first. */
async function oneQuestion(w) {
  for (const [method, ...args] of [["Settings.OpenAddress", "https://example.com/"], ["Settings.BackUpTo"]]) {
    const fault = await w.page.evaluate(
      `window.go.app.${method}(...${JSON.stringify(args)}).then(() => "nothing", (thrown) => JSON.parse(thrown.message ?? thrown).code)`,
    );
    assert.ok(fault === "question_open", `behind a question ${method} says ${fault}`);
  }
}

/** Approves in the review, as oneself and marked so. */
async function approve(w, role, review, status) {
  await w.click(role, review);
  await w.click("button", "Approve");
  await understood(w);
  await w.click("button", "Approve");
  await w.answer(true);
  await w.until("Approved", async () => (await status()) === "Approved");
}

async function newRecord(w, request) {
  await w.click("link", "Change Requests");
  await w.click("option", "CR-0001");
  await w.heading("Public sector discount");
  screen(w, "approved");
  await w.click("link", "Deploy");
  await w.heading("New Deployment Record");
  await w.click("button", "Save");
  const made = await w.until("the record", async () => (await w.call("ChangeRequests.Get", request)).records[0]);
  return made.id;
}

/** From Test Connection to Completed, by the buttons of the record's page. */
async function deploy(w, id) {
  const view = () => w.call("DeploymentRecords.Get", id);
  const status = async () => (await view()).record.status;
  const done = async (code) => {
    await w.until(`${code} to be done`, async () => {
      const step = (await view()).steps.find((s) => s.code === code);
      if (step.state === "failed") throw new Error(step.sentence);
      return step.state === "done";
    });
    await w.says("Nothing running"); // the page has heard of it too, and its rows are where they stay
  };
  await w.click("button", "Test Connection");
  await done("environments");
  await w.click("button", "Run Scan");
  await done("scan");
  await w.click("button", "Submit for Approval");
  await w.click("button", "Submit for Approval");
  await w.answer(true);
  await w.until("Pending Approval", async () => (await status()) === "Pending Approval");
  await approve(w, "button", "Review and approve", status);
  await w.click("link", "Deployments");
  await w.click("option", "DR-0001");
  await w.click("button", "Retrieve Selected Customizations");
  await done("retrieve");
  await w.click("button", "Check Dependencies");
  await done("dependencies");
  await w.click("button", "Validate Customizations");
  await w.answer(true);
  await done("validate");
  await w.click("button", "Deploy Retrieved Customizations");
  await w.click("button", "Deploy Changes");
  await w.answer(true, () => screen(w, "system-deploy"));
  await done("deploy");
  screen(w, "deployed");
  await w.click("button", "Complete");
  await w.click("button", "Complete");
  await w.answer(true);
  await w.until("Completed", async () => (await status()) === "Completed");
}

async function verifyTrail(w) {
  await w.click("link", "Audit Trail");
  await w.click("button", "Verify everything");
  await w.says("Everything holds");
  screen(w, "audit-trail");
}

/** In a solo workspace the page's own question of an approval marks it as self-authorised, and asks to know that. */
function understood(w) {
  return w.click("checkbox", "it is recorded as self-authorised, without separation of duties");
}

async function go(w, path) {
  await w.page.evaluate(`location.hash = ${JSON.stringify(path)}`);
  await w.until(`${path} to be drawn`, () => w.page.evaluate(`location.hash.startsWith(${JSON.stringify(`#${path}`)}) && !!document.querySelector("main h1")`));
  await w.page.evaluate(`document.fonts.ready.then(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true)))))`);
}

async function open(data, kept) {
  const w = await openWindow(binary, data, kept);
  opened.push(w);
  return w;
}

async function end(w) {
  const exit = await w.close();
  assert.ok(exit === 0, `the exit code after SIGTERM is ${exit}`);
  assert.ok(!/level=(ERROR|WARN)|panic/.test(w.log()), "the log holds an error or a warning");
}

/** A picture for people to look at; without ImageMagick there is none. */
function screen(w, name) {
  try {
    w.screen(join(pictures, `smoke-${name}.png`));
  } catch (error) {
    if (error.code !== "ENOENT") console.error(`no picture of ${name}: ${error.message}`);
  }
}

async function noFault(w) {
  const fault = await w.page.evaluate(`document.querySelector("main [role=alert]")?.innerText ?? ""`);
  assert.ok(fault === "", `the page shows a fault: ${fault}`);
}

async function contentPolicy(w) {
  const ran = await w.page.evaluate(`(() => {
    const script = document.createElement("script");
    script.textContent = "window.foreign = true";
    document.head.append(script);
    return window.foreign === true;
  })()`);
  assert.ok(!ran, "an inline script ran: the content policy is not in force");
  const inFrame = await w.page.evaluate(`new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.src = "/index.html";
    frame.onload = frame.onerror = () => {
      let text = "";
      try { text = frame.contentDocument?.querySelector("#root") ? "page" : ""; } catch {}
      frame.remove();
      resolve(text);
    };
    setTimeout(() => resolve("nothing"), 2000);
    document.body.append(frame);
  })`);
  assert.ok(inFrame !== "page", "a frame loaded the page: the content policy is not in force");
}

/** Wails takes a drop of files from a script too: the program outlives one that is none, and asks about one that names a file. */
async function droppedByScript(w, id) {
  await w.page.evaluate(`window.runtime.EventsEmit("wails:file-drop")`);
  const token = await w.page.evaluate(`new Promise((told) => {
    window.runtime.EventsOn("drop", (drop) => told(drop.token));
    window.WailsInvoke("DD:1:1:/etc/hostname");
  })`);
  const attach = `window.go.app.ChangeRequests.AttachDropped(${JSON.stringify(id)}, ${JSON.stringify(token)})`;
  await w.page.evaluate(`(window.taken = ${attach}.then(() => "taken", (thrown) => JSON.parse(thrown.message ?? thrown).code), true)`);
  await w.answer(false, () => screen(w, "system-drop"));
  const taken = await w.page.evaluate("window.taken");
  assert.ok(taken === "declined", `after No a file that a script dropped is ${taken}`);
}

/** Every piece of text has a contrast of 4.5:1 to what is behind it (WCAG 2.2, 1.4.3). jsdom cannot judge that. */
async function readable(w, where) {
  const { count, faint } = await w.page.evaluate(`(${faintTexts})()`);
  assert.ok(count > 0, `no text is on ${where}`);
  assert.ok(faint.length === 0, `too little contrast on ${where}: ${faint.join(", ")}`);
  return count;
}

function faintTexts() {
  const numbers = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) =>
    [r, g, b]
      .map((c) => c / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = numbers(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  let count = 0;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    // What is disabled is excepted by 1.4.3; what is not drawn has no contrast.
    if (!texts.currentNode.data.trim() || element.closest("style, script, .unseen, :disabled, [data-disabled], [aria-disabled=true]")) continue;
    if (!element.getClientRects().length) continue;
    count++;
    const [one, two] = [numbers(getComputedStyle(element).color), ground(element)].map(light);
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) found.add(`"${texts.currentNode.data}" ${ratio.toFixed(1)}:1`);
  }
  return { count, faint: [...found] };
}

/** Serves a demo org in a process of its own. Gives how to reach it. */
async function serve(kind) {
  const program = spawn(cli, ["demo-org", "--org", kind, "--data", join(room, `org-${kind}`)], { stdio: ["ignore", "pipe", "inherit"] });
  const org = { kind, program, ended: new Promise((resolve) => program.on("exit", resolve)) };
  orgs.push(org);
  let line = "";
  for await (const chunk of program.stdout) {
    line += chunk;
    if (line.includes("\n")) break;
  }
  return Object.assign(org, JSON.parse(line));
}

/** The deployments of an org that were no validations, as it tells itself. */
async function realDeployments(org) {
  const query = encodeURIComponent("SELECT Id, Status, CheckOnly, NumberComponentsDeployed FROM DeployRequest");
  const answer = await fetch(`${org.url}/services/data/v62.0/tooling/query?q=${query}`, { headers: { Authorization: `Bearer ${org.accessToken}` } });
  assert.ok(answer.ok, `the org answered ${answer.status}: ${await answer.clone().text()}`);
  return (await answer.json()).records.filter((d) => !d.CheckOnly);
}

function verifyByTerminal(data) {
  const verified = spawnSync(cli, ["verify", "--data", data], { encoding: "utf8", timeout: 180_000 });
  assert.ok(verified.status === 0, `verify found something:\n${verified.stdout}${verified.stderr}`);
  assert.ok(verified.stdout.includes("extends the head that the keychain remembers"), `verify did not ask the keyring:\n${verified.stdout}`);
}

/** The keyring of this session holds an entry whose name begins with each. */
function inKeyring(names) {
  const bus = (path, method, ...args) =>
    execFileSync("dbus-send", ["--session", "--print-reply", "--dest=org.freedesktop.secrets", path, method, ...args], { encoding: "utf8" });
  const service = "org.freedesktop.Secret.Service.SearchItems";
  const found = bus("/org/freedesktop/secrets", service, "dict:string:string:service,Countersign").matchAll(/object path "([^"]+)"/g);
  const entries = [...found].map(([, path]) =>
    bus(path, "org.freedesktop.DBus.Properties.Get", "string:org.freedesktop.Secret.Item", "string:Attributes"),
  );
  for (const name of names) assert.ok(entries.some((entry) => entry.includes(`"${name}`)), `the keyring has no ${name}: ${entries}`);
}

/** No password and no access token is in any file of the folders or in the log; user names are, so the search can find. */
function nothingSecret(folders, all, log) {
  const files = folders.flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile()));
  const texts = files.map((f) => [f.name, readFileSync(join(f.parentPath, f.name))]);
  for (const { username, password, accessToken } of all) {
    assert.ok(texts.some(([, text]) => text.includes(username)), `${username} is in no file: the search does not find what is there`);
    for (const secret of [password, accessToken]) {
      const file = texts.find(([, text]) => text.includes(secret))?.[0];
      assert.ok(!file, `a secret of ${username} is in ${file}`);
      assert.ok(!log.includes(secret), `a secret of ${username} is in the log`);
    }
  }
  return files.length;
}
