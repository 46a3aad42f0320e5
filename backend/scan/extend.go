package scan

import (
	"context"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/store"
)

// An extendNote is the log entry of one Extend. The fields are in the order of
// canonical JSON.
type extendNote struct {
	Added   []string `json:"added"`
	At      string   `json:"at"`
	By      string   `json:"by"`
	Reason  string   `json:"reason"`
	Request string   `json:"request"`
}

// Extend adds customizations to a Change Request, usually what Dependencies
// found missing. An approved or rejected request is reopened first, which ends
// its approvals; a person submits it again. The faults are locked (pending or
// final), reason_needed, nothing_to_add, conflicting_change, those of
// metadata.CheckName, and those of reopening. With the digest of what a person
// saw nothing else is reopened: the fault seen_other.
func (s *Scanner) Extend(ctx context.Context, by store.Author, requestID string, add []governance.Customization, reason, seen string) error {
	cr, err := s.Store.ChangeRequest(ctx, requestID)
	if err != nil {
		return err
	}
	fresh, err := additions(cr, add)
	if err != nil {
		return err
	}
	if err := s.reopen(ctx, by, cr, reason, seen); err != nil {
		return err
	}
	_, err = s.Store.UpdateChangeRequest(ctx, cr.ID, by, func(cr *governance.ChangeRequest, _ governance.Situation) (governance.Intent, error) {
		again, err := additions(cr, add)
		if err != nil {
			return governance.Intent{}, err
		}
		cr.Customizations = governance.TidyCustomizations(append(cr.Customizations, again...))
		return governance.Intent{}, nil
	})
	if err != nil {
		return err
	}
	return s.Store.Note(ctx, noteExtend, extendNote{Added: namesOf(fresh), At: s.now().Format(time.RFC3339), By: by.Member, Reason: reason, Request: cr.ID})
}

// reopen makes the request editable again if it is not.
func (s *Scanner) reopen(ctx context.Context, by store.Author, cr *governance.ChangeRequest, reason, seen string) error {
	if !cr.Locked() {
		return nil
	}
	if cr.Status != governance.Approved && cr.Status != governance.Rejected {
		fault := governance.Faultf(CodeLocked, "%s is %s, so nothing can be added to it.", cr.Label(), cr.Status)
		if cr.Status == governance.Pending {
			return fault.WithHint("Recall it first, or wait for the decision.")
		}
		return fault.WithHint("Create a new change request.")
	}
	if strings.TrimSpace(reason) == "" {
		return governance.Faultf("reason_needed", "Reopening %s ends its approvals, so it needs a reason.", cr.Label()).WithHint("Write one sentence and try again.")
	}
	_, err := s.Store.UpdateChangeRequest(ctx, cr.ID, by, func(cr *governance.ChangeRequest, sit governance.Situation) (governance.Intent, error) {
		if seen != "" && sit.History.RequestStanding(cr.ID).Revision != seen {
			return governance.Intent{}, governance.SeenOther(cr.Label())
		}
		return cr.Do(sit, governance.Deed{Action: governance.Reopen, Reason: reason})
	})
	return err
}

// additions checks what is to be added and leaves out what the request has.
func additions(cr *governance.ChangeRequest, add []governance.Customization) ([]governance.Customization, error) {
	have := map[metadata.Key]governance.Change{}
	for _, c := range cr.Content() {
		have[keyOf(c)] = c.Change
	}
	fresh := []governance.Customization{}
	for _, c := range governance.TidyCustomizations(add) {
		if err := metadata.CheckName(c.Type, c.Name); err != nil {
			return nil, asFault(err)
		}
		if c.Change == "" {
			c.Change = governance.Add
		}
		known, there := have[keyOf(c)]
		if there && (known == governance.Delete) != (c.Change == governance.Delete) {
			return nil, governance.Faultf(CodeConflict, "%s is in %s already, with the opposite change: %s.", c, cr.Label(), known).
				WithHint("Decide which of the two is meant and edit the change request.")
		}
		if !there {
			fresh = append(fresh, c)
		}
	}
	if len(fresh) == 0 {
		return nil, governance.Faultf(CodeNothingToAdd, "%s names all of this already.", cr.Label()).WithHint("Submit it for approval.")
	}
	return fresh, nil
}
