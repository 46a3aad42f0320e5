// An Emergency in the window: written with its reason and its incident, let
// through by one owner, deployed to production, and reviewed by the approvers
// afterwards. That an overdue review stops everything else takes days:
// backend/workspace/emergency_test.go.
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
  await desk.openDemo();
});
after(() => desk?.close());
const test = story("emergency", () => desk);

const view = () => desk.call("ChangeRequests", "Get", requestId);
const step = async (code) => (await desk.call("DeploymentRecords", "Get", recordId)).steps.find((s) => s.code === code);

test("it says why it cannot wait and names its incident, or is not submitted", async () => {
  const { page } = desk;
  const { request } = await desk.call("ChangeRequests", "Save", "", { name: "", overview: "", type: "Minor", supportingText: "", externalLink: "", externalNumber: "", changeSets: [] });
  requestId = request.id;
  await desk.call("ChangeRequests", "Add", requestId, [{ type: "GlobalValueSet", name: "Renewal_Stage", action: "change" }]);
  await desk.go(`/change-requests/${requestId}`);
  await page.getByLabel("Change Request Name").fill("Invoices with wrong tax");
  await page.getByLabel("Change Overview").fill("Invoices of today show 0 % tax.");
  await page.getByRole("combobox", { name: "Change Type" }).click();
  await page.getByRole("option", { name: "Emergency" }).click();
  await me.says("An approval counts for 4 hours.");
  await me.says("It does not say why it cannot wait.");
  const submit = me.button("Submit for Approval").first();
  assert.equal(await submit.isEnabled(), false);
  await page.getByLabel("Why it cannot wait").fill("Customers are billed wrongly since 9:00.");
  await page.getByLabel("Incident number").fill("INC-4711");
  await until("the draft to be saved", async () => (await view()).request.incident === "INC-4711");
  await settle(page);
  await me.press("Submit for Approval");
  await me.sign("Submit for Approval");
  assert.equal((await view()).request.status, "Pending Approval");
});

test("one owner lets it through", async () => {
  await me.actAs("Bo");
  await desk.go("/");
  await desk.page.getByText("Invoices with wrong tax").first().waitFor();
  await desk.go(`/change-requests/${requestId}/review`);
  await me.says("INC-4711");
  await me.press(/^Approve/);
  await me.sign(/^Approve/, { reason: "Called the service desk: it is so." });
  assert.equal((await view()).request.status, "Approved");
});

test("its record goes to production with one owner's word as well", async () => {
  await me.actAs("Ana");
  const options = { ignoreWarnings: false, purgeOnDelete: false, rollbackOnError: true, testLevel: "", tests: [] };
  const made = await desk.call("DeploymentRecords", "Save", "", {
    requestId, name: "Tax to production", sourceId: "demo-uat", targetId: "demo-production", whole: true, customizations: [], options, deployer: "dee",
  });
  recordId = made.record.id;
  await desk.go(`/deployments/${recordId}`);
  await me.press("Test Connection");
  await until("both tests", async () => (await step("environments"))?.state === "done" || (await desk.call("DeploymentRecords", "Get", recordId)).steps[0].state === "done");
  await me.press("Run Scan");
  await me.idle();
  await settle(desk.page);
  await me.press("Submit for Approval");
  await me.sign("Submit for Approval");
  await me.actAs("Cy");
  await desk.go(`/deployments/${recordId}/review`);
  await me.press(/^Approve/);
  const words = await me.dialog().innerText();
  for (const word of ["Content digest", "Target", "DEMO PRODUCTION", "Cy Approver"]) assert.ok(words.toUpperCase().includes(word.toUpperCase()), `${word} is not in ${words}`);
  await me.sign(/^Approve/);
  assert.equal(await me.status("DeploymentRecords", recordId), "Approved");
});

test("it is deployed", async () => {
  await me.actAs("Dee");
  await desk.go(`/deployments/${recordId}`);
  for (const [button, code] of [["Retrieve Selected Customizations", "retrieve"], ["Validate Customizations", "validate"]]) {
    await me.press(button);
    await me.idle();
    assert.equal((await step(code)).state, "done", (await step(code)).sentence);
    await settle(desk.page);
  }
  await me.press(/^Deploy (Changes|Retrieved Customizations)/);
  await me.sign(/^Deploy/, { typed: "Demo Production" });
  await me.idle();
  assert.equal((await step("deploy")).state, "done");
});

test("it then owes a review, which neither its author nor its deployer gives", async () => {
  const { page } = desk;
  for (const name of ["Dee", "Ana"]) {
    if (name !== "Dee") await me.actAs(name);
    await desk.go("/");
    await page.getByRole("region", { name: /Reviews of emergencies/ }).or(page.getByText("Reviews of emergencies")).first().waitFor();
    await desk.go(`/change-requests/${requestId}`);
    await me.says("Its review is due");
    assert.equal(await me.button("Review the Emergency").and(page.locator(":enabled:not([aria-disabled=true])")).count(), 0, `${name} had a part in it`);
    assert.equal((await view()).reviews[0].whySaid.code, "why.review_seat");
  }
});

test("the approvers review it", async () => {
  for (const name of ["Bo", "Cy"]) {
    await me.actAs(name);
    await desk.go(`/change-requests/${requestId}`);
    await me.press("Review the Emergency");
    const button = me.dialog().getByRole("button", { name: "Review the Emergency" });
    assert.equal(await button.isEnabled(), false, "without a verdict and what was found");
    await me.dialog().getByRole("radio", { name: name === "Bo" ? "Accepted" : "Objected" }).check();
    await me.sign("Review the Emergency", { reason: name === "Bo" ? "The values are right." : "It needs a test." });
  }
  const { reviews } = await view();
  assert.equal(reviews[0].done, true);
  assert.deepEqual(reviews[0].given.map((one) => one.verdict), ["accepted", "objected"]);
  await me.says("It was reviewed.");
  await me.says("It needs a test.");
});

test("the page complained of nothing", () => assert.deepEqual(desk.errors(), []));
