-- How far an org's own lists of changes were read says the audit trail itself,
-- so that nobody can push it forward by editing a row. The last entry of an
-- environment is looked up before every reading; see readings.go.
CREATE INDEX log_entries_reading ON log_entries (json_extract(CAST(data AS TEXT), '$.environment'), idx) WHERE kind = 'reading';

-- The metadata types that an org listed for an inventory: of another type it says
-- nothing, so that nothing of it is missing there.
ALTER TABLE scans ADD COLUMN listed TEXT NOT NULL DEFAULT '[]';
