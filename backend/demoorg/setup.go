package demoorg

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"countersign/backend/metadata"
)

// A setupLine is something that a user did in Setup by hand.
type setupLine struct {
	Action  string    `json:"action"`
	At      time.Time `json:"at"`
	Display string    `json:"display"`
	Section string    `json:"section"`
	UserID  string    `json:"userId"`
}

// A SetupStep is what a user does in Setup, as the Setup Audit Trail writes it;
// without an Action the trail does not tell it, as Salesforce leaves some out.
type SetupStep struct {
	Action, Section, Display string
	// Saved is a component that the user saves as it is, and Deleted one that
	// goes; the zero Key is none. One that is only a part of a file, such as a
	// field, cannot be deleted by hand here.
	Saved, Deleted metadata.Key
}

// ClickInSetup plays a user who does something by hand in Setup: the org and its
// Setup Audit Trail tell it from then on. Nothing is saved or deleted while a
// deployment is under way, as in an org that is locked by one. Its faults are an
// *Error with CodeKind.
func (o *Org) ClickInSetup(username string, steps ...SetupStep) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	u, known := o.who.named(username)
	if !known {
		return errorf(CodeKind, "The demo org has no user %q.", username).hint("Take one of its connection.")
	}
	if err := o.byHand(u, steps); err != nil {
		return err
	}
	lines := slices.Clone(o.setup)
	for _, s := range steps {
		if s.Action != "" {
			lines = append(lines, setupLine{Action: s.Action, At: o.clock(), Display: s.Display, Section: s.Section, UserID: u.ID})
		}
	}
	if err := writeJSON(o.setupFile(), lines); err != nil {
		return fmt.Errorf("keep what was done in Setup: %w", err)
	}
	o.setup = lines
	return nil
}

// byHand makes what steps save and delete true. The caller holds o.mu, so that no
// deployment begins meanwhile.
func (o *Org) byHand(u user, steps []SetupStep) error {
	saved, gone := map[metadata.Key]bool{}, []string{}
	for _, s := range steps {
		for _, key := range []metadata.Key{s.Saved, s.Deleted} {
			if key != (metadata.Key{}) && !o.model.has(key) {
				return errorf(CodeKind, "The demo org has no %s.", key).hint("Name one that is there.")
			}
		}
		if s.Saved != (metadata.Key{}) {
			saved[s.Saved] = true
		}
		if s.Deleted == (metadata.Key{}) {
			continue
		}
		for _, path := range o.model.components[s.Deleted].Paths {
			if len(o.model.byPath[path]) > 1 {
				return errorf(CodeKind, "%s shares its file with others.", s.Deleted).hint("Delete it with a deployment.")
			}
			gone = append(gone, path)
		}
	}
	if len(saved)+len(gone) == 0 {
		return nil
	}
	if slices.ContainsFunc(o.deployments, func(d *deployment) bool { return !done(d.Status) }) {
		return errorf(CodeKind, "A deployment to the demo org is under way.").hint("Wait for its end.")
	}
	next, err := o.model.next(nil, gone, nil, saved, u.ID, o.clock())
	if err != nil {
		return err
	}
	// The index goes on naming the deployment that was applied last.
	if err := o.store.commit(next, o.store.index.Applied); err != nil {
		return err
	}
	o.model = next
	return nil
}

func (o *Org) setupFile() string { return filepath.Join(o.dir, "setup.json") }

// clicked are the rows of what was done by hand since a time, oldest first.
func (o *Org) clicked(from time.Time) []map[string]any {
	o.mu.Lock()
	defer o.mu.Unlock()
	rows := []map[string]any{}
	for i, l := range o.setup {
		if !l.At.After(from) {
			continue
		}
		by, _ := o.who.user(l.UserID)
		rows = append(rows, auditRow(hashID("0Ym", "setup", fmt.Sprint(i)), l.Action, l.Section, l.Display, l.At, by))
	}
	return rows
}
