package ledger_test

import (
	"slices"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	must(t, err)
	return when
}

// The first of March 2026 is a Sunday; Berlin is at UTC+1 until the 29th.
func TestWhenSomethingMayBeDeployed(t *testing.T) {
	night := governance.Window{Days: []int64{1, 2, 3, 4}, From: "22:00", Until: "06:00"}
	saturday := governance.Window{Days: []int64{6}, From: "00:00", Until: "24:00"}
	for _, c := range []struct {
		name    string
		windows []governance.Window
		freezes []governance.Freeze
		zone    string
		now     string
		code    string
	}{
		{"no windows: always", nil, nil, "", "2026-03-08T12:00:00Z", ""},
		{"in the window", []governance.Window{night}, nil, "", "2026-03-09T22:00:00Z", ""},
		{"before it", []governance.Window{night}, nil, "", "2026-03-09T21:59:59Z", "window"},
		{"over midnight", []governance.Window{night}, nil, "", "2026-03-10T05:59:59Z", ""},
		{"at its end", []governance.Window{night}, nil, "", "2026-03-10T06:00:00Z", "window"},
		{"Thursday's window reaches into Friday", []governance.Window{night}, nil, "", "2026-03-13T03:00:00Z", ""},
		{"Friday has none", []governance.Window{night}, nil, "", "2026-03-13T23:00:00Z", "window"},
		{"Sunday's night into Monday is none", []governance.Window{night}, nil, "", "2026-03-09T03:00:00Z", "window"},
		{"a whole day", []governance.Window{night, saturday}, nil, "", "2026-03-07T23:59:59Z", ""},
		{"and not the next", []governance.Window{night, saturday}, nil, "", "2026-03-08T00:00:00Z", "window"},
		{"in another zone the window is another", []governance.Window{night}, nil, "Europe/Berlin", "2026-03-09T21:30:00Z", ""},
		{"and ends earlier", []governance.Window{night}, nil, "Europe/Berlin", "2026-03-10T05:30:00Z", "window"},
		{"in summer by one hour more", []governance.Window{night}, nil, "Europe/Berlin", "2026-03-30T20:30:00Z", ""},
		{"on the first day of a freeze", nil, []governance.Freeze{{From: "2026-03-06", Name: "Year end", Until: "2026-03-08"}}, "", "2026-03-06T00:00:00Z", "freeze"},
		{"on its last", nil, []governance.Freeze{{From: "2026-03-06", Name: "Year end", Until: "2026-03-08"}}, "", "2026-03-08T23:59:59Z", "freeze"},
		{"after it", nil, []governance.Freeze{{From: "2026-03-06", Name: "Year end", Until: "2026-03-08"}}, "", "2026-03-09T00:00:00Z", ""},
		{"after it in its own zone", nil, []governance.Freeze{{From: "2026-03-06", Name: "Year end", Until: "2026-03-08"}}, "Pacific/Auckland", "2026-03-08T11:30:00Z", ""},
		{"a zone that nobody knows", []governance.Window{night}, nil, "Atlantis/Capital", "2026-03-09T23:00:00Z", "zone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, longApprovals)
			p := governance.DefaultPolicy(governance.Production)
			p.ApprovalDays, p.Windows, p.Freezes, p.Zone = 90, c.windows, c.freezes, c.zone
			if c.code == "zone" { // the charter of a colleague whose machine knew it
				w.forceCharter(func(ch *governance.Charter) { ch.Environments[0] = p })
			} else {
				w.change(func(ch *governance.Charter) { ch.Environments[0] = p })
			}
			w.approved().attempt(governance.AttemptValidate, 1, governance.ResultSucceeded)
			q := w.question(governance.AttemptDeploy)
			q.Now = at(t, c.now)
			d := governance.Gate(q)
			times := slices.DeleteFunc(refusedBy(d), func(code string) bool { return !slices.Contains([]string{"window", "freeze", "zone"}, code) })
			if c.code == "" && len(times) > 0 || c.code != "" && !slices.Equal(times, []string{c.code}) {
				t.Errorf("refused by %v: %v", refusedBy(d), d.Reasons())
			}
			for _, check := range d.Checks {
				if !check.OK && check.Code == c.code && (!slices.Equal(check.Who, []string{"olga", "otto"}) || check.Remedy == "") {
					t.Errorf("who mends it: %+v", check)
				}
			}
			q.Kind = governance.AttemptValidate
			if got := refusedBy(governance.Gate(q)); slices.Contains(got, c.code) {
				t.Errorf("a validation waits for it: %v", got)
			}
		})
	}
}

// forceCharter signs a successor past what proposing one checks.
func (w *world) forceCharter(edit func(*governance.Charter)) {
	w.t.Helper()
	c := *w.history().Charter()
	c.Environments = slices.Clone(c.Environments)
	edit(&c)
	c.Prev, c.Version, c.Void = w.history().Head(), c.Version+1, []string{}
	a := w.sign("olga", governance.Intent{Type: governance.ActCharter, Subject: governance.GovernanceSubject, Body: c})
	w.sign("otto", governance.Intent{Type: governance.ActEndorse, Subject: governance.GovernanceSubject, Body: governance.Endorsement{Change: a.ID}})
	if w.history().Head() != a.ID {
		w.t.Fatal("the charter is not in force")
	}
}

func TestAnEmergencyInAFreeze(t *testing.T) {
	for _, may := range []bool{false, true} {
		w := newWorld(t, func(c *governance.Charter) {
			p := &c.Environments[0]
			p.EmergencyInFreeze, p.ValidationFirst = may, false
			p.Freezes = []governance.Freeze{{From: "2026-03-01", Name: "Quarter", Until: "2026-03-31"}}
			p.Windows = []governance.Window{{Days: []int64{7}, From: "01:00", Until: "02:00"}}
		}).urgent().letThrough()
		got := refusedBy(governance.Gate(w.question(governance.AttemptDeploy)))
		if may && len(got) > 0 || !may && !slices.Equal(got, []string{"freeze", "window"}) {
			t.Errorf("may %v: %v", may, got)
		}
	}
	w := newWorld(t, func(c *governance.Charter) {
		c.Environments[0].EmergencyInFreeze = true
		c.Environments[0].Freezes = []governance.Freeze{{From: "2026-03-01", Name: "Quarter", Until: "2026-03-31"}}
	}).approved()
	w.attempt(governance.AttemptValidate, 1, governance.ResultSucceeded)
	w.wantShut("freeze", governance.AttemptDeploy)
}

// Who proposes a time zone has one that his machine knows; a charter that is in
// force is not judged by that.
func TestAnUnknownZoneIsNotProposed(t *testing.T) {
	w := newWorld(t)
	atlantis := func(c *governance.Charter) { c.Environments[0].Zone = "Atlantis/Capital" }
	if _, err := ledger.NextCharter(w.history(), atlantis); governance.FaultCode(err) != "unknown_zone" {
		t.Errorf("proposed: %v", err)
	}
	c := *w.history().Charter()
	c.Environments = slices.Clone(c.Environments)
	atlantis(&c)
	if _, err := ledger.Genesis(w.people["olga"].key, c, start); governance.FaultCode(err) != "unknown_zone" {
		t.Errorf("founded: %v", err)
	}
	if _, err := ledger.NextCharter(w.history(), func(c *governance.Charter) { c.Environments[0].Zone = "Europe/Berlin" }); err != nil {
		t.Error(err)
	}
}
