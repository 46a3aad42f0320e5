package store

import (
	"bytes"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"countersign/backend/ledger"
)

// namedAct is the act that an entry names. Nearly every one is the id in the one
// form that it has, and needs no decoding.
func namedAct(data []byte) (string, error) {
	if id, ok := bytes.CutPrefix(data, []byte(`{"act":"`)); ok {
		if id, ok = bytes.CutSuffix(id, []byte(`"}`)); ok && len(id) == 64 && len(bytes.Trim(id, "0123456789abcdef")) == 0 {
			return string(id), nil
		}
	}
	var named actEntry
	err := ledger.Strict(data, &named)
	return named.Act, err
}

// actPlaces reads what all acts are and where they say that they stand in the
// chains of their keys, without an index: the table is what holds. Each of them
// is checked by itself afterwards, its columns too.
func (a *audit) actPlaces() error {
	var err error
	if a.workspace, err = workspaceID(a.tx); err != nil {
		return err
	}
	a.unchecked = make(map[string]bool, a.report.Acts)
	keys, links := map[string]string{}, make([]ledger.Link, 0, a.report.Acts)
	err = eachRow(a.tx.Raw("SELECT id, key, prev, seq FROM acts NOT INDEXED ORDER BY rowid"), func(scan scanner) error {
		var l ledger.Link
		var key sql.RawBytes
		err := scan(&l.ID, &key, &l.Prev, &l.Seq)
		known := false
		if l.Key, known = keys[string(key)]; !known {
			l.Key = string(key)
			keys[l.Key] = l.Key
		}
		a.unchecked[l.ID] = true
		links = append(links, l)
		return err
	})
	a.places = ledger.NewPlaces()
	a.places.Take(links)
	return err
}

// actsAtOnce bounds how many acts are in memory.
const actsAtOnce = 1000

// otherActs checks the acts that no part of the history has, and names those
// that the trail has and the database has not.
func (a *audit) otherActs() error {
	left := slices.Sorted(maps.Keys(a.unchecked))
	for some := range slices.Chunk(left, actsAtOnce) {
		acts, err := readActs(a.tx.Where("id IN "+listed, asList(some)))
		if err != nil {
			return err
		}
		a.someActs(acts)
		a.verifier.Forget()
	}
	for id := range a.unchecked {
		a.find("integrity", "SQLite finds the database damaged: %s.", "an index leaves the act "+short(id)+" out")
	}
	for id, idx := range a.logged {
		a.find("act_missing", "Entry %d of the audit trail names the act %s, which is not there.", idx, short(id))
	}
	return nil
}

// someActs verifies acts on all processors, each once. What it finds in a.logged
// is taken out of it, so that what is left at the end is missing.
func (a *audit) someActs(acts []ledger.SignedAct) {
	found := make([][]Finding, len(acts))
	ledger.InParallel(len(acts), func(i int) {
		if a.unchecked[acts[i].ID] {
			found[i] = a.act(&acts[i])
		}
	})
	for i, act := range acts {
		if !a.unchecked[act.ID] {
			continue
		}
		a.tick()
		delete(a.unchecked, act.ID)
		delete(a.logged, act.ID)
		a.report.Findings = append(a.report.Findings, found[i]...)
	}
}

// act checks an act by itself and against the log. It only reads: several run at
// once.
func (a *audit) act(act *ledger.SignedAct) (found []Finding) {
	find := func(code, format string, args ...any) {
		found = append(found, Finding{code, fmt.Sprintf(format, args...)})
	}
	idx, ok := a.logged[act.ID]
	if !ok {
		find("act_unlogged", "The audit trail does not name the act %s.", short(act.ID))
	}
	st, err := a.verifier.Check(act)
	if err != nil {
		find("act", "The act %s is not what was signed: %s.", short(act.ID), strings.TrimSuffix(err.Error(), "."))
		return found
	}
	if act.Workspace != a.workspace {
		find("workspace", "The act %s belongs to another workspace.", short(act.ID))
	}
	if !ok || act.Source != "" || st.Log == "" {
		return found // acts from elsewhere name the log of elsewhere
	}
	signed, err := ledger.ParseHead(st.Log)
	if err != nil || signed.Size > idx {
		find("act_head", "The act %s was not signed where it stands in the audit trail.", short(act.ID))
		return found
	}
	if h, err := ledger.HeadAt(signed.Size, a.log); err != nil || h != signed {
		find("act_head", "The audit trail before the act %s is not what its signer had.", short(act.ID))
	}
	return found
}
