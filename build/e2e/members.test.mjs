// The members of the demo: who they are, and a change of roles that one owner
// proposes and the other signs. SHOTS (a folder) keeps pictures of the way.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openDesk, settle } from "./desk.mjs";
import { person } from "./person.mjs";

const shots = process.env.SHOTS;
let desk;
let me;

before(async () => {
  desk = await openDesk({ scheme: process.env.SCHEME ?? "light" });
  me = person(desk);
  await desk.page.waitForSelector("h1");
  await picture("start");
  await desk.openDemo();
});
after(() => desk?.close());

async function picture(name) {
  if (!shots) return;
  await settle(desk.page);
  await desk.page.screenshot({ path: join(shots, `${name}.png`) });
}

test("a change of roles that one owner proposes and the other signs", async () => {
  const { page } = desk;
  await desk.go("/members");
  for (const name of ["Ana Requester", "Bo Approver", "Cy Approver", "Dee Release"]) await page.getByRole("region", { name }).waitFor();
  await me.actAs("Ana");
  await me.says("Only owners change the members.");
  await picture("members-refused");

  await me.actAs("Bo");
  await page.getByRole("button", { name: "Change Ana Requester" }).click();
  await page.getByRole("menuitem", { name: "Change roles" }).click();
  await me.dialog().getByRole("checkbox", { name: /^Auditor/ }).check();
  await me.dialog().getByText(/requester, auditor|Requester, Auditor/).first().waitFor();
  await picture("members-roles");
  await me.sign("Sign and propose");
  const change = page.getByRole("region", { name: /^Proposed: version/ });
  await change.getByText("1 signature is missing").waitFor();
  await change.getByText("You have signed it already.").waitFor();
  await picture("members-pending");

  await me.actAs("Cy");
  await change.getByRole("button", { name: "Sign", exact: true }).click();
  await me.sign("Sign");
  await change.waitFor({ state: "detached" });
  const ana = page.getByRole("region", { name: "Ana Requester" });
  await ana.getByText("Requester, Auditor").waitFor();
  const view = await desk.call("Members", "Get");
  assert.deepEqual(view.members[0].person.roles, ["requester", "auditor"]);
  assert.equal(view.pending.length, 0);
  await page.setViewportSize({ width: 900, height: 600 });
  await picture("members-small");
});
