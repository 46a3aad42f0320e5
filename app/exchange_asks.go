package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
	"countersign/backend/workspace"
)

// confirmExport asks with what leaves this computer, and gives a name for the
// file. A request that is not there is refused.
func (s *shell) confirmExport(ctx context.Context, w *workspace.Workspace, what store.Selection, sealed bool) (name string, err error) {
	about := subject{what: "Contents", name: s.say("The whole workspace")}
	name = "workspace"
	if !what.All {
		about.name, name = s.say("Members and policies only"), "invitation"
	}
	if !what.All && len(what.Requests) > 0 {
		if about, name, err = chosen(ctx, w, what.Requests); err != nil {
			return "", err
		}
	}
	about.note = s.say("It is not encrypted: whoever gets the file can read it.")
	if sealed {
		about.note = s.say("It is encrypted with the passphrase.")
	}
	if w.Demo() {
		return name, nil
	}
	return name, s.confirm(ctx, w, "Export a bundle", about)
}

// chosen is what requests that are to be exported are called: one with the
// digest of what it says now, several by their names.
func chosen(ctx context.Context, w *workspace.Workspace, ids []string) (subject, string, error) {
	first, err := w.RequestView(ctx, ids[0])
	if err != nil {
		return subject{}, "", err
	}
	if len(ids) == 1 {
		return requestSubject(first, ""), first.Label, nil
	}
	about := subject{count: "Change Requests", lines: []string{}}
	for _, id := range ids {
		cr, err := w.Store.ChangeRequest(ctx, id)
		if err != nil {
			return subject{}, "", err
		}
		about.lines = append(about.lines, cr.Label()+"  "+cr.Name)
	}
	return about, fmt.Sprintf("change-requests-%d", len(ids)), nil
}

// actPhrases say what an act of a type does, in the words of the page's trail.
var actPhrases = map[string]string{
	"gov.genesis":      "Workspace founded",
	"gov.change":       "Policies or roster changed",
	"gov.endorse":      "Policies or roster endorsed",
	"member.join":      "Asked to be let in",
	"delegate":         "Vote delegated",
	"delegate.end":     "Delegation ended",
	"cr.submit":        "Request submitted",
	"cr.approve":       "Request approved",
	"cr.reject":        "Request rejected",
	"cr.withdraw":      "Vote on a request withdrawn",
	"cr.recall":        "Request recalled",
	"cr.reopen":        "Request reopened",
	"cr.cancel":        "Request cancelled",
	"cr.complete":      "Request completed",
	"cr.review":        "Emergency reviewed",
	"dr.submit":        "Deployment submitted",
	"dr.approve":       "Deployment approved",
	"dr.reject":        "Deployment rejected",
	"dr.withdraw":      "Vote on a deployment withdrawn",
	"dr.recall":        "Deployment recalled",
	"dr.reopen":        "Deployment reopened",
	"dr.cancel":        "Deployment cancelled",
	"dr.complete":      "Deployment completed",
	"deploy.start":     "Attempt signed",
	"deploy.validated": "Validation result signed",
	"deploy.result":    "Result signed",
	"recon.finding":    "Found outside the process",
	"recon.resolve":    "Finding resolved",
}

// confirmImport asks with whom the bundle is from and what it brings. Another
// one than was looked at is refused without asking.
func (s *shell) confirmImport(ctx context.Context, w *workspace.Workspace, path, passphrase, seen string) error {
	if seen == "" {
		return governance.Faultf("not_looked", "The file was not looked at yet.").WithHint("Look at what it would bring, then import it.")
	}
	if w.Demo() {
		return nil
	}
	d, err := w.PreviewBundle(ctx, path, passphrase)
	if err != nil || d.Bundle != seen {
		return err // importing says that it is another one
	}
	from := d.FromName
	switch {
	case from == "" && d.Asker != "":
		from = fmt.Sprintf(s.say("somebody who asks to be let in as %q"), d.Asker)
	case from == "":
		from = s.say("somebody who is no member")
	}
	about := subject{what: "From", name: from, digest: d.Bundle, count: "Signed acts", lines: []string{}}
	for _, a := range d.Acts {
		what := actPhrases[a.Type]
		if what == "" {
			what = a.Type
		}
		about.lines = append(about.lines, strings.TrimSpace(fmt.Sprintf("%s: %s %s", a.Name, s.say(what), a.About)))
	}
	if n := len(d.Findings) + len(d.Forks); n > 0 {
		about.note = fmt.Sprintf(s.say("Doubts about it: %d. Read them in the window first."), n)
	}
	return s.confirm(ctx, w, "Import a bundle", about)
}

// confirmEvidence asks with what the evidence file will be about, and gives a
// name for it. Each is signed by the person at this window.
func (s *shell) confirmEvidence(ctx context.Context, w *workspace.Workspace, q store.EvidenceQuery) (name string, err error) {
	about := subject{}
	if q.Request != "" {
		v, err := w.RequestView(ctx, q.Request)
		if err != nil {
			return "", err
		}
		about, name = requestSubject(v, ""), v.Label+"-"+time.Now().Format(time.DateOnly)
	} else {
		if !q.From.Before(q.To) {
			return "", governance.Faultf("bad_period", "The period ends before it begins.").WithHint("Choose a first day that is not after the last one.")
		}
		day := func(t time.Time) string { return t.Local().Format(time.DateOnly) }
		period := []string{day(q.From), day(q.To.Add(-time.Second))}
		about = subject{what: "Period", name: period[0] + " – " + period[1]}
		name = fmt.Sprintf("%s-to-%s", period[0], period[1])
		if q.Environment != "" {
			e, err := w.Store.Environment(ctx, q.Environment)
			if err != nil {
				return "", err
			}
			about.target, name = e.Name, e.Name+"-"+name
		}
	}
	if w.Demo() {
		return name, nil
	}
	return name, s.confirm(ctx, w, "Write an evidence file", about)
}
