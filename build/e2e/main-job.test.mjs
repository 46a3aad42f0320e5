// The main job in the window, from the first start to Completed, with the words
// of the buttons, as each of the demo's four members in turn.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { openDesk, settle, story } from "./desk.mjs";
import { person } from "./person.mjs";
import { until } from "./wait.mjs";

let desk;
let me;
let requestId;
let recordId;
before(async () => {
  desk = await openDesk();
  me = person(desk);
});
after(() => desk?.close());
const test = story("main-job", () => desk);

test("the first start offers the demo and a workspace of one's own", async () => {
  const { page } = desk;
  await page.getByRole("button", { name: "Make my workspace" }).waitFor();
  await page.getByLabel("Show me the way").uncheck();
  await page.getByRole("button", { name: "Open the demo workspace" }).click();
  await page.getByRole("heading", { level: 1, name: "Nothing waits for you" }).waitFor();
});

test("both orgs are scanned, so that a request can be drafted from their inventory", async () => {
  const { page } = desk;
  await desk.go("/environments/demo-uat");
  await me.press("Run Scan");
  await me.idle();
  await until("the inventory", async () => (await desk.call("Environments", "Summary", "demo-uat")).age.count > 200);
  await page.getByText(/PartnerDiscount|Account/).first().waitFor();
});

test("a draft is saved as it is typed, and undo brings back what was before", async () => {
  const { page } = desk;
  await desk.go("/change-requests");
  await me.press("New Change Request");
  await page.getByLabel("Change Request Name").fill("Discount of the public sector");
  await page.getByLabel("Change Overview").fill("Tenders need a stage of its own: the tier becomes 10 %.");
  await until("the draft to be saved", async () => {
    const { items } = await desk.call("ChangeRequests", "List", { view: "", text: "Discount of the public sector", status: [], sort: "", offset: 0, limit: 10 });
    requestId = items[0]?.id;
    return requestId && (await desk.call("ChangeRequests", "Get", requestId)).request.overview.includes("stage of its own");
  });
});

test("customizations are picked from the inventory", async () => {
  const { page } = desk;
  await me.tab(/^Customizations/);
  await me.press(/^Add Customizations/);
  const dialog = me.dialog();
  await dialog.getByRole("textbox", { name: /Search by API name/ }).fill("Public_Sector");
  const found = dialog.getByRole("listbox", { name: /^Inventory of/ }).getByRole("option");
  await until("one hit", async () => (await found.count()) === 1);
  await found.first().click();
  await dialog.getByRole("button", { name: /^Add 1 Customization/ }).click();
  await dialog.waitFor({ state: "hidden" });
  await until("the request to hold it", async () => (await desk.call("ChangeRequests", "Get", requestId)).count === 1);
});

test("Submit for Approval locks the content", async () => {
  await me.tab("Overview");
  await me.press("Submit for Approval");
  await me.sign("Submit for Approval");
  assert.equal(await me.status("ChangeRequests", requestId), "Pending Approval");
  assert.equal(await desk.page.getByLabel("Change Overview").count(), 0, "nothing is left to type in");
});

test("its author cannot approve it, and is told why", async () => {
  const view = await desk.call("ChangeRequests", "Get", requestId);
  const approve = view.actions.find((a) => a.action === "approve");
  assert.equal(approve.allowed, false);
  await desk.go(`/change-requests/${requestId}/review`);
  assert.equal(await me.button(/^Approve/).first().isDisabled(), true);
  await me.says(/authors do not approve their own change/i);
});

test("the approvers approve in the review", async () => {
  for (const name of ["Bo", "Cy"]) {
    const view = await desk.call("ChangeRequests", "Get", requestId);
    if (view.request.status !== "Pending Approval") break;
    await me.actAs(name);
    await desk.go(`/change-requests/${requestId}/review`);
    await me.press(/^Approve/);
    await me.sign(/^Approve/, { reason: "Reviewed with sales." });
  }
  assert.equal(await me.status("ChangeRequests", requestId), "Approved");
});

test("a Deployment Record names source, target, content and deployer", async () => {
  const { page } = desk;
  await me.actAs("Ana");
  await desk.go(`/change-requests/${requestId}`);
  await page.locator("main").getByRole("link", { name: "Deploy", exact: true }).or(me.button("Deploy")).first().click();
  await page.getByRole("heading", { level: 1, name: "New Deployment Record" }).waitFor();
  await page.locator("main [data-production]").getByText("Demo Production").waitFor();
  await me.press("Save");
  await until("the record", async () => {
    recordId = (await desk.call("ChangeRequests", "Get", requestId)).records[0]?.id;
    return recordId;
  });
  await page.waitForURL(new RegExp(recordId));
});

test("nothing can be deployed before the record is approved", async () => {
  const view = await desk.call("DeploymentRecords", "Get", recordId);
  assert.deepEqual(view.steps.filter((s) => ["retrieve", "validate", "deploy"].includes(s.code)).map((s) => s.allowed), [false, false, false]);
  assert.ok(view.steps.find((s) => s.code === "deploy").why);
});

test("Test Connection, Run Scan and Submit for Approval", async () => {
  await me.press("Test Connection");
  await until("both tests", async () => (await desk.call("DeploymentRecords", "Get", recordId)).steps[0].state === "done");
  await me.press("Run Scan");
  await me.idle();
  await until("the scan", async () => (await desk.call("DeploymentRecords", "Get", recordId)).steps[1].state === "done");
  await settle(desk.page);
  await me.press("Submit for Approval");
  await me.sign("Submit for Approval");
  assert.equal(await me.status("DeploymentRecords", recordId), "Pending Approval");
});

test("the approvers see the difference and approve it", async () => {
  for (const name of ["Bo", "Cy"]) {
    if ((await me.status("DeploymentRecords", recordId)) !== "Pending Approval") break;
    await me.actAs(name);
    await desk.go(`/deployments/${recordId}/review`);
    await desk.page.getByRole("button", { name: /^Approve/ }).first().waitFor();
    await me.press(/^Approve/);
    await me.sign(/^Approve/);
  }
  assert.equal(await me.status("DeploymentRecords", recordId), "Approved");
});

test("the release manager retrieves, checks, validates and deploys", async () => {
  const step = async (code) => (await desk.call("DeploymentRecords", "Get", recordId)).steps.find((s) => s.code === code);
  const done = async (code) => {
    await me.idle();
    const { state, sentence, why } = await step(code);
    assert.equal(state, "done", `${code}: ${sentence} ${why}`);
    await settle(desk.page);
  };
  await me.actAs("Dee");
  await desk.go(`/deployments/${recordId}`);
  await me.press("Retrieve Selected Customizations");
  await done("retrieve");
  await me.press("Check Dependencies");
  await done("dependencies");
  await me.press("Validate Customizations");
  await done("validate");
  await me.press(/^Deploy (Changes|Retrieved Customizations)/);
  await me.dialog().waitFor();
  const deploy = me.dialog().getByRole("button", { name: /^Deploy/ });
  assert.equal(await deploy.isDisabled(), true, "production asks for its name first");
  await me.sign(/^Deploy/, { typed: "Demo Production" });
  await done("deploy");
});

test("the log says what happened, and the record is completed", async () => {
  const { logs } = await desk.call("DeploymentRecords", "Get", recordId);
  const log = logs.find((l) => l.kind === "deploy");
  assert.equal(log.result, "succeeded");
  await desk.go(`/logs/${log.id}`);
  await me.says(/Demo Production/);
  await desk.go(`/deployments/${recordId}`);
  await me.press("Complete");
  await me.sign("Complete");
  assert.equal(await me.status("DeploymentRecords", recordId), "Completed");
});

test("the audit trail verifies", async () => {
  await desk.go("/audit-trail");
  await me.press(/^Verify/);
  await me.idle();
  const proof = await desk.call("AuditTrail", "Proof");
  assert.deepEqual(proof.report.findings, []);
  assert.ok(proof.proves.length > 0);
});

test("the page complained of nothing", () => assert.deepEqual(desk.errors(), []));
