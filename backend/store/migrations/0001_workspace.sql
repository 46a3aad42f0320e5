-- The first schema of a workspace. Released schemas are never edited; a change
-- is a new file.

CREATE TABLE meta (
  key   TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE change_requests (
  id              TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  number          INTEGER NOT NULL UNIQUE,
  name            TEXT NOT NULL,
  overview        TEXT NOT NULL,
  type            TEXT NOT NULL,
  supporting_text TEXT NOT NULL,
  external_link   TEXT NOT NULL,
  external_number TEXT NOT NULL,
  attachments     TEXT NOT NULL CHECK (json_valid(attachments)),
  change_sets     TEXT NOT NULL CHECK (json_valid(change_sets)),
  manifests       TEXT NOT NULL CHECK (json_valid(manifests)),
  customizations  TEXT NOT NULL CHECK (json_valid(customizations)),
  authors         TEXT NOT NULL CHECK (json_valid(authors)),
  status          TEXT NOT NULL CHECK (status IN ('In Progress', 'Pending Approval', 'Approved', 'Rejected', 'Completed', 'Cancelled')),
  round           INTEGER NOT NULL CHECK (round >= 0),
  revision        TEXT NOT NULL,
  parents         TEXT NOT NULL CHECK (json_valid(parents)),
  created_at      DATETIME NOT NULL,
  updated_at      DATETIME NOT NULL
);
CREATE INDEX change_requests_status ON change_requests (status, updated_at);
CREATE INDEX change_requests_updated ON change_requests (updated_at);
CREATE INDEX change_requests_name ON change_requests (name COLLATE NOCASE);

CREATE TABLE deployment_records (
  id             TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  number         INTEGER NOT NULL UNIQUE,
  request_id     TEXT NOT NULL REFERENCES change_requests (id),
  kind           TEXT NOT NULL CHECK (kind IN ('deployment', 'rollback')),
  name           TEXT NOT NULL,
  source_id      TEXT NOT NULL,
  target_id      TEXT NOT NULL,
  source_org     TEXT NOT NULL,
  target_org     TEXT NOT NULL,
  target_kind    TEXT NOT NULL,
  whole          INTEGER NOT NULL CHECK (whole IN (0, 1)),
  customizations TEXT NOT NULL CHECK (json_valid(customizations)),
  options        TEXT NOT NULL CHECK (json_valid(options)),
  api_version    TEXT NOT NULL,
  deployer       TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  package        TEXT NOT NULL,
  base           TEXT NOT NULL,
  source_normal  TEXT NOT NULL,
  reverse        TEXT NOT NULL,
  normal_form    INTEGER NOT NULL,
  package_blob   TEXT NOT NULL,
  base_blob      TEXT NOT NULL,
  reverse_blob   TEXT NOT NULL,
  scanned_at     DATETIME NOT NULL,
  authors        TEXT NOT NULL CHECK (json_valid(authors)),
  status         TEXT NOT NULL CHECK (status IN ('In Progress', 'Pending Approval', 'Approved', 'Rejected', 'Completed', 'Cancelled')),
  round          INTEGER NOT NULL CHECK (round >= 0),
  revision       TEXT NOT NULL,
  parents        TEXT NOT NULL CHECK (json_valid(parents)),
  created_at     DATETIME NOT NULL,
  updated_at     DATETIME NOT NULL
);
CREATE INDEX deployment_records_request ON deployment_records (request_id, number);
CREATE INDEX deployment_records_status ON deployment_records (status);

CREATE TABLE deployment_logs (
  id               TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  record_id        TEXT NOT NULL REFERENCES deployment_records (id),
  request_id       TEXT NOT NULL REFERENCES change_requests (id),
  kind             TEXT NOT NULL CHECK (kind IN ('retrieve', 'validate', 'deploy', 'quick', 'rollback', 'reverse-check')),
  attempt          INTEGER NOT NULL CHECK (attempt > 0),
  progress         TEXT NOT NULL CHECK (progress IN ('intent', 'sending', 'unknown', 'running', 'done')),
  result           TEXT NOT NULL CHECK (result IN ('', 'succeeded', 'partially', 'failed', 'canceled', 'not-sent')),
  "by"             TEXT NOT NULL,
  target_org       TEXT NOT NULL,
  revision         TEXT NOT NULL,
  package          TEXT NOT NULL,
  marker           TEXT NOT NULL,
  zip_sha256       TEXT NOT NULL,
  async_id         TEXT NOT NULL,
  validation_id    TEXT NOT NULL,
  start_act        TEXT NOT NULL,
  result_act       TEXT NOT NULL,
  cancel_wanted    INTEGER NOT NULL CHECK (cancel_wanted IN (0, 1)),
  status           TEXT NOT NULL,
  state_detail     TEXT NOT NULL,
  components_total INTEGER NOT NULL,
  components_done  INTEGER NOT NULL,
  component_errors INTEGER NOT NULL,
  tests_total      INTEGER NOT NULL,
  tests_done       INTEGER NOT NULL,
  test_errors      INTEGER NOT NULL,
  message          TEXT NOT NULL,
  outcome          TEXT NOT NULL CHECK (json_valid(outcome)),
  raw_blob         TEXT NOT NULL,
  started_at       DATETIME NOT NULL,
  server_before    DATETIME NOT NULL,
  sent_at          DATETIME NOT NULL,
  last_contact     DATETIME NOT NULL,
  completed_at     DATETIME NOT NULL,
  server_completed DATETIME NOT NULL,
  UNIQUE (record_id, attempt),
  -- An attempt has a result exactly when it is done, and only a retrieval
  -- starts without a signed act.
  CHECK ((progress = 'done') = (result <> '')),
  CHECK (kind = 'retrieve' OR start_act <> '')
);
-- One attempt at a time changes or validates an org.
CREATE UNIQUE INDEX deployment_logs_one_active ON deployment_logs (target_org) WHERE progress <> 'done' AND kind <> 'retrieve';
CREATE INDEX deployment_logs_active ON deployment_logs (progress) WHERE progress <> 'done';
CREATE INDEX deployment_logs_awaiting ON deployment_logs (id) WHERE progress = 'done' AND start_act <> '' AND result_act = '';
CREATE INDEX deployment_logs_request ON deployment_logs (request_id);

CREATE TABLE environments (
  id                TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  name              TEXT NOT NULL,
  kind              TEXT NOT NULL CHECK (kind IN ('production', 'sandbox', 'scratch', 'demo')),
  url               TEXT NOT NULL,
  sign_in           TEXT NOT NULL,
  username          TEXT NOT NULL,
  organization_id   TEXT NOT NULL,
  organization_name TEXT NOT NULL,
  api_version       TEXT NOT NULL,
  tested_at         DATETIME NOT NULL,
  created_at        DATETIME NOT NULL,
  updated_at        DATETIME NOT NULL
);

CREATE TABLE scans (
  id              TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  environment_id  TEXT NOT NULL REFERENCES environments (id),
  organization_id TEXT NOT NULL,
  api_version     TEXT NOT NULL,
  started_at      DATETIME NOT NULL,
  completed_at    DATETIME NOT NULL,
  count           INTEGER NOT NULL
);
CREATE INDEX scans_environment ON scans (environment_id, completed_at);

CREATE TABLE scan_items (
  scan_id               TEXT NOT NULL REFERENCES scans (id) ON DELETE CASCADE,
  type                  TEXT NOT NULL,
  name                  TEXT NOT NULL,
  file_name             TEXT NOT NULL,
  metadata_id           TEXT NOT NULL,
  namespace_prefix      TEXT NOT NULL,
  created_by_name       TEXT NOT NULL,
  last_modified_by_name TEXT NOT NULL,
  last_modified_at      DATETIME NOT NULL,
  manageable_state      TEXT NOT NULL
);
CREATE INDEX scan_items_name ON scan_items (scan_id, type, name);

-- No UNIQUE (key, seq): two acts with one number are evidence of a fork.
CREATE TABLE acts (
  id          TEXT NOT NULL PRIMARY KEY,
  workspace   TEXT NOT NULL,
  subject     TEXT NOT NULL,
  type        TEXT NOT NULL,
  key         TEXT NOT NULL,
  seq         INTEGER NOT NULL,
  prev        TEXT NOT NULL,
  payload     BLOB NOT NULL,
  sig         BLOB NOT NULL,
  received_at DATETIME NOT NULL,
  source      TEXT NOT NULL
);
CREATE INDEX acts_subject ON acts (subject);
CREATE INDEX acts_chain ON acts (key, seq, prev, id);

CREATE TABLE revisions (
  digest  TEXT NOT NULL PRIMARY KEY,
  subject TEXT NOT NULL,
  body    BLOB NOT NULL
);
CREATE INDEX revisions_subject ON revisions (subject);

CREATE TABLE blobs (
  sha256     TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64),
  size       INTEGER NOT NULL CHECK (size >= 0),
  created_at DATETIME NOT NULL
);

CREATE TABLE log_entries (
  idx  INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  data BLOB NOT NULL
);
CREATE INDEX log_entries_kind ON log_entries (kind, idx);
-- The last entry about a row says what its content was; see rowKinds in rows.go.
CREATE INDEX log_entries_row ON log_entries (json_extract(CAST(data AS TEXT), '$.subject'), idx)
  WHERE kind IN ('draft', 'delete', 'attempt', 'environment', 'rebuild');

CREATE TABLE log_hashes (
  idx  INTEGER NOT NULL PRIMARY KEY,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
);

CREATE TABLE checkpoints (
  size INTEGER NOT NULL,
  "by" TEXT NOT NULL,
  note TEXT NOT NULL,
  at   DATETIME NOT NULL,
  PRIMARY KEY (size, "by")
);

-- What is signed or hashed is only ever added to. The triggers before INSERT
-- are there because INSERT OR REPLACE deletes without asking the others.
CREATE TRIGGER acts_stay BEFORE UPDATE ON acts BEGIN SELECT RAISE(ABORT, 'acts are append-only'); END;
CREATE TRIGGER acts_remain BEFORE DELETE ON acts BEGIN SELECT RAISE(ABORT, 'acts are append-only'); END;
CREATE TRIGGER acts_once BEFORE INSERT ON acts WHEN EXISTS (SELECT 1 FROM acts WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'acts are append-only'); END;

CREATE TRIGGER revisions_stay BEFORE UPDATE ON revisions BEGIN SELECT RAISE(ABORT, 'revisions are append-only'); END;
CREATE TRIGGER revisions_remain BEFORE DELETE ON revisions BEGIN SELECT RAISE(ABORT, 'revisions are append-only'); END;
CREATE TRIGGER revisions_once BEFORE INSERT ON revisions WHEN EXISTS (SELECT 1 FROM revisions WHERE digest = NEW.digest) BEGIN SELECT RAISE(ABORT, 'revisions are append-only'); END;

CREATE TRIGGER log_entries_stay BEFORE UPDATE ON log_entries BEGIN SELECT RAISE(ABORT, 'log_entries are append-only'); END;
CREATE TRIGGER log_entries_remain BEFORE DELETE ON log_entries BEGIN SELECT RAISE(ABORT, 'log_entries are append-only'); END;
CREATE TRIGGER log_entries_once BEFORE INSERT ON log_entries WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM log_entries) BEGIN SELECT RAISE(ABORT, 'log_entries are append-only'); END;

CREATE TRIGGER log_hashes_stay BEFORE UPDATE ON log_hashes BEGIN SELECT RAISE(ABORT, 'log_hashes are append-only'); END;
CREATE TRIGGER log_hashes_remain BEFORE DELETE ON log_hashes BEGIN SELECT RAISE(ABORT, 'log_hashes are append-only'); END;
CREATE TRIGGER log_hashes_once BEFORE INSERT ON log_hashes WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM log_hashes) BEGIN SELECT RAISE(ABORT, 'log_hashes are append-only'); END;

CREATE TRIGGER checkpoints_stay BEFORE UPDATE ON checkpoints BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER checkpoints_remain BEFORE DELETE ON checkpoints BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER checkpoints_once BEFORE INSERT ON checkpoints WHEN EXISTS (SELECT 1 FROM checkpoints WHERE size = NEW.size AND "by" = NEW."by") BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
