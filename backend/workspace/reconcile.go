package workspace

import (
	"context"
	"slices"
	"time"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
	"countersign/backend/scan"
	"countersign/backend/store"
)

// Reconciliation reads an org's own list of deployments and its Setup Audit
// Trail since the last reading, and the last inventory, and signs as findings
// what no act accounts for. What was found is signed together with how far was
// read, so that nothing is lost: while there is no unlocked key, or no
// connection, nothing is kept and the next reading begins at the same place.

const (
	// overlap is read twice: an org can show a row later than it says.
	overlap = time.Hour
	// freshReading is how long nobody asks an org again without being asked to.
	freshReading = 3 * time.Minute
)

// A Reconciled is what one reading of an org found.
type Reconciled struct {
	Found int64  `json:"found"` // findings that were not known before
	Said  Said   `json:"said"`
	Until string `json:"until"` // by the org's clock, RFC 3339
	// Unread says why the org's list of deployments was not read, and with it
	// nothing else; SetupUnread why its Setup Audit Trail was not. Nil if it was.
	Unread      *Problem `json:"unread,omitempty"`
	SetupUnread *Problem `json:"setupUnread,omitempty"`
	Probable    int64    `json:"probable"` // changes that are probably of a deployment, see ProbableChange
}

// CheckOutside reads what was changed in an environment's org since the last
// reading. The first one begins when the environment was added, or with
// everything the org still knows. Faults: not_found, not_tested, ungoverned,
// those of signing in, and of the person's key if anything was found.
func (w *Workspace) CheckOutside(ctx context.Context, environmentID string, everything bool) (Reconciled, error) {
	out, err := w.checkOutside(ctx, environmentID, everything)
	w.keepTrouble(ctx, environmentID, err)
	return out, err
}

func (w *Workspace) checkOutside(ctx context.Context, environmentID string, everything bool) (Reconciled, error) {
	env, err := w.Store.Environment(ctx, environmentID)
	if err != nil {
		return Reconciled{}, err
	}
	if env.OrganizationID == "" {
		return Reconciled{}, governance.Faultf(scan.CodeNotTested, "It is not known yet which org %s is.", env.Name).WithHint("Press Test Connection first.")
	}
	charter, err := w.Charter(ctx)
	if err != nil {
		return Reconciled{}, err
	}
	if charter.PolicyFor(env.Kind, env.OrganizationID) == nil {
		return Reconciled{}, governance.Faultf("ungoverned", "No policy governs %s, so nothing in it is outside the process.", env.Name).WithHint("Propose a policy for its kind, or for this org.")
	}
	w.reconciling.Lock()
	defer w.reconciling.Unlock()
	r, err := w.newReader(ctx, env, everything)
	if err != nil {
		return Reconciled{}, err
	}
	for _, part := range []func(context.Context) error{r.deployments, r.setup, r.drift} {
		if err := part(ctx); err != nil {
			return Reconciled{}, err
		}
		if r.unread != nil { // nothing else can be told from what deployments did
			break
		}
	}
	return r.keep(ctx)
}

// An outsideTrouble is why the last reading of an org was not kept.
type outsideTrouble struct {
	at      time.Time
	problem *Problem
}

// keepTrouble remembers for the page of an environment why a reading was not
// kept: most readings have no person who waits for them.
func (w *Workspace) keepTrouble(ctx context.Context, environmentID string, err error) {
	if ctx.Err() != nil {
		return
	}
	w.troubleMu.Lock()
	defer w.troubleMu.Unlock()
	delete(w.trouble, environmentID)
	if err != nil && !slices.Contains([]string{"not_found", "ungoverned", scan.CodeNotTested}, governance.FaultCode(err)) {
		remember(&w.trouble, environmentID, outsideTrouble{w.now(), ProblemOf(w.o.Log, "read what was changed outside", err)})
	}
}

func (w *Workspace) troubleOf(environmentID string) (outsideTrouble, bool) {
	w.troubleMu.Lock()
	defer w.troubleMu.Unlock()
	t, had := w.trouble[environmentID]
	return t, had
}

// checkOutsideBeside is CheckOutside without a person who waits for it: it is
// left out when it was done a moment ago, and what goes wrong is met again by
// whoever asks.
func (w *Workspace) checkOutsideBeside(ctx context.Context, environmentID string) {
	if last, none, err := w.Store.LastReading(ctx, environmentID); err != nil || !none && w.now().Sub(momentOf(last.At)) < freshReading {
		return
	}
	if _, err := w.CheckOutside(ctx, environmentID, false); err != nil && ctx.Err() == nil {
		w.o.Log.Info("an org was not read for changes outside", "environment", environmentID, "err", err)
	}
}

// checkInventory looks for what a new inventory shows of changes outside.
func (w *Workspace) checkInventory(ctx context.Context, environmentID string) {
	if _, err := w.CheckOutside(ctx, environmentID, false); err != nil && ctx.Err() == nil {
		w.o.Log.Info("an inventory was not looked at for changes outside", "environment", environmentID, "err", err)
	}
}

// afterConnection lets the org be read beside the screens that come next.
func (w *Workspace) afterConnection(environmentID string) {
	if w.o.Beside {
		w.chores.run(func(ctx context.Context) { w.checkOutsideBeside(ctx, environmentID) })
	}
}

// A reader is one reading of one org.
type reader struct {
	w      *Workspace
	env    *governance.Environment
	client *salesforce.Client
	last   store.Reading
	scan   *store.Scan // that was not looked at yet, or nil
	before *store.Scan // the one that was looked at last, or nil
	start  time.Time   // nothing before it is asked about

	next        store.Reading
	windows     []*window
	found       []governance.Finding
	probable    []ProbableChange
	unread      error // why the list of deployments was not read
	setupUnread error // why the set-up trail was not read
}

func (w *Workspace) newReader(ctx context.Context, env *governance.Environment, everything bool) (*reader, error) {
	r := &reader{w: w, env: env}
	var none bool
	var err error
	if r.last, none, err = w.Store.LastReading(ctx, env.ID); err != nil {
		return nil, err
	}
	again := none || r.last.Organization != env.OrganizationID // another org: nothing of it was read
	switch {
	case everything:
		r.last, r.start = store.Reading{Drift: r.last.Drift, Environment: env.ID, Scan: r.last.Scan}, time.Unix(0, 0).UTC()
		if again {
			r.last = store.Reading{}
		}
	case again:
		r.last, r.start = store.Reading{}, env.CreatedAt
	default:
		r.start = momentOf(r.last.Start)
	}
	if r.client, err = w.Session(ctx, env); err != nil {
		return nil, err
	}
	sc, err := w.Store.LastScan(ctx, env.ID)
	if err != nil && governance.FaultCode(err) != "not_found" {
		return nil, err
	}
	if err == nil && sc.OrganizationID == env.OrganizationID && sc.ID != r.last.Scan {
		r.scan = sc
		if r.before, err = w.Store.LookedAt(ctx, r.last); err != nil {
			return nil, err
		}
	}
	r.next = store.Reading{Deployments: r.last.Deployments, Drift: r.last.Drift, Environment: env.ID, Organization: env.OrganizationID, Scan: r.last.Scan, Seen: r.last.Seen, Setup: r.last.Setup, Start: rfc(r.start)}
	return r, nil
}

// from is where a list is read from: some time before where it was read to, but
// nothing before the start.
func (r *reader) from(until string) time.Time {
	if until == "" {
		return r.start
	}
	return latest(r.start, momentOf(until).Add(-overlap))
}

// keep signs what was found and how far was read.
func (r *reader) keep(ctx context.Context) (Reconciled, error) {
	w := r.w
	by := store.Author{Member: w.Acting()}
	fresh, err := r.fresh(ctx)
	if err != nil {
		return Reconciled{}, err
	}
	if len(fresh) > 0 {
		if by, err = w.Author(ctx, by.Member); err != nil {
			return Reconciled{}, err
		}
	}
	if err := r.keepProbable(ctx); err != nil {
		return Reconciled{}, err
	}
	n, err := w.Store.Read(ctx, by, r.next, fresh)
	if err != nil {
		return Reconciled{}, err
	}
	out := Reconciled{Found: n, Until: r.next.Deployments, Probable: int64(len(r.probable)), Said: w.said("outside.none", "environment", r.env.Name)}
	switch {
	case r.unread != nil:
		out.Unread = ProblemOf(w.o.Log, "read the list of deployments", r.unread)
		out.Said = w.said("outside.unread", "environment", r.env.Name)
	case n > 0:
		out.Said = w.said("outside.found", "found", n, "environment", r.env.Name)
	case r.setupUnread != nil:
		out.Said = w.said("outside.partly", "environment", r.env.Name)
	}
	if r.setupUnread != nil {
		out.SetupUnread = ProblemOf(w.o.Log, "read the Setup Audit Trail", r.setupUnread)
	}
	return out, nil
}

// fresh are the findings that are not known yet. The door asks again.
func (r *reader) fresh(ctx context.Context) ([]governance.Finding, error) {
	if len(r.found) == 0 {
		return r.found, nil
	}
	h, err := r.w.Store.History(ctx, governance.OrganizationSubject(r.env.OrganizationID))
	if err != nil {
		return nil, err
	}
	known := h.Findings(r.env.OrganizationID)
	return slices.DeleteFunc(r.found, func(f governance.Finding) bool {
		return slices.ContainsFunc(known, func(k governance.FindingState) bool { return k.Finding.Kind == f.Kind && k.Finding.Ref == f.Ref })
	}), nil
}

func rfc(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// momentOf is the zero time for what is no time.
func momentOf(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
