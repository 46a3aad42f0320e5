-- What the window asks for: lists that stay quick when they are long, what
-- happened to one record, and edits of drafts that can be taken back.

CREATE INDEX change_requests_created ON change_requests (created_at);
CREATE INDEX change_requests_type ON change_requests (type, updated_at);
CREATE INDEX change_requests_authors ON change_requests (authors, status);
CREATE INDEX deployment_records_updated ON deployment_records (updated_at);
CREATE INDEX deployment_records_name ON deployment_records (name COLLATE NOCASE);
CREATE INDEX deployment_records_places ON deployment_records (source_id, target_id);
-- One member's drafts, the last changed first, without reading the rows.
CREATE INDEX deployment_records_own ON deployment_records (status, updated_at, number, authors, id);
CREATE INDEX deployment_logs_started ON deployment_logs (started_at);

-- Entries about a record that are not about its row; see aboutKinds in
-- activity.go.
CREATE INDEX log_entries_about ON log_entries (json_extract(CAST(data AS TEXT), '$.record'), idx)
  WHERE kind IN ('gate', 'content', 'dependencies');

-- An edit of a draft is what it changed, field by field, as JSON. Those that
-- were undone are the newest ones of their subject. They are no evidence of
-- anything: taking one back is an edit like any other, by a person, with an
-- entry in the audit trail.
CREATE TABLE edits (
  subject TEXT NOT NULL REFERENCES change_requests (id) ON DELETE CASCADE,
  seq     INTEGER NOT NULL CHECK (seq > 0),
  "by"    TEXT NOT NULL,
  at      DATETIME NOT NULL,
  change  TEXT NOT NULL CHECK (json_valid(change)),
  undone  INTEGER NOT NULL CHECK (undone IN (0, 1)),
  PRIMARY KEY (subject, seq)
) WITHOUT ROWID;
