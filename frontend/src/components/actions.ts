/** Which part of the native menu an action is in. */
export type Menu = "edit" | "lifecycle" | "content" | "deploy" | "more";

type Action = {
  /** The key of its words. */
  words: string;
  menu: Menu;
  /** As Mantine's useHotkeys reads it; mod is Ctrl, or Command on macOS. */
  keys?: string;
  /** The same on other keyboards. */
  also?: string[];
  /** A key that is held down does it again and again. */
  repeats?: boolean;
};

/**
 * Everything that can be done on a page, in the order of the palette. This list and the one of the commands are all
 * there is: the palette, the shortcuts, their sheet and the native menu read them.
 */
const table = {
  undo: { words: "action.undo", menu: "edit", keys: "mod+Z" },
  redo: { words: "action.redo", menu: "edit", keys: "mod+shift+Z", also: ["mod+Y"] },
  save: { words: "common.save", menu: "edit", keys: "mod+S" },

  next: { words: "review.next", menu: "lifecycle", repeats: true },
  previous: { words: "review.previous", menu: "lifecycle", repeats: true },
  viewed: { words: "action.viewed", menu: "lifecycle" },
  submit: { words: "changeRequests.action.submit", menu: "lifecycle", keys: "mod+shift+W" },
  review: { words: "changeRequests.open", menu: "lifecycle", keys: "mod+shift+O" },
  approve: { words: "changeRequests.action.approve", menu: "lifecycle" },
  reject: { words: "changeRequests.action.reject", menu: "lifecycle" },
  withdraw: { words: "changeRequests.action.withdraw", menu: "lifecycle" },
  recall: { words: "changeRequests.action.recall", menu: "lifecycle", keys: "mod+shift+B" },
  reopen: { words: "changeRequests.action.reopen", menu: "lifecycle", keys: "mod+shift+N" },
  complete: { words: "changeRequests.action.complete", menu: "lifecycle", keys: "mod+shift+M" },
  cancel: { words: "changeRequests.action.cancel", menu: "lifecycle" },

  add: { words: "changeRequests.add", menu: "content", keys: "mod+shift+A" },
  propose: { words: "action.propose", menu: "content", keys: "mod+shift+P" },
  import: { words: "changeRequests.manifests.import", menu: "content", keys: "mod+shift+I" },
  paste: { words: "action.paste", menu: "content" },
  attach: { words: "changeRequests.attachments.add", menu: "content", keys: "mod+shift+F" },
  selection: { words: "deployments.changeSelection", menu: "content" },
  export: { words: "changeRequests.export", menu: "content", keys: "mod+E" },
  "copy-manifest": { words: "changeRequests.copyManifest", menu: "content" },
  duplicate: { words: "changeRequests.duplicate", menu: "content", keys: "mod+D" },
  print: { words: "changeRequests.print", menu: "content" },
  delete: { words: "changeRequests.delete.action", menu: "content" },

  test: { words: "environments.testConnection", menu: "deploy", keys: "mod+shift+T" },
  scan: { words: "environments.runScan", menu: "deploy", keys: "mod+shift+S" },
  retrieve: { words: "deployments.button.retrieve", menu: "deploy", keys: "mod+shift+R" },
  dependencies: { words: "deployments.button.dependencies", menu: "deploy", keys: "mod+shift+K" },
  validate: { words: "deployments.button.validate", menu: "deploy", keys: "mod+shift+Y" },
  deploy: { words: "deployments.button.deploy", menu: "deploy", keys: "mod+shift+D" },
  quick: { words: "deployments.button.quick", menu: "deploy", keys: "mod+shift+Q" },
  log: { words: "deployments.button.open-log", menu: "deploy" },
  mend: { words: "logs.mend", menu: "deploy", keys: "mod+shift+H" },
  "send-again": { words: "logs.sendAgain", menu: "deploy" },
  "give-up": { words: "logs.giveUp", menu: "deploy" },
  "stop-attempt": { words: "action.stopAttempt", menu: "deploy" },
  salesforce: { words: "logs.openInSalesforce", menu: "deploy" },
  "new-environment": { words: "environments.add", menu: "deploy" },
  credentials: { words: "environments.enterCredentials", menu: "deploy" },

  verify: { words: "trail.verify", menu: "more", keys: "mod+shift+X" },
  rebuild: { words: "trail.rebuild", menu: "more" },
  "propose-policies": { words: "action.proposePolicies", menu: "more" },
  "sign-policies": { words: "action.signPolicies", menu: "more" },
  "sign-members": { words: "action.signMembers", menu: "more" },
  admit: { words: "action.admit", menu: "more" },
  invite: { words: "members.invite", menu: "more" },
  "make-team": { words: "members.makeTeam", menu: "more" },
  "new-key": { words: "members.newKey", menu: "more" },
  "save-key": { words: "members.saveKey", menu: "more" },
  "restore-key": { words: "members.restoreKey", menu: "more" },
  "make-kit": { words: "members.makeKit", menu: "more" },
  send: { words: "action.send", menu: "more" },
  "open-file": { words: "action.openFile", menu: "more" },
  evidence: { words: "action.evidence", menu: "more" },
  "back-up": { words: "settings.backUp", menu: "more" },
  "copy-workspace": { words: "settings.copyTo", menu: "more" },
  "open-folder": { words: "settings.openFolder", menu: "more" },
  "clear-filters": { words: "trail.clear", menu: "more" },
} satisfies Record<string, Action>;

export type ActionId = keyof typeof table;

export const actions: Record<ActionId, Action> = table;

export const actionIds = Object.keys(table) as ActionId[];
