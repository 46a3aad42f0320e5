package store

import (
	"context"
	"fmt"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"gorm.io/gorm"
)

// Found saves the founding act. Faults: founded when there is one already, and
// bad_genesis when it does not verify or founds nothing.
func (s *Store) Found(ctx context.Context, genesis ledger.SignedAct) error {
	return s.write(ctx, func(d *door) error {
		if d.workspace != "" {
			return governance.Faultf("founded", "This workspace has a charter already.").WithHint("Change its charter, or make another workspace in another folder.")
		}
		if _, err := genesis.Verify(); err != nil || genesis.Type != string(governance.ActGenesis) {
			return governance.Faultf("bad_genesis", "This act founds no workspace.").WithHint("Ask an owner for the workspace's bundle.").Because(err)
		}
		d.workspace = genesis.ID
		if err := d.db.Create(&meta{Key: "workspace", Value: genesis.ID}).Error; err != nil {
			return err
		}
		if err := d.keep(genesis); err != nil {
			return err
		}
		h, err := d.counted(genesis)
		if err != nil {
			return err
		}
		if h.Charter() == nil {
			return governance.Faultf("bad_genesis", "The founding act has no charter that can be used. %s", h.Trouble()).WithHint("Ask an owner for the workspace's bundle.")
		}
		return nil
	})
}

// UpdateCharter signs a gov.change or gov.endorse that the step makes of the
// whole History, and returns the History with it. Only an owner can, or who has
// a recovery key. Where a
// key was revoked, the statuses follow. Faults: not_owner, wrong_key, and what
// the step returns.
func (s *Store) UpdateCharter(ctx context.Context, by Author, step func(h *governance.History) (governance.Intent, error)) (*governance.History, error) {
	var after *governance.History
	err := s.write(ctx, func(d *door) error {
		before, _, err := s.historyOf(d.db)
		if err != nil {
			return err
		}
		if err := d.owner(before, by); err != nil {
			return err
		}
		in, err := step(before)
		if err != nil {
			return err
		}
		if in.Subject != governance.GovernanceSubject || in.Type != governance.ActCharter && in.Type != governance.ActEndorse {
			return fmt.Errorf("the act %s about %s is not one of the charter", in.Type, in.Subject)
		}
		if change, ok := in.Body.(governance.Charter); ok {
			if err := change.Check(); err != nil {
				return err
			}
		}
		a, err := d.sign(by, in, before)
		if err != nil {
			return err
		}
		if after, err = d.counted(a); err != nil || after.Head() == before.Head() {
			return err
		}
		return d.followAll(before, after)
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

// owner lets an owner sign even when the charter is in trouble, because owners
// mend it.
func (d *door) owner(h *governance.History, by Author) error {
	if h.Charter() == nil {
		return d.member(h, by.Member)
	}
	if !h.Charter().Member(by.Member).Endorses() {
		return governance.Faultf("not_owner", "Only an owner can change the charter.").WithHint("Ask an owner of this workspace.")
	}
	return holder(h, by)
}

func (d *door) followAll(before, after *governance.History) error {
	ids, err := requestIDs(d.db)
	for _, id := range ids {
		if err == nil {
			err = d.follow(before, after, id)
		}
	}
	return err
}

func requestIDs(db *gorm.DB) ([]string, error) {
	ids := []string{}
	return ids, db.Raw("SELECT id FROM change_requests ORDER BY number").Scan(&ids).Error
}
