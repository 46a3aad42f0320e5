package governance

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

// A Freeze is a time in which nothing is deployed: from the first to the last
// of two dates, both included, in the policy's time zone.
type Freeze struct {
	From  string `json:"from"` // 2026-12-20
	Name  string `json:"name"`
	Until string `json:"until"`
}

// A Window is a time of the week in which deployments may start. One that ends
// before it begins goes over midnight, and its days are those on which it
// begins.
type Window struct {
	Days  []int64 `json:"days"` // 1 is Monday
	From  string  `json:"from"` // 22:00
	Until string  `json:"until"`
}

const (
	dateForm = "2006-01-02"
	hourForm = "15:04"
	midnight = "24:00" // as the end of a window
)

// zoneForm is what names of time zones are made of. Whether one exists depends
// on a machine's time zone data, so a charter, on whose validity all machines
// agree, is not checked for that.
var zoneForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$`)

// Location is the time zone of the policy's windows and freezes. The fault
// unknown_zone says that this machine knows no such zone.
func (p *Policy) Location() (*time.Location, error) {
	if p.Zone == "" {
		return time.UTC, nil
	}
	if p.Zone != "Local" && zoneForm.MatchString(p.Zone) {
		if l, err := time.LoadLocation(p.Zone); err == nil {
			return l, nil
		}
	}
	return nil, Faultf("unknown_zone", "The policy %q is in the time zone %q, which is not known here.", p.Name, p.Zone).
		WithHint("Choose a zone such as Europe/Berlin.")
}

func (p *Policy) checkCalendar() error {
	if p.Zone == "Local" || p.Zone != "" && !zoneForm.MatchString(p.Zone) {
		return p.bad("is in the time zone %q; choose one such as Europe/Berlin.", p.Zone)
	}
	for _, f := range p.Freezes {
		from, a := time.Parse(dateForm, f.From)
		until, b := time.Parse(dateForm, f.Until)
		if a != nil || b != nil || until.Before(from) || f.Name == "" {
			return p.bad("has the freeze %q from %q until %q; it needs a name and two dates in order.", f.Name, f.From, f.Until)
		}
	}
	for i := range p.Windows {
		w := &p.Windows[i]
		_, _, ok := w.minutes()
		if !ok || len(w.Days) == 0 || slices.ContainsFunc(w.Days, func(d int64) bool { return d < 1 || d > 7 }) {
			return p.bad("has a window from %q until %q on %d days; it needs two different times and days from 1, Monday, to 7.", w.From, w.Until, len(w.Days))
		}
	}
	return nil
}

// minutes are the minutes of a day at which a window begins and ends.
func (w *Window) minutes() (from, until int, ok bool) {
	from, a := minuteOf(w.From)
	until, b := minuteOf(w.Until)
	if w.Until == midnight {
		until, b = 24*60, true
	}
	return from, until, a && b && from != until
}

func minuteOf(clock string) (int, bool) {
	t, err := time.Parse(hourForm, clock)
	return t.Hour()*60 + t.Minute(), err == nil && t.Format(hourForm) == clock
}

// holds reports whether a moment, in the policy's zone, lies in the window.
func (w *Window) holds(now time.Time) bool {
	from, until, ok := w.minutes()
	on := func(d time.Weekday) bool { return slices.Contains(w.Days, int64((d+6)%7)+1) }
	at := now.Hour()*60 + now.Minute()
	switch {
	case !ok:
		return false
	case from < until:
		return on(now.Weekday()) && at >= from && at < until
	}
	return on(now.Weekday()) && at >= from || on((now.Weekday()+6)%7) && at < until
}

// frozen is the freeze that a moment lies in, nil if it lies in none.
func (p *Policy) frozen(now time.Time) *Freeze {
	day := now.Format(dateForm)
	for i := range p.Freezes {
		if f := &p.Freezes[i]; f.From <= day && day <= f.Until {
			return f
		}
	}
	return nil
}

// inWindow reports whether a moment lies in a window; without windows it always
// does.
func (p *Policy) inWindow(now time.Time) bool {
	return len(p.Windows) == 0 || slices.ContainsFunc(p.Windows, func(w Window) bool { return w.holds(now) })
}

// A Moment is how a policy's calendar stands at a time, for a Change Type.
type Moment struct {
	Unknown bool    // this machine does not know the time zone, so nothing is let through
	Freeze  *Freeze // that keeps it back
	Outside bool    // of every window
	Day     string  // day and time in the policy's zone: Mon 09:30
	Zone    string  // its name
}

// Open reports whether something may be deployed.
func (m Moment) Open() bool { return !m.Unknown && m.Freeze == nil && !m.Outside }

// Clock is the day and the time in the policy's zone, with the zone.
func (m Moment) Clock() string { return m.Day + " (" + m.Zone + ")" }

// Calendar reports whether the policy keeps deployments back at any time.
func (p *Policy) Calendar() bool { return len(p.Windows)+len(p.Freezes) > 0 }

// At is how the calendar stands at a time. Without windows and freezes it is
// always open.
func (p *Policy) At(now time.Time, kind ChangeType) Moment {
	if !p.Calendar() {
		return Moment{}
	}
	zone, err := p.Location()
	if err != nil {
		return Moment{Unknown: true, Zone: p.Zone}
	}
	now = now.In(zone)
	m := Moment{Day: now.Format("Mon " + hourForm), Zone: zone.String()}
	if kind != Emergency || !p.EmergencyInFreeze {
		m.Freeze, m.Outside = p.frozen(now), !p.inWindow(now)
	}
	return m
}

// calendar: the target's policy lets something be deployed now. The moment is
// that of the question, not one that others dated their acts with: those could
// reach into a window.
func (g *gate) calendar() {
	if g.policy == nil || !g.Kind.Real() || !g.policy.Calendar() {
		return
	}
	m := g.policy.At(g.Now, g.req.ChangeType)
	if m.Unknown {
		g.names("zone", m.Zone)
		g.check(false, "zone", "", fmt.Sprintf("The policy is in the time zone %s, which this machine does not know, so nobody can say whether it may be deployed now.", m.Zone),
			"Update Countersign, or let the owners choose another time zone.", g.owners()...)
		return
	}
	freeze := Freeze{}
	if m.Freeze != nil {
		freeze = *m.Freeze
	}
	g.names("name", freeze.Name, "from", freeze.From, "until", freeze.Until)
	g.check(m.Freeze == nil, "freeze", "No freeze keeps it from being deployed now.",
		fmt.Sprintf("The freeze %s, from %s until %s, keeps it from being deployed.", freeze.Name, freeze.From, freeze.Until),
		"Wait until it is over, or ask the owners to change the policy.", g.owners()...)
	g.names("now", m.Day, "zone", m.Zone)
	g.check(!m.Outside, "window", "It may be deployed at this time.",
		fmt.Sprintf("It is %s, outside the times in which the policy lets something be deployed here.", m.Clock()),
		"Wait for the next window, or ask the owners to change the policy.", g.owners()...)
}
