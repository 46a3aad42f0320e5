package app

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

// What is signed, sent to an org or cannot be taken back is asked of the person
// in a dialog of the operating system, which no script in the page can press.
// In the demo the page asks, since nothing real can happen there.

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
}

// attemptWords are the attempts as buttons say them. The others change nothing
// in an org and sign nothing but their own start.
var attemptWords = map[governance.AttemptKind]string{
	governance.AttemptValidate: "Validate Customizations",
	governance.AttemptDeploy:   "Deploy Retrieved Customizations",
	governance.AttemptQuick:    "Quick Deploy",
}

// allowed reports whether the rules let the action through at all: a person is
// not asked about what would be refused anyway.
func allowed(actions []governance.ActionState, wanted governance.Action) bool {
	for _, a := range actions {
		if a.Action == wanted {
			return a.Allowed
		}
	}
	return false
}

func (s *shell) confirmRequest(ctx context.Context, w *workspace.Workspace, id string, wish workspace.Wish) error {
	if w.Demo() {
		return nil
	}
	v, err := w.RequestView(ctx, id)
	if err != nil {
		return err
	}
	if !allowed(v.Actions, wish.Action) || (wish.Seen != "" && wish.Seen != v.Digest) {
		return nil // DoRequest says why not
	}
	return s.confirm(ctx, w, actionWords[wish.Action], subject{what: "Change Request", label: v.Label, name: v.Request.Name, digest: v.Digest, reason: wish.Reason})
}

func (s *shell) confirmRecord(ctx context.Context, w *workspace.Workspace, id string, wish workspace.Wish) error {
	if w.Demo() {
		return nil
	}
	v, err := w.RecordView(ctx, id)
	if err != nil {
		return err
	}
	if !allowed(v.Actions, wish.Action) || (wish.Seen != "" && wish.Seen != v.Digest) {
		return nil // DoOnRecord says why not
	}
	return s.confirm(ctx, w, actionWords[wish.Action], recordSubject(v, wish.Reason))
}

func (s *shell) confirmStart(ctx context.Context, w *workspace.Workspace, id string, kind governance.AttemptKind) error {
	word, asks := attemptWords[kind]
	if !asks || w.Demo() {
		return nil
	}
	v, err := w.RecordView(ctx, id)
	if err != nil {
		return err
	}
	return s.confirm(ctx, w, word, recordSubject(v, ""))
}

// confirmOn asks about something that signs or sends for a record beside its
// lifecycle and its attempts.
func (s *shell) confirmOn(ctx context.Context, w *workspace.Workspace, recordID, word, reason string) error {
	if w.Demo() {
		return nil
	}
	v, err := w.RecordView(ctx, recordID)
	if err != nil {
		return err
	}
	return s.confirm(ctx, w, word, recordSubject(v, reason))
}

func recordSubject(v workspace.RecordView, reason string) subject {
	return subject{what: "Deployment Record", label: v.Label, name: v.Record.Name, digest: v.Digest, target: v.Target.Environment.Name, production: v.Production, reason: reason}
}

func (s *shell) confirmPolicies(ctx context.Context, w *workspace.Workspace, change string) error {
	if change == "" {
		return s.confirm(ctx, w, "Propose New Policies", subject{what: "Policies"})
	}
	return s.confirm(ctx, w, "Sign New Policies", subject{what: "Policies", digest: change})
}

// confirmRestore asks with what restoring the copy would mean.
func (s *shell) confirmRestore(ctx context.Context, w *workspace.Workspace, name string) error {
	copies, err := w.Backups(ctx)
	if err != nil {
		return err
	}
	for _, c := range copies {
		if c.Name != name {
			continue
		}
		if w.Demo() {
			return nil // the page shows the warning
		}
		text := fmt.Sprintf(s.say("Put the copy of %s in place of the database as it is now, which is kept aside?"), c.At.Local().Format("2006-01-02 15:04"))
		return s.sayYes(question{Title: s.say("Restore"), Text: strings.TrimSpace(text + "\n\n" + s.say(c.Warning))})
	}
	return governance.Faultf("no_backup", "There is no copy %.80q of this workspace.", name).WithHint("Choose one of the list.")
}

// A subject is what a question is about.
type subject struct {
	what, label, name, digest, target, reason string
	production                                bool
}

// confirm asks outside the demo. Faults: declined, no_window.
func (s *shell) confirm(ctx context.Context, w *workspace.Workspace, action string, about subject) error {
	if w.Demo() {
		return nil
	}
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

// question puts it in lines: what, which, the content's digest, where, who.
func (s *shell) question(a subject, action, person string) question {
	lines := []string{s.say(action) + "?", ""}
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, s.say(name)+": "+oneLine(value))
		}
	}
	add(a.what, strings.TrimSpace(a.label+"  "+a.name))
	if a.digest != "" {
		add("Content", fmt.Sprintf("%.16s", a.digest))
	}
	if a.production {
		a.target = fmt.Sprintf("%s (%s)", a.target, s.say("production"))
	}
	add("Target", a.target)
	add("Reason", a.reason)
	add("Signed by", person)
	return question{Title: s.say(action), Text: strings.Join(lines, "\n")}
}

// oneLine keeps a name that somebody else wrote from drawing lines of its own
// into a question.
func oneLine(text string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
	return cut(clean, 120)
}

// cut shortens a text to a number of characters.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// notify says in a notification of the system how an attempt ended that a
// person may have waited for elsewhere.
func (s *shell) notify(k workspace.Work) {
	word, matters := attemptWords[governance.AttemptKind(k.Kind)]
	if k.Running() || !matters || s.root.Err() != nil {
		return
	}
	if err := s.system.notify(fmt.Sprintf("%s: %s", k.Title, s.say(word)), k.Sentence); err != nil {
		s.log.Debug("no notification", "err", err)
	}
}
