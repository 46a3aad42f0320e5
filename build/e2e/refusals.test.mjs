// Every refusal that a person can meet, as it stands on the screen: the reason,
// what mends it, and a button that cannot be pressed or a fault that says why.
// The demo's story gives the situations; what another member does meanwhile is
// done through the backend while the page hears nothing of it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { openDesk, settle, sleep, until } from "./desk.mjs";
import { changeBytes } from "./forge.mjs";
import { person } from "./person.mjs";

const cli = process.env.COUNTERSIGN_CLI ?? "build/bin/countersign-cli";

let desk;
let me;
before(async () => {
  desk = await openDesk({ story: true });
  me = person(desk);
  await desk.call("Workspaces", "OpenDemo");
  await until("the demo's story", async () => !(await desk.call("Workspaces", "State")).preparing, 120_000);
  await desk.page.reload();
  await desk.page.getByRole("navigation").first().waitFor();
});
after(() => desk?.close());

/** All words on the page, dialogs and notifications included. */
const words = (page = desk.page) => page.evaluate(() => document.body.innerText.replace(/\s+/g, " "));

/** Waits until the page says it. What it says instead is in the error. */
async function says(sentence, page = desk.page) {
  const said = async () => (typeof sentence === "string" ? (await words(page)).includes(sentence) : sentence.test(await words(page)));
  await until("the sentence", said, 8_000).catch(async () => assert.fail(`the page does not say ${sentence}, but: ${(await words(page)).slice(0, 6_000)}`));
}

/** A button that is there, is known as disabled, and does nothing when it is pressed all the same. */
async function refuses(button) {
  const first = button.first();
  await first.waitFor();
  const disabled = await first.evaluate((b) => b.disabled || b.getAttribute("aria-disabled") === "true");
  assert.ok(disabled, `${await first.innerText()} can be pressed`);
  await first.click({ force: true });
  await settle(desk.page);
  assert.equal(await desk.page.getByRole("dialog").count(), 0, "pressing it asks nothing");
}

/** What the backend answers to a call that goes past the screen. */
async function fault(facade, method, ...args) {
  const thrown = await desk.call(facade, method, ...args).then(() => null, (error) => error);
  assert.ok(thrown, `${facade}.${method} should have been refused`);
  const known = /\{.*\}/s.exec(thrown.message);
  assert.ok(known, thrown.message);
  return JSON.parse(known[0]);
}

/** Does something while no news reaches the page, as between an act and the event that tells of it. */
async function unheard(act) {
  await desk.page.evaluate(() => {
    window.heard = window.wails.EventsNotify;
    window.wails.EventsNotify = () => {};
  });
  await act();
  return async () => {
    await desk.page.evaluate(() => { window.wails.EventsNotify = window.heard; });
    await desk.page.reload();
    await desk.page.getByRole("navigation").first().waitFor();
  };
}

/** Something done by another member, who then steps back. */
async function as(member, act) {
  const { me: was } = await desk.call("Workspaces", "State");
  await desk.call("Workspaces", "ActAs", member);
  try {
    return await act();
  } finally {
    await desk.call("Workspaces", "ActAs", was);
  }
}

const request = async (number) => {
  const { items } = await desk.call("ChangeRequests", "List", { view: "", text: number, status: [], sort: "", offset: 0, limit: 10 });
  return items[0].id;
};
const record = async (name) => {
  const { items } = await desk.call("DeploymentRecords", "List", { requestId: "", text: name, status: [], sort: "", offset: 0, limit: 10 });
  return items[0].id;
};
const view = (id) => desk.call("ChangeRequests", "Get", id);
const fields = (more = {}) => ({ name: "", overview: "", type: "Minor", supportingText: "", externalLink: "", externalNumber: "", changeSets: [], ...more });
const aField = { type: "CustomField", name: "Account.Refused__c", action: "add" };

async function draft(more, customizations = [aField]) {
  const { request: made } = await desk.call("ChangeRequests", "Save", "", fields({ name: "A draft", overview: "Why.", ...more }));
  if (customizations.length > 0) await desk.call("ChangeRequests", "Add", made.id, customizations);
  return made.id;
}
const submit = async (id) => desk.call("ChangeRequests", "Do", id, { action: "submit", reason: "", seen: (await view(id)).digest });

async function actAs(name) {
  if (!(await desk.page.getByRole("button", { name: new RegExp(`^Acting as ${name}`) }).count())) await me.actAs(name);
}

describe("a draft", () => {
  test("is not submitted without a name, an overview and content", async () => {
    const { page } = desk;
    await actAs("Ana");
    const id = await draft({ name: "", overview: "" }, []);
    await desk.go(`/change-requests/${id}`);
    const button = me.button("Submit for Approval");
    await says("Give it a name");
    await refuses(button);
    await page.getByLabel("Change Request Name").fill("Regions");
    await says("Say in the Change Overview");
    await refuses(button);
    await page.getByLabel("Change Overview").fill("Two depots more.");
    await says(/Add at least one customization/);
    assert.equal(await button.count(), 0, "the next step is to add something");
    const { code, message, hint } = await fault("ChangeRequests", "Do", id, { action: "submit", reason: "", seen: (await view(id)).digest });
    assert.ok(code && message && hint, `${code} ${message} ${hint}`);
  });

  test("takes no API name that Salesforce would not take, and shows one", async () => {
    const { page } = desk;
    const id = await draft({ name: "Bad names" });
    await desk.go(`/change-requests/${id}?tab=customizations`);
    await me.press("Propose");
    const dialog = me.dialog();
    for (const [name, why] of [["Account", /\w/], ["Account.<img src=x>__c", /\w/]]) {
      await dialog.getByLabel(/API names/).fill(name);
      await until(`what is wrong with ${name}`, async () => why.test((await dialog.locator("li").allInnerTexts()).join(" ").split(" – ")[1] ?? ""));
      assert.match(await dialog.innerText(), /For example \w+\.\w+__c/);
      assert.ok(await dialog.getByRole("button", { name: /^Propose/ }).isDisabled());
    }
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.equal((await view(id)).count, 1, "nothing was added");
  });

  test("takes no package manifest that is malformed, hostile or too large", async () => {
    const id = await draft({ name: "Manifests" });
    await desk.go(`/change-requests/${id}`);
    await me.press("Paste text…");
    const dialog = me.dialog();
    const types = (members) => `<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types>${members}<name>ApexClass</name></types><version>62.0</version></Package>`;
    const head = '<?xml version="1.0" encoding="UTF-8"?>';
    const members = Array.from({ length: 10_001 }, (_, i) => `<members>C${i}</members>`).join("");
    for (const [xml, why] of [
      ["<Package><types>", /not|end/i],
      ["no xml at all", /./],
      [`${head}<!DOCTYPE Package [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>${types("<members>&lol2;</members>")}`, /DOCTYPE|document type|entit/i],
      [`${head}<!DOCTYPE Package SYSTEM "file:///etc/passwd">${types("<members>A</members>")}`, /DOCTYPE|document type|entit/i],
      [`${head}${types("<members>&xxe;</members>")}`, /entit/i],
      [`${head}${types(members)}`, /10,000/],
    ]) {
      const text = dialog.getByRole("textbox").first();
      // A person pastes; filling ten thousand lines is as quick only in this way.
      await text.fill(xml);
      await dialog.getByRole("button", { name: "Import", exact: true }).click();
      await until(`a refusal of ${xml.slice(0, 40)}`, async () => (await text.getAttribute("aria-invalid")) === "true");
      const said = await dialog.locator(".mantine-InputWrapper-error").innerText();
      assert.match(said, why);
      assert.doesNotMatch(said, /root:|lollol/, "nothing was read or expanded");
      assert.match(said, /\. .+\./, `what happened, and what to do: ${said}`);
    }
    await desk.page.keyboard.press("Escape");
    assert.equal((await view(id)).request.manifests.length, 0);
  });

  test("has nothing to undo when nothing was changed", async () => {
    const { request: made } = await desk.call("ChangeRequests", "Save", "", fields({ name: "Untouched" }));
    await desk.go(`/change-requests/${made.id}`);
    await refuses(me.button(/^Undo/));
    await refuses(me.button(/^Redo/));
    assert.equal((await fault("ChangeRequests", "Undo", made.id)).code, "nothing_to_undo");
    assert.equal((await fault("ChangeRequests", "Redo", made.id)).code, "nothing_to_redo");
  });

  test("is not cancelled without a reason", async () => {
    const { page } = desk;
    const id = await draft({ name: "Given up" });
    await desk.go(`/change-requests/${id}`);
    await me.press("More actions");
    await page.getByRole("menuitem", { name: /Cancel Request/ }).click();
    const button = me.dialog().getByRole("button", { name: "Cancel Request" });
    assert.ok(await button.isDisabled(), "without a reason");
    await me.dialog().getByRole("textbox").first().fill("   ");
    assert.ok(await button.isDisabled(), "with blanks");
    await says("stays in the audit trail");
    await page.keyboard.press("Escape");
    assert.equal((await fault("ChangeRequests", "Do", id, { action: "cancel", reason: "", seen: "" })).code, "reason_needed");
  });

  test("that was submitted meanwhile keeps what is typed, and says why it is not saved", async () => {
    const { page } = desk;
    const id = await draft({ name: "Locked meanwhile" });
    await desk.go(`/change-requests/${id}`);
    const overview = page.getByLabel("Change Overview");
    await overview.waitFor();
    const hear = await unheard(() => submit(id));
    await overview.fill("Typed too late.");
    await says(/Not saved, your text is kept here\. .*(locked|Pending Approval|Recall)/i);
    assert.equal(await overview.inputValue(), "Typed too late.");
    await hear();
    assert.equal((await view(id)).request.overview, "Why.");
  });

  test("that was submitted is not deleted", async () => {
    const { page } = desk;
    const id = await draft({ name: "Deleted too late" });
    await desk.go(`/change-requests/${id}`);
    await me.press("More actions");
    await page.getByRole("menuitem", { name: "Delete draft…" }).click();
    await me.dialog().waitFor();
    const hear = await unheard(() => submit(id));
    await me.dialog().getByRole("button", { name: "Delete Draft" }).click();
    await says(/submitted|Pending Approval|locked/i);
    await page.locator(".mantine-Notification-root").first().waitFor();
    await hear();
    await desk.go(`/change-requests/${id}`);
    await me.press("More actions");
    assert.equal(await page.getByRole("menuitem", { name: "Delete draft…" }).count(), 0);
    await page.keyboard.press("Escape");
    assert.equal((await view(id)).request.status, "Pending Approval");
  });
});

describe("a decision", () => {
  test("is not made by the author, nor without a seat, nor twice", async () => {
    for (const [name, number, why] of [
      ["Ana", "SALES-122", "authors do not approve their own change"],
      ["Dee", "SALES-122", "You hold no seat that is open now"],
      ["Cy", "SALES-122", "You have approved it already"],
    ]) {
      await actAs(name);
      await desk.go(`/change-requests/${await request(number)}/review`);
      await says(why);
      await refuses(me.button(/^Approve/));
    }
    for (const [name, record_, why] of [["Ana", "Stages of a renewal", "authors do not approve their own change"], ["Bo", "Stages of a renewal", "You have approved it already"]]) {
      await actAs(name);
      await desk.go(`/deployments/${await record(record_)}/review`);
      await says(why);
      await refuses(me.button(/^Approve/));
    }
  });

  test("to reject needs a reason", async () => {
    const { page } = desk;
    await actAs("Bo");
    const id = await request("SALES-122");
    await desk.go(`/change-requests/${id}/review`);
    await me.press(/^Reject/);
    await says("What has to change?");
    const button = me.dialog().getByRole("button", { name: "Reject" });
    assert.ok(await button.isDisabled());
    await me.dialog().getByRole("textbox").first().fill(" \n ");
    assert.ok(await button.isDisabled());
    await page.keyboard.press("Escape");
    const { code, hint } = await fault("ChangeRequests", "Do", id, { action: "reject", reason: "", seen: (await view(id)).digest });
    assert.equal(code, "reason_needed");
    assert.ok(hint);
  });

  test("counts for what was looked at only", async () => {
    const { page } = desk;
    const id = await as("ana", async () => {
      const made = await draft({ name: "Changed between looking and signing" });
      await submit(made);
      return made;
    });
    await actAs("Bo");
    await desk.go(`/change-requests/${id}/review`);
    await me.press(/^Approve/);
    const looked = (await view(id)).digest;
    const hear = await unheard(() => as("ana", async () => {
      await desk.call("ChangeRequests", "Do", id, { action: "recall", reason: "", seen: "" });
      await desk.call("ChangeRequests", "Add", id, [{ type: "ApexClass", name: "Slipped_In", action: "add" }]);
      await submit(id);
    }));
    assert.notEqual((await view(id)).digest, looked);
    await me.dialog().getByRole("button", { name: /^Approve/ }).click();
    await says(/is not what you looked at any more|Look at it as it is now/);
    await hear();
    const { request: now, seats } = await view(id);
    assert.equal(now.status, "Pending Approval");
    assert.ok(seats.seats.every((seat) => !seat.member), "no seat was filled");
    await page.keyboard.press("Escape");
  });
});

describe("a new Deployment Record", () => {
  test("is not made of a request that is not approved", async () => {
    await actAs("Ana");
    const id = await request("SRV-91");
    await desk.go(`/deployments/new?request=${id}`);
    await says("is not approved now, so its record cannot be saved. Get it approved first.");
    await me.press("Save");
    await says("only an approved change request can be deployed.");
    assert.equal((await view(id)).records.length, 0);
  });

  test("goes from one environment to another", async () => {
    const { page } = desk;
    const id = await request("SRV-93");
    await desk.go(`/deployments/new?request=${id}`);
    await page.getByRole("combobox", { name: "Target environment" }).or(page.getByLabel("Target environment")).first().click();
    await page.getByRole("option", { name: "Demo UAT" }).click();
    await says("Source and target are the same. Choose two different environments.");
    await refuses(me.button("Save"));
    const wish = { requestId: id, name: "Round trip", sourceId: "demo-uat", targetId: "demo-uat", whole: true, customizations: [], options: { ignoreWarnings: false, purgeOnDelete: false, rollbackOnError: true, testLevel: "", tests: [] }, deployer: "dee" };
    assert.equal((await fault("DeploymentRecords", "Save", "", wish)).code, "same_environment");
  });
});

describe("a Deployment Record", () => {
  const steps = (name) => desk.page.getByRole("list", { name: "Steps" }).locator("li.step").filter({ hasText: name });
  let id;
  before(async () => {
    await actAs("Ana");
    const made = await desk.call("DeploymentRecords", "Save", "", {
      requestId: await request("SRV-93"), name: "Wording to production", sourceId: "demo-uat", targetId: "demo-production", whole: true, customizations: [],
      options: { ignoreWarnings: false, purgeOnDelete: false, rollbackOnError: true, testLevel: "", tests: [] }, deployer: "ana",
    });
    id = made.record.id;
  });

  test("is not submitted, retrieved, validated or deployed as a draft that nobody scanned", async () => {
    await desk.go(`/deployments/${id}`);
    for (const [step, button, why] of [
      ["3 Approval", "Submit for Approval", /Test Connection has not succeeded for both environments yet/],
      ["4 Retrieve", "Retrieve Selected Customizations", /In Progress, not Approved/],
      ["6 Validate", "Validate Customizations", /As step 4/],
      ["7 Deploy", "Deploy Retrieved Customizations", /As step 4/],
      ["8 Complete", "Complete", /In Progress/],
    ]) {
      const line = steps(step);
      await refuses(line.getByRole("button", { name: button, exact: true }));
      assert.match(await line.innerText(), why);
    }
  });

  test("is not deployed by somebody without the role, nor by its author", async () => {
    await desk.call("DeploymentRecords", "RunScan", id);
    await me.idle();
    await desk.go(`/deployments/${id}`);
    await says("Ana Requester is named to deploy, but is not a release manager.");
    await refuses(steps("3 Approval").getByRole("button", { name: "Submit for Approval" }));
    // Dee wrote a part of the request, so she cannot be the one who deploys it.
    const written = await draft({ name: "Written by the release manager too" }, [{ type: "GlobalValueSet", name: "Renewal_Stage", action: "change" }]);
    await as("dee", async () => desk.call("ChangeRequests", "Save", written, fields({ name: "Written by the release manager too", overview: "Dee wrote this." })));
    await submit(written);
    for (const approver of ["bo", "cy"])
      await as(approver, async () => {
        const { request: now, digest } = await view(written);
        if (now.status === "Pending Approval") await desk.call("ChangeRequests", "Do", written, { action: "approve", reason: "", seen: digest });
      });
    const made = await desk.call("DeploymentRecords", "Save", "", {
      requestId: written, name: "By an author", sourceId: "demo-uat", targetId: "demo-production", whole: true, customizations: [],
      options: { ignoreWarnings: false, purgeOnDelete: false, rollbackOnError: true, testLevel: "", tests: [] }, deployer: "dee",
    });
    await desk.call("DeploymentRecords", "RunScan", made.record.id);
    await me.idle();
    await desk.go(`/deployments/${made.record.id}`);
    await says(/Dee Release is (named to deploy, but is )?an author/);
    await refuses(steps("3 Approval").getByRole("button", { name: "Submit for Approval" }));
  });

  test("waits for its approvals, and says whose", async () => {
    await actAs("Dee");
    await desk.go(`/deployments/${await record("Stages of a renewal")}`);
    await refuses(steps("7 Deploy").getByRole("button", { name: "Deploy Retrieved Customizations" }));
    await says("Pending Approval, not Approved. Wait for the approvals.");
    const { code } = await fault("DeploymentRecords", "Start", await record("Stages of a renewal"), "deploy", "Demo Production");
    assert.ok(code);
  });

  test("is deployed by the person who is named, after the retrieve and the validation", async () => {
    const ready = await record("First service is planned");
    await actAs("Ana");
    await desk.go(`/deployments/${ready}`);
    await says("Dee Release is named to deploy, not Ana Requester. Let Dee Release do it.");
    await refuses(steps("7 Deploy").getByRole("button", { name: "Deploy Retrieved Customizations" }));
    await actAs("Dee");
    await desk.go(`/deployments/${ready}`);
    await says(/No validation of this package has succeeded/);
    await refuses(steps("7 Deploy").getByRole("button", { name: "Deploy Retrieved Customizations" }));
    await steps("7 Deploy").locator("button.step-toggle").click();
    await says("What stands in the way");
    await says("Press Validate Customizations first.");
    const { code, message } = await fault("DeploymentRecords", "Start", ready, "deploy", "Demo Production");
    assert.equal(code, "validation", message);
  });

  test("asks for the target's name, and takes no other", async () => {
    const { page } = desk;
    const ready = await record("First service is planned");
    await desk.call("DeploymentRecords", "Start", ready, "validate", "");
    await me.idle();
    await desk.go(`/deployments/${ready}`);
    await me.press(/^Deploy (Changes|Retrieved Customizations)/);
    const dialog = me.dialog();
    const button = dialog.getByRole("button", { name: /^Deploy/ });
    for (const typed of ["", "Demo UAT", "demo production", "Demo  Production", "Demo Production."]) {
      await dialog.getByLabel("Type Demo Production to confirm").fill(typed);
      assert.ok(await button.isDisabled(), `with ${JSON.stringify(typed)}`);
    }
    await says("This concerns Demo Production, a production org.");
    await page.keyboard.press("Escape");
    for (const typed of ["", "Demo UAT", "demo production"])
      assert.equal((await fault("DeploymentRecords", "Start", ready, "deploy", typed)).code, "wrong_target_name", typed);
  });

  test("that failed its tests shows the failing test first", async () => {
    const { logs } = await desk.call("DeploymentRecords", "Get", await record("Discount of a renewal"));
    const failed = logs.find((l) => l.result === "failed");
    await desk.go(`/logs/${failed.id}`);
    await says("Demo Production would refuse it: 1 test failed. Nothing was changed.");
    const main = await desk.page.locator("main").innerText();
    assert.match(main, /DiscountCalculatorTest/);
    assert.match(main, /strategicCustomersKeepTheirDiscount/);
    assert.match(main, /List has no rows/);
  });
});

describe("an environment", () => {
  const save = (more) => desk.call("Environments", "Save", "", { name: "", kind: "demo", url: "", signIn: "password", username: "a@b.example", ...more });

  test("out of reach says so, and what to look at", async () => {
    await actAs("Ana");
    const closed = await closedPort();
    const { environment } = await save({ name: "Switched off", url: `http://127.0.0.1:${closed}` });
    await desk.call("Environments", "SaveCredentials", environment.id, { password: "not-a-secret", token: "" });
    await desk.go(`/environments/${environment.id}?tab=connection`);
    await me.press("Test Connection");
    await says("The connection could not be made");
    await says("Nothing answers at 127.0.0.1. Check the network, the proxy and the address of the org.");
    assert.doesNotMatch(await words(), /not-a-secret/);
  });

  test("is not scanned before its connection was tested", async () => {
    const { environment } = await save({ name: "Never tested", url: `http://127.0.0.1:${await closedPort()}` });
    await desk.go(`/environments/${environment.id}`);
    await says("Save credentials for this org");
    await me.press("Run Scan");
    await until("why not", async () => /No credentials|credentials .* Save Credentials|Test Connection first/i.test(await words()));
  });

  test("with wrong credentials says which of them to look at", async () => {
    const { environment } = await desk.call("Environments", "Get", "demo-uat");
    await desk.call("Environments", "SaveCredentials", environment.id, { password: "wrong-secret-word", token: "" });
    await desk.go("/environments/demo-uat?tab=connection");
    await me.press("Test Connection");
    await says("The connection could not be made");
    await says(/user name|username|password/i);
    assert.doesNotMatch(await words(), /wrong-secret-word/);
  });

  test("needs a name of its own and an encrypted address", async () => {
    for (const [more, code] of [
      [{ name: "" }, "name_needed"],
      [{ name: "Demo UAT", url: "https://login.salesforce.com" }, "name_used"],
      [{ name: "Plain", url: "http://example.com" }, "invalid_url"],
      [{ name: "Script", url: "javascript:window.hacked=1" }, "invalid_url"],
    ])
      assert.equal((await save(more).then(() => "", (e) => JSON.parse(/\{.*\}/s.exec(e.message)[0]).code)), code, JSON.stringify(more));
  });
});

describe("the policies", () => {
  test("are changed by owners only", async () => {
    await actAs("Ana");
    await desk.go("/policies");
    await refuses(me.button("Propose a change"));
    await says(/owner/i);
    await desk.go("/policies?view=edit");
    await says("You cannot change the policies, so they are shown as they are.");
    const all = await desk.call("Policies", "Get");
    assert.equal((await fault("Policies", "Propose", all.requests.policy, all.environments.map((e) => e.policy))).code, "not_owner");
  });

  test("are not proposed as they are, and not signed twice", async () => {
    const { page } = desk;
    await actAs("Bo");
    await desk.go("/policies");
    await me.press("Propose a change");
    await says("Change something first; there is nothing to sign.");
    await refuses(me.button("Review and sign"));
    const all = await desk.call("Policies", "Get");
    const environments = all.environments.map((e) => e.policy);
    assert.equal((await fault("Policies", "Propose", all.requests.policy, environments)).code, "nothing_changed");
    await page.getByLabel("An approval counts for (days)").fill("20");
    await me.press("Review and sign");
    await me.sign("Sign and propose");
    await says("1 signature is missing");
    const { pending } = await desk.call("Policies", "Get");
    assert.equal(await page.locator("main").getByRole("button", { name: "Sign", exact: true }).and(page.locator(":enabled")).count(), 0, "Bo signed it by proposing it");
    assert.equal((await fault("Policies", "Sign", pending[0].act)).code, "signed_already");
    assert.equal((await as("dee", () => fault("Policies", "Sign", pending[0].act))).code, "not_owner");
  });
});

// In one session the first window comes to the front instead; another session cannot know of it.
test("a second window on the folder says that it is open already", async () => {
  const second = await openDesk({ at: desk.data, env: { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" } });
  try {
    await says(/already open|is open/i, second.page);
    await says(/close|other window|another folder/i, second.page);
  } finally {
    await second.close();
  }
});

test("the page complained of nothing", () => assert.deepEqual(desk.errors(), []));

describe("after what happened outside", () => {
  let room;
  before(() => {
    room = mkdtempSync(join(tmpdir(), "countersign-moved-"));
    // The demo in the terminal stops where its other user has changed the source.
    execFileSync(cli, ["demo", "--data", room, "--until", "source-moved"], { stdio: "ignore" });
  });
  after(() => rmSync(room, { recursive: true, force: true }));

  test("a source that was changed after the approval is not deployed", async () => {
    const moved = await openDesk({ from: room });
    try {
      await moved.page.getByRole("navigation").first().waitFor();
      const one = person(moved);
      await one.actAs("Dee");
      const { items } = await moved.call("DeploymentRecords", "List", { requestId: "", text: "", status: [], sort: "", offset: 0, limit: 1 });
      await moved.go(`/deployments/${items[0].id}`);
      await one.press("Retrieve Selected Customizations");
      await one.idle();
      await says(/The source was changed after the approval/, moved.page);
      await says(/Robin Admin/, moved.page);
      await says(/Reopen/, moved.page);
      const deploy = one.button("Deploy Retrieved Customizations").first();
      assert.equal(await deploy.getAttribute("aria-disabled"), "true");
      assert.deepEqual(moved.errors(), []);
    } finally {
      await moved.close();
    }
  });

  test("a status that was changed by hand is seen everywhere, and can be rebuilt", async () => {
    const forged = await openDesk({ from: room });
    try {
      const one = person(forged);
      await forged.page.getByRole("navigation").first().waitFor();
      const { items } = await forged.call("ChangeRequests", "List", { view: "", text: "", status: [], sort: "", offset: 0, limit: 1 });
      await forged.again(() => changeBytes(join(forged.data, "demo", "workspace.db"), { near: items[0].id, from: "Approved", to: "Rejected" }));
      await forged.page.getByRole("navigation").first().waitFor();
      await says(/doubts? about the audit trail/, forged.page);
      await forged.go(`/change-requests/${items[0].id}`);
      await says(/changed outside Countersign/, forged.page);
      await forged.go("/audit-trail");
      await says("was changed outside Countersign", forged.page);
      await says("Rebuild sets it back to what was signed.", forged.page);
      assert.equal(await one.button("Rebuild from signed acts").isEnabled(), true);
    } finally {
      await forged.close();
    }
  });
});

/** A port of this computer at which nobody listens. */
function closedPort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
