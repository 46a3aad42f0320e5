package store

import (
	"context"
	"fmt"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"gorm.io/gorm"
)

// AskToJoin signs a member.join with a new key: its holder asks to be let in, or
// asks for a further key of his own. It is the only act that a key may sign which
// no charter names, and it changes nothing until owners put the key into the
// roster. Faults: key_used when a charter names the key already, no_key.
func (s *Store) AskToJoin(ctx context.Context, key ledger.Identity, name, note string) (*governance.History, error) {
	var after *governance.History
	err := s.write(ctx, func(d *door) error {
		before, _, err := s.historyOf(d.db)
		if err != nil {
			return err
		}
		if key.IsZero() {
			return governance.Faultf("no_key", "There is no unlocked signing key on this machine.").WithHint("Unlock your key and try again.")
		}
		for _, c := range before.Charters() {
			if m, _ := c.MemberByKey(key.Public()); m != nil {
				return governance.Faultf("key_used", "The key is one of %s already.", m.Name).WithHint("Make a new key.")
			}
		}
		a, err := d.sign(Author{Identity: key}, ledger.Join(key, name, note), before)
		if err != nil {
			return err
		}
		if after, _, err = s.historyOf(d.db); err != nil {
			return err
		}
		for _, j := range after.Joins() {
			if j.Act == a.ID {
				return nil
			}
		}
		return fmt.Errorf("the act %s by which a key asks to be let in does not verify", a.ID)
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

// EndorseAsNew endorses a proposed charter with a key that it brings in for an
// owner: who puts a new key in the place of his own has to say so with both.
// Faults: not_found when no such proposal waits, not_owner when it does not make
// the key one of an owner's.
func (s *Store) EndorseAsNew(ctx context.Context, key ledger.Identity, change string) (*governance.History, error) {
	var after *governance.History
	err := s.write(ctx, func(d *door) error {
		before, _, err := s.historyOf(d.db)
		if err != nil {
			return err
		}
		a := before.Act(change)
		var next governance.Charter
		if a != nil && a.Type == governance.ActCharter && a.Broken == "" {
			next, _ = a.Body.(governance.Charter)
		}
		if next.Prev == "" || next.Prev != before.Head() {
			return governance.Faultf("not_found", "There is no proposed change of the charter %.12s.", change).WithHint("Look at the proposals as they are now.")
		}
		if m, k := next.MemberByKey(key.Public()); !m.Endorses() || k.Last != "" {
			return governance.Faultf("not_owner", "The proposal does not make this the key of an owner.").WithHint("Ask an owner of this workspace.")
		}
		if _, err := d.sign(Author{Identity: key}, ledger.Endorse(change), before); err != nil {
			return err
		}
		if after, _, err = s.historyOf(d.db); err != nil || after.Head() == before.Head() {
			return err
		}
		return d.followAll(before, after)
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

// A KeyAct is one act of a key, as it was signed.
type KeyAct struct {
	ID      string
	Type    string
	Subject string
	Payload []byte
	Seq     int64
}

// KeyActs are the newest acts of a key, newest first, up to a number of them; -1 is all.
// One that is not what was signed is left out.
func (s *Store) KeyActs(ctx context.Context, key string, most int) ([]KeyAct, error) {
	out := []KeyAct{}
	err := s.read(ctx, func(tx *gorm.DB) error {
		acts, err := readActs(tx.Where("key = ?", key).Order("seq DESC, id DESC").Limit(most))
		for _, a := range acts {
			if _, bad := a.Verify(); bad == nil {
				out = append(out, KeyAct{ID: a.ID, Type: a.Type, Subject: a.Subject, Payload: a.Payload, Seq: a.Seq})
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
