package workspace

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/metadata"
)

var outsideEnglish = map[string]string{
	"outside.deployment": "A deployment of {count:component|components}.",
	"outside.forgotten":  "A deployment whose details the org has forgotten.",
	"outside.setup":      "Changed by hand in Setup.",
	"outside.drift":      "{count:customization is|customizations are} not as the scan before showed.",
	"outside.gone":       "{count:customization is|customizations are} gone since the scan before.",
	"outside.unread":     "What was changed in {environment} outside the process could not be read.",
	"outside.partly":     "No deployment to {environment} was made outside the process. Its Setup Audit Trail could not be read.",
	"outside.found":      "Found {found:new change|new changes} in {environment} outside the process.",
	"outside.none":       "Nothing new was changed in {environment} outside the process.",
	"outside.taken":      "A change request takes it over: {name}.",
	"task.outside":       "{count:change|changes} outside the process in {environment}.",
}

// An OutsideChange is something in an org that nobody here signed for.
type OutsideChange struct {
	Act        string    `json:"act"`
	Kind       string    `json:"kind"` // deployment, setup, drift
	Said       Said      `json:"said"` // what it is, in a sentence
	Summary    string    `json:"summary"`
	Components []string  `json:"components"` // the first of them
	Changes    []string  `json:"changes"`    // what was done to each: add, change, delete
	Count      int64     `json:"count"`      // of all that it names
	By         string    `json:"by"`         // as the org says
	At         time.Time `json:"at" ts_type:"string"`
	FoundBy    *Person   `json:"foundBy"`
	HasPage    bool      `json:"hasPage"` // Salesforce has a page about it
	// What became of it; open while Resolved is false.
	Resolved     bool      `json:"resolved"`
	ResolvedBy   *Person   `json:"resolvedBy"`
	ResolvedAt   time.Time `json:"resolvedAt" ts_type:"string"`
	Reason       string    `json:"reason"`
	RequestID    string    `json:"requestId"` // that takes the change over
	RequestLabel string    `json:"requestLabel"`
}

// An OutsideQuery asks for changes outside the process.
type OutsideQuery struct {
	Open   bool `json:"open"` // only those that are not resolved
	Offset int  `json:"offset"`
	Limit  int  `json:"limit"` // at most 500; 0: 200
}

// An OutsidePage is what was changed in an environment's org outside the
// process, newest first.
type OutsidePage struct {
	Items    []OutsideChange `json:"items"`
	Total    int64           `json:"total"`
	Open     int64           `json:"open"`
	Resolved int64           `json:"resolved"`
	Until    time.Time       `json:"until" ts_type:"string"` // the org was read until here, by its own clock; zero: never
	Closes   bool            `json:"closes"`                 // an open one closes the gate
	Governed bool            `json:"governed"`               // a policy governs the org; otherwise nothing in it is outside
	// Unread: the org's list of deployments could not be read the last time, and
	// with it nothing else; SetupUnread: its Setup Audit Trail could not.
	Unread      bool `json:"unread"`
	SetupUnread bool `json:"setupUnread"`
	// Trouble is why the last reading, at TroubleAt by this computer's clock, was
	// not kept; nil if it was.
	Trouble   *Problem  `json:"trouble,omitempty"`
	TroubleAt time.Time `json:"troubleAt" ts_type:"string"`
	Probable  int64     `json:"probable"` // changes that are probably of a deployment
}

// named is how many components a page shows of one finding.
const named = 50

// Outside lists what was changed outside the process in an environment's org.
// Fault: not_found.
func (w *Workspace) Outside(ctx context.Context, environmentID string, q OutsideQuery) (OutsidePage, error) {
	env, err := w.Store.Environment(ctx, environmentID)
	if err != nil {
		return OutsidePage{}, err
	}
	h, err := w.Store.History(ctx, organizationOf(env))
	if err != nil {
		return OutsidePage{}, err
	}
	p := OutsidePage{Items: []OutsideChange{}}
	if c := h.Charter(); c != nil {
		policy := c.PolicyFor(env.Kind, env.OrganizationID)
		p.Governed, p.Closes = policy != nil, policy != nil && policy.FindingsClose
	}
	last, none, err := w.Store.LastReading(ctx, env.ID)
	if err != nil {
		return OutsidePage{}, err
	}
	if !none && last.Organization == env.OrganizationID {
		p.Until = momentOf(last.Deployments)
		p.Unread, p.SetupUnread = last.DeploymentsUnread != "", last.SetupUnread != ""
	}
	if t, had := w.troubleOf(env.ID); had {
		p.Trouble, p.TroubleAt = t.problem, t.at
	}
	probable, err := w.probableOf(ctx, env, h)
	if err != nil {
		return OutsidePage{}, err
	}
	p.Probable = int64(len(probable))
	people, all := rosterOf(h.Charter()), foundOnce(h.Findings(env.OrganizationID))
	slices.SortStableFunc(all, func(a, b governance.FindingState) int { return momentOf(b.Finding.At).Compare(momentOf(a.Finding.At)) })
	for _, s := range all {
		if s.Resolved == "" {
			p.Open++
		} else {
			p.Resolved++
		}
	}
	if q.Open {
		all = slices.DeleteFunc(all, func(s governance.FindingState) bool { return s.Resolved != "" })
	}
	p.Total = int64(len(all))
	all = all[min(max(q.Offset, 0), len(all)):]
	for _, s := range all[:min(len(all), limited(q.Limit, usualItems, mostItems))] {
		p.Items = append(p.Items, w.outsideChange(env, h, people, s))
	}
	return p, w.labelRequests(ctx, p.Items)
}

// organizationOf asks for the history of an environment's org.
func organizationOf(env *governance.Environment) string {
	if env.OrganizationID == "" {
		return noRecords
	}
	return governance.OrganizationSubject(env.OrganizationID)
}

// foundOnce leaves one of those that several people found before they exchanged
// what they know. It is open while one of them is, and that one stays.
func foundOnce(all []governance.FindingState) []governance.FindingState {
	out := []governance.FindingState{}
	for _, s := range all {
		i := slices.IndexFunc(out, func(o governance.FindingState) bool { return sameFinding(o, s) })
		switch {
		case i < 0:
			out = append(out, s)
		case out[i].Resolved != "" && s.Resolved == "":
			out[i] = s
		}
	}
	return out
}

func sameFinding(a, b governance.FindingState) bool {
	return a.Finding.Kind == b.Finding.Kind && a.Finding.Ref == b.Finding.Ref
}

func (w *Workspace) outsideChange(env *governance.Environment, h *governance.History, people roster, s governance.FindingState) OutsideChange {
	f := s.Finding
	c := OutsideChange{Act: s.Act, Kind: string(f.Kind), Summary: f.Summary, Components: slices.Clone(f.Components[:min(len(f.Components), named)]), Count: int64(len(f.Components)),
		By: f.By, At: momentOf(f.At), FoundBy: people.person(s.By), HasPage: env.Kind != governance.Demo,
		Resolved: s.Resolved != "", Reason: s.Reason, RequestID: s.Request}
	code := "outside." + string(f.Kind)
	switch {
	case f.Kind == governance.FindingDeployment && len(f.Components) == 0:
		code = "outside.forgotten"
	case f.Kind == governance.FindingDrift && len(f.Deleted) == len(f.Components):
		code = "outside.gone"
	}
	c.Said, c.Changes = w.said(code, "count", c.Count), []string{}
	for _, name := range c.Components {
		c.Changes = append(c.Changes, string(f.Change(name)))
	}
	if r := h.Act(s.Resolved); r != nil {
		c.ResolvedBy, c.ResolvedAt = people.person(r.Member), r.At
	}
	return c
}

func (w *Workspace) labelRequests(ctx context.Context, items []OutsideChange) error {
	ids := []string{}
	for _, c := range items {
		if c.RequestID != "" {
			ids = append(ids, c.RequestID)
		}
	}
	lines, err := w.Store.RequestLinesByID(ctx, ids)
	if err != nil {
		return err
	}
	for i := range items {
		for _, l := range lines {
			if l.ID == items[i].RequestID {
				items[i].RequestLabel = strings.TrimSpace(labelOf("CR", l.Number) + " " + l.Name)
			}
		}
	}
	return nil
}

// An OutsideWish resolves changes outside the process: with a reason, or with a
// new Change Request that takes them over.
type OutsideWish struct {
	Acts       []string `json:"acts"`
	Reason     string   `json:"reason"`
	NewRequest bool     `json:"newRequest"`
	Name       string   `json:"name"` // of the new request
}

// An OutsideAnswer says what a resolution made.
type OutsideAnswer struct {
	RequestID string `json:"requestId"` // the new draft, or empty
}

// A resolving is a resolution that the rules allow.
type resolving struct {
	env   *governance.Environment
	acts  []string
	found []governance.Finding
	wish  OutsideWish
}

// mayResolve asks the rules before anything is made or asked of a person.
func (w *Workspace) mayResolve(ctx context.Context, environmentID string, wish OutsideWish) (resolving, error) {
	env, err := w.Store.Environment(ctx, environmentID)
	if err != nil {
		return resolving{}, err
	}
	wish.Name, wish.Reason = oneLine(wish.Name), strings.TrimSpace(wish.Reason)
	if wish.NewRequest && wish.Name == "" {
		return resolving{}, governance.Faultf("name_needed", "The change request has no name.").WithHint("Give it one.")
	}
	if wish.NewRequest && wish.Reason == "" {
		wish.Reason = w.said("outside.taken", "name", wish.Name).Text
	}
	h, err := w.Store.History(ctx, organizationOf(env))
	if err != nil {
		return resolving{}, err
	}
	r := resolving{env: env, wish: wish}
	r.acts, r.found = withTheSame(h.Findings(env.OrganizationID), wish.Acts)
	sit := governance.Situation{History: h, By: w.Acting(), Now: w.now(), Records: []governance.DeploymentRecord{}}
	_, err = sit.Resolve(env.OrganizationID, r.acts, wish.Reason, "")
	return r, err
}

// A Resolvable is what a person is asked about before a resolution is signed.
type Resolvable struct {
	Environment string
	Production  bool
	Reason      string
	Summaries   []string
}

// Resolvable is what a wish would resolve. Faults: those of ResolveOutside.
func (w *Workspace) Resolvable(ctx context.Context, environmentID string, wish OutsideWish) (Resolvable, error) {
	r, err := w.mayResolve(ctx, environmentID, wish)
	if err != nil {
		return Resolvable{}, err
	}
	c, err := w.Charter(ctx)
	if err != nil {
		return Resolvable{}, err
	}
	out := Resolvable{Environment: r.env.Name, Production: drawnAsProduction(c, *r.env), Reason: r.wish.Reason}
	for _, f := range r.found {
		out.Summaries = append(out.Summaries, f.Summary)
	}
	return out, nil
}

// ResolveOutside signs what became of changes outside the process. A request
// that takes them over is a draft with what they name; where that cannot be
// signed, there is none. Faults: not_found, name_needed, not_allowed, and those
// of the person's key.
func (w *Workspace) ResolveOutside(ctx context.Context, environmentID string, wish OutsideWish) (OutsideAnswer, error) {
	r, err := w.mayResolve(ctx, environmentID, wish)
	if err != nil {
		return OutsideAnswer{}, err
	}
	env, acts := r.env, r.acts
	wish = r.wish
	by, err := w.Author(ctx, w.Acting())
	if err != nil {
		return OutsideAnswer{}, err
	}
	request := ""
	if wish.NewRequest {
		cr, err := w.NewChangeRequest(ctx, by.Member, w.retroactive(ctx, env, wish.Name, r.found))
		if err != nil {
			return OutsideAnswer{}, err
		}
		request = cr.ID
	}
	_, err = w.Store.Say(ctx, by, func(sit governance.Situation) ([]governance.Intent, error) {
		in, err := sit.Resolve(env.OrganizationID, acts, wish.Reason, request)
		return []governance.Intent{in}, err
	})
	if err != nil && request != "" {
		if gone := w.DeleteRequest(context.WithoutCancel(ctx), request); gone != nil {
			w.o.Log.Warn("a draft was left", "request", request, "err", gone)
		}
	}
	return OutsideAnswer{RequestID: request}, err
}

// withTheSame are the findings that a person chose, and those that others have
// signed of the same.
func withTheSame(all []governance.FindingState, chosen []string) (acts []string, found []governance.Finding) {
	acts = slices.Clone(chosen)
	for _, c := range all {
		if !slices.Contains(chosen, c.Act) {
			continue
		}
		found = append(found, c.Finding)
		for _, s := range all {
			if s.Resolved == "" && sameFinding(c, s) && !slices.Contains(acts, s.Act) {
				acts = append(acts, s.Act)
			}
		}
	}
	return acts, found
}

// retroactive is a draft of what findings name, each with what they come to.
func (w *Workspace) retroactive(ctx context.Context, env *governance.Environment, name string, found []governance.Finding) governance.ChangeRequest {
	cr := governance.ChangeRequest{Name: name, Type: governance.Minor}
	found = slices.Clone(found)
	slices.SortStableFunc(found, func(a, b governance.Finding) int { return momentOf(a.At).Compare(momentOf(b.At)) })
	lines, at := []string{"Changed in " + env.Name + " outside the process:"}, map[string]int{}
	for _, f := range found {
		lines = append(lines, "- "+momentOf(f.At).Format("2006-01-02 15:04")+" UTC, "+firstOf(f.By, "unknown")+": "+f.Summary)
		if cr.ExternalLink == "" {
			cr.ExternalLink = w.pageOf(ctx, env, f)
		}
		for _, c := range f.Components {
			metadataType, member, _ := strings.Cut(c, ":")
			if i, twice := at[c]; twice {
				cr.Customizations[i].Change = then(cr.Customizations[i].Change, f.Change(c))
				continue
			}
			if metadata.CheckName(metadataType, member) != nil {
				continue
			}
			at[c] = len(cr.Customizations)
			cr.Customizations = append(cr.Customizations, governance.Customization{Change: f.Change(c), Type: metadataType, Name: member})
		}
	}
	cr.Overview = strings.Join(lines[:min(len(lines), 40)], "\n")
	return cr
}

// pageOf is Salesforce's page about a finding; empty where there is none or
// nobody can sign in now.
func (w *Workspace) pageOf(ctx context.Context, env *governance.Environment, f governance.Finding) string {
	if env.Kind == governance.Demo {
		return ""
	}
	client, err := w.Session(ctx, env)
	if err != nil {
		return ""
	}
	instance := client.Session().InstanceURL
	if f.Kind == governance.FindingDeployment && isAsyncID.MatchString(f.Async) {
		return statusPage(instance, f.Async)
	}
	u, err := url.Parse(instance)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return ""
	}
	return "https://" + u.Host + "/lightning/setup/SecurityEvents/home" // View Setup Audit Trail
}

// OutsideAddress is the https address of Salesforce's page about a change;
// empty for a demo org, which has none. Faults: not_found, and those of signing
// in.
func (w *Workspace) OutsideAddress(ctx context.Context, environmentID, act string) (string, error) {
	env, err := w.Store.Environment(ctx, environmentID)
	if err != nil {
		return "", err
	}
	h, err := w.Store.History(ctx, organizationOf(env))
	if err != nil {
		return "", err
	}
	for _, s := range h.Findings(env.OrganizationID) {
		if s.Act != act {
			continue
		}
		if env.Kind != governance.Demo {
			if _, err := w.Session(ctx, env); err != nil {
				return "", err
			}
		}
		return w.pageOf(ctx, env, s.Finding), nil
	}
	return "", governance.Faultf("not_found", "This change outside the process is not in the audit trail.").WithHint("Look at the list again.")
}

// outside adds a task for each environment with changes that are not resolved.
func (d *day) outside(ctx context.Context) error {
	orgs, ids := map[string]governance.Environment{}, []string{}
	for _, e := range d.envs {
		if other, there := orgs[e.OrganizationID]; e.OrganizationID != "" && (!there || e.Name < other.Name) {
			orgs[e.OrganizationID] = e
		}
	}
	for org := range orgs {
		ids = append(ids, governance.OrganizationSubject(org))
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	h, err := d.w.Store.History(ctx, ids...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		e := orgs[strings.TrimPrefix(id, governance.OrganizationSubject(""))]
		open, newest := int64(0), time.Time{}
		for _, s := range foundOnce(h.Findings(e.OrganizationID)) {
			if s.Resolved == "" {
				open, newest = open+1, latest(newest, momentOf(s.Finding.At))
			}
		}
		if open == 0 {
			continue
		}
		t := Task{Kind: taskEnvironment, ID: e.ID, Name: e.Name, Environment: e.Name, Production: drawnAsProduction(h.Charter(), e), At: newest}
		d.add(&d.today.Outside, &d.today.Totals.Outside, d.say(t, "outside", "task.outside", "count", open, "environment", e.Name))
	}
	return nil
}
