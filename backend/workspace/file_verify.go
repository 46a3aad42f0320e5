package workspace

import (
	"context"
	"slices"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// A FileReport says what a file proves by itself, without a workspace, a
// network or this computer's keychain.
type FileReport struct {
	Kind      string `json:"kind"`    // KindBundle or KindEvidence
	Summary   Said   `json:"summary"` // what it holds
	Proved    []Said `json:"proved"`
	NotProved []Said `json:"notProved"`
	Doubts    []Said `json:"doubts"` // any of them makes it worthless as a proof
}

// The kinds of files that prove something.
const (
	KindBundle   = "bundle"
	KindEvidence = "evidence"
)

// A FileLook says what a file is by its first bytes.
type FileLook struct {
	Bytes    int64 `json:"bytes"`
	Sealed   bool  `json:"sealed"` // encrypted, so that it cannot be said what it is
	Evidence bool  `json:"evidence"`
}

// LookAtFile says what a file is, without judging it. Faults: file_missing,
// file_unreadable.
func LookAtFile(path string) (FileLook, error) {
	f, err := openRegular(path)
	if err != nil {
		return FileLook{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return FileLook{}, unreadable(path, err)
	}
	return FileLook{Bytes: info.Size(), Sealed: ledger.IsSealed(f), Evidence: ledger.IsEvidence(f)}, nil
}

// Exchanged reports whether a file is named as a bundle or an evidence file.
func Exchanged(path string) bool {
	name := strings.ToLower(path)
	return strings.HasSuffix(name, BundleEnd) || strings.HasSuffix(name, EvidenceEnd)
}

// VerifyFile verifies a bundle or an evidence file. What cannot be read at all
// is a Fault; what can be read and is doubtful is in the report. Faults: those
// of ledger.Unseal, ledger.ReadBundle and ledger.ReadEvidence, file_missing, file_unreadable.
func VerifyFile(ctx context.Context, path, passphrase string) (FileReport, error) {
	f, r, size, err := openSealed(path, passphrase)
	if err != nil {
		return FileReport{}, err
	}
	defer f.Close()
	if ledger.IsEvidence(r) {
		e, err := ledger.ReadEvidence(r, size)
		if err != nil {
			return FileReport{}, err
		}
		return evidenceReport(e)
	}
	b, err := ledger.ReadBundle(r, size)
	if err != nil {
		return FileReport{}, err
	}
	return bundleReport(b)
}

func bundleReport(b *ledger.Bundle) (FileReport, error) {
	h, findings, err := ledger.Assemble(ledger.Evidence{Workspace: b.Workspace, Acts: b.Acts, Revisions: b.Revisions})
	if err != nil {
		return FileReport{}, err
	}
	rep := FileReport{Kind: KindBundle, Doubts: allTold(findings), Summary: fileSaid("file.bundle",
		"acts", len(b.Acts), "contents", len(b.Revisions), "drafts", len(b.Drafts), "files", len(b.Blobs), "at", b.Created)}
	subjects := []string{governance.GovernanceSubject}
	for _, r := range b.Requests {
		subjects = append(subjects, r.ID)
	}
	for _, r := range b.Records {
		subjects = append(subjects, r.ID)
	}
	rep.Doubts = append(rep.Doubts, doubtsOf(h, b.Acts, subjects)...)
	rep.signedBy(exporterIn(h, b.Exporter))
	rep.Proved = append(rep.Proved, fileSaid("file.acts_contents"), fileSaid("file.packages"))
	rep.Proved = append(rep.Proved, statusLines(h, b)...)
	rep.NotProved = []Said{fileSaid("file.which_workspace", "id", short(b.Workspace)), fileSaid("file.newer")}
	if len(b.Drafts) > 0 {
		rep.NotProved = append(rep.NotProved, fileSaid("file.drafts"))
	}
	return rep, nil
}

// signedBy says whose key signed the file, which is a doubt if it is nobody's.
func (r *FileReport) signedBy(member string) {
	if member == "" {
		r.Doubts = append(r.Doubts, fileSaid("file.stranger"))
		r.Proved = append(r.Proved, fileSaid("file.signed_stranger"))
		return
	}
	r.Proved = append(r.Proved, fileSaid("file.signed", "who", member))
}

func exporterIn(h *governance.History, key string) string {
	if c := h.Charter(); c != nil {
		if m, _ := c.MemberByKey(key); m != nil {
			return m.Name
		}
	}
	return ""
}

func nobodyNamed(name string) string {
	if name == "" {
		return "somebody"
	}
	return name
}

// doubtsOf are what keeps acts about some subjects, or about what was found in
// an organisation, from counting.
func doubtsOf(h *governance.History, acts []ledger.SignedAct, subjects []string) []Said {
	out := []Said{}
	if h.Trouble() != "" || h.Charter() == nil {
		out = append(out, fileSaid("file.charter", "why", toldAs(h.Trouble())))
	}
	for _, s := range acts {
		a := h.Act(s.ID)
		if a == nil || !slices.Contains(subjects, s.Subject) && !governance.IsOrganization(s.Subject) {
			continue // findings name the first, and the others only keep chains whole
		}
		_, joins := a.Body.(governance.Join)
		switch {
		case joins: // counts for nothing before the owners let its key in
		case a.Broken != "":
			out = append(out, fileSaid("file.uncounted", "act", short(s.ID), "type", s.Type, "why", toldAs(a.Broken)))
		case a.Member == "":
			out = append(out, fileSaid("file.uncounted", "act", short(s.ID), "type", s.Type, "why", fileSaid("file.unsigned_by_members")))
		}
		for _, seen := range a.Seen {
			if h.Act(seen) == nil {
				out = append(out, fileSaid("file.unseen", "act", short(s.ID), "seen", short(seen)))
			}
		}
	}
	return out
}

// statusLines say where each request and record in a bundle stands.
func statusLines(h *governance.History, b *ledger.Bundle) []Said {
	out := []Said{}
	seen := map[string]bool{}
	for _, r := range b.Requests {
		if st := h.RequestStanding(r.ID); !seen[r.ID] && st.Revision != "" {
			seen[r.ID] = true
			out = append(out, fileSaid("file.status_request", "name", h.Request(st.Revision).Name, "status", string(st.Status)))
		}
	}
	for _, r := range b.Records {
		if st := h.RecordStanding(r.ID); !seen[r.ID] && st.Revision != "" {
			seen[r.ID] = true
			out = append(out, fileSaid("file.status_record", "name", h.Record(st.Revision).Name, "status", string(st.Status)))
		}
	}
	slices.SortFunc(out, func(a, b Said) int { return strings.Compare(a.Text, b.Text) })
	return out
}
