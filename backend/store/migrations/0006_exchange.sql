-- What colleagues' machines say: edits of drafts by others, and the heads of
-- their audit trails.

-- A draft from another machine waits beside one's own until a person has chosen.
-- Those that were taken, dropped or sent stay by their digest alone, so that a
-- later edit of one is known to continue it. Nobody signed them: like edits,
-- they are no evidence of anything.
CREATE TABLE incoming_drafts (
  subject  TEXT NOT NULL REFERENCES change_requests (id) ON DELETE CASCADE,
  digest   TEXT NOT NULL CHECK (length(digest) = 64),
  state    TEXT NOT NULL CHECK (state IN ('waiting', 'known')),
  exporter TEXT NOT NULL,
  body     BLOB NOT NULL,
  at       DATETIME NOT NULL,
  PRIMARY KEY (subject, digest)
) WITHOUT ROWID;

-- Two rows of one key and size with different roots are evidence that a trail
-- was rewritten.
CREATE TABLE peer_checkpoints (
  "by"       TEXT NOT NULL,
  size       INTEGER NOT NULL CHECK (size > 0),
  root       TEXT NOT NULL,
  note       TEXT NOT NULL, -- signed; empty for an earlier head that a later checkpoint proved
  continuity TEXT NOT NULL CHECK (continuity IN ('first', 'continues', 'older', 'unproved', 'contradicts', 'proved')),
  bundle     TEXT NOT NULL,
  at         DATETIME NOT NULL,
  PRIMARY KEY ("by", size, root)
) WITHOUT ROWID;

CREATE TRIGGER peer_checkpoints_stay BEFORE UPDATE ON peer_checkpoints BEGIN SELECT RAISE(ABORT, 'peer_checkpoints are append-only'); END;
CREATE TRIGGER peer_checkpoints_remain BEFORE DELETE ON peer_checkpoints BEGIN SELECT RAISE(ABORT, 'peer_checkpoints are append-only'); END;
CREATE TRIGGER peer_checkpoints_once BEFORE INSERT ON peer_checkpoints WHEN EXISTS (SELECT 1 FROM peer_checkpoints WHERE "by" = NEW."by" AND size = NEW.size AND root = NEW.root) BEGIN SELECT RAISE(ABORT, 'peer_checkpoints are append-only'); END;
