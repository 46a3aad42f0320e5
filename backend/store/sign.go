package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"gorm.io/gorm"
)

func workspaceID(db *gorm.DB) (string, error) {
	var id string
	return id, db.Raw("SELECT value FROM meta WHERE key = 'workspace'").Scan(&id).Error
}

// WorkspaceID is the id of the founding act, "" before Found.
func (s *Store) WorkspaceID(ctx context.Context) (string, error) {
	id, err := workspaceID(s.query(ctx))
	return id, s.explained(ctx, err)
}

func (d *door) founded() error {
	if d.workspace == "" {
		return governance.Faultf("not_founded", "The workspace in %s has no charter yet.", d.s.dir).WithHint("Found it, or join one with a bundle.")
	}
	return nil
}

// History is what is known and verified about the workspace. Without ids it is
// everything; with them it holds the acts about the charter, those requests,
// their records and what was found in the records' targets, and of every
// emergency the same, because its review can keep back what is asked for.
func (s *Store) History(ctx context.Context, requestIDs ...string) (h *governance.History, err error) {
	if h, err = s.recall(ctx, requestIDs); h != nil || err != nil {
		return h, s.explained(ctx, err)
	}
	if err := s.refreshChains(ctx); err != nil {
		return nil, s.explained(ctx, err)
	}
	err = s.read(ctx, func(tx *gorm.DB) error {
		var findings []string
		h, findings, err = s.historyOf(tx, requestIDs...)
		for _, f := range findings {
			s.o.Log.Warn("an act was left out", "why", f)
		}
		return err
	})
	return h, err
}

// historyOf also returns sentences about acts that do not verify; they are
// left out of the History.
func (s *Store) historyOf(tx *gorm.DB, requestIDs ...string) (*governance.History, []string, error) {
	e := ledger.Evidence{Acts: []ledger.SignedAct{}, Revisions: map[string][]byte{}}
	var err error
	if e.Workspace, err = workspaceID(tx); err != nil {
		return nil, nil, err
	}
	if e.Workspace == "" {
		return nil, nil, governance.Faultf("not_founded", "The workspace in %s has no charter yet.", s.dir).WithHint("Found it, or join one with a bundle.")
	}
	acts, revisions := tx, tx
	if len(requestIDs) > 0 {
		var subjects []string
		if subjects, err = subjectsOf(tx, requestIDs); err != nil {
			return nil, nil, err
		}
		acts, revisions = tx.Where("subject IN "+listed, asList(subjects)), tx.Where("subject IN "+listed, asList(subjects))
		if e.Places, err = s.links(tx); err != nil {
			return nil, nil, err
		}
	}
	if e.Acts, err = readActs(acts); err != nil {
		return nil, nil, fmt.Errorf("read the acts: %w", err)
	}
	if err := readRevisions(revisions, e.Revisions); err != nil {
		return nil, nil, fmt.Errorf("read the revisions: %w", err)
	}
	h, findings, err := s.verifier.Assemble(e)
	if !errors.Is(err, ledger.ErrPlaces) {
		return h, findings, err
	}
	if e.Places, err = s.allLinks(tx); err != nil {
		return nil, nil, err
	}
	return s.verifier.Assemble(e)
}

// readActs reads what of acts is signed, what repeats it, and where they are from.
func readActs(q *gorm.DB) ([]ledger.SignedAct, error) {
	out := []ledger.SignedAct{}
	err := eachRow(q.Table("acts").Select(actColumns), func(scan scanner) error {
		a, err := scanAct(scan)
		out = append(out, a)
		return err
	})
	return out, err
}

const actColumns = "id, workspace, subject, type, key, seq, prev, payload, sig, source"

func scanAct(scan scanner) (a ledger.SignedAct, err error) {
	err = scan(&a.ID, &a.Workspace, &a.Subject, &a.Type, &a.Key, &a.Seq, &a.Prev, &a.Payload, &a.Sig, &a.Source)
	return a, err
}

func readRevisions(q *gorm.DB, into map[string][]byte) error {
	return eachRow(q.Table("revisions").Select("digest, body"), func(scan scanner) error {
		var digest string
		var body []byte
		err := scan(&digest, &body)
		into[digest] = body
		return err
	})
}

// subjectsOf are the subjects of a history of some requests: beside these, their
// records and targets, all emergencies and the charter.
func subjectsOf(tx *gorm.DB, requestIDs []string) ([]string, error) {
	emergencies, err := emergencySubjects(tx)
	if err != nil {
		return nil, err
	}
	requestIDs = slices.Concat(requestIDs, emergencies)
	subjects := append([]string{governance.GovernanceSubject}, requestIDs...)
	err = eachRow(tx.Raw("SELECT id, target_org FROM deployment_records WHERE request_id IN "+listed, asList(requestIDs)), func(scan scanner) error {
		var id, target string
		err := scan(&id, &target)
		subjects = append(subjects, id)
		if target != "" {
			subjects = append(subjects, governance.OrganizationSubject(target))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the records of a request: %w", err)
	}
	slices.Sort(subjects)
	return slices.Compact(subjects), nil
}

const emergencies = `SELECT DISTINCT subject FROM acts WHERE type = 'cr.submit' AND instr(CAST(payload AS TEXT), '"emergency":true') > 0`

// emergencySubjects are the requests that were ever submitted as an emergency.
// The condition is that of the partial index acts_emergency, which SQLite uses
// only for the very same one.
func emergencySubjects(tx *gorm.DB) ([]string, error) {
	ids := []string{}
	err := tx.Raw(emergencies).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("read the emergencies: %w", err)
	}
	return ids, nil
}

// member refuses an author who is no member now.
func (d *door) member(h *governance.History, by string) error {
	c := h.Charter()
	if c == nil {
		return governance.Faultf("charter", "%s", h.Trouble()).WithHint("Ask the owners to mend the charter.")
	}
	if !c.Live(by) {
		return governance.Faultf("not_member", "You are not a member of this workspace.").WithHint("Ask an owner to add you to the roster.")
	}
	return nil
}

// holder refuses a key that is not the author's.
func holder(h *governance.History, by Author) error {
	if by.Identity.IsZero() {
		return governance.Faultf("no_key", "There is no unlocked signing key on this machine.").WithHint("Unlock your key and try again.")
	}
	m, key := h.Charter().MemberByKey(by.Identity.Public())
	if m == nil || m.ID != by.Member || key.Last != "" {
		return governance.Faultf("wrong_key", "The signing key on this machine is not a key of yours in the roster.").
			WithHint("Ask an owner to add your key, or act as the member it belongs to.")
	}
	return nil
}

// sign makes the act of an intent, puts it into the chains after everything
// that is known, and logs it.
func (d *door) sign(by Author, in governance.Intent, h *governance.History) (ledger.SignedAct, error) {
	p := ledger.Position{Workspace: d.workspace, Governance: h.Head(), Log: d.head.String(), Seen: h.Heads(in.Subject)}
	var last ledger.Link
	err := d.db.Raw("SELECT id, key, prev, seq FROM acts WHERE key = ? ORDER BY seq DESC, id DESC LIMIT 1", by.Identity.Public()).Scan(&last).Error
	if err != nil {
		return ledger.SignedAct{}, fmt.Errorf("read the chain of a key: %w", err)
	}
	if last.ID != "" {
		p.Prev, p.Seq = last.ID, last.Seq+1
	}
	a, err := by.Identity.Sign(in, p, d.at)
	if err != nil {
		return a, err
	}
	return a, d.keep(a)
}

func (d *door) keep(a ledger.SignedAct) error {
	a.ReceivedAt = d.at
	if err := d.db.Create(&a).Error; err != nil {
		return fmt.Errorf("save the act %s: %w", a.ID, err)
	}
	d.signed = &a
	return d.append("act", actEntry{Act: a.ID})
}

// counted reads the history again with a new act and refuses the door if the
// act would not count: nobody should believe to have said something.
func (d *door) counted(a ledger.SignedAct, requestIDs ...string) (*governance.History, error) {
	h, _, err := d.s.historyOf(d.db, requestIDs...)
	if err != nil {
		return nil, err
	}
	made := h.Act(a.ID)
	if made == nil {
		return nil, errors.New("the act that was signed just now does not verify")
	}
	if made.Broken != "" {
		return nil, governance.Faultf("act_broken", "What you sign now would not count: %s.", made.Broken).
			WithHint("Run countersign verify to see why.")
	}
	return h, nil
}

func (d *door) saveRevision(digest, subject string, body []byte) error {
	var n int64
	if err := d.db.Model(&revision{}).Where("digest = ?", digest).Count(&n).Error; err != nil || n > 0 {
		return err
	}
	return d.db.Create(&revision{Digest: digest, Subject: subject, Body: body}).Error
}
