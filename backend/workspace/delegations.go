package workspace

import (
	"context"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
)

// Delegations are who votes in whose place, and whether the person at this
// window may let somebody.
type Delegations struct {
	Items   []DelegationView  `json:"items"` // newest first
	CanGive bool              `json:"canGive"`
	Why     string            `json:"why"` // why not
	WhySaid Said              `json:"whySaid"`
	To      []Person          `json:"to"`    // who could vote for the person
	Roles   []governance.Role `json:"roles"` // of the person: a delegation can be for one of them
}

// A DelegationView is one delegation as screens show it.
type DelegationView struct {
	Act         string          `json:"act"`
	By          *Person         `json:"by"` // for whom the votes count
	To          *Person         `json:"to"`
	Role        governance.Role `json:"role"`        // of the seats; empty: of any
	Environment string          `json:"environment"` // name, or kind; empty: everywhere
	Subject     string          `json:"subject"`     // id of the one request or record it is for
	Label       string          `json:"label"`       // of Subject
	LinkTo      string          `json:"linkTo"`      // request or record
	Since       time.Time       `json:"since" ts_type:"string"`
	Until       time.Time       `json:"until" ts_type:"string"`
	Reason      string          `json:"reason"`
	State       string          `json:"state"` // running, coming, over, ended
	CanEnd      bool            `json:"canEnd"`
}

// The states of a delegation.
const (
	delegationRuns  = "running"
	delegationComes = "coming"
	delegationOver  = "over"
	delegationEnded = "ended"
)

// DelegationFields are what a person says to let somebody vote in the own place.
type DelegationFields struct {
	To            string          `json:"to"`
	Role          governance.Role `json:"role"`                   // empty: of any seat
	EnvironmentID string          `json:"environmentId"`          // empty: everywhere
	Subject       string          `json:"subject"`                // one request or record; empty: all
	Since         time.Time       `json:"since" ts_type:"string"` // zero: from now on
	Until         time.Time       `json:"until" ts_type:"string"`
	Reason        string          `json:"reason"`
}

// Delegations lists who votes in whose place.
func (w *Workspace) Delegations(ctx context.Context) (Delegations, error) {
	sit, err := w.Store.Situation(ctx, w.Acting())
	if err != nil {
		return Delegations{}, err
	}
	c, me, now := sit.History.Charter(), w.Acting(), w.now()
	people := rosterOf(c)
	d := Delegations{Items: []DelegationView{}, To: []Person{}, Roles: []governance.Role{}, WhySaid: reasonSaid(sit.MayDelegate())}
	d.Why, d.CanGive = d.WhySaid.Text, d.WhySaid.Text == ""
	if c != nil {
		for _, m := range c.Members {
			switch {
			case m.ID == me:
				d.Roles = append(d.Roles, m.Roles...)
			case c.Live(m.ID) && !m.Has(governance.Recovery):
				d.To = append(d.To, *people.person(m.ID))
			}
		}
	}
	envs, err := w.environmentsByID(ctx)
	if err != nil {
		return Delegations{}, err
	}
	subjects := []string{}
	for _, s := range sit.History.Delegations(now) {
		v := delegationView(s, people, now)
		v.Environment = placeOf(envs, s.Delegation)
		v.CanEnd = (v.State == delegationRuns || v.State == delegationComes) && (s.By == me || s.Delegation.To == me)
		if v.Subject != "" {
			subjects = append(subjects, v.Subject)
		}
		d.Items = append(d.Items, v)
	}
	found, err := w.Store.TrailNames(ctx, subjects)
	if err != nil {
		return Delegations{}, err
	}
	for i := range d.Items {
		if n, there := found[d.Items[i].Subject]; there {
			d.Items[i].Label, d.Items[i].LinkTo = labelOfName(n), n.Table
		}
	}
	slices.Reverse(d.Items)
	return d, nil
}

func delegationView(s governance.DelegationState, people roster, now time.Time) DelegationView {
	d := s.Delegation
	v := DelegationView{Act: s.Act, By: people.person(s.By), To: people.person(d.To), Role: d.Role, Subject: d.Subject, Reason: d.Reason}
	v.Since, _ = time.Parse(time.RFC3339, d.Since)
	v.Until, _ = time.Parse(time.RFC3339, d.Until)
	switch {
	case s.Ended != "":
		v.State = delegationEnded
	case s.Running:
		v.State = delegationRuns
	case now.Before(v.Since):
		v.State = delegationComes
	default:
		v.State = delegationOver
	}
	return v
}

// placeOf is where a delegation is for: an environment, or a kind of them.
func placeOf(envs map[string]governance.Environment, d governance.Delegation) string {
	for _, e := range envs {
		if d.Organization != "" && e.OrganizationID == d.Organization {
			return e.Name
		}
	}
	if d.Organization != "" {
		return d.Organization
	}
	return string(d.Kind)
}

// GiveDelegation lets another member vote in the place of the person at this
// window, of everything or, with a subject, of one request or record, which is
// reassigning it. Faults: not_allowed, not_found.
func (w *Workspace) GiveDelegation(ctx context.Context, f DelegationFields) (Delegations, error) {
	d := governance.Delegation{To: f.To, Role: f.Role, Subject: f.Subject, Reason: strings.TrimSpace(f.Reason)}
	if err := notLonger([]bounded{{"The reason", d.Reason, maxText}}); err != nil {
		return Delegations{}, err
	}
	if f.EnvironmentID != "" {
		env, err := w.Store.Environment(ctx, f.EnvironmentID)
		if err != nil {
			return Delegations{}, err
		}
		if d.Organization = env.OrganizationID; d.Organization == "" {
			d.Kind = env.Kind
		}
	}
	if f.Subject != "" {
		if _, _, err := w.subjectOf(ctx, f.Subject); err != nil {
			return Delegations{}, err
		}
	}
	since := f.Since
	if since.IsZero() {
		since = w.now()
	}
	d.Since, d.Until = since.UTC().Format(time.RFC3339), f.Until.UTC().Format(time.RFC3339)
	return w.delegating(ctx, func(s governance.Situation) (governance.Intent, error) { return s.Delegate(d) })
}

// DelegationAbout names what a delegation would be for: a request or record, an
// environment, or nothing if it is for all. Fault: not_found.
func (w *Workspace) DelegationAbout(ctx context.Context, f DelegationFields) (string, error) {
	parts := []string{}
	if f.Subject != "" {
		label, name, err := w.subjectOf(ctx, f.Subject)
		if err != nil {
			return "", err
		}
		parts = append(parts, strings.TrimSpace(label+" "+name))
	}
	if f.EnvironmentID != "" {
		env, err := w.Store.Environment(ctx, f.EnvironmentID)
		if err != nil {
			return "", err
		}
		parts = append(parts, env.Name)
	}
	if f.Role != "" {
		parts = append(parts, string(f.Role))
	}
	return strings.Join(parts, ", "), nil
}

// EndDelegation ends a delegation before its time; the votes that were given by
// it go on counting. Fault: not_allowed.
func (w *Workspace) EndDelegation(ctx context.Context, act, reason string) (Delegations, error) {
	reason = strings.TrimSpace(reason)
	if err := notLonger([]bounded{{"The reason", reason, maxText}}); err != nil {
		return Delegations{}, err
	}
	return w.delegating(ctx, func(s governance.Situation) (governance.Intent, error) { return s.EndDelegation(act, reason) })
}

func (w *Workspace) delegating(ctx context.Context, step func(governance.Situation) (governance.Intent, error)) (Delegations, error) {
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return Delegations{}, err
	}
	if err := w.Store.SignWord(ctx, author, "", step); err != nil {
		return Delegations{}, err
	}
	return w.Delegations(ctx)
}

// turnAt is when a delegation to a member begins or ends next, which changes
// what waits for him; zero: never.
func turnAt(h *governance.History, member string, now time.Time) (at time.Time) {
	for _, s := range h.Delegations(now) {
		if s.Delegation.To != member || s.Ended != "" {
			continue
		}
		v := delegationView(s, roster{}, now)
		for _, turn := range []time.Time{v.Since, v.Until.Add(time.Second)} {
			if turn.After(now) {
				at = soonest(turn, at)
			}
		}
	}
	return at
}
