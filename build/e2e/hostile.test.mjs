// Whatever comes from people or from an org is text. Forty fields and files and
// more are filled with what tries to be something else, in a demo workspace on
// two served orgs whose metadata tries it too; then every screen is visited.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { openDesk, settle, tooWide } from "./desk.mjs";
import { person } from "./person.mjs";
import { screens } from "./screens.mjs";
import { until } from "./wait.mjs";

const cli = process.env.COUNTERSIGN_CLI ?? "build/bin/countersign-cli";

const image = "<img src=x onerror=window.hacked=1>";
const script = `"><script>window.hacked=1</script>`;
const address = "javascript:window.hacked=1";
const template = "{{constructor.constructor('window.hacked=1')()}}";
const key = "$t(fault.page)";
const verbs = "%n%s%d%!x(MISSING)";
const turned = "a\u202egnp.exe\u200b\u200d\u2066b";
const face = "👩‍💻𝔘𝔫𝔦";
const proto = "__proto__";
const cell = "=cmd|'/c calc'!A1";
const svg = "<svg/onload=window.hacked=1><iframe srcdoc='<script>parent.hacked=1</script>'>";
const nul = "nul\u0000byte";
const lone = "lone\ud83dsurrogate";
const long = "W".repeat(10_000);
const all = [image, script, address, template, key, verbs, turned, face, proto, cell, svg].join(" ");

let room;
let desk;
let me;
const orgs = [];
const taken = [];
const refused = [];
const outside = [];

before(async () => {
  room = mkdtempSync(join(tmpdir(), "countersign-hostile-"));
  const [source, target] = await Promise.all([serve("uat", seed(true)), serve("production", seed(false))]);
  execFileSync(cli, ["demo", "--data", join(room, "data"), "--source", source, "--target", target, "--until", "inventory"], { stdio: "ignore" });
  // The smallest window: what widens a page does it here first.
  desk = await openDesk({ from: join(room, "data"), size: { width: 900, height: 600 } });
  me = person(desk);
  const { page } = desk;
  page.on("request", (r) => !r.url().startsWith(desk.url) && !/^(data|blob|ws):/.test(r.url()) && outside.push(r.url()));
  page.on("dialog", (d) => { outside.push(`${d.type()}: ${d.message()}`); void d.dismiss(); });
  page.on("popup", (p) => outside.push(`a window: ${p.url()}`));
  await desk.drawn();
});
after(async () => {
  await desk?.close();
  for (const org of orgs) org.kill("SIGTERM");
  await Promise.all(orgs.map((org) => org.exitCode ?? new Promise((done) => org.on("exit", done))));
  rmSync(room, { recursive: true, force: true });
});

/** A folder of metadata for one org; the source has what the target has not. */
function seed(whole) {
  const dir = mkdtempSync(join(room, "seed-"));
  const xml = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/\u0000/g, "");
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  const ns = 'xmlns="http://soap.sforce.com/2006/04/metadata"';
  const meta = `${head}<ApexClass ${ns}><apiVersion>62.0</apiVersion><status>Active</status></ApexClass>`;
  const files = {
    "classes/Hostile.cls": `public class Hostile {\n  // ${whole ? all : "calm"}\n  public static String say() {\n    return '${image} ${script.replace(/'/g, "")}';\n  }\n}\n`,
    "classes/Hostile.cls-meta.xml": meta,
    "objects/Thing__c.object": `${head}<CustomObject ${ns}><deploymentStatus>Deployed</deploymentStatus><description>${xml(whole ? all : "calm")}</description>
<fields><fullName>Size__c</fullName><description>${xml(whole ? template + key : "calm")}</description><label>${xml(whole ? image : "calm")}</label><precision>4</precision><scale>0</scale><type>Number</type></fields>
<label>${xml(whole ? script : "calm")}</label><nameField><label>Name</label><type>Text</type></nameField><pluralLabel>${xml(whole ? turned : "calm")}</pluralLabel><sharingModel>ReadWrite</sharingModel></CustomObject>`,
    "staticresources/Page.resource": `<!doctype html>${whole ? svg + image + script : "calm"}`,
    "staticresources/Page.resource-meta.xml": `${head}<StaticResource ${ns}><cacheControl>Private</cacheControl><contentType>text/html</contentType><description>${xml(whole ? svg : "calm")}</description></StaticResource>`,
    "labels/CustomLabels.labels": `${head}<CustomLabels ${ns}><labels><fullName>Hostile_Label</fullName><language>en_US</language><protected>true</protected><shortDescription>${xml(whole ? verbs : "calm")}</shortDescription><value>${xml(whole ? `${address} ${cell} ${face} ${"W".repeat(900)}` : "calm")}</value></labels></CustomLabels>`,
    [`layouts/Thing__c-${encodeURIComponent(image)}.layout`]: `${head}<Layout ${ns}><layoutSections><label>${xml(whole ? svg : "calm")}</label></layoutSections></Layout>`,
  };
  if (whole)
    Object.assign(files, {
      "classes/HostileTest.cls": `@IsTest\nprivate class HostileTest {\n  @IsTest static void fails() {\n    // @fails-in: production\n    // @message: ${image} ${script} ${template} ${key} ${verbs} ${turned} ${svg}\n    System.assertEquals('x', Hostile.say());\n  }\n}\n`,
      "classes/HostileTest.cls-meta.xml": meta,
    });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

async function serve(kind, folder) {
  const dir = join(room, kind);
  const org = spawn(cli, ["demo-org", "--org", kind, "--data", dir, "--seed", folder], { stdio: ["ignore", "pipe", "pipe"] });
  orgs.push(org);
  let said = "";
  let wrong = "";
  org.stdout.on("data", (text) => (said += text));
  org.stderr.on("data", (text) => (wrong += text));
  await until(`the org ${kind}`, () => {
    if (org.exitCode !== null) throw new Error(wrong);
    return said.includes("\n");
  });
  return join(dir, "connection.json");
}

/** Fills one field or file. What the backend refuses, it refuses in words. */
async function fill(what, facade, method, ...args) {
  try {
    const answer = await desk.call(facade, method, ...args);
    taken.push(what);
    return answer;
  } catch (error) {
    const { code, message } = JSON.parse(/\{.*\}/s.exec(error.message)?.[0] ?? "{}");
    assert.ok(code && code !== "unexpected" && message?.endsWith("."), `${what}: ${error.message.slice(0, 400)}`);
    refused.push(`${what}: ${message}`);
    return null;
  }
}

const nothing = { name: "", overview: "", type: "Minor", supportingText: "", externalLink: "", externalNumber: "", changeSets: [] };
const options = { ignoreWarnings: false, purgeOnDelete: false, rollbackOnError: true, testLevel: "RunSpecifiedTests", tests: ["HostileTest"] };
const act = async (as, kind, id, action, reason = "") => {
  await desk.call("Workspaces", "ActAs", as);
  const { digest } = await desk.call(kind, "Get", id);
  return fill(`the reason of ${action} (${kind})`, kind, "Do", id, { action, reason, seen: digest });
};

test("forty fields and more take it as text", async () => {
  const { page } = desk;
  await desk.call("Workspaces", "ActAs", "ana");
  const first = (await desk.call("ChangeRequests", "Save", "", { ...nothing, name: image, overview: "." })).request.id;
  const one = (what, more) => fill(what, "ChangeRequests", "Save", first, { ...nothing, name: image, overview: all, ...more });
  for (const [name, text] of Object.entries({ image, script, address, template, key, verbs, turned, face, proto, cell, svg, nul, lone, long })) {
    await one(`the name with ${name}`, { name: text });
    await one(`the overview with ${name}`, { overview: text });
    await one(`the supporting text with ${name}`, { supportingText: text });
    await one(`the link with ${name}`, { externalLink: text });
    await one(`the number with ${name}`, { externalNumber: text });
    await one(`a change set with ${name}`, { changeSets: [text] });
  }
  await one("all fields at once", { supportingText: `${all} ${long}`, externalLink: "https://example.com/?q=%3Cscript%3E", externalNumber: script, changeSets: [image, proto, cell, turned, template] });
  for (const name of [image, script, proto, cell, turned, face, "../../etc/passwd"])
    for (const type of ["ApexClass", "CustomField", "Layout"]) await fill(`a customization ${type} ${name}`, "ChangeRequests", "Add", first, [{ type, name, action: "change" }]);
  const manifest = (member) => `<?xml version="1.0" encoding="UTF-8"?><Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>${member.replace(/&/g, "&amp;").replace(/</g, "&lt;")}</members><name>Report</name></types><version>62.0</version></Package>`;
  for (const [name, text] of Object.entries({ image, script, proto, cell, turned })) await fill(`a manifest's name and member with ${name}`, "ChangeRequests", "ImportText", first, text, manifest(`Folder/${text}`));
  await fill("a customization", "ChangeRequests", "Add", first, [{ type: "ApexClass", name: "Hostile", action: "change" }]);
  await act("ana", "ChangeRequests", first, "submit");
  await act("bo", "ChangeRequests", first, "reject", all);
  await act("ana", "ChangeRequests", first, "reopen", `${script} ${nul}`);
  await act("ana", "ChangeRequests", first, "submit");
  await act("ana", "ChangeRequests", first, "recall", image + lone);
  const given = await desk.call("ChangeRequests", "Duplicate", first);
  await act("ana", "ChangeRequests", given.request.id, "cancel", `${svg} ${long.slice(0, 3_000)}`);
  await act("ana", "ChangeRequests", first, "submit");
  await act("bo", "ChangeRequests", first, "approve", template + key);

  // A request that can be deployed, with the org's own hostile metadata.
  await desk.call("Workspaces", "ActAs", "ana");
  const second = (await desk.call("ChangeRequests", "Save", "", { ...nothing, name: script, overview: svg })).request.id;
  await desk.call("ChangeRequests", "Add", second, [["ApexClass", "Hostile"], ["ApexClass", "HostileTest"], ["CustomObject", "Thing__c"], ["CustomField", "Thing__c.Size__c"], ["StaticResource", "Page"], ["CustomLabel", "Hostile_Label"], ["Layout", `Thing__c-${encodeURIComponent(image)}`]].map(([type, name]) => ({ type, name, action: "change" })));
  await act("ana", "ChangeRequests", second, "submit");
  for (const name of ["bo", "cy"]) if ((await desk.call("ChangeRequests", "Get", second)).request.status === "Pending Approval") await act(name, "ChangeRequests", second, "approve", image);
  await desk.call("Workspaces", "ActAs", "ana");
  const wish = { requestId: second, name: `${image} ${turned}`, sourceId: "demo-uat", targetId: "demo-production", whole: true, customizations: [], options, deployer: "dee" };
  const record = await fill("the name of a record", "DeploymentRecords", "Save", "", wish);
  await fill("the tests of a record", "DeploymentRecords", "Save", record.record.id, { ...wish, options: { ...options, tests: ["HostileTest", image] } });
  await desk.call("DeploymentRecords", "Save", record.record.id, wish);
  await desk.call("DeploymentRecords", "RunScan", record.record.id);
  await me.idle();
  await desk.call("DeploymentRecords", "CheckDependencies", record.record.id);
  await me.idle();
  await act("ana", "DeploymentRecords", record.record.id, "submit");
  for (const name of ["bo", "cy"]) if ((await desk.call("DeploymentRecords", "Get", record.record.id)).record.status === "Pending Approval") await act(name, "DeploymentRecords", record.record.id, "approve", all);
  await desk.call("Workspaces", "ActAs", "dee");
  for (const kind of ["retrieve", "validate"]) {
    await desk.call("DeploymentRecords", "Start", record.record.id, kind, "");
    await me.idle();
  }
  const { logs } = await desk.call("DeploymentRecords", "Get", record.record.id);
  assert.equal(logs[0].kind, "validate");
  assert.equal(logs[0].result, "failed", logs[0].message);
  const { log } = await desk.call("DeploymentLogs", "Get", logs[0].id);
  assert.ok(log.outcome.tests.some((t) => t.message.includes(image)), "the org's own message came through");
  taken.push("the message of a failing test", "an Apex body", "the label of an object", "the label of a field", "a description", "a static resource", "a custom label", "the name of a layout");

  await desk.call("Workspaces", "ActAs", "ana");
  for (const [name, text] of Object.entries({ image, script, template, turned, proto, cell, long }))
    await fill(`an environment with ${name}`, "Environments", "Save", "", { name: text, kind: "demo", url: `http://127.0.0.1:1`, signIn: "password", username: text });
  await fill("an environment's address", "Environments", "Save", "", { name: "address", kind: "demo", url: address, signIn: "password", username: "u" });
  for (const [name, text] of Object.entries({ image, template, proto })) await fill(`a preference with ${name}`, "Settings", "Prefer", text, text);
  await fill("the palette's own preference", "Settings", "Prefer", "policy-draft", all);
  const policies = await desk.call("Policies", "Get");
  await desk.call("Workspaces", "ActAs", "bo");
  await fill("the name of a policy", "Policies", "Propose", { ...policies.requests.policy, name: image + template }, policies.environments.map((e) => e.policy));
  await desk.reload();
  console.log(`${taken.length} fields and files took it, ${refused.length} refused it in words`);
  assert.ok(taken.length >= 40, `only ${taken.length}`);
});

test("every screen shows it as text, and nothing of it runs", async (t) => {
  const { page } = desk;
  const searched = encodeURIComponent(image + template);
  const places = [
    // One list in three views, and one empty one, are one screen with one text.
    ...(await screens(desk)).filter(({ name }) => !/^requests-(mine|waiting|nothing-found)$/.test(name)),
    ...["change-requests?text=", "deployments?text=", "audit-trail?text=", "environments/demo-uat?text=", "guide?page="].map((at) => ({ name: `search ${at}`, at: `/${at}${searched}` })),
  ];
  const visit = async (all, language) => {
    await desk.call("Settings", "Prefer", "language", language);
    await desk.reload();
    for (const { name, at } of all)
      await t.test(`${name}, ${language}`, async () => {
        await desk.go(at);
        await page.locator("main h1").first().waitFor();
        await page.waitForFunction(() => !document.querySelector("main .mantine-Skeleton-root"));
        await harmless();
      });
  };
  await visit(places, "en");
  // In another language the sentences are put together in the page, from codes and values: where there are such.
  await visit(places.filter(({ name }) => /^(home|request-approved-(overview|activity)|review-.*|record-.*|log-.*failed|policies|environment-demo-uat|trail)$/.test(name)), "de");
  await desk.call("Settings", "Prefer", "language", "en");
});

test("what was typed is what is read", async () => {
  const { page } = desk;
  await desk.reload();
  await desk.go("/change-requests");
  await page.getByText(script, { exact: true }).first().waitFor();
  await page.getByText(image, { exact: true }).first().waitFor();
  const { items } = await desk.call("DeploymentRecords", "List", { requestId: "", text: "", status: [], sort: "", offset: 0, limit: 1 });
  const { logs } = await desk.call("DeploymentRecords", "Get", items[0].id);
  await desk.go(`/logs/${logs[0].id}`);
  await page.getByText(image).first().waitFor();
});

test("no name turns the reading direction round, and text that tries it shows where", async () => {
  const { page } = desk;
  const turning = /[\u202a-\u202e\u2066-\u2069]/;
  const list = async (facade) => (await desk.call(facade, "List", { requestId: "", view: "", text: "", status: [], sort: "", offset: 0, limit: 100 })).items;
  const requests = await list("ChangeRequests");
  const names = [...requests, ...(await list("DeploymentRecords")), ...(await desk.call("Environments", "List")).map((e) => e.environment)].map((one) => one.name);
  assert.ok(names.length > 8 && names.some((name) => name.includes("gnp.exe")), names.join());
  assert.deepEqual(names.filter((name) => turning.test(name) || name.length > 255), []);
  // What people and orgs write freely stays as it is, and the page writes the invisible out.
  const held = requests.find((one) => one.name === image);
  assert.match((await desk.call("ChangeRequests", "Get", held.id)).request.overview, turning);
  await desk.go(`/change-requests/${held.id}?tab=overview`);
  await page.getByText("a[U+202E]gnp.exe").first().waitFor();
  const [{ id }] = await list("DeploymentRecords");
  const sides = await desk.call("DeploymentRecords", "Sides", id, { type: "ApexClass", name: "Hostile", action: "change" });
  assert.match(JSON.stringify(sides), turning, "the class in the org holds it");
  await desk.go(`/deployments/${id}/review`);
  await page.getByText(/^Hostile/).first().click();
  await page.getByText("a[U+202E]gnp.exe").first().waitFor();
  await harmless();
});

test("NUL and half a character are kept as text that every reader takes", async () => {
  const { items } = await desk.call("ChangeRequests", "List", { view: "", text: "", status: [], sort: "", offset: 0, limit: 100 });
  assert.ok(items.length >= 3);
  const probe = (await desk.call("ChangeRequests", "Save", "", { ...nothing, name: nul, overview: lone, supportingText: nul })).request;
  assert.equal(probe.name, "nul byte", "a blank in a name");
  assert.equal(probe.overview, "lone\ufffdsurrogate", "the sign for what is no character");
  for (const { id } of [...items, probe]) {
    const { request } = await desk.call("ChangeRequests", "Get", id);
    for (const [field, text] of Object.entries(request))
      if (typeof text === "string") assert.ok(text.isWellFormed() && (field !== "name" || !/[\0-\x1f]/.test(text)), `${field}: ${JSON.stringify(text.slice(0, 80))}`);
  }
  await desk.go(`/change-requests/${probe.id}`);
  await desk.page.getByText("Saved").or(desk.page.getByLabel("Change Overview")).first().waitFor();
  await harmless();
});

test("dialogs and the palette show it as text", async () => {
  const { page } = desk;
  await me.actAs("Cy");
  const { items } = await desk.call("ChangeRequests", "List", { view: "", text: "", status: ["Pending Approval"], sort: "", offset: 0, limit: 1 });
  await desk.go(`/change-requests/${items[0].id}/review`);
  await me.press(/^Approve/);
  await me.dialog().waitFor();
  await harmless();
  await page.keyboard.press("Escape");
  for (const text of [image, template, "window.hacked", "javascript:window.hacked=1"]) {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: /Search requests/ }).fill(text);
    await settle(page);
    await harmless();
    await page.keyboard.press("Escape");
  }
});

test("nothing left the page, and it complained of nothing", () => {
  assert.deepEqual(outside, []);
  assert.deepEqual(desk.errors(), []);
});

/** Nothing ran, no element came from data, nothing leads outside or turns the text round, nothing is wider than the window. */
async function harmless() {
  const { page } = desk;
  await settle(page);
  const found = await page.evaluate(() => ({
    outside: [...document.querySelectorAll("[href], [src], [action], [formaction], [data], [poster], [ping]")].flatMap((e) => ["href", "src", "action", "formaction", "data", "poster", "ping"].map((name) => e.getAttribute(name)).filter((to) => to !== null && !(URL.canParse(to, location.href) && (new URL(to, location.href).origin === location.origin || (e.rel === "icon" && to === "data:,"))))),
    styles: [...document.querySelectorAll("body [style]")].map((e) => e.getAttribute("style")).filter((style) => /url\(|expression|@import/i.test(style)),
    turned: [...document.body.innerText.matchAll(/.{0,20}[\u202a-\u202e\u2066-\u2069].{0,20}/g)].map((m) => m[0]).concat([...document.querySelectorAll("input, textarea, [title], [aria-label]")].flatMap((e) => [e.value, e.title, e.getAttribute("aria-label")]).filter((text) => typeof text === "string" && /[\u202a-\u202e\u2066-\u2069]/.test(text))),
    hacked: [window.hacked, window.polluted, {}.hacked].filter((one) => one !== undefined),
    elements: [...document.body.querySelectorAll("img, iframe, object, embed, body script, base, form[action], [srcdoc]")].filter((e) => !e.src?.startsWith(location.origin)).map((e) => e.outerHTML.slice(0, 200)),
    handlers: [...document.querySelectorAll("*")].filter((e) => e.getAttributeNames().some((name) => /^on/i.test(name))).map((e) => e.outerHTML.slice(0, 200)),
    words: document.body.innerText.match(/\[object Object\]|This page could not be shown|Something went wrong/g) ?? [],
  }));
  assert.deepEqual(found, { outside: [], styles: [], turned: [], hacked: [], elements: [], handlers: [], words: [] });
  assert.deepEqual(await tooWide(page), []);
}
