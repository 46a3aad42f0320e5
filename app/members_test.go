package app

import (
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

func TestAChangeOfTheMembersIsAskedByTheSystem(t *testing.T) {
	s, p := own(t)
	m := &Members{s}
	for name, signs := range map[string]func() error{
		"Propose a Change of the Members": func() error {
			_, err := m.Propose(workspace.RosterChange{Kind: workspace.RosterTeam})
			return err
		},
		"Ask to Be Let In": func() error { _, err := m.AskToJoin("Kim Admin", "A new laptop."); return err },
	} {
		before := len(p.asked)
		if err := signs(); governance.FaultCode(err) != "declined" {
			t.Errorf("%s: No says %v", name, err)
		}
		if len(p.asked) != before+1 || !strings.HasPrefix(p.asked[before].Text, name+"?") {
			t.Errorf("%s: asked %+v", name, p.asked[before:])
		}
	}
	v, err := m.Get()
	if err != nil || !v.Solo || v.Version != 0 || v.Own != nil {
		t.Errorf("%+v %v", v, err)
	}
	// What would be refused anyway is refused without asking.
	before := len(p.asked)
	if _, err := m.Propose(workspace.RosterChange{Kind: workspace.RosterThreshold, Threshold: 1}); governance.FaultCode(err) != "nothing_changed" || len(p.asked) != before {
		t.Errorf("%v, asked %+v", err, p.asked[before:])
	}
}
