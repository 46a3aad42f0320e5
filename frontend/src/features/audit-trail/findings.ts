/** What Rebuild mends: rows of the database that no longer say what the signed acts say. */
const mendable = new Set(["status", "content", "row_altered", "attempt"]);

export const canRebuild = (code: string) => mendable.has(code);

/** What a person does about a finding, by its code; the rest is answered by a backup. */
const advice: Record<string, string> = {
  status: "rebuild",
  content: "rebuild",
  row_altered: "rebuild",
  attempt: "rebuild",
  row_added: "unknownRow",
  row_missing: "restore",
  blob_missing: "restore",
  blob_altered: "restore",
  act_missing: "restore",
  integrity: "restore",
  log_damaged: "restore",
  log_rolled_back: "older",
  log_rewritten: "stop",
  checkpoint: "stop",
  act: "stop",
  act_unlogged: "stop",
  act_head: "stop",
  charter: "stop",
  workspace: "stop",
  revision: "stop",
  schema: "restore",
};

export const adviceFor = (code: string) => advice[code] ?? "ask";
