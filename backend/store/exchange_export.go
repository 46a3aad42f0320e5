package store

import (
	"context"
	"fmt"
	"io"
	"slices"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"gorm.io/gorm"
)

// A Selection says what of a workspace a bundle carries. The acts about the
// charter always travel; with neither requests nor all of them, they alone do,
// which is what a new member needs.
type Selection struct {
	Requests []string `json:"requests"` // ids of Change Requests
	All      bool     `json:"all"`
}

// An Exported says what a bundle holds.
type Exported struct {
	SHA256   string      `json:"sha256"` // of the bundle
	Acts     int64       `json:"acts"`
	Requests int64       `json:"requests"`
	Records  int64       `json:"records"`
	Drafts   int64       `json:"drafts"`
	Blobs    int64       `json:"blobs"`
	Head     ledger.Head `json:"-"`
}

// exportEntry is the log entry "export": a bundle left this machine.
type exportEntry struct {
	Acts     int64    `json:"acts"`
	All      bool     `json:"all"`
	At       string   `json:"at"`
	Bundle   string   `json:"bundle"`
	By       string   `json:"by"`
	Requests []string `json:"requests"`
}

// A shipment is what is gathered for a bundle, over one state of the database.
type shipment struct {
	ledger.Contents
	s        *Store
	tx       *gorm.DB
	h        *governance.History
	subjects []string
	sums     map[string]bool // blobs
	requests []string
	records  int64
}

// Export writes a bundle signed by an author: the selected requests with their
// submitted records, the acts about them and about the charter, the contents
// that these name, files, and drafts as they are now. A signer's acts travel
// with all that the same key signed before them, because a chain with a gap
// counts for nothing. It leaves an entry in the audit trail. Records that were
// never submitted stay here: their content was scanned by this machine and can
// be scanned again. Faults: not_found, row_altered, blob_missing, blob_altered,
// no_key, bundle_too_large.
func (s *Store) Export(ctx context.Context, by Author, sel Selection, w io.Writer) (Exported, error) {
	if by.Identity.IsZero() {
		return Exported{}, governance.Faultf("no_key", "There is no unlocked signing key on this machine.").WithHint("Unlock your key and try again.")
	}
	note, err := s.Checkpoint(ctx, by.Identity)
	if err != nil {
		return Exported{}, err
	}
	_, head, err := ledger.OpenCheckpoint(note, by.Identity.Public())
	if err != nil {
		return Exported{}, err
	}
	sh := &shipment{s: s, sums: map[string]bool{}, Contents: ledger.Contents{Checkpoint: note, Created: s.now(), Revisions: map[string][]byte{}}}
	err = s.read(ctx, func(tx *gorm.DB) error {
		sh.tx = tx
		if err := sh.earlier(by.Identity.Public(), head); err != nil {
			return err
		}
		return sh.gather(sel)
	})
	if err != nil {
		return Exported{}, err
	}
	if err := sh.files(); err != nil {
		return Exported{}, err
	}
	out := Exported{Acts: int64(len(sh.Acts)), Requests: int64(len(sh.requests)), Records: sh.records, Drafts: int64(len(sh.Drafts)), Blobs: int64(len(sh.Blobs)), Head: head}
	if out.SHA256, err = ledger.WriteBundle(w, by.Identity, sh.Contents); err != nil {
		return Exported{}, s.explained(ctx, err)
	}
	entry := exportEntry{Acts: out.Acts, All: sel.All, Bundle: out.SHA256, By: by.Member, Requests: present(slices.Clone(sel.Requests))}
	return out, s.write(ctx, func(d *door) error {
		entry.At = stamp(d.at)
		for _, draft := range sh.Drafts {
			if err := d.knowDraft(draft, by.Identity.Public()); err != nil {
				return err
			}
		}
		return d.append("export", entry)
	})
}

// earlier proves the heads that were shown to others before.
func (sh *shipment) earlier(key string, head ledger.Head) error {
	notes := []string{}
	if err := sh.tx.Raw(`SELECT note FROM checkpoints WHERE "by" = ? AND size < ? ORDER BY size`, key, head.Size).Scan(&notes).Error; err != nil {
		return err
	}
	heads := []ledger.Head{}
	for _, n := range notes {
		_, h, err := ledger.OpenCheckpoint(n, key)
		if err != nil {
			return governance.Faultf("checkpoint", "A checkpoint of this workspace is not what was signed.").WithHint("Run countersign verify.").Because(err)
		}
		heads = append(heads, h)
	}
	var err error
	sh.Heads, err = ledger.ProvePast(hashes{sh.tx}, head, heads)
	return err
}

func (sh *shipment) gather(sel Selection) error {
	var err error
	if sh.h, _, err = sh.s.historyOf(sh.tx); err != nil {
		return err
	}
	sh.Workspace = sh.h.Workspace()
	sh.requests = slices.Clone(sel.Requests)
	if sel.All {
		if sh.requests, err = requestIDs(sh.tx); err != nil {
			return err
		}
	}
	if sh.subjects, err = subjectsOf(sh.tx, sh.requests); err != nil {
		return err
	}
	if err := sh.acts(sel.All); err != nil {
		return err
	}
	if err := readRevisions(sh.tx.Where("subject IN "+listed, asList(sh.subjects)), sh.Revisions); err != nil {
		return fmt.Errorf("read the revisions: %w", err)
	}
	for _, id := range sh.requests {
		if err := sh.request(id); err != nil {
			return err
		}
	}
	return sh.answers()
}

// acts takes those about the selection and every act that the same keys signed
// before them.
func (sh *shipment) acts(all bool) error {
	where, args := "1 = 1", []any{}
	if !all {
		where, args = `EXISTS (SELECT 1 FROM (SELECT key, max(seq) AS seq FROM acts WHERE subject IN `+listed+` GROUP BY key) own
			WHERE own.key = acts.key AND acts.seq <= own.seq)`, []any{asList(sh.subjects)}
	}
	var err error
	if sh.Acts, err = readActs(sh.tx.Where(where, args...)); err != nil {
		return fmt.Errorf("read the acts: %w", err)
	}
	return nil
}

func (sh *shipment) request(id string) error {
	cr, err := load[governance.ChangeRequest](sh.tx, requestRows.word, id)
	if err != nil {
		return err
	}
	cr.Tidy()
	if err := unaltered(sh.tx, requestRows, id, cr.Label()); err != nil {
		return err
	}
	st := sh.h.RequestStanding(id)
	content := cr.RevisionIn(sh.Workspace, st.Round)
	digest, _, err := ledger.RequestRevision(content)
	if err != nil {
		return err
	}
	for _, a := range cr.Attachments {
		sh.sums[a.SHA256] = true
	}
	sh.Numbers = append(sh.Numbers, ledger.Numbered{ID: cr.ID, Number: cr.Number})
	if digest != st.Revision {
		after := []string{}
		if err := sh.tx.Raw("SELECT digest FROM incoming_drafts WHERE subject = ? AND state = 'known' AND digest <> ? ORDER BY digest", id, digest).Scan(&after).Error; err != nil {
			return err
		}
		sh.Drafts = append(sh.Drafts, ledger.Draft{After: after, Authors: cr.Authors, Content: content, CreatedAt: ledger.DraftTime(cr.CreatedAt), UpdatedAt: ledger.DraftTime(cr.UpdatedAt)})
	}
	records, err := recordsOf(sh.tx, id)
	for i := range records {
		if err == nil {
			err = sh.record(&records[i])
		}
	}
	return err
}

func (sh *shipment) record(dr *governance.DeploymentRecord) error {
	if err := unaltered(sh.tx, recordRows, dr.ID, dr.Label()); err != nil {
		return err
	}
	st := sh.h.RecordStanding(dr.ID)
	if st.Revision == "" {
		return nil
	}
	sh.records++
	sh.Numbers = append(sh.Numbers, ledger.Numbered{ID: dr.ID, Number: dr.Number})
	digest, _, err := ledger.RecordRevision(dr.RevisionIn(sh.Workspace, st.Round))
	if err != nil || digest != st.Revision {
		return err // edited since: the trees of its draft stay with the draft
	}
	sh.Frozen = append(sh.Frozen, ledger.Frozen{Base: dr.BaseBlob, Package: dr.PackageBlob, Reverse: dr.ReverseBlob, Revision: digest})
	for _, sum := range recordBlobs(dr) {
		sh.sums[sum] = true
	}
	return nil
}

// answers are Salesforce's full answers about the selection, as far as this
// machine has them.
func (sh *shipment) answers() error {
	named := []string{}
	for _, a := range sh.Acts {
		if _, answer := ledger.NamedBy(a); answer != "" && slices.Contains(sh.subjects, a.Subject) {
			named = append(named, answer)
		}
	}
	here := []string{}
	if err := sh.tx.Raw("SELECT sha256 FROM blobs WHERE sha256 IN "+listed, asList(named)).Scan(&here).Error; err != nil {
		return err
	}
	for _, sum := range here {
		sh.sums[sum] = true
	}
	return nil
}

// files opens each file once to know its size; opening compares its hash.
func (sh *shipment) files() error {
	delete(sh.sums, "")
	for sum := range sh.sums {
		b, err := sh.s.OpenBlob(sum)
		if err != nil {
			return err
		}
		size := b.Size()
		if err := b.Close(); err != nil {
			return err
		}
		sh.Blobs = append(sh.Blobs, ledger.Part{SHA256: sum, Size: size, Open: func() (io.ReadCloser, error) { return sh.s.OpenBlob(sum) }})
	}
	return nil
}
