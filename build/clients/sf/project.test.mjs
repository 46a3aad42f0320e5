// A project that was never seen before (PROJECT=DIR, in source format with
// sfdx-project.json or in metadata format with package.xml) goes into a demo
// org as its seed, is scanned by Countersign, retrieved by sf with the
// project's own package.xml, deployed by sf to the other demo org and retrieved
// from there. Every name and every file's hash must be the seeded one, each time.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { countersign, hashes, readTree, serve, writeTree } from "../org.mjs";
import { apex, content } from "../project.mjs";
import { node, sf } from "./cli.mjs";

const dir = resolve(process.env.PROJECT ?? ".");
const name = basename(dir);
const began = Date.now();

let room;
let cli;
let seed;
let seeded; // { path: hash }
let source;
let target;

before(async () => {
  room = mkdtempSync(join(tmpdir(), "countersign-project-"));
  cli = sf(room);
  // A source project for what sf insists on, away from the real one.
  writeTree(room, { "sfdx-project.json": JSON.stringify({ packageDirectories: [{ path: "force-app", default: true }] }) });
  mkdirSync(join(room, "force-app"));
});
after(async () => {
  await Promise.all([source?.stop(), target?.stop()]);
  rmSync(room, { recursive: true, force: true });
  console.log(`${name}: ${Object.keys(seeded ?? {}).length} files, ${((Date.now() - began) / 1000).toFixed(0)} s.`);
});

/** The project in metadata format; sf converts it when it is not. */
async function inMetadataFormat() {
  const project = join(dir, "sfdx-project.json");
  if (!existsSync(project)) return dir;
  const out = join(room, "converted");
  const folders = JSON.parse(readFileSync(project, "utf8")).packageDirectories.flatMap((p) => ["--source-dir", p.path]);
  await cli.ok(["project", "convert", "source", ...folders, "--output-dir", out], { cwd: dir, seconds: 600 });
  return out;
}

/** Without the files of objects that hold nothing: a conversion can leave one behind that no package.xml names. */
const said = (all) => Object.fromEntries(Object.entries(all).filter(([, body]) => body.length > 1000 || !/<CustomObject xmlns="[^"]*">\s*<\/CustomObject>\s*$/.test(body.toString())));

async function retrieve(org, alias) {
  const out = join(room, `from-${alias}`);
  const { result } = await cli.ok(
    ["project", "retrieve", "start", "--manifest", join(seed, "package.xml"), "--target-metadata-dir", out, "--single-package", "--unzip", "--wait", "30", "-o", alias],
    { cwd: room, seconds: 900 },
  );
  assert.deepEqual([result.status, (result.messages ?? []).map((m) => m.problem)], ["Succeeded", []]);
  return hashes(content(readTree(join(out, "unpackaged"))));
}

/** Says which files differ; the whole trees would fill pages. */
function same(got, wanted, where) {
  const wrong = [...new Set([...Object.keys(got), ...Object.keys(wanted)])].filter((path) => got[path] !== wanted[path]);
  const said = wrong.slice(0, 20).map((path) => `${path}: ${!(path in got) ? "lost" : !(path in wanted) ? "not seeded" : "altered"}`);
  assert.equal(wrong.length, 0, `${where}: ${wrong.length} of ${Object.keys(wanted).length} files\n${said.join("\n")}`);
}

test("it is a seed for a demo org", async () => {
  seed = await inMetadataFormat();
  if (!existsSync(join(seed, "package.xml"))) throw new Error(`${seed} has neither sfdx-project.json nor package.xml.`);
  seeded = hashes(said(content(readTree(seed))));
  assert.ok(Object.keys(seeded).length > 0);
  const almostEmpty = writeTree(join(room, "almost-empty"), apex("Resident", "public class Resident {}\n")); // an org without anything is no org
  // Into a sandbox: what a project's tests cover is only simulated, and production would refuse too little of it.
  [source, target] = await Promise.all([serve(room, "production", { seed }), serve(room, "uat", { seed: almostEmpty })]);
  for (const [alias, org] of [["source", source], ["target", target]])
    await cli.ok(["org", "login", "access-token", "--instance-url", org.url, "--no-prompt", "--alias", alias], { env: { SF_ACCESS_TOKEN: org.accessToken } });
});

/** The members of the project's own package.xml, as "Type:Name"; without wildcards. */
function asked() {
  const blocks = [...readFileSync(join(seed, "package.xml"), "utf8").matchAll(/<types>([\s\S]*?)<\/types>/g)].map((m) => m[1]);
  return blocks.flatMap((block) => {
    const type = /<name>\s*(.*?)\s*<\/name>/.exec(block)[1];
    return [...block.matchAll(/<members>\s*(.*?)\s*<\/members>/g)].filter((m) => m[1] !== "*").map((m) => stem(`${type}:${plain(m[1])}`));
  });
}

/** XML's and a path's ways to write a name, undone; sf ends a folder with a slash. */
const plain = (text) =>
  text
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, word) => ({ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" })[word])
    .replace(/%([0-9A-Fa-f]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)))
    .replace(/\/$/, "");

/** sf leaves the extension of a document away. */
const stem = (entry) => (entry.startsWith("Document:") ? entry.replace(/\.[^./]*$/, "") : entry);

/** Each name that stands in the seed: of a file, of a folder, or of what lies in a file. */
function seedNames() {
  const found = new Set(["CustomLabels"]);
  for (const [path, body] of Object.entries(readTree(seed))) {
    const parts = plain(path.replace(/-meta\.xml$/, "")).split("/");
    for (let from = 1; from < parts.length; from++)
      for (let to = from + 1; to <= parts.length; to++) {
        const name = parts.slice(from, to).join("/");
        found.add(name).add(name.replace(/\.[^./]*$/, ""));
      }
    const owner = parts.at(-1).replace(/\.[^.]*$/, "");
    for (const [, inside] of body.toString().matchAll(/<fullName>\s*([^<]*?)\s*<\/fullName>/g)) found.add(plain(inside)).add(`${owner}.${plain(inside)}`);
  }
  return found;
}

/** What Countersign's scan put into the workspace, of each environment: ["Type:Name"]. Read with Node's own SQLite. */
async function scanned(workspace) {
  const read = `const { DatabaseSync } = require("node:sqlite");
    const rows = new DatabaseSync(process.argv[1], { readOnly: true })
      .prepare("SELECT s.organization_id AS org, i.type, i.name FROM scan_items i JOIN scans s ON s.id = i.scan_id").all();
    console.log(JSON.stringify(rows));`;
  const { stdout } = await promisify(execFile)(node(), ["--no-warnings", "-e", read, join(workspace, "demo", "workspace.db")], { maxBuffer: 1 << 28 });
  const of = (org) => JSON.parse(stdout).filter((row) => row.org === org.organizationId).map((row) => `${row.type}:${plain(row.name)}`);
  return { source: of(source), target: of(target) };
}

const shown = (list) => `${list.length}: ${list.slice(0, 20).join(", ")}`;

test("Countersign's scan finds each name of the seed's package.xml, and no name that is not in the seed", async () => {
  const connection = (kind) => join(room, kind, "connection.json");
  const workspace = join(room, "workspace");
  await promisify(execFile)(
    countersign,
    ["demo", "--data", workspace, "--source", connection("production"), "--target", connection("uat"), "--until", "inventory"],
    { timeout: 600_000 },
  );
  const found = await scanned(workspace);
  assert.deepEqual(found.target, ["ApexClass:Resident"]);
  assert.equal(new Set(found.source).size, found.source.length, "no name is there twice");
  const have = new Set(found.source.map(stem));
  const lost = asked().filter((name) => !have.has(name));
  assert.deepEqual(lost, [], `not in the scan: ${shown(lost)}`);
  const names = seedNames();
  const strange = found.source.filter((entry) => !names.has(entry.slice(entry.indexOf(":") + 1)));
  assert.deepEqual(strange, [], `in the scan and not in the seed: ${shown(strange)}`);
  console.log(`${name}: ${asked().length} names in package.xml, ${found.source.length} in the scan`);
});

test("sf retrieves it with its own package.xml: nothing is lost or altered", async () => {
  same(await retrieve(source, "source"), seeded, "the source org");
});

test("sf deploys it to the other demo org, with all its tests", async () => {
  const answer = await cli.run(["project", "deploy", "start", "--metadata-dir", join(room, "from-source", "unpackaged"), "--single-package", "--test-level", "RunLocalTests", "--wait", "30", "-o", "target"], { cwd: room, seconds: 1800 });
  const r = answer.result ?? {};
  const failures = [r.details?.componentFailures ?? []].flat().map((m) => `${m.componentType} ${m.fullName}: ${m.problem}`);
  const tests = [r.details?.runTestResult?.failures ?? [], r.details?.runTestResult?.codeCoverageWarnings ?? []].flat(2).map((f) => `${f.name ?? ""}.${f.methodName ?? ""}: ${f.message}`);
  assert.equal(r.status, "Succeeded", `${answer.message ?? r.errorMessage ?? ""}\n${failures.length} failures\n${[...failures.slice(0, 20), ...tests.slice(0, 10)].join("\n")}`);
  console.log(`${name}: ${r.numberComponentsDeployed} of ${r.numberComponentsTotal} components deployed, ${r.numberTestsCompleted} of ${r.numberTestsTotal} tests passed`);
  assert.equal(Number(r.numberComponentsDeployed), Number(r.numberComponentsTotal));
  const deployed = new Set([r.details.componentSuccesses].flat().map((m) => stem(`${m.componentType}:${plain(m.fullName)}`)));
  const lost = asked().filter((name) => !deployed.has(name));
  assert.deepEqual(lost, [], `not among what was deployed: ${shown(lost)}`);
});

test("from the other org it comes back with every file's hash the seeded one", async () => {
  same(await retrieve(target, "target"), seeded, "the target org");
});
