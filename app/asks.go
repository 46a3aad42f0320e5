package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

// What is signed, sent to an org or cannot be taken back is asked of the person
// in a dialog of the operating system, which no script in the page can press.
// In the demo the page asks, since nothing real can happen there. What would be
// refused anyway is refused without asking, and exactly what was asked is done:
// the page stays alive behind a question, and could change it meanwhile.

var errDeclined = governance.Faultf("declined", "You answered No, so nothing was done.")

// actionWords are the lifecycle actions as buttons say them.
var actionWords = map[governance.Action]string{
	governance.Submit:   "Submit for Approval",
	governance.Approve:  "Approve",
	governance.Reject:   "Reject",
	governance.Recall:   "Recall",
	governance.Complete: "Complete",
	governance.Reopen:   "Reopen",
	governance.Cancel:   "Cancel",
	governance.Withdraw: "Withdraw Vote",
}

// attemptWords are the attempts as buttons say them. The others change nothing
// in an org and sign nothing but their own start.
var attemptWords = map[governance.AttemptKind]string{
	governance.AttemptValidate: "Validate Customizations",
	governance.AttemptDeploy:   "Deploy Retrieved Customizations",
	governance.AttemptQuick:    "Quick Deploy",
}

// confirmRequest gives the wish that may be granted: the one that was asked.
func (s *shell) confirmRequest(ctx context.Context, w *workspace.Workspace, id string, wish workspace.Wish) (workspace.Wish, error) {
	if w.Demo() {
		return wish, nil
	}
	v, err := w.RequestView(ctx, id)
	if err != nil {
		return wish, err
	}
	if err := wish.Refusal(v.Actions, v.Label, v.Digest); err != nil {
		return wish, err
	}
	wish.Seen = v.Digest
	return wish, s.confirm(ctx, w, actionWords[wish.Action], requestSubject(v, wish.Reason).inPlace(v.Actions, wish, v.Members))
}

// confirmRecord is confirmRequest for a record.
func (s *shell) confirmRecord(ctx context.Context, w *workspace.Workspace, id string, wish workspace.Wish) (workspace.Wish, error) {
	if w.Demo() {
		return wish, nil
	}
	v, err := w.RecordView(ctx, id)
	if err != nil {
		return wish, err
	}
	if err := wish.Refusal(v.Actions, v.Label, v.Digest); err != nil {
		return wish, err
	}
	wish.Seen = v.Digest
	return wish, s.confirmInPlace(ctx, w, v, wish)
}

func (s *shell) confirmStart(ctx context.Context, w *workspace.Workspace, id string, kind governance.AttemptKind) error {
	word, asks := attemptWords[kind]
	if !asks {
		return nil
	}
	return s.confirmOn(ctx, w, id, word)
}

// confirmOn asks about something that signs or sends for a record beside its
// lifecycle.
func (s *shell) confirmOn(ctx context.Context, w *workspace.Workspace, recordID, word string) error {
	if w.Demo() {
		return nil
	}
	v, err := w.RecordView(ctx, recordID)
	if err != nil {
		return err
	}
	return s.confirm(ctx, w, word, recordSubject(v, ""))
}

// confirmLog asks about an attempt that is under way. What has ended is left to
// be refused.
func (s *shell) confirmLog(ctx context.Context, w *workspace.Workspace, logID, word string) error {
	if w.Demo() {
		return nil
	}
	v, err := w.LogView(ctx, logID)
	if err != nil || !v.Log.Active() {
		return err
	}
	return s.confirmOn(ctx, w, v.Record.ID, word)
}

// confirmMissing asks about adding to a record's request, and gives the digest
// of what may be reopened for it. A draft is changed without a signature.
func (s *shell) confirmMissing(ctx context.Context, w *workspace.Workspace, recordID string, cs []governance.Customization, reason string) (seen string, err error) {
	r, err := w.RecordView(ctx, recordID)
	if err != nil {
		return "", err
	}
	v, err := w.RequestView(ctx, r.Record.RequestID)
	if err != nil || w.Demo() || !v.Locked || strings.TrimSpace(reason) == "" { // without a reason nothing is reopened
		return v.Digest, err
	}
	if err := (workspace.Wish{Action: governance.Reopen, Reason: reason}).Refusal(v.Actions, v.Label, v.Digest); err != nil {
		return "", err
	}
	about := requestSubject(v, reason)
	about.count, about.lines = "Added", []string{}
	for _, c := range cs {
		about.lines = append(about.lines, fmt.Sprintf("%s %s (%s)", c.Type, c.Name, c.Change))
	}
	if v.Request.Status == governance.Approved {
		about.note = s.say("This ends its approvals.")
	}
	return v.Digest, s.confirm(ctx, w, "Add to Change Request", about)
}

// confirmInPlace asks about a wish about a record, with the name of the person
// in whose place it is done.
func (s *shell) confirmInPlace(ctx context.Context, w *workspace.Workspace, v workspace.RecordView, wish workspace.Wish) error {
	state, err := w.State(ctx)
	if err != nil {
		return err
	}
	return s.confirm(ctx, w, actionWords[wish.Action], recordSubject(v, wish.Reason).inPlace(v.Actions, wish, state.Members))
}

// inPlace adds the person in whose place a wish is done.
func (a subject) inPlace(actions []governance.ActionState, wish workspace.Wish, members []workspace.Person) subject {
	for _, st := range actions {
		for _, p := range st.For {
			i := slices.IndexFunc(members, func(m workspace.Person) bool { return m.ID == p.Member })
			if st.Action == wish.Action && wish.Delegation != "" && p.Delegation == wish.Delegation && i >= 0 {
				a.proxy = members[i].Name
			}
		}
	}
	return a
}

// confirmReview asks about the review of a deployed emergency. What would be
// refused is refused without asking.
func (s *shell) confirmReview(ctx context.Context, w *workspace.Workspace, id string, verdict governance.Verdict, reason string) error {
	if w.Demo() || strings.TrimSpace(reason) == "" {
		return nil
	}
	v, err := w.RequestView(ctx, id)
	if err != nil {
		return err
	}
	for _, r := range v.Reviews {
		about := requestSubject(v, reason)
		about.digest = r.Revision
		switch {
		case r.Allowed && verdict == governance.Accepted:
			return s.confirm(ctx, w, "Accept the Emergency", about)
		case r.Allowed && verdict == governance.Objected:
			return s.confirm(ctx, w, "Object to the Emergency", about)
		}
	}
	return nil
}

// confirmDelegation asks before somebody lets another vote in the own place.
func (s *shell) confirmDelegation(ctx context.Context, w *workspace.Workspace, f workspace.DelegationFields) error {
	if w.Demo() {
		return nil
	}
	d, err := w.Delegations(ctx)
	if err != nil || !d.CanGive {
		return err // it is refused
	}
	i := slices.IndexFunc(d.To, func(p workspace.Person) bool { return p.ID == f.To })
	if i < 0 {
		return nil // it is refused
	}
	about, err := w.DelegationAbout(ctx, f)
	if err != nil {
		return err
	}
	return s.confirm(ctx, w, "Delegate", subject{what: "To", name: d.To[i].Name, target: about, reason: f.Reason,
		note: fmt.Sprintf(s.say("It lasts until %s."), f.Until.Local().Format("2006-01-02 15:04"))})
}

// confirmEnd asks before a delegation is ended.
func (s *shell) confirmEnd(ctx context.Context, w *workspace.Workspace, act, reason string) error {
	if w.Demo() {
		return nil
	}
	d, err := w.Delegations(ctx)
	if err != nil {
		return err
	}
	for _, one := range d.Items {
		if one.Act == act && one.CanEnd {
			return s.confirm(ctx, w, "End the Delegation", subject{what: "To", name: one.To.Name, reason: reason})
		}
	}
	return nil // it is refused
}

func requestSubject(v workspace.RequestView, reason string) subject {
	return subject{what: "Change Request", label: v.Label, name: v.Request.Name, digest: v.Digest, reason: reason}
}

func recordSubject(v workspace.RecordView, reason string) subject {
	return subject{what: "Deployment Record", label: v.Label, name: v.Record.Name, digest: v.Digest, target: v.Target.Environment.Name, production: v.Production, reason: reason}
}

// confirmProposal asks with what new policies would change, and gives the
// digest of what may be signed.
func (s *shell) confirmProposal(ctx context.Context, w *workspace.Workspace, requests governance.Policy, environments []governance.Policy) (seen string, err error) {
	if w.Demo() {
		return "", nil
	}
	p, err := w.ProposalOf(ctx, requests, environments)
	if err != nil {
		return "", err
	}
	return p.Digest, s.confirm(ctx, w, "Propose New Policies", policySubject(p.Digest, p.Diff))
}

// confirmPolicies asks with what a proposed change changes.
func (s *shell) confirmPolicies(ctx context.Context, w *workspace.Workspace, change string) error {
	if w.Demo() {
		return nil
	}
	p, err := w.PendingPolicies(ctx, change)
	if err != nil {
		return err
	}
	return s.confirm(ctx, w, "Sign New Policies", policySubject(change, p.Diff))
}

// lastToSay are what matters least of a change of policies: what separates
// duties, the rules and the members stand before it, so that they are named
// even where the list is cut.
var lastToSay = []string{"approvalDays", "validationFirst", "testFirst", "name"}

func policySubject(digest string, diff []workspace.PolicyDiff) subject {
	diff = slices.Clone(diff)
	slices.SortStableFunc(diff, func(a, b workspace.PolicyDiff) int {
		return cmp.Compare(slices.Index(lastToSay, a.What), slices.Index(lastToSay, b.What))
	})
	lines := []string{}
	for _, d := range diff {
		for line := range strings.Lines(d.Before) {
			lines = append(lines, fmt.Sprintf("− %s: %s", d.Policy, line))
		}
		for line := range strings.Lines(d.After) {
			lines = append(lines, fmt.Sprintf("+ %s: %s", d.Policy, line))
		}
	}
	return subject{what: "Policies", digest: digest, count: "Changes", lines: lines}
}

// confirmResolution asks with what would be resolved.
func (s *shell) confirmResolution(ctx context.Context, w *workspace.Workspace, environmentID string, wish workspace.OutsideWish) error {
	if w.Demo() {
		return nil
	}
	r, err := w.Resolvable(ctx, environmentID, wish)
	if err != nil {
		return err
	}
	return s.confirm(ctx, w, "Resolve Changes Outside the Process", subject{target: r.Environment, production: r.Production, reason: r.Reason, count: "Changes", lines: r.Summaries})
}

// confirmRebuild asks with what rebuilding would set right, and gives what may
// be. Where nothing is to be done, nothing is asked.
func (s *shell) confirmRebuild(ctx context.Context, w *workspace.Workspace) ([]string, error) {
	if w.Demo() {
		return nil, nil
	}
	found, err := w.WouldRebuild(ctx)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found, s.confirm(ctx, w, "Rebuild from Signed Acts", subject{count: "Changed by hand", lines: found})
}

// confirmCreate asks before a key is made and a workspace founded with it.
func (s *shell) confirmCreate(name, person string) error {
	name, person, err := workspace.OwnNames(name, person)
	if err != nil {
		return err
	}
	return s.sayYes(s.question(subject{what: "Workspace", name: name, note: s.say("A signing key is made for it.")}, "Make a Workspace", person))
}

// confirmRestore asks with what restoring the copy would mean. One that cannot
// be read is refused.
func (s *shell) confirmRestore(ctx context.Context, w *workspace.Workspace, name string) error {
	copies, err := w.Backups(ctx)
	if err != nil {
		return err
	}
	for _, c := range copies {
		switch {
		case c.Name != name:
			continue
		case c.Unreadable:
			return governance.Faultf("backup_damaged", "The copy %s cannot be read.", name).WithHint("Choose another one. Nothing was changed.")
		case w.Demo():
			return nil // the page shows the warning
		}
		text := fmt.Sprintf(s.say("Put the copy of %s in place of the database as it is now, which is kept aside?"), c.At.Local().Format("2006-01-02 15:04"))
		return s.sayYes(question{Title: s.say("Restore"), Text: strings.TrimSpace(text + "\n\n" + s.say(c.Warning))})
	}
	return governance.Faultf("no_backup", "There is no copy %.80q of this workspace.", name).WithHint("Choose one of the list.")
}

// confirm asks the person at this window, by name; the callers leave the demo
// out. Faults: declined, no_window, question_open.
func (s *shell) confirm(ctx context.Context, w *workspace.Workspace, action string, about subject) error {
	state, err := w.State(ctx)
	if err != nil {
		return err
	}
	as := ""
	for _, m := range state.Members {
		if m.ID == state.Me {
			as = m.Name
		}
	}
	return s.sayYes(s.question(about, action, as))
}

func (s *shell) sayYes(q question) error {
	yes, err := s.system.ask(q)
	if err != nil {
		return err
	}
	if !yes {
		return errDeclined
	}
	return nil
}

// notify says in a notification of the system how an attempt ended that a
// person may have waited for elsewhere. One that goes on in the org while the
// workspace is being closed has not ended.
func (s *shell) notify(k workspace.Work) {
	word, matters := attemptWords[governance.AttemptKind(k.Kind)]
	if k.Running() || !matters || s.root.Err() != nil || k.Problem != nil && k.Problem.Code == errClosing.Code {
		return
	}
	s.system.notify(fmt.Sprintf("%s: %s", k.Title, s.say(word)), k.Sentence)
}
