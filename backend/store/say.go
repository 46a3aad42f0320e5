package store

import (
	"context"
	"fmt"
	"reflect"

	"countersign/backend/governance"
)

// Say signs what is not a step of a record's lifecycle: a delegation or its end,
// the review of an emergency, findings about an org and what became of them. The
// step gets a Situation with the whole History and returns what its Delegate,
// EndDelegation, Review, Find or Resolve made, one or several; all are signed or
// none. The History comes back with them. Faults: not_member, wrong_key, no_key,
// not_allowed, and what the step returns.
func (s *Store) Say(ctx context.Context, by Author, step func(sit governance.Situation) ([]governance.Intent, error)) (*governance.History, error) {
	var after *governance.History
	err := s.write(ctx, func(d *door) error {
		var err error
		after, err = d.say(by, step)
		return err
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

// say is Say within a door. The step gets a History of some subjects, or of all
// if none is named.
func (d *door) say(by Author, step func(sit governance.Situation) ([]governance.Intent, error), subjects ...string) (*governance.History, error) {
	h, _, err := d.s.historyOf(d.db, subjects...)
	if err != nil {
		return nil, err
	}
	if err := d.member(h, by.Member); err != nil {
		return nil, err
	}
	if err := holder(h, by); err != nil {
		return nil, err
	}
	sit := governance.Situation{History: h, By: by.Member, Now: d.at, Records: []governance.DeploymentRecord{}}
	intents, err := step(sit)
	if err != nil {
		return nil, err
	}
	for _, in := range intents {
		if err := sayable(sit, in); err != nil {
			return nil, err
		}
		a, err := d.sign(by, in, sit.History)
		if err != nil {
			return nil, err
		}
		if sit.History, err = d.counted(a, subjects...); err != nil {
			return nil, err
		}
	}
	return sit.History, nil
}

// sayable derives an act from the rules again, so that nothing is signed which
// they do not allow, whatever the step returned.
func sayable(sit governance.Situation, in governance.Intent) error {
	var wanted governance.Intent
	var err error
	switch body := in.Body.(type) {
	case governance.Delegation:
		wanted, err = sit.Delegate(body)
	case governance.DelegationEnd:
		wanted, err = sit.EndDelegation(body.Delegation, body.Reason)
	case governance.Review:
		wanted, err = sit.Review(in.Subject, body.Verdict, body.Reason)
	case governance.Finding:
		wanted, err = sit.Find(body)
	case governance.Resolution:
		wanted, err = sit.Resolve(in.Subject[min(len(in.Subject), len(governance.OrganizationSubject(""))):], body.Findings, body.Reason, body.Request)
	default:
		return fmt.Errorf("the act %s about %s is not one that is simply said", in.Type, in.Subject)
	}
	if err == nil && !reflect.DeepEqual(wanted, in) {
		err = fmt.Errorf("the act %s about %s is not the one that the rules make", in.Type, in.Subject)
	}
	return err
}
