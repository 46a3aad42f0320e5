// The sf CLI, Salesforce's own client, drives two demo orgs from a throw-away
// home: three ways to sign in, then everything an admin does with metadata.
// Every step looks at what --json says and at what is in the org afterwards;
// where the protocol matters, a witness between sf and the org tells it.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { hashes, readTree, serve, sha256, until, writeTree } from "../org.mjs";
import { apex, apexTest, content, files, inventory, manifest, members, version } from "../project.mjs";
import { zip } from "../zip.mjs";
import { sf } from "./cli.mjs";
import { witness } from "./witness.mjs";

const began = Date.now();
const overRest = { SF_ORG_METADATA_REST_DEPLOY: "true" };
const shell = (dir) =>
  writeTree(dir, { "sfdx-project.json": JSON.stringify({ packageDirectories: [{ path: "force-app", default: true }], sourceApiVersion: version }) });

let room;
let uat;
let production;
let seen; // the witness in front of UAT
let cli;
let project; // a source project
const clis = [];

before(async () => {
  room = mkdtempSync(join(tmpdir(), "countersign-sf-"));
  const seed = writeTree(join(room, "seed"), files);
  [uat, production] = await Promise.all([serve(room, "uat", { seed }), serve(room, "production", { seed })]);
  seen = await witness(uat.url);
  cli = home("main");
  project = shell(join(room, "project"));
  mkdirSync(join(project, "force-app"));
});
after(async () => {
  await seen?.close();
  await Promise.all([uat?.stop(), production?.stop()]);
  rmSync(room, { recursive: true, force: true });
  const commands = clis.reduce((sum, c) => sum + c.count(), 0);
  console.log(`sf drove two demo orgs: ${commands} commands, ${((Date.now() - began) / 1000).toFixed(0)} s.`);
});

/** sf in a home of its own: the files of two sign-ins of one user would overwrite each other. */
function home(name) {
  const dir = join(room, name);
  mkdirSync(dir, { recursive: true });
  clis.push(sf(dir));
  return clis.at(-1);
}

const inProject = (env) => ({ cwd: project, env });
const names = (list) => list.map((m) => m.fullName).sort();
const source = (parts) => writeTree(join(project, "force-app/main/default"), parts);
const md = (name, parts) => writeTree(join(room, name), parts);
/** What is in an org now, as { path: hash }. */
const inOrg = async (org, types) => hashes(content(await org.retrieve(types)));

describe("signing in", () => {
  test("with an access token", async () => {
    for (const [alias, url, org] of [["uat", seen.url, uat], ["production", production.url, production]]) {
      const { result } = await cli.ok(["org", "login", "access-token", "--instance-url", url, "--no-prompt", "--alias", alias], { env: { SF_ACCESS_TOKEN: org.accessToken } });
      assert.deepEqual([result.username, result.orgId, result.isDevHub], [org.username, org.organizationId, false]);
    }
    const { result } = await cli.ok(["org", "display", "-o", "uat"]);
    assert.deepEqual([result.id, result.connectedStatus, result.apiVersion], [uat.organizationId, "Connected", "68.0"]);
    const shown = await cli.ok(["org", "auth", "show-access-token", "-o", "uat", "--no-prompt"]);
    assert.equal(shown.result.accessToken, uat.accessToken);
  });

  test("with a wrong access token: refused", async () => {
    const answer = await home("wrong").run(["org", "login", "access-token", "--instance-url", uat.url, "--no-prompt"], { env: { SF_ACCESS_TOKEN: `${uat.organizationId.slice(0, 15)}!AQwrong` } });
    assert.equal(answer.code, 1);
    assert.match(`${answer.name} ${answer.message}`, /INVALID_SESSION_ID|Session expired or invalid|Bad_OAuth_Token/);
  });

  test("in the browser with PKCE; then the session ends, and sf takes a new one with the refresh token", async () => {
    const web = home("web");
    const { result: login, lines } = await seen.during(() => web.ok(["org", "login", "web", "--instance-url", seen.url, "--alias", "web"]));
    const { result } = login;
    assert.deepEqual([result.username, result.orgId, result.clientId], [uat.username, uat.organizationId, "PlatformCLI"]);
    assert.deepEqual([result.isSandbox, result.isScratch, result.instanceApiVersion], [true, false, "68.0"]);
    assert.deepEqual(lines.slice(0, 2), ["GET /services/oauth2/authorize", "POST /services/oauth2/token"]);
    const token = async () => (await web.ok(["org", "auth", "show-access-token", "-o", "web", "--no-prompt"])).result.accessToken;
    const first = await token();
    await uat.rest("/services/oauth2/revoke", { method: "POST", body: new URLSearchParams({ token: first }) });
    const { result: list } = await web.ok(["org", "list", "metadata", "--metadata-type", "ApexTrigger", "-o", "web"]);
    assert.deepEqual(names(list), ["ParcelTrigger"]);
    assert.notEqual(await token(), first);
    // Rotation: the second refresh works only with what the first one brought.
    await uat.rest("/services/oauth2/revoke", { method: "POST", body: new URLSearchParams({ token: await token() }) });
    assert.equal((await web.ok(["org", "display", "-o", "web"])).result.connectedStatus, "Connected");
  });

  test("with a JWT that the org's certificate vouches for, and not with another", async () => {
    const key = (name) => {
      const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
      writeFileSync(join(room, `${name}.key`), pair.privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
      return pair.publicKey.export({ type: "spki", format: "pem" });
    };
    writeFileSync(join(room, "uat", "jwt.pem"), key("right"));
    key("other");
    const login = (dir, file, user) =>
      home(dir).run(["org", "login", "jwt", "--client-id", "3MVG9.countersign.clients", "--jwt-key-file", join(room, file), "--username", user, "--instance-url", uat.url, "--alias", "jwt"]);
    const right = await login("jwt", "right.key", uat.username);
    assert.equal(right.code, 0, `${right.name}: ${right.message}`);
    assert.deepEqual([right.result.username, right.result.orgId], [uat.username, uat.organizationId]);
    const { result } = await clis.at(-1).ok(["org", "list", "metadata", "--metadata-type", "ApexClass", "-o", "jwt"]);
    assert.deepEqual(names(result), ["Tariff", "TariffTest"]);
    const forged = await login("jwt-forged", "other.key", uat.username);
    assert.equal(forged.code, 1);
    assert.match(forged.message, /invalid_grant|invalid assertion/);
    const stranger = await login("jwt-stranger", "right.key", "nobody@demo-uat.example");
    assert.equal(stranger.code, 1);
    assert.match(stranger.message, /invalid_grant|user hasn't approved this consumer/);
  });
});

describe("reading", () => {
  test("org list metadata-types", async () => {
    const { result } = await cli.ok(["org", "list", "metadata-types", "-o", "uat"]);
    const by = Object.fromEntries(result.metadataObjects.map((o) => [o.xmlName, o]));
    assert.equal(Object.keys(by).length, result.metadataObjects.length);
    assert.deepEqual(
      ["ApexClass", "Report", "CustomObject", "LightningComponentBundle"].map((name) => [by[name].directoryName, by[name].inFolder, by[name].metaFile]),
      [["classes", false, true], ["reports", true, false], ["objects", false, false], ["lwc", false, false]],
    );
    assert.ok(by.CustomObject.childXmlNames.includes("CustomField"));
    assert.deepEqual([result.partialSaveAllowed, result.testRequired], [true, false]);
  });

  test("org list metadata gives each name of the seed and no other, also in a folder", async () => {
    for (const type of ["ApexClass", "CustomField", "CustomObject", "CustomLabel", "ValidationRule", "Layout"]) {
      const { result } = await cli.ok(["org", "list", "metadata", "--metadata-type", type, "-o", "uat"]);
      assert.deepEqual(names([result].flat()), inventory[type], type);
    }
    const folder = await cli.ok(["org", "list", "metadata", "--metadata-type", "EmailTemplate", "--folder", "Parcel_Mail", "-o", "uat"]);
    assert.deepEqual(names([folder.result].flat()), inventory.EmailTemplate);
  });

  test("project retrieve start by manifest, as metadata: every file is the seeded one", async () => {
    const out = join(room, "out");
    const { result } = await cli.ok(["project", "retrieve", "start", "--manifest", join(room, "seed/package.xml"), "--target-metadata-dir", out, "--unzip", "-o", "uat"], inProject());
    assert.deepEqual([result.status, result.success, result.messages?.length ?? 0], ["Succeeded", true, 0]);
    assert.deepEqual(hashes(content(readTree(join(out, "unpackaged", "unpackaged")))), hashes(content(files)));
  });

  test("project retrieve start by manifest, as source: files as they are, objects taken apart", async () => {
    const { result } = await cli.ok(["project", "retrieve", "start", "--manifest", join(room, "seed/package.xml"), "-o", "uat"], inProject());
    assert.ok(result.files.every((f) => f.state !== "Failed"), JSON.stringify(result.files));
    const got = readTree(join(project, "force-app/main/default"));
    const only = (all) => hashes(Object.fromEntries(Object.entries(all).filter(([path]) => /^(classes|triggers|lwc|aura|pages)\//.test(path))));
    assert.deepEqual(only(got), only(files));
    assert.equal(sha256(got["staticresources/Stamp.bin"]), sha256(files["staticresources/Stamp.resource"]));
    const parts = Object.keys(got).filter((path) => path.startsWith("objects/")).sort();
    assert.deepEqual(parts.filter((p) => p !== "objects/Account/Account.object-meta.xml"), [
      "objects/Account/fields/Parcel_Terms__c.field-meta.xml",
      "objects/Parcel__c/Parcel__c.object-meta.xml",
      "objects/Parcel__c/fields/Price__c.field-meta.xml",
      "objects/Parcel__c/fields/Weight__c.field-meta.xml",
      "objects/Parcel__c/validationRules/Weight_Needed.validationRule-meta.xml",
    ]);
    assert.match(got["objects/Parcel__c/Parcel__c.object-meta.xml"].toString(), /Größe, Gewicht &amp; Preis: “Päckchen” 📦/);
    // Nothing but the manifest's members came: each file belongs to one.
    const told = new Set(result.files.map((f) => f.type));
    for (const name of Object.keys(members)) assert.ok(told.has(name) || name === "CustomLabels" || name === "EmailTemplate", name);
  });

  test("project retrieve start by metadata; what is not there is named", async () => {
    rmSync(join(project, "force-app/main/default/classes"), { recursive: true });
    const { result } = await cli.ok(["project", "retrieve", "start", "-m", "ApexClass:Tariff", "-m", "ApexClass:Nowhere", "-o", "uat"], inProject());
    const state = result.files.map((f) => `${f.type} ${f.fullName} ${f.state} ${f.error ?? ""}`.trim());
    assert.deepEqual([...new Set(state)].sort(), [
      "ApexClass Nowhere Failed Entity of type 'ApexClass' named 'Nowhere' cannot be found",
      "ApexClass Tariff Created",
    ]);
    assert.deepEqual(Object.keys(readTree(join(project, "force-app/main/default/classes"))).sort(), ["Tariff.cls", "Tariff.cls-meta.xml"]);
    await cli.ok(["project", "retrieve", "start", "-m", "ApexClass", "-o", "uat"], inProject());
    const classes = Object.fromEntries(Object.entries(files).filter(([path]) => path.startsWith("classes/")).map(([path, body]) => [path.slice("classes/".length), body]));
    assert.deepEqual(hashes(readTree(join(project, "force-app/main/default/classes"))), hashes(classes));
  });
});

describe("deploying", () => {
  const toll = (n) => apex("Toll", `public class Toll {\n  public static Integer of() {\n    return ${n};\n  }\n}\n`);
  const tollTest = apexTest("TollTest", { works: "System.assertNotEquals(null, Toll.of());" });
  const types = { ApexClass: ["Toll", "TollTest"] };
  const tested = ["--test-level", "RunSpecifiedTests", "--tests", "TollTest"];

  for (const [way, env, line] of [["SOAP", {}, "SOAP deploy"], ["REST", overRest, "POST /services/data/metadata/deployRequest"]]) {
    test(`source by manifest over ${way}, with tests: what was sent is there`, async () => {
      const sent = { ...toll(way === "SOAP" ? 1 : 2), ...tollTest };
      source(sent);
      writeFileSync(join(project, "package.xml"), manifest(types));
      const { result: answer, lines } = await seen.during(() => cli.ok(["project", "deploy", "start", "--manifest", "package.xml", ...tested, "-o", "uat"], inProject(env)));
      const r = answer.result;
      assert.deepEqual([r.status, r.success, r.checkOnly, r.done], ["Succeeded", true, false, true]);
      assert.deepEqual([r.numberComponentsTotal, r.numberComponentsDeployed, r.numberTestsTotal, r.numberTestsCompleted, r.numberTestErrors].map(Number), [2, 2, 1, 1, 0]);
      const state = Object.fromEntries(r.files.map((f) => [f.fullName, f.state]));
      assert.deepEqual(state, way === "SOAP" ? { Toll: "Created", TollTest: "Created" } : { Toll: "Changed", TollTest: "Unchanged" });
      assert.deepEqual(lines.filter((l) => /deploy$|deployRequest$/.test(l)), [line]);
      const polled = way === "SOAP" ? "SOAP checkDeployStatus" : "GET /services/data/metadata/deployRequest/0Af";
      assert.ok(lines.includes(polled), lines.join("\n"));
      assert.deepEqual(await inOrg(uat, types), hashes(sent));
    });

    test(`a folder in metadata format over ${way}`, async () => {
      const name = `Folder${way}`;
      const sent = apex(name, `public class ${name} {}\n`);
      const dir = md(`mdapi-${way}`, { "package.xml": manifest({ ApexClass: [name] }), ...sent });
      const { result: answer, lines } = await seen.during(() => cli.ok(["project", "deploy", "start", "--metadata-dir", dir, "-o", "uat"], inProject(env)));
      assert.deepEqual([answer.result.status, Number(answer.result.numberComponentsTotal)], ["Succeeded", 1]);
      assert.deepEqual(names(answer.result.details.componentSuccesses), [name, "package.xml"]);
      assert.ok(lines.includes(line), lines.join("\n"));
      assert.deepEqual(await inOrg(uat, { ApexClass: [name] }), hashes(sent));
    });

    test(`validate, then quick, over ${way}`, async () => {
      source({ ...toll(way === "SOAP" ? 10 : 20), ...tollTest });
      const was = await inOrg(uat, types);
      const v = (await cli.ok(["project", "deploy", "validate", "-m", "ApexClass:Toll", "-m", "ApexClass:TollTest", ...tested, "-o", "uat"], inProject(env))).result;
      assert.deepEqual([v.status, v.checkOnly, Number(v.numberTestsCompleted)], ["Succeeded", true, 1]);
      assert.deepEqual(await inOrg(uat, types), was);
      const { result: answer, lines } = await seen.during(() => cli.ok(["project", "deploy", "quick", "--job-id", v.id, "-o", "uat"], inProject(env)));
      const r = answer.result;
      assert.deepEqual([r.status, r.success, r.checkOnly, Number(r.numberTestsTotal)], ["Succeeded", true, false, 0]);
      assert.match(r.id, /^0Af[0-9A-Za-z]{15}$/);
      assert.notEqual(r.id, v.id);
      assert.ok(lines.includes(way === "SOAP" ? "SOAP deployRecentValidation" : line), lines.join("\n"));
      assert.deepEqual(await inOrg(uat, types), hashes({ ...toll(way === "SOAP" ? 10 : 20), ...tollTest }));
    });

    test(`a class that does not compile, over ${way}: named with line and column, and nothing is changed`, async () => {
      const was = await inOrg(uat, types);
      source(apex("Toll", "public class Toll {\n  public static Integer of() {\n    return 3;\n  }\n"));
      const answer = await cli.run(["project", "deploy", "start", "-d", "force-app/main/default/classes", "-o", "uat"], inProject(env));
      assert.deepEqual([answer.code, answer.status, answer.result.status], [1, 1, "Failed"]);
      const failed = [answer.result.details.componentFailures].flat();
      assert.deepEqual([failed.length, failed[0].fullName, failed[0].componentType, failed[0].problemType], [1, "Toll", "ApexClass", "Error"]);
      const shown = answer.result.files.find((f) => f.state === "Failed");
      assert.ok(shown.filePath.endsWith("classes/Toll.cls") && shown.lineNumber > 0 && shown.columnNumber > 0, JSON.stringify(shown));
      assert.ok(shown.error.startsWith(failed[0].problem));
      assert.deepEqual(await inOrg(uat, types), was);
    });
  }

  test("a failing test: message and trace, and nothing is changed", async () => {
    const was = await inOrg(uat, types);
    source({ ...toll(30), ...apexTest("TollTest", { works: "System.assert(false, String.valueOf(Toll.of()));" }) });
    const answer = await cli.run(["project", "deploy", "start", "-m", "ApexClass:Toll", "-m", "ApexClass:TollTest", ...tested, "-o", "uat"], inProject());
    assert.deepEqual([answer.code, answer.result.status, Number(answer.result.numberTestErrors)], [1, "Failed", 1]);
    const [f] = [answer.result.details.runTestResult.failures].flat();
    assert.deepEqual([f.name, f.methodName], ["TollTest", "works"]);
    assert.match(f.message, /^System\.AssertException: Assertion Failed/);
    assert.match(f.stackTrace, /^Class\.TollTest\.works: line \d+, column 1/);
    // And as a person reads it.
    const { out, errors } = await cli.text(["project", "deploy", "report", "--job-id", answer.result.id, "-o", "uat"], inProject());
    assert.match(out + errors, /Test Failures \[1\]/);
    assert.match(out + errors, /TollTest[\s\S]*works[\s\S]*System\.AssertException: Assertion Failed/);
    assert.deepEqual(await inOrg(uat, types), was);
    source({ ...toll(30), ...tollTest });
  });

  test("--ignore-errors: what is good goes in (status 68)", async () => {
    const good = apex("Fine", "public class Fine {}\n");
    const dir = md("partial", { "package.xml": manifest({ ApexClass: ["Fine", "Torn"] }), ...good, ...apex("Torn", "public class Torn {\n") });
    const answer = await cli.run(["project", "deploy", "start", "--metadata-dir", dir, "--ignore-errors", "-o", "uat"], inProject());
    assert.deepEqual([answer.status, answer.result.status, answer.result.success], [68, "SucceededPartial", true]);
    assert.deepEqual(names([answer.result.details.componentFailures].flat()), ["Torn"]);
    assert.deepEqual(await inOrg(uat, { ApexClass: ["Fine"] }), hashes(good));
  });

  test("deletions before and after the additions", async () => {
    const old = { ...apex("FormerOne", "public class FormerOne {}\n"), ...apex("FormerTwo", "public class FormerTwo {}\n") };
    await cli.ok(["project", "deploy", "start", "--metadata-dir", md("old", { "package.xml": manifest({ ApexClass: ["FormerOne", "FormerTwo"] }), ...old }), "-o", "uat"], inProject());
    source(apex("Newcomer", "public class Newcomer {}\n"));
    const lists = md("lists", {
      "package.xml": manifest({ ApexClass: ["Newcomer"] }),
      "pre.xml": manifest({ ApexClass: ["FormerOne"] }, null),
      "post.xml": manifest({ ApexClass: ["FormerTwo"] }, null),
    });
    const { result } = await cli.ok(
      ["project", "deploy", "start", "--manifest", join(lists, "package.xml"), "--pre-destructive-changes", join(lists, "pre.xml"), "--post-destructive-changes", join(lists, "post.xml"), "-o", "uat"],
      inProject(),
    );
    const told = Object.fromEntries([result.details.componentSuccesses].flat().map((m) => [m.fullName, [m.created, m.deleted]]));
    assert.deepEqual([told.FormerOne, told.Newcomer, told.FormerTwo], [[false, true], [true, false], [false, true]]);
    const left = names((await cli.ok(["org", "list", "metadata", "-m", "ApexClass", "-o", "uat"])).result);
    assert.deepEqual(["FormerOne", "FormerTwo", "Newcomer"].map((n) => left.includes(n)), [false, false, true]);
  });

  const large = (name) => {
    const list = Array.from({ length: 120 }, (_, n) => `${name}${n}`);
    return { "package.xml": manifest({ ApexClass: list }), ...Object.assign({}, ...list.map((n) => apex(n, `public class ${n} {}\n`))) };
  };
  const requests = "/services/data/v66.0/metadata/deployRequest";
  /**
   * Lets what sf sends wait as long as the test wants: fills the queue before it, beside sf, with more than sf takes to
   * start. Gives the way to empty it again.
   */
  async function queue() {
    const package_ = zip(large("Queued"));
    const ids = [];
    for (let i = 0; i < 100; i++) {
      const body = new FormData();
      body.append("entity_content", new Blob([JSON.stringify({ deployOptions: { checkOnly: true, singlePackage: true } })], { type: "application/json" }));
      body.append("file", new Blob([package_], { type: "application/zip" }), "package.zip");
      ids.push((await uat.rest(requests, { method: "POST", body })).id);
    }
    return async () => {
      for (const id of ids.reverse()) {
        if ((await status(id)).done) continue;
        const cancel = { method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ deployResult: { status: "Canceling" } }) };
        await uat.rest(`${requests}/${id}`, cancel).catch(() => status(id)); // one that is at its end may end
      }
    };
  }
  const status = async (id) => (await uat.rest(`${requests}/${id}`)).deployResult;

  test("--async, report, resume", async () => {
    const empty = await queue();
    const sent = apex("Later", "public class Later {}\n");
    const dir = md("later", { "package.xml": manifest({ ApexClass: ["Later"] }), ...sent });
    const started = (await cli.ok(["project", "deploy", "start", "--metadata-dir", dir, "--async", "-o", "uat"], inProject())).result;
    assert.deepEqual([started.done, started.status], [false, "Queued"]);
    const reported = (await cli.ok(["project", "deploy", "report", "--job-id", started.id, "-o", "uat"], inProject())).result;
    assert.deepEqual([reported.id, reported.status, reported.done], [started.id, "Pending", false]);
    const [resumed] = await Promise.all([cli.ok(["project", "deploy", "resume", "--job-id", started.id], inProject()), empty()]);
    assert.deepEqual([resumed.result.id, resumed.result.status, resumed.result.success], [started.id, "Succeeded", true]);
    const finished = (await cli.ok(["project", "deploy", "report", "--job-id", started.id, "-o", "uat"], inProject())).result;
    assert.deepEqual([finished.status, names([finished.details.componentSuccesses].flat())], ["Succeeded", ["Later", "package.xml"]]);
    assert.deepEqual(await inOrg(uat, { ApexClass: ["Later"] }), hashes(sent));
  });

  test("cancel: a deployment that waits", async () => {
    const empty = await queue();
    const started = (await cli.ok(["project", "deploy", "start", "--metadata-dir", md("waits", large("Waits")), "--async", "-o", "uat"], inProject())).result;
    assert.equal((await status(started.id)).status, "Pending");
    const { result: answer, lines } = await seen.during(() => cli.ok(["project", "deploy", "cancel", "--job-id", started.id, "-o", "uat"], inProject()));
    assert.deepEqual([answer.result.status, answer.result.done, answer.result.success], ["Canceled", true, false]);
    assert.ok(lines.includes("SOAP cancelDeploy"), lines.join("\n"));
    assert.equal(Number((await status(started.id)).numberComponentsDeployed), 0);
    await empty();
  });

  test("cancel: a deployment that runs; and not one that is over", async () => {
    const empty = await queue();
    const started = (await cli.ok(["project", "deploy", "start", "--metadata-dir", md("runs", large("Runs")), "--async", "-o", "uat"], inProject())).result;
    let at;
    seen.hold("SOAP cancelDeploy", async () => {
      assert.equal((await status(started.id)).status, "Pending");
      await empty();
      await until("the deployment to run", async () => {
        const r = await status(started.id);
        assert.equal(r.done, false, `it was over before sf could cancel it: ${r.status}`);
        at = r.status;
        return at === "InProgress" && Number(r.numberComponentsDeployed) > 0;
      });
    });
    const { result } = await cli.ok(["project", "deploy", "cancel", "--job-id", started.id, "-o", "uat"], inProject());
    assert.equal(at, "InProgress");
    assert.deepEqual([result.status, result.success], ["Canceled", false]);
    const end = await status(started.id);
    assert.ok(end.numberComponentsDeployed > 0 && end.numberComponentsDeployed < 120, `${end.numberComponentsDeployed} of 120`);
    assert.equal(end.canceledByName, "Integration User");
    const left = names((await cli.ok(["org", "list", "metadata", "-m", "ApexClass", "-o", "uat"])).result);
    assert.deepEqual(left.filter((n) => /^(Runs|Waits|Queued)/.test(n)), []);
    const again = await cli.run(["project", "deploy", "cancel", "--job-id", started.id, "-o", "uat"], inProject());
    assert.equal(again.code, 1);
    assert.match(again.message, /already completed/);
  });

  test("source to the other org: production runs its tests, and every file arrives", async () => {
    rmSync(join(project, "force-app"), { recursive: true });
    mkdirSync(join(project, "force-app"));
    const fresh = { ...toll(99), ...tollTest };
    source(fresh);
    source({ "lwc/tollGate/tollGate.js": 'import { LightningElement } from "lwc";\nexport default class TollGate extends LightningElement {}\n', "lwc/tollGate/tollGate.js-meta.xml": files["lwc/parcelMap/parcelMap.js-meta.xml"] });
    const { result } = await cli.ok(["project", "deploy", "start", "-d", "force-app", "-o", "production"], inProject());
    assert.deepEqual([result.status, result.runTestsEnabled, Number(result.numberTestsTotal), Number(result.numberComponentsTotal)], ["Succeeded", true, 3, 3]);
    assert.deepEqual(await inOrg(production, { ...types, LightningComponentBundle: ["tollGate"] }), hashes(content(readTree(join(project, "force-app/main/default")))));
  });

  test("neither org complained of anything", () => {
    assert.deepEqual([uat.complaints(), production.complaints()], ["", ""]);
  });
});
