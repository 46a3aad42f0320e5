package workspace

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

//go:embed evidence.html
var evidenceTemplate string

// pageTemplate writes everything as text: html/template escapes what comes from
// people and orgs, and the page has no script and loads nothing.
var pageTemplate = template.Must(template.New("evidence").Funcs(template.FuncMap{
	"short": func(s string) string { return s[:min(len(s), 12)] },
	"join":  func(s []string) string { return strings.Join(s, ", ") },
}).Parse(evidenceTemplate))

// pageForm names the form of the page: of its template, its words and what is
// shown. A page of the same form can be made again from the records and
// compared; of another form nothing can be said. Whoever changes what comes out
// gives it the next number: the golden pages of the tests hold that.
const pageForm = "page 2"

// evidencePage is the page for people, made of what stands in the file and of
// nothing else.
func evidencePage(c *ledger.EvidenceContents, exporter string, head ledger.Head) ([]byte, error) {
	h, _, err := ledger.Assemble(ledger.Evidence{Workspace: c.Workspace, Acts: c.Acts, Revisions: c.Revisions})
	if err != nil {
		return nil, err
	}
	v := newPageView(c, h)
	v.Key, v.Head, v.By = exporter, head.String(), nobodyNamed(exporterIn(h, exporter))
	v.Size = head.Size
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, v); err != nil {
		return nil, fmt.Errorf("write the page of the evidence: %w", err)
	}
	return out.Bytes(), nil
}

// A pageView is what the template shows.
type pageView struct {
	c       *ledger.EvidenceContents
	h       *governance.History
	people  roster
	places  map[string]string
	answers map[string]*ledger.AnswerLine
	entries map[string]int64

	Workspace, ID, Title, Period, Made, By, Key, Head string
	Place                                             string // the only organisation whose deployments are listed
	Size                                              int64
	Solo, Demo, Whole                                 bool
	First, Last                                       int64
	Entries                                           int
	Acts                                              int
	Facts                                             []figure
	Deployments                                       []deploymentRow
	Changes                                           []changeView
	Policies                                          []policyPage
	Versions                                          []versionRow
	Members                                           []memberRow
	Emergencies                                       []emergencyRow
	Relaxations                                       []string
	Findings                                          []string
	Outside                                           []outsideRow
}

type figure struct{ Number, Label, Note string }

type deploymentRow struct {
	N, Anchor                                            int
	Entry, EndingEntry                                   int64
	Change, Record, Target, Organization, Kind, By       string
	Started, Async, Completed, Result, Class, Components string
}

type approvalRow struct {
	Seat, Who, Roles, When, Act, Digest, Word, Note string
	Proxy                                           string // in whose place
	Counts                                          bool
}

type attemptRow struct {
	Kind, By, Started, Async, Completed, Result, Class, Components, Tests, Coverage, Answer, Act string
	Entry                                                                                        int64
	Failures, Warnings, Worst                                                                    []string
	Real                                                                                         bool
}

type recordView struct {
	ledger.RecordLine
	Name, Class, Source, Target, TargetID, TargetKind, Deployer, Tests, Options string
	Rev                                                                         *governance.RecordRevision
	Approvals                                                                   []approvalRow
	Rule                                                                        string
	Differences                                                                 []ledger.DifferenceLine
	Same                                                                        int
	Attempts                                                                    []attemptRow
	Duties                                                                      []dutyRow
}

type dutyRow struct {
	What, Class, Word string
}

type changeView struct {
	ledger.ChangeLine
	N          int
	Name       string
	Class      string
	Emergency  bool
	Rev        *governance.RequestRevision
	Authors    []string
	Approvals  []approvalRow
	Rule       string
	RecordList []recordView
	Timeline   []timelineRow
}

type timelineRow struct {
	When, Who, What, Reason, Act, Note string
	Entry                              int64 // of the trail, -1 when it is not in the file
	place                              int64
}

type policyPage struct {
	Name  string
	Lines []PolicySentence
}

type versionRow struct {
	Version       int64
	When, By, Act string
	Endorsed      []string
	Diff          []PolicyDiff
	First         bool
}

type memberRow struct {
	Name, Roles string
	Keys        []keyRow
}

type keyRow struct{ Public, State string }

func newPageView(c *ledger.EvidenceContents, h *governance.History) *pageView {
	p := &c.Population
	v := &pageView{c: c, h: h, people: rosterOf(h.Charter()), places: map[string]string{}, answers: map[string]*ledger.AnswerLine{}, entries: map[string]int64{},
		ID: c.Workspace, Made: clock(c.Created), Whole: p.Scope == ledger.ScopePeriod, First: p.First, Last: p.Last, Entries: len(c.Log), Acts: len(c.Acts),
		Findings: p.Findings, Period: periodWords(p)}
	for _, place := range p.Places {
		v.places[place.Organization] = place.Name
	}
	for i := range c.Answers {
		v.answers[c.Answers[i].Act] = &c.Answers[i]
	}
	for _, e := range c.Log {
		var named struct {
			Act string `json:"act"`
		}
		if e.Kind == actKind && json.Unmarshal(e.Data, &named) == nil {
			v.entries[named.Act] = e.Idx
		}
	}
	if charter := h.Charter(); charter != nil {
		v.Workspace, v.Solo, v.Demo = charter.Name, charter.Solo, charter.Demo
		v.policies(charter)
	}
	for i, line := range p.Changes {
		v.Changes = append(v.Changes, v.change(i+1, line))
	}
	v.deployments()
	v.emergencies()
	v.outside()
	v.titles()
	return v
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2 Jan 2006 15:04 UTC")
}

// orgClock is a time that Salesforce gave.
func orgClock(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return "–"
	}
	return t.UTC().Format("2 Jan 2006 15:04:05 UTC")
}

func (v *pageView) place(org string) string {
	if n := v.places[org]; n != "" {
		return n
	}
	return unnamedPlace
}

// unnamedPlace is an organisation that the maker of a file has no name for.
const unnamedPlace = "an organisation without a name here"

func (v *pageView) titles() {
	v.Title = "Changes to Salesforce"
	if p := &v.c.Population; p.Organization != "" {
		v.Place = placeName(p)
		v.Title = "Changes to " + v.Place
	}
	if !v.Whole {
		v.Title = "One change to Salesforce"
		if len(v.Changes) == 1 {
			v.Title = v.Changes[0].Label + " " + v.Changes[0].Name
		}
	}
	succeeded := 0
	for _, d := range v.Deployments {
		if d.Class == "good" {
			succeeded++
		}
	}
	open := 0
	for _, o := range v.Outside {
		if o.Class == "bad" {
			open++
		}
	}
	note := func(n int, none, some string) string {
		if n == 0 {
			return none
		}
		return some
	}
	v.Facts = []figure{
		{fmt.Sprint(len(v.Deployments)), plain(len(v.Deployments), "deployment", "deployments"), fmt.Sprintf("%d succeeded wholly", succeeded)},
		{fmt.Sprint(len(v.Changes)), plain(len(v.Changes), "change request", "change requests"), plain(len(v.Changes), "on pages of its own", "each on pages of its own")},
		{fmt.Sprint(len(v.Emergencies)), plain(len(v.Emergencies), "emergency", "emergencies"), note(len(v.Emergencies), "none in this scope", "see Emergencies and reviews")},
		{fmt.Sprint(len(v.Relaxations)), plain(len(v.Relaxations), "relaxed rule", "relaxed rules"), note(len(v.Relaxations), "separation of duties in full", "see Relaxed rules")},
		{fmt.Sprint(len(v.Findings) + open), plain(len(v.Findings)+open, "open finding", "open findings"), note(len(v.Findings)+open, "all of it verified when made", "see Findings")},
	}
}

func plain(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// classes say a status by a colour, which always comes with its word.
var classes = map[string]string{
	string(governance.Approved): "good", string(governance.Completed): "good", string(governance.Rejected): "bad", string(governance.Cancelled): "bad",
	string(governance.Pending): "wait", string(governance.InProgress): "wait",
	string(governance.ResultSucceeded): "good", string(governance.ResultPartially): "bad", string(governance.ResultFailed): "bad", string(governance.ResultCanceled): "wait", string(governance.ResultNotSent): "wait",
}

// emergencyType is the Change Type whose approvals come fast and are reviewed
// afterwards.
const emergencyType = "Emergency"

func (v *pageView) timelineRow(a *governance.Act, label string) timelineRow {
	row := timelineRow{When: clock(a.At), Who: v.people.name(a.Member), Act: a.ID, Entry: -1}
	if idx, ok := v.entries[a.ID]; ok {
		row.Entry = idx
	}
	_, action, _ := strings.Cut(string(a.Type), ".")
	switch b := a.Body.(type) {
	case governance.Submission:
		row.What = fmt.Sprintf("submitted %s, round %d", label, b.Round)
	case governance.Vote:
		row.What, row.Reason = fmt.Sprintf("%s %s, round %d", actWords[action], label, b.Round), b.Reason
	case governance.Closing:
		row.What, row.Reason = fmt.Sprintf("%s %s, round %d", actWords[action], label, b.Round), b.Reason
	case governance.Start:
		row.What = fmt.Sprintf("started a %s of %s", kindWords[b.Kind], label)
	case governance.Ending:
		row.What = fmt.Sprintf("signed how a %s of %s ended: %s", kindWords[b.Kind], label, resultWords[b.Result])
	case governance.Review:
		row.What, row.Reason = fmt.Sprintf("reviewed the emergency %s: %s", label, b.Verdict), b.Reason
	default:
		row.What = strings.TrimSpace(firstOf(actWords[action], string(a.Type)) + " " + label)
	}
	if a.Broken != "" {
		row.Note = "Does not count: " + a.Broken + "."
	}
	return row
}

// deployments is the population, as the trail has it.
func (v *pageView) deployments() {
	where := map[string]*changeView{}
	records := map[string]recordView{}
	for i := range v.Changes {
		for _, r := range v.Changes[i].RecordList {
			where[r.ID], records[r.ID] = &v.Changes[i], r
		}
	}
	for n, d := range v.c.Population.Deployments {
		row := deploymentRow{N: n + 1, Entry: d.Entry, EndingEntry: d.EndingEntry, Result: "not known to have ended", Class: "wait", Completed: "–"}
		if a := v.h.Act(d.Act); a != nil {
			if c := where[a.Subject]; c != nil {
				row.Anchor, row.Change, row.Record = c.N, c.Label, records[a.Subject].Label
			}
			if b, is := a.Body.(governance.Start); is {
				row.Kind, row.Organization, row.Target = kindWords[b.Kind], b.Target, v.place(b.Target)
			}
			row.By, row.Started = v.people.name(a.Member), clock(a.At)
		}
		if a := v.h.Act(d.Ending); a != nil {
			if e, is := a.Body.(governance.Ending); is {
				row.Async, row.Completed, row.Result, row.Class = e.AsyncID, orgClock(e.CompletedAt), resultWords[e.Result], classes[string(e.Result)]
				row.Components = fmt.Sprint(e.Components)
			}
		}
		v.Deployments = append(v.Deployments, row)
	}
}

// policies says the rules in force, how they came to be, and who the members
// are.
func (v *pageView) policies(c *governance.Charter) {
	w := &Workspace{} // only for its words
	add := func(p *governance.Policy, deployments bool) {
		page := policyPage{Name: p.Name, Lines: w.sentences(p, v.people, deployments)}
		v.Policies = append(v.Policies, page)
		for _, l := range page.Lines {
			if l.Relaxed {
				v.Relaxations = append(v.Relaxations, p.Name+": "+l.Text)
			}
		}
	}
	if c.Solo {
		v.Relaxations = append(v.Relaxations, "One person holds every role in this workspace: each approval is self-authorised, and there is no separation of duties.")
	}
	add(&c.Requests, false)
	for i := range c.Environments {
		add(&c.Environments[i], true)
	}
	for _, p := range w.policyVersions(v.h) {
		row := versionRow{Version: p.Version, When: clock(p.At), Act: p.Act, Diff: p.Diff, First: p.Version == 0}
		if p.By != nil {
			row.By = p.By.Name
		}
		for _, e := range p.Endorsed {
			row.Endorsed = append(row.Endorsed, e.Name)
		}
		v.Versions = append(v.Versions, row)
	}
	for i := range c.Members {
		m := &c.Members[i]
		row := memberRow{Name: m.Name, Roles: rolesText(m)}
		for _, k := range m.Keys {
			state := "in use"
			if k.Last != "" {
				state = "revoked; acts up to " + k.Last[:min(12, len(k.Last))] + " count"
			}
			row.Keys = append(row.Keys, keyRow{k.Public, state})
		}
		v.Members = append(v.Members, row)
	}
}

// OneOrganization is the only one whose deployments are listed; for the template.
func (v *pageView) OneOrganization() string { return v.c.Population.Organization }

// AuthorsOf names the authors of a Change Request; for the template.
func (v *pageView) AuthorsOf(id string) string {
	for _, c := range v.Changes {
		if c.ID == id {
			return strings.Join(c.Authors, ", ")
		}
	}
	return ""
}
