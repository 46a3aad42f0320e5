// Every screen of the window and the states it can be in, by address. Tests and
// pictures go through the same list, so that a screen cannot be forgotten.

/**
 * The screens of a workspace as it is now: `desk.call` tells which records there are. Each has a name for files and
 * messages, an address, and what may be done there before it is looked at.
 */
export async function screens(desk) {
  const list = async (facade, query) => (await desk.call(facade, "List", query)).items;
  const requests = await list("ChangeRequests", { view: "", text: "", status: [], sort: "number", offset: 0, limit: 100 });
  const records = await list("DeploymentRecords", { requestId: "", text: "", status: [], sort: "number", offset: 0, limit: 100 });
  const environments = await desk.call("Environments", "List");
  const one = (rows, status) => rows.find((row) => row.status === status);
  const all = [
    { name: "home", at: "/" },
    { name: "requests", at: "/change-requests" },
    { name: "requests-mine", at: "/change-requests?view=mine" },
    { name: "requests-waiting", at: "/change-requests?view=waiting" },
    { name: "requests-nothing-found", at: "/change-requests?text=zzzz" },
    { name: "deployments", at: "/deployments" },
    { name: "deployment-new", at: "/deployments/new" },
    { name: "environments", at: "/environments" },
    { name: "policies", at: "/policies" },
    { name: "policies-preview", at: "/policies?tab=ask" },
    { name: "policies-versions", at: "/policies?tab=versions" },
    { name: "members", at: "/members" },
    { name: "trail", at: "/audit-trail" },
    { name: "exchange-send", at: "/exchange" },
    { name: "exchange-receive", at: "/exchange?tab=receive" },
    { name: "exchange-drafts", at: "/exchange?tab=drafts" },
    { name: "exchange-evidence", at: "/exchange?tab=evidence" },
    { name: "settings", at: "/settings" },
    { name: "guide", at: "/guide" },
  ];
  for (const status of ["In Progress", "Pending Approval", "Approved", "Rejected", "Completed", "Cancelled"]) {
    const word = status.toLowerCase().replaceAll(" ", "-");
    const request = one(requests, status);
    if (request) {
      for (const tab of ["overview", "customizations", "impact", "deployments", "activity"])
        if (tab === "overview" || status === "Approved" || status === "In Progress")
          all.push({ name: `request-${word}-${tab}`, at: `/change-requests/${request.id}?tab=${tab}` });
      if (status === "Pending Approval") all.push({ name: "review-request", at: `/change-requests/${request.id}/review` });
    }
    const record = one(records, status);
    if (record) {
      all.push({ name: `record-${word}`, at: `/deployments/${record.id}` });
      if (record.status !== "In Progress") all.push({ name: `review-record-${word}`, at: `/deployments/${record.id}/review` });
      const { logs } = await desk.call("DeploymentRecords", "Get", record.id);
      for (const log of logs.slice(0, 4)) all.push({ name: `log-${word}-${log.kind}-${log.result || "running"}`, at: `/logs/${log.id}` });
    }
  }
  for (const { environment } of environments) all.push({ name: `environment-${environment.id}`, at: `/environments/${environment.id}` });
  return all;
}

/**
 * States that no address shows: what is open, refused or running. Each acts as a person does; `member` is whose part
 * it takes, by the beginning of the name.
 */
export function states(desk, me) {
  const { page } = desk;
  const first = async (facade, status, view = "") =>
    (await desk.call(facade, "List", { requestId: "", view, text: "", status: [status], sort: "number", offset: 0, limit: 100 })).items[0];
  const press = (name, scope = page) => scope.getByRole("button", { name }).first().click();
  const openRequest = async (status, rest) => {
    const { id } = await first("ChangeRequests", status);
    await desk.go(`/change-requests/${id}${rest}`);
  };
  return [
    { name: "palette", act: () => page.keyboard.press("Control+k") },
    { name: "palette-found", act: async () => { await page.keyboard.press("Control+k"); await page.keyboard.type("price"); await page.waitForTimeout(600); } },
    { name: "shortcuts", act: () => page.keyboard.press("Shift+Slash") },
    { name: "acting-as", act: () => press(/^Acting as/) },
    { name: "request-new", at: () => desk.go("/change-requests/new") },
    { name: "tray", at: () => desk.go("/"), act: () => press(/^Nothing running|running$/) },
    { name: "picker", at: () => openRequest("In Progress", "?tab=customizations"), act: () => press(/^Add Customizations/) },
    { name: "propose", at: () => openRequest("In Progress", "?tab=customizations"), act: () => press("Propose") },
    { name: "submit", at: () => openRequest("In Progress", "?tab=overview"), act: () => press("Submit for Approval") },
    { name: "more", at: () => openRequest("In Progress", "?tab=overview"), act: () => press("More") },
    { name: "environment-add", at: () => desk.go("/environments"), act: () => press("Add environment") },
    { name: "environment-connection", at: () => desk.go("/environments/demo-uat?tab=connection") },
    { name: "trail-entry", at: () => desk.go("/audit-trail"), act: () => page.getByRole("option").nth(4).click() },
    { name: "trail-verified", at: () => desk.go("/audit-trail"), act: async () => { await press(/^Verify/); await me.idle(); } },
    { name: "request-missing", at: () => desk.go("/change-requests/nothing") },
    { name: "record-missing", at: () => desk.go("/deployments/nothing") },
    { name: "log-missing", at: () => desk.go("/logs/nothing") },
    { name: "environment-missing", at: () => desk.go("/environments/nothing") },
    { name: "nowhere", at: () => desk.go("/nowhere") },
    { name: "log-failed-component", at: () => failedLog(0) },
    { name: "log-failed-test", at: () => failedLog(1) },
    { name: "mend", at: () => failedLog(1), act: () => press(/^Mend/) },
    { name: "policies-editor", member: "Bo", at: () => desk.go("/policies?view=edit") },
    { name: "home-approver", member: "Bo", at: () => desk.go("/") },
    { name: "review-difference", member: "Bo", at: () => openRequest("Pending Approval", "/review"), act: () => page.keyboard.press("n") },
    { name: "approve", member: "Bo", at: () => openRequest("Pending Approval", "/review"), act: () => press(/^Approve/) },
    { name: "reject", member: "Bo", at: () => openRequest("Pending Approval", "/review"), act: () => press(/^Reject/) },
    { name: "review-record-difference", member: "Dee", at: async () => desk.go(`/deployments/${(await first("DeploymentRecords", "Approved")).id}/review`), act: () => page.keyboard.press("n") },
    { name: "record-dependencies", member: "Dee", at: theApproved, act: async () => { await press("Check Dependencies"); await me.idle(); } },
    { name: "record-running", member: "Dee", at: theApproved, act: () => press("Validate Customizations"), wait: 60 },
    { name: "home-running", member: "Dee", at: () => desk.go("/"), wait: 60 },
    { name: "record-validated", member: "Dee", at: async () => { await me.idle(); await theApproved(); } },
    { name: "deploy", member: "Dee", at: theApproved, act: async () => { await press(/^Deploy (Changes|Retrieved)/); await page.getByLabel(/^Type .* to confirm/).fill("Demo Prod"); } },
    { name: "tour", member: "Ana", at: () => desk.go("/"), act: () => press("Take the tour") },
    { name: "tour-steps", member: "Ana", at: () => desk.go("/change-requests"), act: () => page.locator(".tour-count").click() },
  ];

  /** The approved record that has not failed: it can be checked, validated and deployed. */
  async function theApproved() {
    const { id } = await first("DeploymentRecords", "Approved");
    await desk.go(`/deployments/${id}`);
  }

  async function failedLog(n) {
    const { failed } = await desk.call("Home", "Today");
    const { logs } = await desk.call("DeploymentRecords", "Get", failed[n].recordId || failed[n].id);
    await desk.go(`/logs/${logs.find((log) => log.result === "failed").id}`);
  }
}
