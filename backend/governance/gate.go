package governance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Question is what the gate is asked: may this record's content be validated
// or deployed now, by this person?
type Question struct {
	History *History
	// Request and Record are the rows, so that a column that was changed by
	// hand is found; the digests are those of their content now.
	Request       *ChangeRequest
	Record        *DeploymentRecord
	RequestDigest string
	RecordDigest  string
	Kind          AttemptKind
	// Package and Base are tree hashes computed now; an empty Package means
	// that nothing was retrieved yet.
	Package string
	Base    string
	// Target is the organisation that would be changed and its kind, as the
	// org itself says.
	Target     string
	TargetKind EnvironmentKind
	Deployer   string
	// Validation is the Salesforce id that a quick deploy would use.
	Validation string
	// Findings are what verifying the audit trail found; each closes the gate.
	Findings []string
	// Now is the later of this machine's clock and the org's.
	Now time.Time
}

// A Check is one line of the gate's answer.
type Check struct {
	Code    string `json:"code"`
	OK      bool   `json:"ok"`
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
	// Params are the values in the sentences, for a translation by the code.
	Params map[string]string `json:"params,omitempty"`
	Who    []string          `json:"who"` // members who can mend it
}

// A Decision is the gate's answer: open only if every check holds.
type Decision struct {
	Open    bool     `json:"open"`
	Checks  []Check  `json:"checks"`
	Counted []string `json:"counted"` // approvals that were counted
}

// Refusal is the first reason against, as a Fault, or nil.
func (d Decision) Refusal() error {
	for _, c := range d.Checks {
		if !c.OK {
			return &Fault{Code: c.Code, Message: c.Message, Hint: c.Remedy, Words: "gate." + c.Code + "_not", HintWords: "gate." + c.Code + "_remedy", Params: c.Params}
		}
	}
	return nil
}

// Reasons lists the messages of the checks that do not hold.
func (d Decision) Reasons() []string {
	out := []string{}
	for _, c := range d.Checks {
		if !c.OK {
			out = append(out, c.Message)
		}
	}
	return out
}

type gate struct {
	Question
	d       Decision
	charter *Charter
	policy  *Policy
	rev     *RecordRevision
	req     *RequestRevision
	request Standing
	record  Standing
	values  map[string]string // what the sentences of this part name
}

// Gate decides. It is pure: the same question always has the same answer, and
// nothing in it trusts a status column.
func Gate(q Question) Decision {
	g := &gate{Question: q, d: Decision{Checks: []Check{}, Counted: []string{}}}
	if g.foundation() && g.approvedContent() {
		g.kind()
		g.selection()
		g.seats()
		g.people()
		g.calendar()
		g.reviews()
		g.findings()
		g.once()
		g.content()
		g.target()
		g.before()
	}
	g.d.Open = len(g.d.Reasons()) == 0
	if !g.d.Open {
		g.d.Counted = []string{}
	}
	return g.d
}

func (g *gate) check(ok bool, code, good, bad, remedy string, who ...string) bool {
	c := Check{Code: code, OK: ok, Message: good, Params: map[string]string{}, Who: present(who)}
	maps.Copy(c.Params, g.values)
	if !ok {
		c.Message, c.Remedy = bad, remedy
	}
	g.d.Checks = append(g.d.Checks, c)
	return ok
}

// names sets the values that the sentences from here on name, by name and value
// in turn.
func (g *gate) names(values ...string) {
	g.values = map[string]string{}
	for i := 0; i+1 < len(values); i += 2 {
		g.values[values[i]] = values[i+1]
	}
}

// foundation: the workspace itself can be trusted.
func (g *gate) foundation() bool {
	g.charter = g.History.Charter()
	sound := g.History.Trouble() == "" && g.charter != nil
	trouble := g.History.Trouble()
	if !sound && trouble == "" {
		trouble = "The workspace has no valid charter."
	}
	g.names("message", trouble)
	if !g.check(sound, "charter", "The roster and the policies are signed and unbroken.", trouble, "Ask the owners to mend the charter.", g.owners()...) {
		return false
	}
	g.names("message", strings.Join(g.Findings, " "))
	return g.check(len(g.Findings) == 0, "trail", "The audit trail is whole.", strings.Join(g.Findings, " "),
		"Run countersign verify, and restore the last good backup.", g.owners()...)
}

// approvedContent: request and record are approved by acts, with this content.
func (g *gate) approvedContent() bool {
	g.request = g.History.RequestStanding(g.Request.ID)
	g.record = g.History.RecordStanding(g.Record.ID)
	for _, s := range []struct {
		word, label, code string
		st                Standing
		column            Status
		digest            string
	}{
		{"change request", g.Request.Label(), "request", g.request, g.Request.Status, g.RequestDigest},
		{"deployment record", g.Record.Label(), "record", g.record, g.Record.Status, g.RecordDigest},
	} {
		g.names("label", s.label, "column", string(s.column), "status", string(s.st.Status), "message", strings.Join(s.st.Trouble, " "))
		ok := g.check(len(s.st.Trouble) == 0, s.code+"_history", "The history of "+s.label+" is complete.", s.label+": "+strings.Join(s.st.Trouble, " "), "Import what is missing from a colleague, or Reopen and Submit again.")
		ok = g.check(s.column == s.st.Status, s.code+"_altered", fmt.Sprintf("The status of %s is what its acts say.", s.label),
			fmt.Sprintf("The status of %s was changed outside Countersign: the database says %s, the signed acts say %s.", s.label, s.column, s.st.Status),
			"Rebuild the statuses from the acts.") && ok
		ok = g.check(s.st.Status == Approved, s.code+"_status", s.label+" is approved.",
			fmt.Sprintf("%s is %s, not Approved.", s.label, s.st.Status), g.nextFor(s.st), g.nextWho(s.st)...) && ok
		ok = ok && g.check(s.digest == s.st.Revision, s.code+"_content", fmt.Sprintf("The content of %s is what was approved.", s.label),
			fmt.Sprintf("The content of %s is not what was approved.", s.label), "Reopen it, look at the difference and submit it again.", s.st.Authors...)
		if !ok {
			return false
		}
	}
	g.names()
	g.rev, g.req = g.History.Record(g.record.Revision), g.History.Request(g.request.Revision)
	if g.rev == nil || g.req == nil {
		return g.check(false, "revision", "", "The approved content is missing on this machine.", "Restore it from a backup or a colleague.")
	}
	return g.check(g.rev.Request == g.Request.ID && g.rev.RequestDigest == g.request.Revision, "same_request",
		"The record was approved for this content of the change request.",
		"The record was approved for another content of the change request.", "Reopen the deployment record, Run Scan and submit it again.", g.record.Authors...)
}

// kind: the attempt is one that this kind of record has, with options that its
// target allows.
func (g *gate) kind() {
	known := []AttemptKind{AttemptRetrieve, AttemptValidate, AttemptReverseCheck, AttemptDeploy, AttemptQuick}
	if g.rev.Kind == Rollback {
		known = []AttemptKind{AttemptRetrieve, AttemptValidate, AttemptRollback}
	}
	g.names("kind", string(g.rev.Kind), "attempt", string(g.Kind))
	g.check(slices.Contains(known, g.Kind), "kind", "The record is approved for this.",
		fmt.Sprintf("A record that is a %s is not approved for an attempt of the kind %q.", g.rev.Kind, g.Kind),
		"Make a record of the kind that you need, and submit it for approval.", g.record.Authors...)
	g.check(g.rev.TargetKind != Production || g.rev.Options.RollbackOnError, "rollback_on_error", "An error does not leave production half changed.",
		"A deployment to production always rolls back on an error, and this record says that it does not.",
		"Reopen the deployment record, choose to roll back on an error and submit it again.", g.record.Authors...)
}

// selection: the record carries nothing that the approved request does not ask
// for, and all of it if it says so.
func (g *gate) selection() {
	why := g.req.unasked(g.rev.Customizations, g.rev.Kind, g.rev.Whole)
	g.names("message", why.Text)
	g.check(why.none(), "selection", "The change request asks for every customization of the record.", why.Text,
		"Reopen the deployment record and mend its selection, or reopen the change request and add what is missing.", g.record.Authors...)
}

func (g *gate) nextFor(s Standing) string {
	switch s.Status {
	case InProgress:
		return "Submit it for approval."
	case Pending:
		return "Wait for the approvals. " + s.Seating.Rule
	case Rejected:
		return "Reopen it, change it and submit it again."
	case Approved:
		return ""
	case Completed, Cancelled:
		return "It is final; make a new one."
	}
	panic(fmt.Sprintf("governance: status %q", s.Status))
}

func (g *gate) nextWho(s Standing) []string {
	if s.Status != Pending {
		return s.Authors
	}
	who := []string{}
	for _, seat := range s.Seating.Seats {
		who = union(who, seat.May)
	}
	return who
}

// now is the latest time that there is good reason to believe: a clock that was
// set back does not make an expired approval young again. The deployer is held
// to what he signed himself; of others it takes two, so that one wrong clock, or
// one member who dates an act far ahead, closes nobody's gate for good.
func (g *gate) now() time.Time {
	latest := map[string]time.Time{}
	for _, subject := range []string{g.Request.ID, g.Record.ID} {
		for _, a := range g.History.good(subject) {
			if a.At.After(latest[a.Member]) {
				latest[a.Member] = a.At
			}
		}
	}
	now, first, second := g.Now, time.Time{}, time.Time{}
	for member, t := range latest {
		if member == g.rev.Deployer && t.After(now) {
			now = t
		}
		if t.After(first) {
			first, t = t, first
		}
		if t.After(second) {
			second = t
		}
	}
	if second.After(now) {
		return second
	}
	return now
}

// seats: under the charter in force every seat of both is filled and fresh.
func (g *gate) seats() {
	now := g.now()
	for _, s := range []struct {
		code, label string
		st          Standing
	}{{"request_seats", g.Request.Label(), g.request}, {"record_seats", g.Record.Label(), g.record}} {
		seating := s.st.seatingAt(now)
		g.names("label", s.label, "rule", seating.Rule, "message", strings.Join(seating.Refused, " "))
		if g.check(seating.Filled, s.code, fmt.Sprintf("Every seat of %s is filled. %s", s.label, seating.Rule),
			fmt.Sprintf("The seats of %s are not filled. %s %s", s.label, seating.Rule, strings.Join(seating.Refused, " ")),
			"Reopen it and submit it again for fresh approvals.", s.st.Authors...) {
			g.d.Counted = append(g.d.Counted, seating.Counted...)
		}
	}
}

// people: the deployer is the one named, has the role and had no other part.
func (g *gate) people() {
	g.names()
	g.policy = g.charter.PolicyFor(g.rev.TargetKind, g.rev.Target)
	if !g.check(g.policy != nil, "policy", "A policy rules this environment.", "No policy rules this environment, so nothing can be deployed there.", "Ask the owners for a policy.", g.owners()...) {
		return
	}
	who := nameOf(g.charter, g.Deployer)
	named := nameOf(g.charter, g.rev.Deployer)
	g.names("who", who, "named", named, "role", string(g.policy.DeployerRole))
	g.check(g.Deployer != "" && g.Deployer == g.rev.Deployer, "deployer", who+" is named to deploy.",
		fmt.Sprintf("%s is named to deploy, not %s.", named, who), fmt.Sprintf("Let %s do it.", named), g.rev.Deployer)
	g.check(g.charter.Live(g.Deployer) && !g.charter.Member(g.Deployer).Has(Recovery) && (g.policy.DeployerRole == "" || g.charter.Member(g.Deployer).Has(g.policy.DeployerRole)), "deployer_role",
		who+" may deploy here.", fmt.Sprintf("%s is not a %s of this workspace.", who, g.policy.DeployerRole), "Name someone who is, and submit again.", g.record.Authors...)
	author := slices.Contains(union(g.request.Authors, g.record.Authors), g.Deployer)
	g.check(!author || g.policy.AuthorMayDeploy, "author_deploys", "The deployer is not an author.",
		who+" is an author; authors do not deploy to this environment.", "Name someone else and submit again.", g.record.Authors...)
	approver := slices.Contains(g.countedMembers(), g.Deployer)
	g.check(!approver || g.policy.ApproverMayDeploy, "approver_deploys", "The deployer approved nothing of it.",
		who+" approved it; approvers do not deploy.", "Name someone else and submit again.", g.record.Authors...)
}

func (g *gate) countedMembers() []string {
	out := []string{}
	for _, id := range g.d.Counted {
		a := g.History.Act(id)
		out = include(include(out, a.Member), g.History.principal(a))
	}
	return out
}

// content: what would be sent is what was approved, over what was reviewed.
func (g *gate) content() {
	g.names()
	if g.Kind == AttemptReverseCheck {
		g.check(g.Package == g.rev.Reverse, "reverse", "The reverse package is the approved one.",
			"The reverse package is not the one that was approved.", "Reopen the record and Run Scan again.", g.record.Authors...)
		return
	}
	if !g.check(g.Package != "", "retrieved", "The customizations were retrieved.", "The customizations were not retrieved yet.", "Press Retrieve Selected Customizations.", g.rev.Deployer) {
		return
	}
	g.check(g.Package == g.rev.Package, "package", "The content is what was approved, byte for byte.",
		"The content differs from what was approved.", "Reopen the record, look at the difference and submit it again.", g.record.Authors...)
	g.check(g.Base == g.rev.Base, "base", "The target is as it was reviewed.",
		"The target was changed after the approval.", "Reopen the record, Run Scan, look at what moved and submit it again.", g.record.Authors...)
}

// target: the org is the one approved, and a demo stays a demo.
func (g *gate) target() {
	g.names("approved", g.rev.Target, "approvedKind", string(g.rev.TargetKind), "target", g.Target, "targetKind", string(g.TargetKind))
	g.check(g.Target == g.rev.Target && g.TargetKind == g.rev.TargetKind, "target", "The target is the approved organisation.",
		fmt.Sprintf("The approval is for the organisation %s (%s), not %s (%s).", g.rev.Target, g.rev.TargetKind, g.Target, g.TargetKind),
		"Check the environment; a refreshed sandbox has a new id and needs a new approval.", g.record.Authors...)
	if g.charter.Demo {
		ok := slices.Contains(g.charter.Organizations, g.rev.Target) && slices.Contains(g.charter.Organizations, g.rev.Source)
		g.check(ok, "demo_only", "Source and target are the demo's own organisations.", "The demo workspace deploys to its own two organisations only.", "Make a workspace of your own for real orgs.")
	}
}

// once: nothing of this revision was sent that may have changed the target. A
// start by the named deployer blocks unless it has ended and every word about
// its end says that it changed nothing: a second, milder word never takes back
// the first. Nobody else gets a start past the gate, so nobody else's claim of
// one closes it.
func (g *gate) once() {
	if !g.Kind.Real() {
		return
	}
	against, attempt := "", int64(0)
	for _, a := range g.History.attempts(g.Record.ID) {
		if a.member != g.rev.Deployer || a.start.Revision != g.record.Revision || !a.start.Kind.Real() || a.changedNothing() {
			continue
		}
		against, attempt = fmt.Sprintf("Attempt %d of this revision is not known to have failed.", a.start.Attempt), a.start.Attempt
		if a.succeeded() {
			against = fmt.Sprintf("This revision was deployed already, by attempt %d.", a.start.Attempt)
			break
		}
	}
	g.names("attempt", fmt.Sprint(attempt), "message", against)
	g.check(against == "", "once", "This revision was not deployed before.", against, "Look at its Deployment Log; a revision is deployed once.", g.rev.Deployer)
}

func (g *gate) owners() []string {
	out := []string{}
	if g.charter != nil {
		for _, m := range g.charter.Members {
			if m.Endorses() {
				out = append(out, m.ID)
			}
		}
	}
	return out
}
