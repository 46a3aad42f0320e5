package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"
)

// An audit is one run of Verify over one state of the database.
type audit struct {
	s         *Store
	tx        *gorm.DB
	workspace string
	log       *ledger.LogVerifier
	report    Report
	logged    map[string]int64    // act id -> the entry that names it
	last      map[string]rowEntry // row id -> what the last entry about it says
	imports   []importEntry       // with them came the checkpoints of others
	own       map[shownHead]bool  // that were signed here
	progress  func(done, total int64)
	done      int64
	total     int64
	version   Version // of before it looked; only where a part is shown before the end

	pages     <-chan soundness
	verifier  *ledger.Verifier
	places    *ledger.Places
	unchecked map[string]bool // acts that were not looked at yet
	said      map[string]bool // sentences of one part that another may say too
}

func (a *audit) find(code, format string, args ...any) {
	a.report.Findings = append(a.report.Findings, Finding{code, fmt.Sprintf(format, args...)})
}

// fault makes a finding of a Fault, and hands every other error back.
func (a *audit) fault(err error) error {
	if code := governance.FaultCode(err); code != "" {
		a.find(code, "%s", strings.TrimSpace(err.Error()))
		return nil
	}
	return err
}

const every = 500

func (a *audit) tick() {
	if a.done++; a.done%every == 0 || a.done == a.total {
		a.progress(a.done, a.total)
	}
}

// Verify checks everything the workspace holds and writes nothing: the schema,
// every log entry and stored hash, every act and that the log names it exactly
// once, the chains of the keys and of the charter, revisions, blobs, the
// status columns against the acts, the content of rows against the last log
// entry about them, signed checkpoints, and what the keychain remembers. The
// error is for what kept it from looking; what it saw is in the Report.
//
// Codes: schema, integrity, workspace, log_damaged, log_rolled_back,
// log_rewritten, checkpoint, act, act_missing, act_unlogged, act_head, charter,
// revision, status, content, row_altered, row_missing, row_added, attempt,
// blob_missing, blob_altered.
func (s *Store) Verify(ctx context.Context, o VerifyOptions) (Report, error) {
	a := newAudit(s)
	if o.Progress != nil {
		a.progress = o.Progress
	}
	looking, stop := context.WithCancel(ctx)
	defer stop()
	a.pages = s.lookThroughPages(looking)
	err := s.read(ctx, func(tx *gorm.DB) error {
		a.tx = tx
		for _, check := range []func() error{a.count, a.schema, a.entries, a.storedHashes, func() error { return a.anchor(o.Anchor) },
			a.actPlaces, a.checkpoints, a.peers, a.rows, a.standings, a.otherActs, a.blobs, a.integrity} {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := check(); err != nil {
				return err
			}
		}
		return nil
	})
	return a.report, err
}

func (a *audit) count() error {
	var n struct{ Entries, Acts, Requests, Records, Blobs int64 }
	err := a.tx.Raw(`SELECT (SELECT count(*) FROM log_entries) AS entries, (SELECT count(*) FROM acts) AS acts, (SELECT count(*) FROM change_requests) AS requests,
		(SELECT count(*) FROM deployment_records) AS records, (SELECT count(*) FROM blobs) AS blobs`).Scan(&n).Error
	a.report.Entries, a.report.Acts, a.report.Requests, a.report.Records = n.Entries, n.Acts, n.Requests, n.Records
	a.total = n.Entries + n.Acts + n.Requests + n.Records + n.Blobs
	return err
}

// schema compares what the database is made of with what the migrations make.
func (a *audit) schema() error {
	have, err := readSchema(a.tx)
	if err != nil {
		return err
	}
	for _, i := range have {
		if !slices.Contains(a.s.schema, i) {
			a.find("schema", "The %s %q does not belong in the database, or was changed.", i.Type, i.Name)
		}
	}
	for _, i := range a.s.schema {
		if !slices.Contains(have, i) {
			a.find("schema", "The %s %q of the database is missing, or was changed.", i.Type, i.Name)
		}
	}
	return nil
}

// A soundness is what SQLite says of its own file: each page, each index against
// its table, each reference.
type soundness struct {
	lines  []string
	broken []struct{ Table, Parent string }
	err    error
}

// lookThroughPages begins the look through every page, beside everything else:
// it takes long and needs nothing of what the rest needs.
func (s *Store) lookThroughPages(ctx context.Context) <-chan soundness {
	out := make(chan soundness, 1)
	go func() {
		var found soundness
		found.err = s.read(ctx, func(tx *gorm.DB) (err error) {
			// It jumps between an index and its table: 64 MB instead of the usual 8.
			if err := tx.Exec("PRAGMA cache_size = -65536").Error; err != nil {
				return err
			}
			defer func() { err = errors.Join(err, tx.Exec("PRAGMA cache_size = -8192").Error) }()
			if err := tx.Raw("PRAGMA integrity_check(20)").Scan(&found.lines).Error; err != nil {
				return err
			}
			return tx.Raw(`SELECT "table", parent FROM pragma_foreign_key_check() LIMIT 20`).Scan(&found.broken).Error
		})
		out <- found
	}()
	return out
}

func (a *audit) integrity() error {
	found := <-a.pages
	if found.err != nil {
		return found.err
	}
	if len(found.lines) != 1 || found.lines[0] != "ok" {
		a.find("integrity", "SQLite finds the database damaged: %s.", strings.Join(found.lines, "; "))
	}
	for _, b := range found.broken {
		a.find("integrity", "A row of %s names one of %s that is not there.", b.Table, b.Parent)
	}
	return nil
}

// entries computes the tree anew from the entries, and notes what they say
// about acts and rows.
func (a *audit) entries() error {
	a.log = ledger.NewLogVerifier()
	a.log.Expect(a.report.Entries)
	rows, err := a.tx.Raw("SELECT idx, kind, data FROM log_entries ORDER BY idx").Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	kinds := map[string]string{}
	var kind, data sql.RawBytes
	for rows.Next() {
		var e ledger.Entry
		if err := rows.Scan(&e.Idx, &kind, &data); err != nil {
			return err
		}
		known := false
		if e.Kind, known = kinds[string(kind)]; !known {
			e.Kind = string(kind)
			kinds[e.Kind] = e.Kind
		}
		e.Data = data
		a.tick()
		if err := a.log.Add(e); err != nil {
			return a.fault(err) // one gap makes all that follows doubtful
		}
		a.note(e)
	}
	a.report.Head = a.log.Head()
	return rows.Err()
}

// note keeps nothing of the entry's bytes.
func (a *audit) note(e ledger.Entry) {
	switch e.Kind {
	case "act":
		act, err := namedAct(e.Data)
		if err != nil {
			a.find("log_damaged", "Entry %d of the audit trail names no act.", e.Idx)
			return
		}
		if first, twice := a.logged[act]; twice {
			a.find("log_damaged", "Entries %d and %d of the audit trail name the same act.", first, e.Idx)
		}
		a.logged[act] = e.Idx
	case "draft", "delete", "attempt", "environment", "rebuild":
		r, err := quickRowEntry(e)
		if err != nil {
			a.find("log_damaged", "Entry %d of the audit trail cannot be read.", e.Idx)
			return
		}
		a.last[r.Subject] = r
	case "import":
		var came importEntry
		if err := ledger.Strict(e.Data, &came); err != nil {
			a.find("log_damaged", "Entry %d of the audit trail cannot be read.", e.Idx)
			return
		}
		a.imports = append(a.imports, came)
	}
}

func (a *audit) storedHashes() error {
	rows, err := a.tx.Raw("SELECT idx, hash FROM log_hashes ORDER BY idx").Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	var b sql.RawBytes
	for rows.Next() {
		var idx int64
		if err := rows.Scan(&idx, &b); err != nil {
			return err
		}
		var h tlog.Hash
		if copy(h[:], b) != tlog.HashSize {
			a.find("log_damaged", "Stored hash %d of the audit trail is cut off.", idx)
			return nil
		}
		if err := a.log.AddStored(idx, h); err != nil {
			return a.fault(err)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return a.fault(a.log.Done())
}

// anchor compares the log, as its entries make it, with what the keychain
// remembers.
func (a *audit) anchor(anchor *ledger.Anchor) error {
	if anchor == nil {
		return nil
	}
	return a.checkAnchor(*anchor, a.log, a.log.Head())
}

func (a *audit) checkAnchor(anchor ledger.Anchor, r tlog.HashReader, now ledger.Head) error {
	var lookup error
	has := func(act string) bool {
		var n int64
		lookup = a.tx.Model(&ledger.SignedAct{}).Where("id = ?", act).Count(&n).Error
		return n > 0
	}
	err := a.fault(anchor.Check(r, now, has))
	if lookup != nil {
		return lookup
	}
	return err
}

func (a *audit) checkpoints() error {
	var cs []checkpoint
	if err := a.tx.Order("size").Find(&cs).Error; err != nil {
		return err
	}
	for _, c := range cs {
		origin, h, err := ledger.OpenCheckpoint(c.Note, c.By)
		if err != nil || h.Size != c.Size || origin != ledger.Origin(a.workspace) {
			a.find("checkpoint", "The checkpoint at entry %d is not what was signed.", c.Size)
			continue
		}
		a.own[shownHead{c.By, h.String()}] = true
		if err := ledger.CheckConsistent(a.log, h, a.log.Head()); err != nil {
			a.find("checkpoint", "The audit trail does not continue the checkpoint at entry %d.", c.Size)
		}
	}
	return nil
}

// rows compares the content of rows with the last log entry about them.
func (a *audit) rows() error {
	judged := map[string]bool{}
	for _, g := range guardedTables() {
		for form := int64(1); form <= g.form(); form++ {
			q, err := g.selection(form)
			if err != nil {
				return err
			}
			err = g.each(a.tx, q, form, func(id, digest string) {
				if !judged[id] {
					judged[id] = a.row(g, form, id, digest)
				}
			})
			if err != nil {
				return err
			}
		}
	}
	for id, e := range a.last {
		if e.Digest != "" && !judged[id] {
			a.find("row_missing", "What the audit trail knows as %s was deleted outside Countersign.", short(id))
		}
	}
	return nil
}

// row judges a row by its digest in one form, or leaves it to another form's
// turn.
func (a *audit) row(g guarded, form int64, id, digest string) (judged bool) {
	e, known := a.last[id]
	switch {
	case !known || e.Digest == "":
		a.find("row_added", "The %s %s was added outside Countersign.", g.word, short(id))
	case e.Form != form && e.Form <= g.form():
		return false
	case e.Form != form || e.Digest != digest:
		a.find("row_altered", "The %s %s was changed outside Countersign.", g.word, short(id))
	}
	return true
}

// references are the columns that name blobs.
const references = `SELECT json_extract(j.value, '$.sha256') AS sum FROM change_requests, json_each(attachments) j
	UNION SELECT package_blob FROM deployment_records UNION SELECT base_blob FROM deployment_records UNION SELECT reverse_blob FROM deployment_records
	UNION SELECT raw_blob FROM deployment_logs UNION SELECT sha256 FROM blobs`

func (a *audit) blobs() error {
	sums := []string{}
	if err := a.tx.Raw("SELECT sum FROM (" + references + ") WHERE sum <> '' ORDER BY sum").Scan(&sums).Error; err != nil {
		return err
	}
	for _, sum := range sums {
		a.tick()
		a.report.Blobs++
		b, err := a.s.OpenBlob(sum)
		if err == nil {
			err = b.Close()
		}
		if err := a.fault(err); err != nil {
			return err
		}
	}
	a.progress(a.total, a.total)
	return nil
}
