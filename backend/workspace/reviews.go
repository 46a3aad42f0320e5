package workspace

import (
	"context"
	"strings"
	"time"

	"countersign/backend/governance"
)

// A ReviewView is the review that a deployed emergency owes or had.
type ReviewView struct {
	Round    int64         `json:"round"`
	Revision string        `json:"revision"` // digest of the request's content
	Deployed time.Time     `json:"deployed" ts_type:"string"`
	Due      time.Time     `json:"due" ts_type:"string"`
	Done     bool          `json:"done"`
	Overdue  bool          `json:"overdue"`
	Seats    Seats         `json:"seats"`
	Given    []GivenReview `json:"given"`
	Allowed  bool          `json:"allowed"` // the person at this window can review it now
	Why      string        `json:"why"`
	WhySaid  Said          `json:"whySaid"` // to be translated by the whole key
}

// A GivenReview is what one person said of a deployed emergency.
type GivenReview struct {
	By      *Person            `json:"by"`
	At      time.Time          `json:"at" ts_type:"string"`
	Verdict governance.Verdict `json:"verdict"`
	Reason  string             `json:"reason"`
}

// reviewsOf are the reviews of one request, the first deployment first. A person
// reviews the first that is open.
func reviewsOf(s governance.Situation, request string, now time.Time) []ReviewView {
	out, people, open := []ReviewView{}, rosterOf(s.History.Charter()), false
	for _, r := range s.History.Reviews(now) {
		if r.Subject != request {
			continue
		}
		v := ReviewView{Round: r.Round, Revision: r.Revision, Deployed: r.Deployed.UTC(), Due: r.Due.UTC(), Done: r.Done, Overdue: r.Overdue, Given: []GivenReview{},
			Seats: seatsOf(s.History, governance.Standing{Seating: r.Seating}, now), WhySaid: quoted("", "")}
		v.Seats.Expires, v.Seats.Expired = time.Time{}, false // a review that was done stays done
		for _, a := range s.History.Thread(request) {
			if b, is := a.Body.(governance.Review); is && a.Broken == "" && b.Revision == r.Revision && b.Round == r.Round {
				v.Given = append(v.Given, GivenReview{By: people.person(a.Member), At: a.At.UTC(), Verdict: b.Verdict, Reason: b.Reason})
			}
		}
		if !r.Done && !open {
			open = true
			v.WhySaid = reasonSaid(s.MayReview(request))
			v.Why, v.Allowed = v.WhySaid.Text, v.WhySaid.Text == ""
		}
		out = append(out, v)
	}
	return out
}

// ReviewRequest reviews a deployed emergency of a request as the person at this
// window. Seen is the digest of the content that was looked at. Faults:
// seen_other, not_allowed, not_found.
func (w *Workspace) ReviewRequest(ctx context.Context, id string, verdict governance.Verdict, reason, seen string) (RequestView, error) {
	cr, err := w.Store.ChangeRequest(ctx, id)
	if err != nil {
		return RequestView{}, err
	}
	reason = strings.TrimSpace(reason)
	if err := notLonger([]bounded{{"The reason", reason, maxText}}); err != nil {
		return RequestView{}, err
	}
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return RequestView{}, err
	}
	err = w.Store.SignWord(ctx, author, id, func(s governance.Situation) (governance.Intent, error) {
		in, err := s.Review(id, verdict, reason)
		if err != nil {
			return in, err
		}
		if r, is := in.Body.(governance.Review); is && r.Revision != seen {
			return in, governance.SeenOther(cr.Label())
		}
		return in, nil
	})
	if err != nil {
		return RequestView{}, err
	}
	return w.RequestView(ctx, id)
}

// reviews adds what deployed emergencies owe.
func (d *day) reviews(ctx context.Context) error {
	mine, others := []Task{}, []Task{}
	s := governance.Situation{History: d.charter, By: d.me, Now: d.now}
	for _, r := range d.charter.Reviews(d.now) {
		if r.Done {
			continue
		}
		t := Task{Kind: taskReview, ID: r.Subject, RequestID: r.Subject, Digest: r.Revision, Expires: r.Due.UTC()}
		key := "task.review"
		if r.Overdue {
			key += ".overdue"
		} else {
			d.until = soonest(r.Due.Add(time.Second), d.until)
		}
		t = d.say(t, taskReview, key, "at", r.Due.UTC())
		if s.MayReview(r.Subject).None() {
			mine = append(mine, t)
		} else {
			others = append(others, t)
		}
	}
	if err := d.name(ctx, mine, others); err != nil {
		return err
	}
	for _, t := range mine {
		d.wait(t)
	}
	for _, t := range others {
		d.add(&d.today.Reviews, &d.today.Totals.Reviews, t)
	}
	return nil
}
