// jsforce, a client that is not ours and that was written against Salesforce,
// drives two demo orgs as processes of their own. What is expected comes from
// what was seeded and sent, and from Salesforce's own words; never from the
// org's code.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import jsforce from "jsforce";
import { hashes, serve, sha256, until, writeTree } from "../org.mjs";
import { apex, apexTest, content, files, inventory, manifest, members, version } from "../project.mjs";
import { unzip, zip } from "../zip.mjs";

const { Connection, OAuth2 } = jsforce;
const began = Date.now();
const client = "3MVG9.countersign.clients";
const callback = "http://localhost:1717/OauthRedirect";
const nothing = () => manifest({});

let room;
let uat;
let production;
const calls = { deployments: [], retrieves: 0 }; // deployments by id

before(async () => {
  room = mkdtempSync(join(tmpdir(), "countersign-jsforce-"));
  const seed = writeTree(join(room, "seed"), files);
  [uat, production] = await Promise.all([serve(room, "uat", { seed }), serve(room, "production", { seed })]);
});
after(async () => {
  await Promise.all([uat?.stop(), production?.stop()]);
  rmSync(room, { recursive: true, force: true });
  console.log(
    `jsforce ${jsforce.VERSION ?? ""} drove two demo orgs: ${calls.deployments.length} deployments, ${calls.retrieves} retrieves, ${((Date.now() - began) / 1000).toFixed(1)} s.`,
  );
});

/** A connection with the org's own session, as after a sign-in in a browser. */
function connect(org, more = {}) {
  const conn = new Connection({ instanceUrl: org.url, loginUrl: org.url, accessToken: org.accessToken, version, logLevel: "FATAL", ...more });
  conn.metadata.pollInterval = 25;
  conn.metadata.pollTimeout = 30_000;
  return conn;
}

/** Deploys { path: content } and gives the DeployResult with its details. */
async function deploy(conn, package_, options = {}) {
  const result = await conn.metadata.deploy(zip(package_), { rollbackOnError: true, singlePackage: true, ...options }).complete(true);
  calls.deployments.push(result.id);
  return result;
}

/** Retrieves the members of a manifest as { path: Buffer }, and the whole answer. */
async function retrieve(conn, types) {
  calls.retrieves++;
  const unpackaged = { types: Object.entries(types).map(([name, list]) => ({ members: list, name })), version };
  const result = await conn.metadata.retrieve({ apiVersion: version, singlePackage: true, unpackaged }).complete();
  assert.equal(result.status, "Succeeded", result.errorMessage);
  return { result, files: unzip(Buffer.from(result.zipFile, "base64")) };
}

const names = (list) => list.map((m) => m.fullName).sort();
const package_ = (types, ...parts) => Object.assign({ "package.xml": manifest(types) }, ...parts);
const fault = (errorCode, message) => (error) => {
  assert.equal(error.errorCode ?? error.name, errorCode);
  assert.match(error.message, message);
  return true;
};

describe("signing in", () => {
  test("SOAP login gives the session, the user and the host of both services", async () => {
    const conn = connect(uat, { accessToken: undefined, instanceUrl: undefined, version: "64.0" });
    const info = await conn.login(uat.username, uat.password);
    assert.equal(info.organizationId, uat.organizationId);
    assert.match(info.id, /^005[0-9A-Za-z]{15}$/);
    assert.equal(conn.instanceUrl, uat.url);
    assert.notEqual(conn.accessToken, uat.accessToken);
    const identity = await conn.identity();
    assert.equal(identity.organization_id, uat.organizationId);
    assert.equal(identity.username, uat.username);
    assert.equal(identity.user_id, info.id);
    const described = await conn.metadata.describe();
    assert.ok(described.metadataObjects.length > 20);
  });

  test("a wrong password and a version without login() are Salesforce's faults", async () => {
    const conn = connect(uat, { accessToken: undefined, version: "64.0" });
    await assert.rejects(conn.login(uat.username, "wrong"), /^Error: INVALID_LOGIN: Invalid username, password, security token; or user locked out\.$/);
    const late = connect(uat, { accessToken: undefined, version: "65.0" });
    await assert.rejects(
      late.login(uat.username, uat.password),
      /^Error: INVALID_OPERATION: The SOAP Login operation is not available in the API version specified \(65\.0\)/,
    );
  });

  test("OAuth: a code with PKCE, good for once, becomes a session and a refresh token that rotates", async () => {
    const oauth2 = new OAuth2({ loginUrl: uat.url, clientId: client, redirectUri: callback, useVerifier: true });
    const state = randomBytes(8).toString("hex");
    const answer = await fetch(oauth2.getAuthorizationUrl({ scope: "api refresh_token", state }), { redirect: "manual" });
    assert.equal(answer.status, 302);
    const back = new URL(answer.headers.get("location"));
    assert.equal(back.origin + back.pathname, callback);
    assert.equal(back.searchParams.get("state"), state);
    const code = back.searchParams.get("code");

    const conn = new Connection({ oauth2, version, logLevel: "FATAL" });
    const rotated = [];
    conn.on("refresh", (token, res) => rotated.push([token, res.refresh_token]));
    const info = await conn.authorize(code);
    assert.equal(info.organizationId, uat.organizationId);
    assert.equal(conn.instanceUrl, uat.url);
    const [first, firstRefresh] = [conn.accessToken, conn.refreshToken];
    assert.ok(first.startsWith(`${uat.organizationId.slice(0, 15)}!`));
    await assert.rejects(oauth2.requestToken(code), fault("invalid_grant", /expired authorization code/));

    const renewed = await oauth2.refreshToken(firstRefresh);
    assert.notEqual(renewed.refresh_token, firstRefresh);
    assert.notEqual(renewed.access_token, first);
    assert.equal(renewed.instance_url, uat.url);
    assert.ok(renewed.id.endsWith(`/id/${uat.organizationId}/${info.id}`));
    // The old one is dead, and whoever uses it again ends the family.
    await assert.rejects(oauth2.refreshToken(firstRefresh), fault("invalid_grant", /expired access\/refresh token/));
    await assert.rejects(oauth2.refreshToken(renewed.refresh_token), fault("invalid_grant", /expired access\/refresh token/));
    assert.equal(rotated.length, 0);
  });

  test("a code without the right verifier is worth nothing", async () => {
    const oauth2 = new OAuth2({ loginUrl: uat.url, clientId: client, redirectUri: callback, useVerifier: true });
    const answer = await fetch(oauth2.getAuthorizationUrl({}), { redirect: "manual" });
    const code = new URL(answer.headers.get("location")).searchParams.get("code");
    oauth2.codeVerifier = randomBytes(32).toString("base64url");
    await assert.rejects(oauth2.requestToken(code), fault("invalid_grant", /invalid code verifier/));
    // What jsforce sends as challenge is the SHA-256 of what it keeps.
    const kept = new OAuth2({ loginUrl: uat.url, clientId: client, redirectUri: callback, useVerifier: true });
    const challenge = new URL(kept.getAuthorizationUrl({})).searchParams.get("code_challenge");
    assert.equal(challenge, createHash("sha256").update(kept.codeVerifier).digest("base64url"));
  });
});

describe("an expired session", () => {
  test("SOAP says INVALID_SESSION_ID, and jsforce logs in again with the password and goes on", async () => {
    const conn = connect(uat, {
      accessToken: undefined,
      version: "64.0",
      refreshFn: (c, done) => {
        const again = connect(uat, { accessToken: undefined, version: "64.0" });
        again.login(uat.username, uat.password).then(() => done(null, again.accessToken), done);
      },
    });
    await conn.login(uat.username, uat.password);
    const dead = conn.accessToken;
    await connect(uat, { accessToken: dead, version: "64.0" }).logout();
    await assert.rejects(connect(uat, { accessToken: dead }).metadata.list({ type: "ApexClass" }), fault("sf:INVALID_SESSION_ID", /^INVALID_SESSION_ID: /));
    const list = await conn.metadata.list({ type: "ApexClass" });
    assert.deepEqual(names(list), ["Tariff", "TariffTest"]);
    assert.notEqual(conn.accessToken, dead);
  });

  test("REST says 401, and jsforce takes a new session with the refresh token and goes on", async () => {
    const oauth2 = new OAuth2({ loginUrl: uat.url, clientId: client, redirectUri: callback, useVerifier: true });
    const answer = await fetch(oauth2.getAuthorizationUrl({}), { redirect: "manual" });
    const conn = new Connection({ oauth2, version, logLevel: "FATAL" });
    const info = await conn.authorize(new URL(answer.headers.get("location")).searchParams.get("code"));
    const dead = conn.accessToken;
    await oauth2.revokeToken(dead);
    await assert.rejects(connect(uat, { accessToken: dead }).query("SELECT Id FROM Organization"), fault("INVALID_SESSION_ID", /Session expired or invalid/));
    const refreshed = [];
    conn.on("refresh", (token) => refreshed.push(token));
    const { records } = await conn.query("SELECT Id, IsSandbox, OrganizationType FROM Organization");
    assert.deepEqual([records.length, records[0].Id, records[0].IsSandbox], [1, uat.organizationId, true]);
    assert.deepEqual(refreshed, [conn.accessToken]);
    assert.notEqual(conn.accessToken, dead);
    assert.equal((await conn.identity()).user_id, info.id);
  });
});

describe("reading", () => {
  test("describe names each type once, with folder, suffix and children", async () => {
    const [a, b] = await Promise.all([connect(uat).metadata.describe(), connect(production).metadata.describe()]);
    const by = Object.fromEntries(a.metadataObjects.map((o) => [o.xmlName, o]));
    assert.equal(Object.keys(by).length, a.metadataObjects.length);
    // As Salesforce's describe lists them, and its type registry in source-deploy-retrieve.
    for (const [name, directoryName, suffix, metaFile, inFolder] of [
      ["ApexClass", "classes", "cls", true, false],
      ["ApexTrigger", "triggers", "trigger", true, false],
      ["ApexPage", "pages", "page", true, false],
      ["StaticResource", "staticresources", "resource", true, false],
      ["CustomObject", "objects", "object", false, false],
      ["CustomLabels", "labels", "labels", false, false],
      ["Layout", "layouts", "layout", false, false],
      ["PermissionSet", "permissionsets", "permissionset", false, false],
      ["Profile", "profiles", "profile", false, false],
      ["Flow", "flows", "flow", false, false],
      ["CustomMetadata", "customMetadata", "md", false, false],
      ["Report", "reports", "report", false, true],
      ["Dashboard", "dashboards", "dashboard", false, true],
      ["EmailTemplate", "email", "email", true, true],
    ]) {
      const o = by[name];
      assert.deepEqual([o?.directoryName, o?.suffix, o?.metaFile, o?.inFolder], [directoryName, suffix, metaFile, inFolder], name);
    }
    assert.deepEqual([by.LightningComponentBundle.directoryName, by.AuraDefinitionBundle.directoryName], ["lwc", "aura"]);
    for (const child of ["CustomField", "RecordType", "ValidationRule", "ListView", "WebLink", "FieldSet", "CompactLayout", "BusinessProcess", "Index", "SharingReason"])
      assert.ok(by.CustomObject.childXmlNames.includes(child), child);
    assert.ok(by.CustomLabels.childXmlNames.includes("CustomLabel"));
    assert.ok(!("CustomField" in by), "a child is not a type of its own");
    assert.deepEqual([a.partialSaveAllowed, a.testRequired, b.testRequired], [true, false, true]);
    assert.equal(a.organizationNamespace ?? "", "");
  });

  test("list of every type that describe knows gives each name of the seed, and no other", async () => {
    for (const org of [uat, production]) {
      const { metadata } = connect(org);
      const { metadataObjects } = await metadata.describe();
      const types = [...new Set(metadataObjects.flatMap((o) => [o.xmlName, ...[o.childXmlNames ?? []].flat()]))];
      const queries = types.map((type) => (type === "EmailTemplate" ? { type, folder: "Parcel_Mail" } : { type }));
      const listed = {};
      while (queries.length > 0)
        for (const { type, fullName } of await metadata.list(queries.splice(0, 3))) (listed[type] ??= []).push(fullName);
      for (const list of Object.values(listed)) list.sort();
      assert.deepEqual(listed, inventory);
    }
  });

  test("list gives a component with its file, id and dates", async () => {
    const [code, data] = await Promise.all([connect(uat).metadata.list({ type: "ApexClass" }), connect(uat).metadata.list({ type: "CustomObject" })]);
    const tariff = code.find((m) => m.fullName === "Tariff");
    assert.deepEqual([tariff.type, tariff.fileName, tariff.manageableState], ["ApexClass", "classes/Tariff.cls", "unmanaged"]);
    assert.match(tariff.id, /^01p[0-9A-Za-z]{15}$/);
    assert.match(tariff.createdById, /^005[0-9A-Za-z]{15}$/);
    assert.ok(Math.abs(Date.parse(tariff.lastModifiedDate) - Date.now()) < 10 * 60_000);
    const account = data.find((m) => m.fullName === "Account");
    assert.equal(new Date(account.lastModifiedDate).getTime(), 0, "standard objects have the dates of 1970");
  });

  test("list goes into folders, gives nothing for what is not there, and refuses what it must", async () => {
    const { metadata } = connect(uat);
    assert.deepEqual(names(await metadata.list({ type: "EmailFolder" })), ["Parcel_Mail"]);
    assert.deepEqual(names(await metadata.list({ type: "EmailTemplate", folder: "Parcel_Mail" })), ["Parcel_Mail/Arrived"]);
    assert.deepEqual(await metadata.list({ type: "StandardValueSet" }), []);
    assert.deepEqual(await metadata.list({ type: "Flow" }), []);
    await assert.rejects(metadata.list({ type: "Parcels" }), fault("sf:INVALID_TYPE", /^INVALID_TYPE: /));
    await assert.rejects(metadata.list(["ApexClass", "ApexPage", "Flow", "Layout"].map((type) => ({ type }))), fault("sf:LIMIT_EXCEEDED", /^LIMIT_EXCEEDED: /));
  });

  test("retrieve brings every file back, byte for byte", async () => {
    const { result, files: got } = await retrieve(connect(uat), members);
    assert.deepEqual(hashes(content(got)), hashes(content(files)));
    assert.deepEqual([result.success, result.done, result.messages?.length ?? 0], [true, true, 0]);
    const stamp = result.fileProperties.find((p) => p.fullName === "Stamp");
    assert.deepEqual([stamp.type, stamp.fileName], ["StaticResource", "staticresources/Stamp.resource"]);
    const listed = [...got["package.xml"].toString().matchAll(/<members>([^<]*)<\/members>/g)].map((m) => m[1]).sort();
    assert.deepEqual(listed, Object.values(members).flat().sort());
  });

  test("retrieve by wildcard finds the same; what is missing is a message, not an error", async () => {
    const conn = connect(production);
    const { files: got } = await retrieve(conn, { ApexClass: ["*"], LightningComponentBundle: ["*"], StaticResource: ["*"] });
    const wanted = Object.entries(content(files)).filter(([path]) => /^(classes|lwc|staticresources)\//.test(path));
    assert.deepEqual(hashes(content(got)), hashes(Object.fromEntries(wanted)));
    const { result, files: few } = await retrieve(conn, { ApexClass: ["Tariff", "Nowhere"] });
    assert.deepEqual(Object.keys(content(few)).sort(), ["classes/Tariff.cls", "classes/Tariff.cls-meta.xml"]);
    assert.deepEqual([result.success, result.messages.length], [true, 1]);
    assert.equal(result.messages[0].problem, "Entity of type 'ApexClass' named 'Nowhere' cannot be found");
  });
});

test("a change set of the built-in sample is retrieved by its name; a name that is not there fails the whole retrieve", async (t) => {
  const sample = await serve(room, "uat", { name: "sample" });
  t.after(() => sample.stop());
  const { metadata } = connect(sample);
  calls.retrieves += 3;
  const r = await metadata.retrieve({ apiVersion: version, packageNames: ["Hand-over fix"] }).complete();
  const wanted = ["flows/Opportunity_Handover.flow", "layouts/Opportunity-Opportunity Layout.layout"];
  const own = Object.fromEntries(wanted.map((path) => [`Hand-over fix/${path}`, readFileSync(new URL(`../../../backend/demoorg/sample/uat/${path}`, import.meta.url))]));
  const { "Hand-over fix/package.xml": _, ...got } = unzip(Buffer.from(r.zipFile, "base64"));
  assert.deepEqual([r.status, hashes(got)], ["Succeeded", hashes(own)]);
  // With something beside it both lie in the zip, each in its folder.
  const beside = await metadata.retrieve({ apiVersion: version, packageNames: ["Hand-over fix"], unpackaged: { types: [{ name: "ApexClass", members: ["RenewalService"] }], version } }).complete();
  const two = unzip(Buffer.from(beside.zipFile, "base64"));
  const service = ["classes/RenewalService.cls", "classes/RenewalService.cls-meta.xml"].map((path) => [`unpackaged/${path}`, readFileSync(new URL(`../../../backend/demoorg/sample/uat/${path}`, import.meta.url))]);
  const folders = Object.fromEntries(Object.entries(two).filter(([path]) => !path.endsWith("/package.xml")));
  assert.deepEqual(hashes(folders), hashes({ ...own, ...Object.fromEntries(service) }));
  const missing = await metadata.retrieve({ apiVersion: version, packageNames: ["Hand-over fix", "Nowhere"] }).complete();
  assert.deepEqual([missing.status, missing.success, missing.zipFile ?? ""], ["Failed", false, ""]);
  assert.match(missing.errorMessage, /No package named 'Nowhere' found/);
});

describe("deploying", () => {
  const surcharge = apex("Surcharge", "public class Surcharge {\n  public static Decimal of(Decimal price) {\n    return price * 0.1;\n  }\n}\n");
  const surchargeTest = apexTest("SurchargeTest", { tenth: "System.assertEquals(1, Surcharge.of(10));" });
  const both = { ApexClass: ["Surcharge", "SurchargeTest"] };

  test("success: new classes with their tests, and what was sent is there afterwards", async () => {
    const conn = connect(uat);
    const sent = { ...surcharge, ...surchargeTest };
    const r = await deploy(conn, package_(both, sent), { testLevel: "RunSpecifiedTests", runTests: ["SurchargeTest"] });
    assert.deepEqual([r.status, r.success, r.done, r.checkOnly], ["Succeeded", true, true, false]);
    assert.match(r.id, /^0Af[0-9A-Za-z]{15}$/);
    assert.deepEqual([r.numberComponentsTotal, r.numberComponentsDeployed, r.numberComponentErrors], [2, 2, 0]);
    assert.deepEqual([r.runTestsEnabled, r.numberTestsTotal, r.numberTestsCompleted, r.numberTestErrors], [true, 1, 1, 0]);
    const ok = r.details.componentSuccesses;
    assert.deepEqual(names(ok), ["Surcharge", "SurchargeTest", "package.xml"]);
    const one = ok.find((m) => m.fullName === "Surcharge");
    assert.deepEqual([one.componentType, one.created, one.changed, one.deleted, one.success], ["ApexClass", true, true, false, true]);
    assert.match(one.id, /^01p[0-9A-Za-z]{15}$/);
    const tests = r.details.runTestResult;
    assert.deepEqual(tests.successes.map((s) => [s.name, s.methodName]), [["SurchargeTest", "tenth"]]);
    const covered = tests.codeCoverage.find((c) => c.name === "Surcharge");
    assert.deepEqual([covered.type, Number(covered.numLocations) > 0, Number(covered.numLocationsNotCovered)], ["Class", true, 0]);
    const { files: got } = await retrieve(conn, both);
    assert.deepEqual(hashes(content(got)), hashes(sent));
    assert.deepEqual(names(await conn.metadata.list({ type: "ApexClass" })), ["Surcharge", "SurchargeTest", "Tariff", "TariffTest"]);
    // The same once more changes nothing, and says so.
    const again = await deploy(conn, package_(both, sent));
    const same = again.details.componentSuccesses.find((m) => m.fullName === "Surcharge");
    assert.deepEqual([again.status, same.created, same.changed, again.numberTestsTotal], ["Succeeded", false, false, 0]);
  });

  test("a component failure names file, place and problem, and nothing is changed", async () => {
    const conn = connect(uat);
    const was = (await retrieve(conn, members)).files;
    const broken = apex("Tariff", "public class Tariff {\n  public static Decimal price(Decimal w) {\n    return 1;\n  }\n");
    const r = await deploy(conn, package_({ ApexClass: ["Tariff", "Brandnew"] }, broken, apex("Brandnew", "public class Brandnew {}\n")));
    assert.deepEqual([r.status, r.success, r.numberComponentErrors, r.numberComponentsTotal], ["Failed", false, 1, 2]);
    assert.equal(r.details.componentFailures.length, 1);
    const [m] = r.details.componentFailures;
    assert.deepEqual([m.componentType, m.fullName, m.fileName, m.problemType, m.success], ["ApexClass", "Tariff", "classes/Tariff.cls", "Error", false]);
    assert.ok(m.problem.length > 10 && m.lineNumber >= 1 && m.columnNumber >= 1, JSON.stringify(m));
    assert.deepEqual(hashes((await retrieve(conn, members)).files), hashes(was));
    assert.ok(!names(await conn.metadata.list({ type: "ApexClass" })).includes("Brandnew"));
  });

  test("several component failures at once, each for its own reason", async () => {
    const r = await deploy(
      connect(uat),
      package_(
        { ApexClass: ["Lonely", "NotInTheZip"], CustomField: ["Parcel__c.Sender__c"] },
        { "classes/Lonely.cls": "public class Lonely {}\n" },
        { "classes/Stray.cls": "public class Stray {}\n", "classes/Stray.cls-meta.xml": files["classes/Tariff.cls-meta.xml"] },
      ),
    );
    assert.equal(r.status, "Failed");
    const why = Object.fromEntries(r.details.componentFailures.map((m) => [m.fullName, m.problem]));
    assert.deepEqual(Object.keys(why).sort(), ["Lonely", "NotInTheZip", "Parcel__c.Sender__c", "Stray"]);
    assert.match(why.NotInTheZip, /An object 'NotInTheZip' of type ApexClass was named in package\.xml, but was not found in zipped directory/);
    assert.match(why.Stray, /Not in package\.xml/i);
    assert.equal(r.numberComponentErrors, 4);
  });

  test("a test failure has the message and the trace, and nothing is changed", async () => {
    const conn = connect(production);
    const failing = apexTest("TariffTest", { pricesByWeight: "System.assertEquals(3, Tariff.price(2));", pricesNothing: "System.assert(false, String.valueOf(Tariff.price(null)));" });
    const r = await deploy(conn, package_({ ApexClass: ["TariffTest"] }, failing), { testLevel: "RunLocalTests" });
    assert.deepEqual([r.status, r.success, r.numberComponentErrors, r.numberTestErrors, r.numberTestsTotal], ["Failed", false, 0, 1, 2]);
    const tests = r.details.runTestResult;
    assert.deepEqual([Number(tests.numFailures), Number(tests.numTestsRun), tests.failures.length], [1, 2, 1]);
    const [f] = tests.failures;
    assert.deepEqual([f.name, f.methodName, f.type, f.packageName], ["TariffTest", "pricesNothing", "Class", "TariffTest"]);
    assert.match(f.message, /^System\.AssertException: Assertion Failed/);
    assert.match(f.stackTrace, /^Class\.TariffTest\.pricesNothing: line \d+, column 1/);
    const { files: got } = await retrieve(conn, { ApexClass: ["TariffTest"] });
    assert.equal(sha256(got["classes/TariffTest.cls"]), sha256(files["classes/TariffTest.cls"]));
  });

  test("production runs local tests by default, and refuses what is not covered in Salesforce's words", async () => {
    const body = ["one", "two", "three", "four", "five", "six"].map((m) => `  public static Integer ${m}() {\n    Integer x = 1;\n    x++;\n    return x;\n  }\n`).join("");
    const r = await deploy(connect(production), package_({ ApexClass: ["Untested"] }, apex("Untested", `public class Untested {\n${body}}\n`)));
    assert.deepEqual([r.status, r.success, r.runTestsEnabled, r.numberComponentErrors, r.numberTestErrors], ["Failed", false, true, 0, 0]);
    const warnings = r.details.runTestResult.codeCoverageWarnings;
    assert.match(warnings.map((w) => w.message).join("\n"), /^Average test coverage across all Apex Classes and Triggers is \d+%, at least 75% test coverage is required\.$/m);
    const missed = r.details.runTestResult.codeCoverage.find((c) => c.name === "Untested");
    assert.equal(Number(missed.numLocationsNotCovered), Number(missed.numLocations));
    assert.ok(missed.locationsNotCovered.length === Number(missed.numLocations));
  });

  test("without rollback what is good goes in, and the rest is named: SucceededPartial", async () => {
    const conn = connect(uat);
    const good = apex("Good", "public class Good {}\n");
    const r = await deploy(conn, package_({ ApexClass: ["Good", "Bad"] }, good, apex("Bad", "public class Bad {\n")), { rollbackOnError: false });
    assert.deepEqual([r.status, r.success, r.rollbackOnError], ["SucceededPartial", true, false]);
    assert.deepEqual([r.numberComponentsTotal, r.numberComponentsDeployed, r.numberComponentErrors], [2, 1, 1]);
    assert.deepEqual([names(r.details.componentSuccesses), names(r.details.componentFailures)], [["Good", "package.xml"], ["Bad"]]);
    const { files: got } = await retrieve(conn, { ApexClass: ["*"] });
    assert.deepEqual(hashes(Object.fromEntries(Object.entries(got).filter(([p]) => p.includes("Good")))), hashes(good));
    assert.ok(!("classes/Bad.cls" in got));
  });

  test("a zip of several packages: each folder is deployed, and all of them or none", async () => {
    const conn = connect(uat);
    const classes = { first: apex("FirstOfTwo", "public class FirstOfTwo {}\n"), second: apex("SecondOfTwo", "public class SecondOfTwo {}\n") };
    const named = { ApexClass: ["FirstOfTwo", "SecondOfTwo"] };
    const inFolder = (top, parts) => Object.fromEntries(Object.entries(parts).map(([path, body]) => [`${top}/${path}`, body]));
    const both = (second) => ({
      ...inFolder("first", package_({ ApexClass: ["FirstOfTwo"] }, classes.first)),
      ...inFolder("second", package_({ ApexClass: ["SecondOfTwo"] }, second)),
    });
    const torn = await deploy(conn, both(apex("SecondOfTwo", "public class SecondOfTwo {\n")), { singlePackage: false });
    assert.deepEqual([torn.status, names(torn.details.componentFailures)], ["Failed", ["SecondOfTwo"]]);
    assert.deepEqual(hashes(content((await retrieve(conn, named)).files)), {});
    const r = await deploy(conn, both(classes.second), { singlePackage: false });
    assert.deepEqual([r.status, r.numberComponentsTotal, r.numberComponentsDeployed], ["Succeeded", 2, 2]);
    const where = r.details.componentSuccesses.map((m) => m.fileName).sort();
    assert.deepEqual(where, ["first/classes/FirstOfTwo.cls", "first/package.xml", "second/classes/SecondOfTwo.cls", "second/package.xml"]);
    assert.deepEqual(hashes(content((await retrieve(conn, named)).files)), hashes({ ...classes.first, ...classes.second }));
  });

  test("purgeOnDelete is for sandboxes: production refuses it in Salesforce's words", async () => {
    const deletion = (name) => package_({}, { "destructiveChanges.xml": manifest({ ApexClass: [name] }, null) });
    const purged = await deploy(connect(uat), deletion("FirstOfTwo"), { purgeOnDelete: true });
    assert.deepEqual([purged.status, purged.details.componentSuccesses.find((m) => m.fullName === "FirstOfTwo").deleted], ["Succeeded", true]);
    await assert.rejects(deploy(connect(production), deletion("Tariff"), { purgeOnDelete: true }), fault("sf:INVALID_OPERATION", /^INVALID_OPERATION: purgeOnDelete option can only be used on a non-active org$/));
  });

  test("production does not take rollbackOnError=false", async () => {
    const r = await deploy(connect(production), package_({ ApexPage: ["Receipt"] }, { "pages/Receipt.page": files["pages/Receipt.page"], "pages/Receipt.page-meta.xml": files["pages/Receipt.page-meta.xml"] }), { rollbackOnError: false });
    assert.deepEqual([r.status, r.success], ["Failed", false]);
    assert.match(r.errorMessage, /rollbackOnError must be true in production organizations/);
  });

  describe("deletions", () => {
    const helper = apex("Rounding", "public class Rounding {\n  public static Decimal cents(Decimal d) {\n    return d.setScale(2);\n  }\n}\n");
    const user = apex("Bill", "public class Bill {\n  public Decimal total() {\n    return Rounding.cents(1.234);\n  }\n}\n");
    const freed = apex("Bill", "public class Bill {\n  public Decimal total() {\n    return 1.23;\n  }\n}\n");
    const gone = { ApexClass: ["Rounding"] };

    test("before the additions a class that is still used cannot go", async () => {
      const conn = connect(uat);
      const made = await deploy(conn, package_({ ApexClass: ["Rounding", "Bill"] }, helper, user));
      assert.equal(made.status, "Succeeded");
      const r = await deploy(conn, package_({ ApexClass: ["Bill"] }, freed, { "destructiveChangesPre.xml": manifest(gone, null) }));
      assert.equal(r.status, "Failed");
      const m = r.details.componentFailures.find((f) => f.fullName === "Rounding");
      assert.deepEqual([m.fileName, m.problemType], ["destructiveChangesPre.xml", "Error"]);
      assert.match(m.problem, /Bill/);
      assert.equal((await retrieve(conn, gone)).result.messages?.length ?? 0, 0);
    });

    test("after them it can", async () => {
      const conn = connect(uat);
      const r = await deploy(conn, package_({ ApexClass: ["Bill"] }, freed, { "destructiveChangesPost.xml": manifest(gone, null) }));
      assert.equal(r.status, "Succeeded", JSON.stringify(r.details.componentFailures));
      const m = r.details.componentSuccesses.find((f) => f.fullName === "Rounding");
      assert.deepEqual([m.deleted, m.created, m.fileName], [true, false, "destructiveChangesPost.xml"]);
      const { result, files: got } = await retrieve(conn, { ApexClass: ["Bill", "Rounding"] });
      assert.deepEqual(hashes(content(got)), hashes(freed));
      assert.equal(result.messages[0].problem, "Entity of type 'ApexClass' named 'Rounding' cannot be found");
    });

    test("one package may delete before and after, and bring something new between", async () => {
      const conn = connect(uat);
      await deploy(conn, package_({ ApexClass: ["OldOne", "OldTwo"] }, apex("OldOne", "public class OldOne {}\n"), apex("OldTwo", "public class OldTwo {}\n")));
      const r = await deploy(
        conn,
        package_({ ApexClass: ["NewOne"] }, apex("NewOne", "public class NewOne {}\n"), {
          "destructiveChangesPre.xml": manifest({ ApexClass: ["OldOne"] }, null),
          "destructiveChangesPost.xml": manifest({ ApexClass: ["OldTwo"] }, null),
        }),
      );
      assert.equal(r.status, "Succeeded");
      const told = Object.fromEntries(r.details.componentSuccesses.map((m) => [m.fullName, [m.created, m.deleted]]));
      assert.deepEqual([told.OldOne, told.NewOne, told.OldTwo], [[false, true], [true, false], [false, true]]);
      const left = names(await conn.metadata.list({ type: "ApexClass" }));
      assert.deepEqual([left.includes("OldOne"), left.includes("OldTwo"), left.includes("NewOne")], [false, false, true]);
    });

    test("a field goes alone, its object stays; what is not there is a warning", async () => {
      const conn = connect(uat);
      const r = await deploy(
        conn,
        { "package.xml": nothing(), "destructiveChanges.xml": manifest({ CustomField: ["Account.Parcel_Terms__c"], ApexClass: ["NeverWas"] }, null) },
        { ignoreWarnings: true },
      );
      assert.equal(r.status, "Succeeded", JSON.stringify(r.details.componentFailures));
      const warned = r.details.componentSuccesses.find((m) => m.fullName === "NeverWas");
      assert.deepEqual([warned.problemType, warned.deleted], ["Warning", false]);
      assert.match(warned.problem, /No ApexClass named: NeverWas found/);
      const fields = names(await conn.metadata.list({ type: "CustomField" }));
      assert.deepEqual(fields.filter((f) => f.includes("Parcel")), ["Parcel__c.Price__c", "Parcel__c.Weight__c"]);
    });
  });

  describe("cancelling", () => {
    const many = (prefix) => {
      const list = Array.from({ length: 60 }, (_, i) => `${prefix}${i}`);
      return package_({ ApexClass: list }, ...list.map((name) => apex(name, `public class ${name} {}\n`)));
    };

    test("a running deployment is Canceling, then Canceled; a waiting one at once; a finished one not at all", async () => {
      const conn = connect(uat);
      const start = async (prefix) => {
        const { id } = await conn.metadata.deploy(zip(many(prefix)), { rollbackOnError: true, singlePackage: true });
        calls.deployments.push(id);
        return id;
      };
      const first = await start("Running");
      const second = await start("Waiting");
      assert.equal((await conn.metadata.checkDeployStatus(second)).status, "Pending");
      const waiting = await conn.metadata.cancelDeploy(second);
      assert.deepEqual([String(waiting.done), waiting.id], ["true", second]);
      const atOnce = await conn.metadata.checkDeployStatus(second);
      assert.deepEqual([atOnce.status, atOnce.done, atOnce.success], ["Canceled", true, false]);

      await until("the first deployment to run", async () => {
        const r = await conn.metadata.checkDeployStatus(first);
        assert.equal(r.done, false, `it was over too soon: ${r.status}`);
        return r.status === "InProgress" && r.numberComponentsDeployed > 0;
      });
      const running = await conn.metadata.cancelDeploy(first);
      assert.deepEqual([String(running.done), running.id], ["false", first]);
      const end = await until("the cancelled deployment to end", async () => {
        const r = await conn.metadata.checkDeployStatus(first, true);
        assert.ok(["Canceling", "Canceled"].includes(r.status), r.status);
        return r.done && r;
      });
      assert.deepEqual([end.status, end.success, end.canceledByName], ["Canceled", false, "Integration User"]);
      assert.ok(end.numberComponentsDeployed < 60 && end.numberComponentsTotal === 60);
      assert.ok(!names(await conn.metadata.list({ type: "ApexClass" })).some((n) => /^(Running|Waiting)/.test(n)));
      await assert.rejects(conn.metadata.cancelDeploy(first), /INVALID_ID_FIELD: .*completed/i);
      await assert.rejects(conn.metadata.checkDeployStatus("0Af000000000000AAA"), /INVALID_CROSS_REFERENCE_KEY: invalid cross reference id/);
    });
  });

  describe("quick deploy", () => {
    const fee = (n) => apex("Fee", `public class Fee {\n  public static Integer amount() {\n    return ${n};\n  }\n}\n`);
    const feeTest = apexTest("FeeTest", { isCharged: "System.assertNotEquals(null, Fee.amount());" });
    const types = { ApexClass: ["Fee", "FeeTest"] };
    const tested = { checkOnly: true, testLevel: "RunSpecifiedTests", runTests: ["FeeTest"] };

    for (const rest of [false, true])
      test(`a validation becomes a deployment of its own id, without tests, over ${rest ? "REST" : "SOAP"}`, async () => {
        const conn = connect(production);
        const sent = { ...fee(rest ? 2 : 1), ...feeTest };
        const v = await deploy(conn, package_(types, sent), tested);
        assert.deepEqual([v.status, v.checkOnly, v.numberTestsCompleted], ["Succeeded", true, 1], JSON.stringify(v.details));
        const before_ = (await retrieve(conn, types)).files["classes/Fee.cls"];
        assert.notEqual(before_ && sha256(before_), sha256(sent["classes/Fee.cls"]), "a validation changes nothing");
        const id = await conn.metadata.deployRecentValidation({ id: v.id, rest });
        assert.match(id, /^0Af[0-9A-Za-z]{15}$/);
        assert.notEqual(id, v.id);
        calls.deployments.push(id);
        const r = await until("the quick deployment", async () => {
          const s = await conn.metadata.checkDeployStatus(id, true, rest);
          return s.done && s;
        });
        assert.deepEqual([r.status, r.checkOnly, r.success, Number(r.numberTestsTotal)], ["Succeeded", false, true, 0]);
        assert.equal(Number(r.numberComponentsDeployed), 2);
        assert.deepEqual(hashes(content((await retrieve(conn, types)).files)), hashes(sent));
      });

    test("what ran no tests, and what is no validation, cannot be deployed quickly", async () => {
      const conn = connect(uat);
      const page = package_({ ApexPage: ["Receipt"] }, { "pages/Receipt.page": files["pages/Receipt.page"], "pages/Receipt.page-meta.xml": files["pages/Receipt.page-meta.xml"] });
      const v = await deploy(conn, page, { checkOnly: true });
      assert.deepEqual([v.status, v.runTestsEnabled], ["Succeeded", false]);
      await assert.rejects(conn.metadata.deployRecentValidation({ id: v.id }), /INVALID/);
      const d = await deploy(conn, page);
      await assert.rejects(conn.metadata.deployRecentValidation({ id: d.id, rest: true }), /./);
    });
  });

  describe("REST", () => {
    test("a deployment over REST says the same as over SOAP", async () => {
      const conn = connect(uat);
      const sent = apex("OverRest", "public class OverRest {\n  public static Integer x() {\n    return 1;\n  }\n}\n");
      const test_ = apexTest("OverRestTest", { calls: "OverRest.x();" });
      const package1 = package_({ ApexClass: ["OverRest", "OverRestTest"] }, sent, test_);
      const options = { rollbackOnError: true, singlePackage: true, testLevel: "RunSpecifiedTests", runTests: ["OverRestTest"] };
      const started = await conn.metadata.deployRest(zip(package1), options);
      calls.deployments.push(started.id);
      assert.match(started.id, /^0Af[0-9A-Za-z]{15}$/);
      assert.deepEqual([started.deployOptions.testLevel, started.deployOptions.runTests], ["RunSpecifiedTests", ["OverRestTest"]]);
      const r = await until("the deployment", async () => {
        const s = await conn.metadata.checkDeployStatus(started.id, true, true);
        return s.done && s;
      });
      assert.deepEqual([r.id, r.status, r.success, r.numberComponentsTotal, r.numberTestsCompleted], [started.id, "Succeeded", true, 2, 1]);
      assert.deepEqual(names(r.details.componentSuccesses), ["OverRest", "OverRestTest", "package.xml"]);
      assert.deepEqual(r.details.runTestResult.successes.map((s) => `${s.name}.${s.methodName}`), ["OverRestTest.calls"]);
      const soap = await conn.metadata.checkDeployStatus(started.id, true);
      assert.deepEqual(names(soap.details.componentSuccesses), names(r.details.componentSuccesses));
      assert.deepEqual([soap.status, soap.createdBy, soap.numberTestsCompleted], [r.status, r.createdBy, r.numberTestsCompleted]);
      assert.equal(Date.parse(soap.completedDate), Date.parse(r.completedDate));
      assert.deepEqual(hashes(content((await retrieve(conn, { ApexClass: ["OverRest", "OverRestTest"] })).files)), hashes({ ...sent, ...test_ }));
    });

    test("a failure over REST: the same message, and 401 and 404 as arrays of one error", async () => {
      const conn = connect(uat);
      const { id } = await conn.metadata.deployRest(zip(package_({ ApexClass: ["Torn"] }, apex("Torn", "public class Torn {\n"))), { rollbackOnError: true, singlePackage: true });
      calls.deployments.push(id);
      const r = await until("the deployment", async () => {
        const s = await conn.metadata.checkDeployStatus(id, true, true);
        return s.done && s;
      });
      assert.deepEqual([r.status, r.details.componentFailures.length, r.details.componentFailures[0].fullName], ["Failed", 1, "Torn"]);
      const [soap] = (await conn.metadata.checkDeployStatus(id, true)).details.componentFailures;
      assert.deepEqual([r.details.componentFailures[0].problem, r.details.componentFailures[0].lineNumber], [soap.problem, soap.lineNumber]);
      await assert.rejects(conn.metadata.checkDeployStatus("0Af000000000000AAA", false, true), (e) => e.errorCode === "INVALID_CROSS_REFERENCE_KEY" || e.errorCode === "NOT_FOUND");
      const stranger = connect(uat, { accessToken: `${uat.organizationId.slice(0, 15)}!wrong` });
      await assert.rejects(async () => await stranger.metadata.deployRest(zip({}), {}), fault("INVALID_SESSION_ID", /Session expired or invalid/));
    });
  });

  test("the org lists every deployment of this run as DeployRequest, and complained of nothing", async () => {
    const all = await Promise.all([uat, production].map((org) => connect(org).tooling.query("SELECT Id, Status, CheckOnly FROM DeployRequest")));
    assert.deepEqual(all.flatMap((a) => a.records.map((r) => r.Id)).sort(), calls.deployments.sort());
    assert.deepEqual([...new Set(all.flatMap((a) => a.records.map((r) => r.Status)))].sort(), ["Canceled", "Failed", "Succeeded", "SucceededPartial"]);
    assert.deepEqual([uat.complaints(), production.complaints()], ["", ""]);
  });
});
