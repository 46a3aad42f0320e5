package workspace

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"
	"golang.org/x/mod/sumdb/tlog"
)

// A TrailQuery asks for entries of the audit trail, newest first.
type TrailQuery struct {
	Kinds  []string `json:"kinds"`
	Text   string   `json:"text"`   // in what is shown
	Member string   `json:"member"` // id
	Before int64    `json:"before"` // entries before this index; 0: from the end
	Limit  int      `json:"limit"`  // at most 200; 0: 100
}

// A TrailEntry is one entry of the audit trail.
type TrailEntry struct {
	Index  int64     `json:"index"`
	Kind   string    `json:"kind"`
	At     time.Time `json:"at" ts_type:"string"`
	By     *Person   `json:"by"`
	Text   string    `json:"text"`   // one sentence
	Said   Said      `json:"said"`   // the sentence, to be translated
	Reason string    `json:"reason"` // what the person wrote
	About  string    `json:"about"`  // label: CR-0042, Demo UAT
	Link   string    `json:"link"`   // id of the request, record, log or environment
	LinkTo string    `json:"linkTo"`
	Act    string    `json:"act"`  // id of the signed act, if it is one
	Hash   string    `json:"hash"` // of the entry in the log
}

// A TrailPage is a part of the audit trail. Next is the index to ask before
// for the rest; 0 when there is none.
type TrailPage struct {
	Items []TrailEntry `json:"items"`
	Next  int64        `json:"next"`
	Total int64        `json:"total"` // entries of the whole trail
	Kinds []NameCount  `json:"kinds"` // of the whole trail, with its first part only; of acts, their types
	// Looked is how far back this answer looked: the index of the oldest entry
	// that was read. Where Next is not 0 and few items came, ask on.
	Looked int64 `json:"looked"`
}

// A TrailProof is what the last verification in this window proved.
type TrailProof struct {
	At       time.Time       `json:"at" ts_type:"string"` // zero: not yet verified wholly
	Report   store.Report    `json:"report"`
	Proves   []string        `json:"proves"` // sentences
	Said     []Said          `json:"said"`   // the same, to be translated
	Root     string          `json:"root"`   // of the log, base64
	Size     int64           `json:"size"`
	Keychain bool            `json:"keychain"` // compared with what the keychain remembers
	Work     string          `json:"work"`     // of one that runs
	Since    []store.Finding `json:"since"`    // what opening found
	// FoundSaid and SinceSaid are the findings of the report and those of
	// opening, to be translated.
	FoundSaid []Said `json:"foundSaid"`
	SinceSaid []Said `json:"sinceSaid"`
}

const (
	usualEntries = 100
	mostEntries  = 200
	// mostLooked bounds what one call reads where a filter keeps little, so
	// that the page stays alive; the page asks on from Next.
	mostLooked = 800
	// lookedAtOnce is how many entries are read from the database at a time.
	lookedAtOnce = 400
	actKind      = "act"
)

// TrailPage lists entries of the audit trail, newest first. One call reads a
// bounded number of entries: Next is not 0 as long as there may be more.
func (w *Workspace) TrailPage(ctx context.Context, q TrailQuery) (TrailPage, error) {
	head, err := w.Store.Head(ctx)
	if err != nil {
		return TrailPage{}, err
	}
	p := TrailPage{Items: []TrailEntry{}, Total: head.Size, Kinds: []NameCount{}}
	if q.Before == 0 {
		if p.Kinds, err = w.trailKinds(ctx, head.Size); err != nil {
			return TrailPage{}, err
		}
		w.readTrailAhead(head.Size)
	}
	r, err := w.trailReader(ctx, q)
	if err != nil {
		return TrailPage{}, err
	}
	before := head.Size
	if q.Before > 0 {
		before = min(q.Before, head.Size)
	}
	wanted := limited(q.Limit, usualEntries, mostEntries)
	if !r.keepsAll() {
		ready, err := w.searchTrail(ctx, r, &p, before, wanted)
		if ready || err != nil {
			return p, err
		}
	}
	for looked := 0; before > 0 && looked < mostLooked && len(p.Items) < wanted; {
		atOnce := int64(lookedAtOnce)
		if r.keepsAll() {
			atOnce = int64(wanted)
		}
		lines, err := w.Store.TrailBefore(ctx, before, atOnce, r.logKinds)
		if err != nil {
			return TrailPage{}, err
		}
		if len(lines) == 0 {
			before = 0
			break
		}
		found, end, err := r.entries(ctx, lines, wanted-len(p.Items))
		if err != nil {
			return TrailPage{}, err
		}
		p.Items = append(p.Items, found...)
		before, looked = end, looked+len(lines)
		if int64(len(lines)) < atOnce && end == lines[len(lines)-1].Idx {
			before = 0 // no more of these kinds
		}
	}
	p.Next, p.Looked = before, before
	return p, nil
}

// searchTrail fills a page with what the index knows of. Each entry is read from
// the trail and asked whether it fits, as it is now.
func (w *Workspace) searchTrail(ctx context.Context, r *trailReader, p *TrailPage, before int64, wanted int) (ready bool, err error) {
	p.Items = []TrailEntry{}
	for before > 0 && len(p.Items) < wanted {
		most := wanted - len(p.Items)
		at, ready, err := w.lookUp(ctx, r, p.Total, before, most)
		if err != nil {
			return false, err
		}
		if !ready && len(p.Items) == 0 {
			return false, nil
		}
		if !ready {
			break // the rest is asked for next
		}
		if len(at) < most {
			before = 0
		} else {
			before = at[len(at)-1]
		}
		if len(at) == 0 {
			break
		}
		lines, err := w.Store.TrailAt(ctx, at)
		if err != nil {
			return false, err
		}
		if len(lines) == 0 {
			continue
		}
		found, _, err := r.entries(ctx, lines, most)
		if err != nil {
			return false, err
		}
		p.Items = append(p.Items, found...)
	}
	p.Next, p.Looked = before, before
	return true, nil
}

// A countedTrail is the audit trail of a size, counted by kind.
type countedTrail struct {
	size  int64
	kinds []NameCount
}

// trailKinds counts the trail by kind, once for each size of it.
func (w *Workspace) trailKinds(ctx context.Context, size int64) ([]NameCount, error) {
	w.views.mu.Lock()
	kept := w.views.trail
	w.views.mu.Unlock()
	if kept.size == size {
		return append([]NameCount{}, kept.kinds...), nil
	}
	kinds, err := w.Store.TrailKinds(ctx)
	if err != nil {
		return nil, err
	}
	now := countedTrail{size: size, kinds: []NameCount{}}
	for _, k := range kinds {
		now.kinds = append(now.kinds, NameCount(k))
	}
	w.views.mu.Lock()
	defer w.views.mu.Unlock()
	w.views.trail = now
	return append([]NameCount{}, now.kinds...), nil
}

// TrailEntryJSON is an entry as it was logged, for people who want to see it:
// its content, the hash that the log's tree holds, and of an act what was
// signed and the signature. Fault: not_found.
func (w *Workspace) TrailEntryJSON(ctx context.Context, index int64) (string, error) {
	line, sig, err := w.Store.TrailEntry(ctx, index)
	if err != nil {
		return "", err
	}
	type signed struct {
		ID        string          `json:"id"`
		Payload   json.RawMessage `json:"payload"`
		Signature string          `json:"signature"`
	}
	out := struct {
		Index int64           `json:"index"`
		Kind  string          `json:"kind"`
		Hash  string          `json:"hash"`
		Data  json.RawMessage `json:"data"`
		Act   *signed         `json:"act,omitempty"`
	}{Index: line.Idx, Kind: line.Kind, Hash: hashOf(line), Data: asJSON(line.Data)}
	if line.Act != "" {
		out.Act = &signed{ID: line.Act, Payload: asJSON(line.Payload), Signature: base64.StdEncoding.EncodeToString(sig)}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		return "", err
	}
	text, _ := cutText(b.Bytes(), mostAnswer)
	return text, nil
}

// asJSON is what was logged; bytes that somebody put there and that are no JSON
// are shown as text.
func asJSON(b []byte) json.RawMessage {
	if json.Valid(b) {
		return b
	}
	quoted, err := json.Marshal(string(b))
	if err != nil {
		return json.RawMessage("null")
	}
	return quoted
}

func hashOf(l store.TrailLine) string {
	return tlog.RecordHash(ledger.Leaf(l.Kind, l.Data)).String()
}

// TrailProof is what the last verification in this window proved.
func (w *Workspace) TrailProof() TrailProof {
	w.views.mu.Lock()
	p := w.views.proof
	w.views.mu.Unlock()
	p.Report.Findings = append([]store.Finding{}, p.Report.Findings...)
	p.Proves, p.Said = append([]string{}, p.Proves...), append([]Said{}, p.Said...)
	p.Since = append([]store.Finding{}, w.Doubts()...)
	p.FoundSaid, p.SinceSaid = findingsSaid(p.Report.Findings), findingsSaid(p.Since)
	if k := w.works.running(WorkVerify, w.id); k != nil {
		p.Work = k.ID
	}
	return p
}

// StartVerify begins to verify everything.
func (w *Workspace) StartVerify(context.Context) (Work, error) {
	return w.begin(Work{Kind: WorkVerify, Subject: w.id, Title: "Audit Trail", Phase: "verify"}, func(ctx context.Context, report func(func(*Work))) error {
		anchor, err := w.remembered(ctx)
		if err != nil && governance.FaultCode(err) != "keychain_unavailable" {
			return err
		}
		found, err := w.VerifyWhole(ctx, func(done, total int64) {
			report(func(k *Work) { k.Done, k.Total = done, total })
		})
		if err != nil {
			return err
		}
		p := w.proofOf(found, anchor != nil)
		w.views.mu.Lock()
		w.views.proof = p
		w.views.mu.Unlock()
		end := w.said("verify.sound", "entries", found.Entries, "acts", found.Acts)
		if n := len(found.Findings); n > 0 {
			end = w.said("verify.doubts", "findings", n, "first", found.Findings[0].Message)
		}
		report(func(k *Work) { k.Done, k.Sentence, k.Said = k.Total, end.Text, end })
		if len(found.Findings) > 0 {
			return unsuccessful{end.Text}
		}
		return nil
	})
}

// mostFindings are shown of a verification; more than that tells nothing new.
const mostFindings = 500

func (w *Workspace) proofOf(r store.Report, anchored bool) TrailProof {
	p := TrailProof{At: w.now(), Root: r.Head.Root.String(), Size: r.Head.Size, Keychain: anchored, Proves: []string{}, Said: []Said{}}
	if len(r.Findings) == 0 {
		p.Said = append(p.Said,
			w.said("proof.entries", "entries", r.Entries),
			w.said("proof.acts", "acts", r.Acts),
			w.said("proof.rows", "requests", r.Requests, "records", r.Records),
			w.said("proof.blobs", "blobs", r.Blobs))
		if anchored {
			p.Said = append(p.Said, w.said("proof.keychain"))
		} else {
			p.Said = append(p.Said, w.said("proof.nokeychain"))
		}
	}
	for _, s := range p.Said {
		p.Proves = append(p.Proves, s.Text)
	}
	r.Findings = r.Findings[:min(len(r.Findings), mostFindings)]
	p.Report = r
	return p
}

// RebuildRows sets status columns that were changed by hand to what the signed
// acts say, and says what it changed. Rows without acts are let stand by the
// name of the person at this window. With what WouldRebuild said it does exactly
// that, or nothing: the fault seen_other.
func (w *Workspace) RebuildRows(ctx context.Context, asked ...string) ([]Said, error) {
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return nil, err
	}
	changed, err := w.Store.RebuildStatuses(ctx, author, asked...)
	if err != nil {
		return nil, err
	}
	return allTold(changed), nil
}

// WouldRebuild is what RebuildRows would say now; it changes nothing.
func (w *Workspace) WouldRebuild(ctx context.Context) ([]string, error) {
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return nil, err
	}
	return w.Store.WouldRebuild(ctx, author)
}
