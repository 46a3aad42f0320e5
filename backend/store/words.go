package store

import (
	"context"
	"fmt"

	"countersign/backend/governance"
)

// SignWord signs what a member says beside the lifecycle: a delegation, its end,
// or the review of a deployed emergency. The step decides after everything that
// is known: of a request, or of the whole workspace if that is empty. Faults are
// the step's own, and those of signing.
func (s *Store) SignWord(ctx context.Context, by Author, requestID string, step func(governance.Situation) (governance.Intent, error)) error {
	return s.write(ctx, func(d *door) error {
		ids := []string{}
		if requestID != "" {
			ids = append(ids, requestID)
		}
		sit, err := s.situationOf(d.db, by.Member, ids)
		if err != nil {
			return err
		}
		if err := d.member(sit.History, by.Member); err != nil {
			return err
		}
		if err := holder(sit.History, by); err != nil {
			return err
		}
		in, err := step(sit)
		if err != nil {
			return err
		}
		if err := isWord(in, requestID); err != nil {
			return err
		}
		a, err := d.sign(by, in, sit.History)
		if err != nil {
			return err
		}
		_, err = d.counted(a, ids...)
		return err
	})
}

// isWord refuses an act that another door signs.
func isWord(in governance.Intent, requestID string) error {
	switch in.Type {
	case governance.ActDelegate, governance.ActEnd:
		if in.Subject == governance.GovernanceSubject && requestID == "" {
			return nil
		}
	case governance.ActReview:
		if in.Subject == requestID && requestID != "" {
			return nil
		}
	}
	return fmt.Errorf("the act %s about %s is not a word beside the lifecycle", in.Type, in.Subject)
}
