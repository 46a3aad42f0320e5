package workspace

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"
)

// A RequestView is a Change Request as its page shows it. Request is without
// Customizations: RequestContent pages them.
type RequestView struct {
	Request  governance.ChangeRequest `json:"request"`
	Label    string                   `json:"label"`
	Authors  []Person                 `json:"authors"`
	Locked   bool                     `json:"locked"`
	Count    int64                    `json:"count"`    // customizations
	Existing int64                    `json:"existing"` // of them, in the last inventory
	Actions  []governance.ActionState `json:"actions"`
	Next     NextStep                 `json:"next"`
	Seats    Seats                    `json:"seats"`
	Checks   []governance.Check       `json:"checks"` // what stands between it and its next step
	Trouble  []string                 `json:"trouble"`
	// TroubleSaid is the same, to be translated.
	TroubleSaid []Said `json:"troubleSaid"`

	Reason  string      `json:"reason"`
	Records []RecordRow `json:"records"`
	Places  []Place     `json:"places"`
	// Inventory is the scan that existing and proposed are told from.
	Inventory InventoryAge `json:"inventory"`
	CanUndo   bool         `json:"canUndo"`
	CanRedo   bool         `json:"canRedo"`
	CanDelete bool         `json:"canDelete"`
	// Reviews are those that deployed emergencies of it owe or had.
	Reviews []ReviewView `json:"reviews"`
	// CanRemind: it waits for others, so that a reminder can be written.
	CanRemind bool `json:"canRemind"`
	// Emergency is what the page says of an Emergency.
	Emergency *EmergencyTerms `json:"emergency"`
	// Members are those who can be asked to approve as well.
	Members []Person `json:"members"`
	// Digest is of the content as submitted, or as it would be submitted now.
	Digest string `json:"digest"`
	// Notes say what saving it just now set right.
	Notes []Said `json:"notes"`
}

// An InventoryAge says how old an environment's inventory is.
type InventoryAge struct {
	EnvironmentID string    `json:"environmentId"` // empty: nothing was scanned yet
	Name          string    `json:"name"`
	At            time.Time `json:"at" ts_type:"string"`
	Count         int64     `json:"count"`
}

// RequestView is one Change Request. Fault: not_found.
func (w *Workspace) RequestView(ctx context.Context, id string) (RequestView, error) {
	cr, err := w.Store.ChangeRequest(ctx, id)
	if err != nil {
		return RequestView{}, err
	}
	sit, err := w.Store.Situation(ctx, w.Acting(), id)
	if err != nil {
		return RequestView{}, err
	}
	all, err := w.situateOne(ctx, sit.History, cr)
	if err != nil {
		return RequestView{}, err
	}
	v := RequestView{Label: cr.Label(), Authors: all.people().people(cr.Authors), Locked: cr.Locked(), Actions: cr.Actions(sit),
		Trouble: append([]string{}, all.st.Trouble...), Reason: all.st.Reason, Notes: []Said{}}
	if all.trouble != "" {
		v.Trouble = append(v.Trouble, all.trouble)
	}
	v.TroubleSaid = allTold(v.Trouble)
	submit := actionOf(v.Actions, governance.Submit)
	v.Seats = seatsOf(sit.History, all.st, all.now)
	v.Next = w.next(all)
	if all.st.Status == governance.InProgress {
		v.Seats = w.expectedSeats(sit.History.Charter(), w.prospectOf(sit.History.Charter(), cr))
		v.Next = w.draftNext(all, cr, submit, v.Seats)
	}
	v.Checks = w.requestChecks(all, cr, submit, v.Seats)
	if v.Digest, err = w.requestDigest(sit.History, cr); err != nil {
		return RequestView{}, err
	}
	v.CanDelete = w.deletable(all, cr)
	v.Reviews = reviewsOf(sit, id, all.now)
	v.CanRemind = all.st.Status == governance.Pending || slices.ContainsFunc(v.Reviews, func(r ReviewView) bool { return !r.Done })
	v.Members = askable(sit.History.Charter())
	if cr.Type == governance.Emergency && sit.History.Charter() != nil {
		v.Emergency = termsOf(&sit.History.Charter().Requests)
	}
	if err := w.surround(ctx, &v, all, cr); err != nil {
		return RequestView{}, err
	}
	cr.Customizations = []governance.Customization{}
	v.Request = *cr
	return v, nil
}

// EmergencyTerms are what the policies say of an Emergency.
type EmergencyTerms struct {
	Hours      int64 `json:"hours"`      // an approval of it counts
	ReviewDays int64 `json:"reviewDays"` // after the deployment its review is due
}

func termsOf(p *governance.Policy) *EmergencyTerms {
	return &EmergencyTerms{Hours: p.EmergencyLife(), ReviewDays: p.DueAfterDays()}
}

// askable are the members who can approve something.
func askable(c *governance.Charter) []Person {
	out := []Person{}
	if c == nil {
		return out
	}
	for i := range c.Members {
		if m := &c.Members[i]; c.Live(m.ID) && !m.Has(governance.Recovery) {
			out = append(out, personOf(m))
		}
	}
	return out
}

// situateOne is situateIn for a request that is read already, for the member who
// acts.
func (w *Workspace) situateOne(ctx context.Context, h *governance.History, cr *governance.ChangeRequest) (situated, error) {
	authors, err := json.Marshal(cr.Authors)
	if err != nil {
		return situated{}, err
	}
	line := store.RequestLine{ID: cr.ID, Number: cr.Number, Status: cr.Status, AuthorList: string(authors)}
	all, err := w.situateIn(ctx, h, []store.RequestLine{line})
	if err != nil {
		return situated{}, err
	}
	all[0].me, all[0].now = w.Acting(), w.now()
	all[0].asked()
	return all[0], nil
}

// surround fills in what is beside the request: its records, where it is, what
// the last inventory knows of it, and whether an edit can be taken back.
func (w *Workspace) surround(ctx context.Context, v *RequestView, s situated, cr *governance.ChangeRequest) error {
	var err error
	if v.Records, err = w.recordRowsOf(ctx, s.h, s.records); err != nil {
		return err
	}
	slices.Reverse(v.Records) // newest first
	places, err := w.placesOf(ctx, s.h, []string{cr.ID})
	if err != nil {
		return err
	}
	v.Places = places[cr.ID]
	items := contentOf(cr)
	v.Count = int64(len(items))
	scan, age, err := w.inventoryFor(ctx, s)
	if err != nil {
		return err
	}
	v.Inventory = age
	if scan != nil {
		if v.Existing, err = w.Store.CountItems(ctx, scan.ID, customizationsIn(items)); err != nil {
			return err
		}
	}
	if v.CanUndo, v.CanRedo, err = w.Store.Undoable(ctx, cr.ID); err != nil {
		return err
	}
	v.CanUndo, v.CanRedo = v.CanUndo && !v.Locked, v.CanRedo && !v.Locked
	return nil
}

func (w *Workspace) deletable(s situated, cr *governance.ChangeRequest) bool {
	return s.trouble == "" && cr.Status == governance.InProgress && len(s.records) == 0 && len(s.h.Thread(cr.ID)) == 0 &&
		(s.mine() || s.people().member(s.me).Has(governance.Owner))
}

// prospectOf is a request's content as it would be submitted.
func (w *Workspace) prospectOf(c *governance.Charter, cr *governance.ChangeRequest) prospect {
	r := cr.RevisionIn(w.id, cr.Round+1)
	p := prospect{kind: cr.Type, types: r.Types(), authors: append(slices.Clone(cr.Authors), w.Acting()), asked: cr.AdditionalApprovers, touches: r.Touches}
	if c != nil {
		p.policy = &c.Requests
	}
	return p
}

// requestDigest is the digest of what was submitted, or of what a Submit would
// submit now.
func (w *Workspace) requestDigest(h *governance.History, cr *governance.ChangeRequest) (string, error) {
	st := h.RequestStanding(cr.ID)
	if st.Status != governance.InProgress {
		return st.Revision, nil
	}
	next := *cr
	next.Parents = h.ParentsAfter(st.Revision, cr.Parents)
	digest, _, err := ledger.RequestRevision(next.RevisionIn(w.id, st.Round+1))
	return digest, err
}

// inventoryFor is the inventory that tells existing from proposed: that of the
// source of the request's newest record, otherwise the newest of an environment
// that is not drawn as production, since that is where changes are made, and
// otherwise the newest of all.
func (w *Workspace) inventoryFor(ctx context.Context, s situated) (*store.Scan, InventoryAge, error) {
	scans, err := w.Store.LastScans(ctx)
	if err != nil {
		return nil, InventoryAge{}, err
	}
	envs, err := w.environmentsByID(ctx)
	if err != nil {
		return nil, InventoryAge{}, err
	}
	var best *store.Scan
	rank := func(sc store.Scan) (int, time.Time) {
		source := len(s.records) > 0 && s.records[len(s.records)-1].SourceID == sc.EnvironmentID
		switch {
		case source:
			return 2, sc.CompletedAt
		case !drawnAsProduction(s.h.Charter(), envs[sc.EnvironmentID]):
			return 1, sc.CompletedAt
		}
		return 0, sc.CompletedAt
	}
	for _, sc := range scans {
		if best == nil {
			best = &sc
			continue
		}
		r, at := rank(sc)
		if other, otherAt := rank(*best); r > other || r == other && at.After(otherAt) {
			best = &sc
		}
	}
	if best == nil {
		return nil, InventoryAge{}, nil
	}
	return best, InventoryAge{EnvironmentID: best.EnvironmentID, Name: envs[best.EnvironmentID].Name, At: best.CompletedAt, Count: best.Count}, nil
}
