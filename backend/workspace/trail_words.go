package workspace

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// trailEnglish are the sentences of the audit trail: the entry's kind, of an
// act its type, and what tells one from another of the kind.
var trailEnglish = map[string]string{
	"trail.gov.genesis":       "The workspace was founded.",
	"trail.gov.change":        "Changed the roster or the policies: version {version} of the charter.",
	"trail.gov.endorse":       "Signed a change of the roster or the policies as another owner.",
	"trail.cr.submit":         "Submitted {about} for approval, round {round}.",
	"trail.cr.approve":        "Approved {about}, round {round}.",
	"trail.cr.reject":         "Rejected {about}, round {round}.",
	"trail.cr.recall":         "Recalled {about}, round {round}.",
	"trail.cr.reopen":         "Reopened {about}, which ends the approvals of round {round}.",
	"trail.cr.cancel":         "Cancelled {about}.",
	"trail.cr.complete":       "Completed {about}.",
	"trail.dr.submit":         "Submitted {about} for approval, round {round}.",
	"trail.dr.approve":        "Approved {about}, round {round}.",
	"trail.dr.reject":         "Rejected {about}, round {round}.",
	"trail.dr.recall":         "Recalled {about}, round {round}.",
	"trail.dr.reopen":         "Reopened {about}, which ends the approvals of round {round}.",
	"trail.dr.cancel":         "Cancelled {about}.",
	"trail.dr.complete":       "Completed {about}.",
	"trail.deploy.start":      "Signed the start of attempt {attempt} of {about}: {kind}.",
	"trail.deploy.validated":  "Signed how a validation of {about} ended: {result}.",
	"trail.deploy.result":     "Signed how an attempt of {about} ended: {result}.",
	"trail.draft.request":     "Saved {about}.",
	"trail.draft.record":      "Saved {about}.",
	"trail.draft":             "Saved a draft that is not here any more.",
	"trail.delete":            "Deleted a draft that was never submitted.",
	"trail.gate.open":         "The gate was open for {kind} of {about}.",
	"trail.gate.closed":       "The gate refused {kind} of {about}: {reason}",
	"trail.attempt.intent":    "Attempt {attempt} of {about} was begun: {kind}.",
	"trail.attempt.sending":   "Attempt {attempt} of {about} was sent.",
	"trail.attempt.unknown":   "Attempt {attempt} of {about} had no answer, and the org's own list is read.",
	"trail.attempt.running":   "Attempt {attempt} of {about}: {done} of {total:component|components}, {testsDone} of {tests:test|tests}.",
	"trail.attempt.retrieve":  "Attempt {attempt} of {about}: the customizations are retrieved.",
	"trail.attempt.done":      "Attempt {attempt} of {about} ended: {message}",
	"trail.environment":       "Saved the environment {name}.",
	"trail.scan":              "Scanned {about}: {count:customization|customizations}.",
	"trail.refused":           "{about} did not list {types}.",
	"trail.content":           "Ran the scan of {about}: {count:customization|customizations} frozen.",
	"trail.dependencies":      "Checked the dependencies of {about}: {found:reference|references}, {missing} missing.",
	"trail.dependency-answer": "Kept the answer about the dependencies of {about}.",
	"trail.extend":            "Added {count:customization|customizations} to {about}.",
	"trail.credentials":       "Saved credentials for {about} in the keychain.",
	"trail.connection":        "Tested the connection to {about}: organisation {organization}.",
	"trail.verify":            "Verified the whole audit trail: {entries:entry|entries}.",
	"trail.export":            "Exported a bundle of {entries:signed act|signed acts}.",
	"trail.evidence":          "Wrote an evidence file.",
	"trail.import":            "Imported a bundle with {entries:new act|new acts}.",
	"trail.rebuild":           "Rebuilt what was changed outside Countersign. {what}",
	"trail.migrate":           "The database was brought from version {from} to version {to}.",
	"trail.cancel":            "Wished attempt {attempt} of {about} to stop.",
	"trail.surplus":           "The org showed a second deployment of attempt {attempt} of {about}, which was asked to stop.",
	"trail.reading":           "Read what the org of {about} says was changed there: {found:new finding|new findings}.",
	"trail.recon.finding":     "Found a change outside the process in {about}: {message}",
	"trail.recon.resolve":     "Resolved {count:change|changes} outside the process in {about}.",
	"trail.demo":              "The demo did its step {step}.",
	"trail.other":             "An entry of the kind {kind}.",
	"verify.sound":            "Everything held: {entries:entry|entries}, {acts:signed act|signed acts}.",
	"verify.doubts":           "{findings:thing is|things are} wrong. {first}",
	"proof.entries":           "None of {entries:entry|entries} of the audit trail was changed, removed or put between: its tree of hashes was computed anew.",
	"proof.acts":              "{acts:act is|acts are} signed by the members whom they name, and each is in the trail once.",
	"proof.rows":              "The status and content of {requests:change request|change requests} and {records:deployment record|deployment records} are what the acts and the trail say.",
	"proof.blobs":             "{blobs:file|files} of packages, answers and attachments are what their names say.",
	"proof.keychain":          "Nothing is missing at the end: the trail goes on from the head that the keychain of this computer remembers.",
	"proof.nokeychain":        "The keychain remembers no head of this trail, so nobody can say here whether the newest entries are missing.",
}

// A trailData is what an entry of any kind can say; what it does not say stays
// empty.
type trailData struct {
	note
	Request         string          `json:"request"`
	Log             string          `json:"log"`
	Environment     string          `json:"environment"`
	Organization    string          `json:"organization"`
	Name            string          `json:"name"`
	Kind            string          `json:"kind"`
	Progress        string          `json:"progress"`
	Message         string          `json:"message"`
	ComponentsDone  int64           `json:"componentsDone"`
	ComponentsTotal int64           `json:"componentsTotal"`
	TestsDone       int64           `json:"testsDone"`
	TestsTotal      int64           `json:"testsTotal"`
	Count           int64           `json:"count"`
	Refused         []string        `json:"refused"`
	Entries         int64           `json:"entries"`
	Acts            int64           `json:"acts"`
	From            json.RawMessage `json:"from"`
	To              json.RawMessage `json:"to"`
	Step            string          `json:"step"`
}

// A statement is what of a signed act a sentence is made of.
type statement struct {
	At   string `json:"at"`
	Body struct {
		Reason  string `json:"reason"`
		Round   int64  `json:"round"`
		Attempt int64  `json:"attempt"`
		Kind    string `json:"kind"`
		Result  string `json:"result"`
		Log     string `json:"log"`
		Start   string `json:"start"`
		Version int64  `json:"version"`
		// Of what was found in an org, and what became of it.
		Findings     []string `json:"findings"`
		Organization string   `json:"organization"`
		Request      string   `json:"request"`
		Summary      string   `json:"summary"`
	} `json:"body"`
}

// A trailReader turns lines of the audit trail into what people read, and keeps
// those that a query asks for.
type trailReader struct {
	w        *Workspace
	q        TrailQuery
	charter  *governance.Charter
	people   roster
	logKinds []string // kinds of log entries to read, none for all
	types    []string // of acts, none for all
	named    map[string]store.TrailName
	orgs     map[string]store.TrailName // environments by the subject of their org
}

func (w *Workspace) trailReader(ctx context.Context, q TrailQuery) (*trailReader, error) {
	h, err := w.Store.History(ctx, noRecords)
	if err != nil {
		return nil, err
	}
	r := &trailReader{w: w, q: q, charter: h.Charter(), people: rosterOf(h.Charter()), named: map[string]store.TrailName{}, orgs: map[string]store.TrailName{}}
	envs, err := w.Store.Environments(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range envs {
		if e.OrganizationID != "" {
			r.orgs[governance.OrganizationSubject(e.OrganizationID)] = store.TrailName{ID: e.ID, Table: "environment", Name: e.Name, Org: e.OrganizationID}
		}
	}
	for _, k := range q.Kinds {
		if k != actKind && (strings.HasPrefix(k, "cr.") || strings.HasPrefix(k, "dr.") || strings.HasPrefix(k, "gov.") || strings.HasPrefix(k, "recon.") || strings.HasPrefix(k, "deploy.")) {
			r.types, k = append(r.types, k), actKind
		}
		if !slices.Contains(r.logKinds, k) {
			r.logKinds = append(r.logKinds, k)
		}
	}
	if slices.Contains(q.Kinds, actKind) {
		r.types = nil
	}
	return r, nil
}

func (r *trailReader) keepsAll() bool { return r.q.Member == "" && r.q.Text == "" && len(r.types) == 0 }

// A readLine is a line with what it says.
type readLine struct {
	store.TrailLine
	data trailData
	act  statement
	by   string
}

// entries turns lines into entries, up to a number of them; end is the index
// of the last line that was looked at.
func (r *trailReader) entries(ctx context.Context, lines []store.TrailLine, most int) (out []TrailEntry, end int64, err error) {
	read := make([]readLine, 0, len(lines))
	for _, l := range lines {
		if v := r.read(l); r.wanted(v) {
			read = append(read, v)
		}
	}
	if err := r.learn(ctx, read); err != nil {
		return nil, 0, err
	}
	for _, v := range read {
		e := r.entry(v)
		if !r.shows(e) {
			continue
		}
		if out = append(out, e); len(out) == most {
			return out, v.Idx, nil
		}
	}
	return out, lines[len(lines)-1].Idx, nil
}

// read takes a line apart. What cannot be read says nothing; verifying names
// it.
func (r *trailReader) read(l store.TrailLine) readLine {
	v := readLine{TrailLine: l}
	_ = json.Unmarshal(l.Data, &v.data)
	v.by = v.data.By
	if l.Act == "" {
		return v
	}
	_ = json.Unmarshal(l.Payload, &v.act)
	v.data.At = v.act.At
	if r.charter != nil {
		if m, _ := r.charter.MemberByKey(l.Key); m != nil {
			v.by = m.ID
		}
	}
	return v
}

func (r *trailReader) wanted(v readLine) bool {
	if v.Kind == actKind && len(r.types) > 0 && !slices.Contains(r.types, v.Type) {
		return false
	}
	return r.q.Member == "" || v.by == r.q.Member
}

func (r *trailReader) shows(e TrailEntry) bool {
	if r.q.Text == "" {
		return true
	}
	text := e.words()
	if e.By != nil {
		text += " " + e.By.Name
	}
	return holdsWords(text, r.q.Text)
}

// words are what an entry is looked for by, beside the name of who made it.
func (e TrailEntry) words() string { return e.Text + " " + e.About + " " + e.Reason + " " + e.Kind }

// holdsWords reports whether every word is in a text, whatever the case.
func holdsWords(text, words string) bool {
	text = strings.ToLower(text)
	for _, word := range strings.Fields(strings.ToLower(words)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// ids are what a line names that can have a label.
func (v readLine) ids() []string {
	return []string{v.Subject, v.data.Subject, v.data.Record, v.data.Request, v.data.Log, v.data.Environment, v.act.Body.Log}
}

// learn finds what the lines name.
func (r *trailReader) learn(ctx context.Context, lines []readLine) error {
	unknown := []string{}
	for _, v := range lines {
		for _, id := range v.ids() {
			if _, known := r.named[id]; id != "" && !known {
				r.named[id] = store.TrailName{}
				unknown = append(unknown, id)
			}
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	found, err := r.w.Store.TrailNames(ctx, unknown)
	for id, n := range found {
		r.named[id] = n
	}
	return err
}

// about is what a line is about: the first thing that it names and that is
// here. A log's own label is its record's.
func (r *trailReader) about(v readLine) store.TrailName {
	for _, id := range []string{v.act.Body.Log, v.Subject, v.data.Log, v.data.Subject, v.data.Record, v.data.Request, v.data.Environment} {
		if n := r.named[id]; n.ID != "" {
			return n
		}
	}
	return r.orgs[v.Subject]
}

func labelOfName(n store.TrailName) string {
	switch n.Table {
	case "request":
		return labelOf("CR", n.Number)
	case "record", "log":
		return labelOf("DR", n.Number)
	}
	return n.Name
}

func (r *trailReader) entry(v readLine) TrailEntry {
	e := r.described(v)
	e.Hash = hashOf(v.TrailLine)
	return e
}

// described is an entry without its hash.
func (r *trailReader) described(v readLine) TrailEntry {
	n := r.about(v)
	e := TrailEntry{Index: v.Idx, Kind: v.Kind, By: r.people.person(v.by), About: labelOfName(n), Link: n.ID, LinkTo: n.Table, Act: v.Act}
	if v.Act != "" {
		e.Kind, e.Reason = v.Type, v.act.Body.Reason
	} else if v.Kind == "extend" {
		e.Reason = v.data.Reason
	}
	e.At = v.data.at()
	e.Said = r.say(v, n)
	e.Text = e.Said.Text
	return e
}

func (r *trailReader) say(v readLine, n store.TrailName) Said {
	d, b := v.data, v.act.Body
	about := labelOfName(n)
	if about == "" {
		about = "something that is not here any more"
	}
	attempt, kind := max(b.Attempt, n.Attempt), firstOf(b.Kind, d.Kind, n.Kind)
	values := []any{"about", about, "round", b.Round, "attempt", attempt, "kind", r.kindWord(v, kind), "result", resultWords[governance.Result(b.Result)], "version", b.Version,
		"reason", toldAs(strings.Join(d.Reasons, " ")), "done", d.ComponentsDone, "total", d.ComponentsTotal, "testsDone", d.TestsDone, "tests", d.TestsTotal,
		"message", d.Message, "name", d.Name, "count", d.Count, "types", strings.Join(d.Refused, ", "), "found", d.Found, "missing", len(d.Missing),
		"organization", d.Organization, "entries", d.Entries, "what", d.What, "from", string(d.From), "to", string(d.To), "step", d.Step}
	switch v.Kind {
	case "content":
		values = append(values, "count", d.Items)
	case "extend":
		values = append(values, "count", len(d.Added))
	case "export", "import":
		values = append(values, "entries", d.Acts)
	}
	switch governance.ActType(v.Type) {
	case governance.ActFinding:
		values = append(values, "message", b.Summary)
	case governance.ActResolve:
		values = append(values, "count", len(b.Findings))
	}
	return onlyUsed(r.w.said(trailCode(v, n), values...))
}

// kindWord is what kind of attempt a line is about; of what no sentence knows,
// the line's own kind.
func (r *trailReader) kindWord(v readLine, kind string) string {
	if word, known := kindWords[governance.AttemptKind(kind)]; known {
		return word
	}
	if v.Kind == "gate" {
		return "an attempt"
	}
	return v.Kind
}

var kindWords = map[governance.AttemptKind]string{
	governance.AttemptRetrieve: "retrieve", governance.AttemptValidate: "validation", governance.AttemptDeploy: "deployment",
	governance.AttemptQuick: "quick deployment", governance.AttemptRollback: "rollback", governance.AttemptReverseCheck: "check of the way back",
}

var resultWords = map[governance.Result]string{
	governance.ResultSucceeded: "succeeded", governance.ResultPartially: "partly succeeded", governance.ResultFailed: "failed",
	governance.ResultCanceled: "canceled", governance.ResultNotSent: "not sent",
}

// onlyUsed leaves a page no more values than the sentence has places.
func onlyUsed(s Said) Said {
	used := map[string]string{}
	for _, p := range partsOf(english[s.Code]) {
		if p.name != "" {
			used[p.name] = s.Params[p.name]
		}
	}
	s.Params = used
	maps.DeleteFunc(s.Parts, func(name string, part Said) bool { _, there := used[name]; return !there || part.Code == "" })
	return s
}

func firstOf(words ...string) string {
	for _, word := range words {
		if word != "" {
			return word
		}
	}
	return ""
}

// trailCode is the sentence that fits a line.
func trailCode(v readLine, n store.TrailName) string {
	code := "trail." + v.Kind
	switch v.Kind {
	case actKind:
		code = "trail." + v.Type
	case "draft":
		if n.Table == "request" || n.Table == "record" {
			code += "." + n.Table
		}
	case "gate":
		code += ".closed"
		if v.data.Open {
			code = "trail.gate.open"
		}
	case "attempt":
		code += "." + v.data.Progress
		if v.data.Progress == string(governance.ProgressRunning) && v.data.Kind == string(governance.AttemptRetrieve) {
			code = "trail.attempt.retrieve"
		}
	}
	if english[code] == "" {
		return "trail.other"
	}
	return code
}
