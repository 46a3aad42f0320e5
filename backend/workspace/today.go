package workspace

import (
	"context"
	"slices"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// A Today is the first page: what the person at this window should look at.
// Each list holds at most a hundred; Totals count all.
type Today struct {
	Waiting  []Task `json:"waiting"` // for this person
	Running  []Task `json:"running"`
	Failed   []Task `json:"failed"`   // newest attempt of an open record
	Expiring []Task `json:"expiring"` // approvals and validations that run out within two days, or did
	Drafts   []Task `json:"drafts"`   // this person's own
	Reviews  []Task `json:"reviews"`  // that deployed emergencies owe, and that others do
	Outside  []Task `json:"outside"`  // environments with changes outside the process that are not resolved
	Totals   Totals `json:"totals"`
}

// Totals are how many tasks there are of each kind.
type Totals struct {
	Waiting  int64 `json:"waiting"`
	Running  int64 `json:"running"`
	Failed   int64 `json:"failed"`
	Expiring int64 `json:"expiring"`
	Drafts   int64 `json:"drafts"`
	Reviews  int64 `json:"reviews"`
	Outside  int64 `json:"outside"`
}

// A Task is one thing to look at, one click from its action.
type Task struct {
	Kind        string    `json:"kind"` // request, record, log, policy, review, environment
	ID          string    `json:"id"`
	RequestID   string    `json:"requestId"`
	RecordID    string    `json:"recordId"` // of a log
	Label       string    `json:"label"`
	Name        string    `json:"name"`
	Code        string    `json:"code"` // as of NextStep
	Sentence    string    `json:"sentence"`
	Environment string    `json:"environment"`
	Production  bool      `json:"production"`
	By          *Person   `json:"by"` // whose it is
	At          time.Time `json:"at" ts_type:"string"`
	// Said is the sentence for translation.
	Said Said `json:"said"`
	// Digest is of the content that waits for a vote, so that the window can say
	// whether it is another than the person looked at; empty for other tasks.
	Digest string `json:"digest"`
	// Expires is when the first of its approvals runs out, or when a review is
	// due; zero when nothing does.
	Expires   time.Time `json:"expires" ts_type:"string"`
	Emergency bool      `json:"emergency"`
}

// What a task is about.
const (
	taskRequest = "request"
	taskRecord  = "record"
	taskLog     = "log"
	taskPolicy  = "policy"
	taskMember  = "member" // who asks to be let in; its id is that act's
	taskReview  = "review" // of a deployed emergency; its id is the request's

	taskEnvironment = "environment"
)

const (
	mostTasks = 100
	// soon is how long before an approval or a validation runs out it is told.
	soon = 48 * time.Hour
)

// Today is what waits for the person at this window, what runs, failed and
// expires. Waiting are seats that the person can fill, rejected requests and
// records of this person, approved ones to go on with or to complete, and
// changes of the policies to sign. What runs and failed is everybody's; what
// expires is of this person's requests and records, or is this person's to
// deploy.
func (w *Workspace) Today(ctx context.Context) (Today, error) {
	return again(ctx, w, "Today", nil, func() (Today, time.Time, error) { return w.todayNow(ctx) })
}

// todayNow also says until when it holds, if something in it runs out.
func (w *Workspace) todayNow(ctx context.Context) (Today, time.Time, error) {
	d := &day{w: w, me: w.Acting(), now: w.now(), today: Today{Waiting: []Task{}, Running: []Task{}, Failed: []Task{}, Expiring: []Task{}, Drafts: []Task{}, Reviews: []Task{}, Outside: []Task{}}}
	var err error
	if d.envs, err = w.environmentsByID(ctx); err != nil {
		return Today{}, time.Time{}, err
	}
	if d.charter, err = w.Store.History(ctx, noRecords); err != nil {
		return Today{}, time.Time{}, err
	}
	d.people = rosterOf(d.charter.Charter())
	for _, part := range []func(context.Context) error{d.requests, d.records, d.policies, d.reviews, d.attempts, d.outside} {
		if err := part(ctx); err != nil {
			return Today{}, time.Time{}, err
		}
	}
	return d.today, d.until, nil
}

// A day is Today while it is put together.
type day struct {
	w       *Workspace
	me      string
	now     time.Time
	envs    map[string]governance.Environment
	charter *governance.History // of the charter alone
	people  roster
	today   Today
	until   time.Time // when something in it runs out; zero: never
}

func (d *day) add(list *[]Task, total *int64, t Task) {
	if *total++; len(*list) < mostTasks {
		*list = append(*list, t)
	}
}

func (d *day) say(t Task, code, key string, values ...any) Task {
	t.Code, t.Said = code, d.w.said(key, values...)
	t.Sentence = t.Said.Text
	return t
}

func (t Task) with(n NextStep) Task {
	t.Code, t.Sentence, t.Said = n.Code, n.Sentence, n.Said
	return t
}

// requests adds what waits and expires of Change Requests, and the person's
// drafts.
func (d *day) requests(ctx context.Context) error {
	all, err := d.w.verdictsFor(ctx, d.me)
	if err != nil {
		return err
	}
	for _, v := range all {
		d.until = soonest(v.until, d.until)
		t := Task{Kind: taskRequest, ID: v.id, RequestID: v.id, Digest: v.digest, Expires: v.expires}
		over := !v.end.IsZero() && !v.end.After(d.now)
		if v.waits && !over {
			d.wait(t.with(v.next))
		}
		if over {
			d.expire(t.with(v.next)) // the next step is to reopen it
		} else if !v.end.IsZero() && !v.end.After(d.now.Add(soon)) {
			d.expire(d.say(t, v.next.Code, "task.expiring", "hours", hoursTo(d.now, v.end)))
		}
	}
	if err := d.name(ctx, d.today.Waiting, d.today.Expiring); err != nil {
		return err
	}
	return d.drafts(ctx)
}

// name fills in what tasks of requests are about.
func (d *day) name(ctx context.Context, lists ...[]Task) error {
	ids := []string{}
	for _, list := range lists {
		for _, t := range list {
			ids = append(ids, t.ID)
		}
	}
	lines, err := d.w.Store.RequestLinesByID(ctx, ids)
	if err != nil {
		return err
	}
	byID := map[string]store.RequestLine{}
	for _, l := range lines {
		byID[l.ID] = l
	}
	for _, list := range lists {
		for i := range list {
			l := byID[list[i].ID]
			authors, err := l.Authors()
			if err != nil {
				return err
			}
			list[i].Label, list[i].Name, list[i].At, list[i].Emergency = labelOf("CR", l.Number), l.Name, l.UpdatedAt, l.Type == governance.Emergency
			if len(authors) > 0 {
				list[i].By = d.people.person(authors[0])
			}
		}
	}
	return nil
}

func (d *day) drafts(ctx context.Context) error {
	lines, total, err := d.w.Store.RequestLines(ctx, store.Query{Status: []governance.Status{governance.InProgress}, Author: d.me, Limit: mostTasks}, nil)
	if err != nil {
		return err
	}
	for _, line := range lines {
		t := Task{Kind: taskRequest, ID: line.ID, RequestID: line.ID, Label: labelOf("CR", line.Number), Name: line.Name, By: d.people.person(d.me), At: line.UpdatedAt}
		d.add(&d.today.Drafts, &d.today.Totals.Drafts, d.say(t, nextEdit, "task.draft"))
	}
	d.today.Totals.Drafts = total
	return nil
}

func hoursTo(now, end time.Time) int64 { return max(int64(end.Sub(now).Round(time.Hour)/time.Hour), 1) }

// policies adds the changes that wait for this person's signature, and the keys
// that wait to be let in, where this person can do it.
func (d *day) policies(context.Context) error {
	h := d.charter
	if h.Charter() == nil {
		return nil
	}
	for _, p := range d.w.pendingPolicies(h) {
		if !p.CanSign {
			continue
		}
		t := Task{Kind: taskPolicy, ID: p.Act, Name: h.Charter().Name, By: p.By, At: p.At}
		d.wait(d.say(t, nextVote, "task.policy", "who", p.By.name()))
	}
	if d.w.whyNotPropose(h, d.me).Text != "" || h.Charter().Demo {
		return nil
	}
	for _, k := range waitingKeys(h, d.w.id, nil, d.w.pendingPolicies(h)) {
		if !k.Proposed {
			d.wait(d.say(Task{Kind: taskMember, ID: k.Act, Name: k.Name, At: k.At}, nextVote, "task.join", "name", k.Name))
		}
	}
	return nil
}

// attempts adds what runs and what failed.
func (d *day) attempts(ctx context.Context) error {
	running, err := d.w.Store.ActiveLogLines(ctx, mostTasks)
	if err != nil {
		return err
	}
	failed, total, err := d.w.Store.FailedLogs(ctx, mostTasks)
	if err != nil {
		return err
	}
	ids := []string{}
	for _, l := range slices.Concat(running, failed) {
		ids = append(ids, l.RecordID)
	}
	lines, err := d.w.Store.RecordLines(ctx, ids)
	if err != nil {
		return err
	}
	records := map[string]store.RecordLine{}
	for _, r := range lines {
		records[r.ID] = r
	}
	for _, l := range running {
		t := d.ofLog(l, records[l.RecordID])
		d.add(&d.today.Running, &d.today.Totals.Running, d.say(t, string(l.Kind), "task.running."+attemptWord(l.Kind), "target", t.Environment))
	}
	for _, l := range failed {
		t := d.ofLog(l, records[l.RecordID])
		t.At = l.CompletedAt
		d.add(&d.today.Failed, &d.today.Totals.Failed, d.say(t, string(l.Kind), "task.failed", "message", d.w.messageOf(failureOf(l), t.Environment)))
	}
	d.today.Totals.Failed = total
	return nil
}

// failureOf is as much of a log as the verdict on an attempt that did not
// succeed is made of. The outcome is not: of a large org it is long, with its
// coverage and tests, and only the verdict on a success looks into it.
func failureOf(l store.LogLine) *governance.DeploymentLog {
	return &governance.DeploymentLog{ID: l.ID, Kind: l.Kind, Progress: l.Progress, Result: l.Result, Status: l.Status, Message: l.Message,
		ComponentsTotal: l.ComponentsTotal, ComponentsDone: l.ComponentsDone, ComponentErrors: l.ComponentErrors, TestsTotal: l.TestsTotal, TestErrors: l.TestErrors}
}

func (d *day) ofLog(l store.LogLine, r store.RecordLine) Task {
	env := targetIn(d.envs, r)
	return Task{Kind: taskLog, ID: l.ID, RecordID: r.ID, RequestID: l.RequestID, Label: labelOf("DR", r.Number), Name: r.Name, Environment: env.Name,
		Production: drawnAsProduction(d.charter.Charter(), env), By: d.people.person(l.By), At: l.StartedAt}
}
