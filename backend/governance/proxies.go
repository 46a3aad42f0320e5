package governance

import "slices"

// proxies are those in whose place a person may do something now, by
// delegations that last.
func (s Situation) proxies(m matter, a Action) []Proxy {
	out := []Proxy{}
	c := s.History.Charter()
	b := m.standing.ballot(c, nil)
	rule := b.rule()
	if rule == nil || s.Now.IsZero() || !b.policy.Delegation || b.partOf(s.By) != "" {
		return out
	}
	for _, d := range s.History.Delegations(s.Now) {
		if !d.Running || d.Delegation.To != s.By || !b.concerns(&d.Delegation) || s.late(m, &d.Delegation) {
			continue
		}
		step, ok := int64(0), false
		if a == Approve {
			step, ok = m.standing.openFor(d, b.policy.SeveralSeatsEach)
		} else {
			ok = slices.ContainsFunc(b.posts(rule), func(p post) bool { return d.fits(p.role) && p.takes(d.By, c.Member(d.By).Has) })
		}
		if ok {
			out = append(out, Proxy{Delegation: d.Act, Member: d.By, Step: step})
		}
	}
	return out
}

// fits reports whether a delegation is for a seat of a role, or of somebody
// asked by name.
func (d *DelegationState) fits(role Role) bool {
	return d.Delegation.Role == "" || d.Delegation.Role == role
}

// late reports whether the thread holds something that is dated after a
// delegation: a vote that has seen it would not be in time.
func (s Situation) late(m matter, d *Delegation) bool {
	_, until, _ := d.period()
	end := until.Add(clockSlack)
	return slices.ContainsFunc(s.History.good(m.standing.Subject), func(a *Act) bool { return a.At.After(end) })
}

// openFor is a free seat that one may fill in another's place.
func (s *Standing) openFor(d DelegationState, several bool) (int64, bool) {
	sits := func(seat SeatState) bool { return seat.Member == d.Delegation.To || seat.By == d.Delegation.To }
	if !several && slices.ContainsFunc(s.Seating.Seats, sits) {
		return 0, false
	}
	for _, seat := range s.Seating.Seats {
		if seat.Member == "" && slices.Contains(seat.May, d.By) && d.fits(seat.Role) {
			return seat.Step, true
		}
	}
	return 0, false
}

// InPlace is what a person may do in another's place, by one of the delegations
// of For.
func (st ActionState) InPlace(delegation string) ActionState {
	at := slices.IndexFunc(st.For, func(p Proxy) bool { return p.Delegation == delegation })
	if at < 0 {
		why := because("no_proxy", "No delegation lets you do this now in somebody's place.")
		st.Allowed, st.Why, st.Code, st.Params = false, why.Text, why.Code, why.Params
		return st
	}
	st.Allowed, st.Why, st.Step = true, "", st.For[at].Step
	return st
}
