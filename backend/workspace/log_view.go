package workspace

import (
	"context"
	"errors"
	"io"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"countersign/backend/deploy"
	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// A LogView is a Deployment Log as its page shows it.
type LogView struct {
	Log        governance.DeploymentLog `json:"log"`
	Word       string                   `json:"word"` // one of the 17 of the field
	Record     RecordRow                `json:"record"`
	By         *Person                  `json:"by"`
	Verdict    string                   `json:"verdict"` // one sentence: how it ended, or how far it is
	Said       Said                     `json:"said"`    // the verdict, to be translated
	Causes     []Cause                  `json:"causes"`  // first cause first
	Coverage   []ClassCoverage          `json:"coverage"`
	OrgPercent int64                    `json:"orgPercent"` // coverage of all that was measured; -1: nothing was
	Queue      int64                    `json:"queue"`      // position in the org's queue; 0: none
	Seconds    int64                    `json:"seconds"`    // it took, or takes so far
	WorkID     string                   `json:"workId"`     // of what follows it now
	CanCancel  bool                     `json:"canCancel"`
	CanSend    bool                     `json:"canSend"`   // Send Again, or go on once what it waits for is done
	CanGiveUp  bool                     `json:"canGiveUp"` // end an attempt that the org does not show
	Waits      *Problem                 `json:"waits"`     // what a person has to do for it to go on
	StatusPage bool                     `json:"statusPage"`
	Content    []string                 `json:"content"` // components that were sent, at most 10,000, those that failed first
	Failed     int64                    `json:"failed"`  // so many of Content, from its start, failed
	// WarningsSaid are the warnings of the log's outcome, to be translated; those
	// that are the org's own have no code.
	WarningsSaid []Said `json:"warningsSaid"`
}

// A Cause is one reason for failures, with all that failed for it.
type Cause struct {
	Problem  string                        `json:"problem"` // in the org's words
	Count    int64                         `json:"count"`   // of its failures, also of those that are not listed
	Failures []governance.ComponentFailure `json:"failures"`
	// Missing is what to add to the request, if that would mend it.
	Missing []governance.Customization `json:"missing"`
}

// A ClassCoverage is the coverage of a class, with the lines that are still
// needed for 75 %.
type ClassCoverage struct {
	governance.Coverage
	Percent int64 `json:"percent"`
	Needed  int64 `json:"needed"`
}

// A TextPage is a part of a long text.
type TextPage struct {
	Text  string `json:"text"`
	Next  int64  `json:"next"` // offset of the rest; 0: there is none
	Total int64  `json:"total"`
}

// mostContent is how many components a LogView names.
const mostContent = 10_000

// LogView is one Deployment Log. Fault: not_found.
func (w *Workspace) LogView(ctx context.Context, id string) (LogView, error) {
	log, err := w.Store.DeploymentLog(ctx, id)
	if err != nil {
		return LogView{}, err
	}
	dr, err := w.Store.DeploymentRecord(ctx, log.RecordID)
	if err != nil {
		return LogView{}, err
	}
	h, err := w.Store.History(ctx, log.RequestID)
	if err != nil {
		return LogView{}, err
	}
	target, err := w.targetOf(ctx, dr)
	if err != nil {
		return LogView{}, err
	}
	v := LogView{Word: log.StatusWord(), By: rosterOf(h.Charter()).person(log.By), Said: w.verdict(log, target.Environment.Name), OrgPercent: -1,
		Coverage: []ClassCoverage{}, Seconds: w.seconds(log), Waits: w.waits(log)}
	v.Verdict = v.Said.Text
	v.Content, v.Failed = contentSent(h, log)
	if v.Record, err = w.recordRow(ctx, log.RecordID); err != nil {
		return LogView{}, err
	}
	if v.Causes, err = w.causes(ctx, dr, log); err != nil {
		return LogView{}, err
	}
	v.Coverage, v.OrgPercent = coverageOf(log.Outcome.Coverage)
	if k := w.follows(log); k != nil {
		v.WorkID = k.ID
	}
	v.CanCancel = log.Active() && !log.CancelWanted && log.Kind != governance.AttemptRetrieve
	v.CanSend = log.Active() && v.WorkID == "" && log.Kind != governance.AttemptRetrieve
	v.CanGiveUp = v.CanSend && (log.Progress == governance.ProgressIntent || wasSearched(log))
	v.StatusPage = log.AsyncID != "" && target.Environment.Kind != governance.Demo
	if log.Progress == governance.ProgressRunning && log.Status == string(salesforce.DeployPending) {
		v.Queue = w.queuePosition(ctx, &target.Environment, log)
	}
	v.Log = trimmed(log)
	v.WarningsSaid = allTold(v.Log.Outcome.Warnings)
	return v, nil
}

// trimmed is a log without what a page shows in other fields, or more of than
// it can.
func trimmed(log *governance.DeploymentLog) governance.DeploymentLog {
	out := *log
	out.Outcome.Failures, out.Outcome.Coverage = []governance.ComponentFailure{}, []governance.Coverage{}
	room := mostAnswer / 4
	for i := range out.Outcome.Tests {
		if room -= sizeOf(out.Outcome.Tests[i]); room < 0 {
			out.Outcome.Tests = out.Outcome.Tests[:i:i]
			break
		}
	}
	for _, list := range []*[]string{&out.Outcome.Warnings, &out.Outcome.Unchanged} {
		*list = fitting(*list, mostAnswer/16)
	}
	return out
}

// fitting are as many of some lines as fit into a number of bytes.
func fitting(lines []string, room int) []string {
	for i, line := range lines {
		if room -= len(line) + 4; room < 0 {
			return lines[:i:i]
		}
	}
	return lines
}

// contentSent names the components of the revision that the attempt was of, and
// says how many of them failed.
func contentSent(h *governance.History, log *governance.DeploymentLog) (content []string, failed int64) {
	rev := h.Record(log.Revision)
	if rev == nil {
		return []string{}, 0
	}
	return markedContent(rev.Customizations, log.Outcome.Failures)
}

// markedContent names components, those that failed first, and says how many
// these are. All failures count: the causes of an answer hold those that fit.
func markedContent(all []governance.Customization, failures []governance.ComponentFailure) (content []string, failed int64) {
	fails := make(map[string]bool, len(failures))
	for _, f := range failures {
		fails[f.Type+":"+f.Name] = true
	}
	content, rest := []string{}, []string{}
	for _, c := range all {
		if name := c.String(); fails[name] {
			content = append(content, name)
		} else {
			rest = append(rest, name)
		}
	}
	failed = int64(len(content))
	content = append(content, rest...)
	content = fitting(content[:min(len(content), mostContent)], mostAnswer/2)
	return content, min(failed, int64(len(content)))
}

func (w *Workspace) seconds(log *governance.DeploymentLog) int64 {
	end := log.CompletedAt
	if end.IsZero() {
		end = w.now()
	}
	return max(int64(end.Sub(log.StartedAt)/time.Second), 0)
}

// follows is the work that carries an attempt now, nil if none does.
func (w *Workspace) follows(log *governance.DeploymentLog) *Work {
	for _, k := range w.Works() {
		if k.Running() && k.LogID == log.ID {
			return &k
		}
	}
	return nil
}

// wasSearched reports whether the org's list was read to the end and does not
// show the attempt: only a person can go on.
func wasSearched(log *governance.DeploymentLog) bool {
	return log.Progress == governance.ProgressUnknown && strings.HasPrefix(log.Message, deploy.ErrNeedsPerson.Message)
}

// waits is what a person has to do for an attempt to go on, nil if it goes on
// by itself or is over.
func (w *Workspace) waits(log *governance.DeploymentLog) *Problem {
	if !log.Active() || w.follows(log) != nil {
		return nil
	}
	if wasSearched(log) {
		return ProblemOf(w.o.Log, string(log.Kind), deploy.ErrNeedsPerson)
	}
	for _, k := range w.Works() { // newest first
		if k.LogID == log.ID && k.Problem != nil {
			return k.Problem
		}
	}
	return nil
}

// rawPart is how much of a raw answer one page holds, in bytes.
const rawPart = 256 << 10

// RawAnswer is Salesforce's last full answer about an attempt, in parts of at
// most 256 KB. Faults: not_found, no_answer, blob_missing, blob_altered.
func (w *Workspace) RawAnswer(ctx context.Context, logID string, offset int64) (TextPage, error) {
	log, err := w.Store.DeploymentLog(ctx, logID)
	if err != nil {
		return TextPage{}, err
	}
	if log.RawBlob == "" {
		return TextPage{}, governance.Faultf("no_answer", "The org has given no full answer about this attempt.").WithHint("There is one when a validation or deployment has ended.")
	}
	blob, err := w.Store.OpenBlob(log.RawBlob)
	if err != nil {
		return TextPage{}, err
	}
	defer blob.Close()
	p := TextPage{Total: blob.Size()}
	if offset = max(offset, 0); offset >= p.Total {
		return p, nil
	}
	b := make([]byte, min(rawPart, p.Total-offset))
	n, err := blob.ReadAt(b, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return TextPage{}, err
	}
	b = b[:n]
	end := offset + int64(n)
	if end < p.Total { // leave half a character to the next part
		for len(b) > 0 && !utf8.RuneStart(b[len(b)-1]) {
			b = b[:len(b)-1]
		}
		if len(b) > 1 {
			b = b[:len(b)-1]
		}
		end = offset + int64(len(b))
		p.Next = end
	}
	p.Text = strings.ToValidUTF8(string(b), "\uFFFD")
	return p, nil
}

// A cancelNote is the log entry of a person's wish to stop an attempt.
type cancelNote struct {
	At  string `json:"at"`
	By  string `json:"by"`
	Log string `json:"log"`
}

// CancelAttempt wishes an attempt to stop; whoever follows it passes the wish
// on until the org says Canceled, or that it was too late. Faults: not_found,
// attempt_ended, retrieve_runs.
func (w *Workspace) CancelAttempt(ctx context.Context, logID string) (LogView, error) {
	log, err := w.Store.DeploymentLog(ctx, logID)
	if err != nil {
		return LogView{}, err
	}
	if log.Kind == governance.AttemptRetrieve && log.Active() {
		return LogView{}, governance.Faultf("retrieve_runs", "A retrieve changes nothing and cannot be canceled.").WithHint("Wait until it has ended.")
	}
	if _, err := w.Runner.Cancel(ctx, logID); err != nil {
		return LogView{}, err
	}
	if err := w.Store.Note(ctx, "cancel", cancelNote{At: w.stamp(), By: w.Acting(), Log: logID}); err != nil {
		return LogView{}, err
	}
	return w.LogView(ctx, logID)
}

// SendAgain sends an attempt that the org does not show once more. An attempt
// that stopped for another reason, such as a missing sign-in, goes on from where
// it stands: nothing is sent twice. Faults: not_found, attempt_ended.
func (w *Workspace) SendAgain(ctx context.Context, logID string) (Work, error) {
	log, err := w.Store.DeploymentLog(ctx, logID)
	if err != nil {
		return Work{}, err
	}
	if !log.Active() {
		return Work{}, governance.Faultf("attempt_ended", "The attempt has ended already.").WithHint("Look at its Deployment Log.")
	}
	if k := w.follows(log); k != nil {
		return *k, nil
	}
	carry := w.Runner.Run
	if wasSearched(log) {
		carry = w.Runner.SendAgain
	}
	return w.follow(ctx, log, carry)
}

// GiveUp ends an attempt that was not sent. Faults: not_found, attempt_ended,
// already_sent, attempt_running.
func (w *Workspace) GiveUp(ctx context.Context, logID string) (LogView, error) {
	log, err := w.Store.DeploymentLog(ctx, logID)
	if err != nil {
		return LogView{}, err
	}
	if w.follows(log) != nil {
		return LogView{}, governance.Faultf("attempt_running", "This attempt is being followed.").WithHint("Cancel it, or wait until it needs you.")
	}
	if _, err := w.Runner.GiveUp(ctx, logID); err != nil {
		return LogView{}, err
	}
	return w.LogView(ctx, logID)
}

// isAsyncID is the form of Salesforce's ids.
var isAsyncID = regexp.MustCompile(`^[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?$`)

// StatusPage is the https address of Salesforce's own page about an attempt;
// empty for a demo org, which has none. Signing in tells the org's own host.
// Faults: not_found, not_sent, and those of signing in.
func (w *Workspace) StatusPage(ctx context.Context, logID string) (string, error) {
	log, err := w.Store.DeploymentLog(ctx, logID)
	if err != nil {
		return "", err
	}
	dr, err := w.Store.DeploymentRecord(ctx, log.RecordID)
	if err != nil {
		return "", err
	}
	env, err := w.Store.Environment(ctx, dr.TargetID)
	if err != nil || env.Kind == governance.Demo {
		return "", err
	}
	if !isAsyncID.MatchString(log.AsyncID) {
		return "", governance.Faultf("not_sent", "%s has given no id to this attempt.", env.Name).WithHint("Look again when it runs.")
	}
	client, err := w.Session(ctx, env)
	if err != nil {
		return "", err
	}
	return statusPage(client.Session().InstanceURL, log.AsyncID), nil
}

// statusPage is the address of Deployment Status in Setup for one deployment;
// empty if the org's address is not plain https.
func statusPage(instance, asyncID string) string {
	u, err := url.Parse(instance)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return ""
	}
	inside := "/changemgmt/monitorDeploymentsDetails.apexp?asyncId=" + asyncID
	return "https://" + u.Host + "/lightning/setup/DeployStatus/page?address=" + url.QueryEscape(inside)
}

// A queued is what the org said of its queue a moment ago.
type queued struct {
	at       time.Time
	position int64
}

// queuePosition is how many deployments the org works on before this one, plus
// one; 0 if it does not tell. The org is asked every few seconds at most, and
// only where somebody is signed in already.
func (w *Workspace) queuePosition(ctx context.Context, env *governance.Environment, log *governance.DeploymentLog) int64 {
	const fresh = 3 * time.Second
	w.views.mu.Lock()
	known, there := w.views.queued[log.ID]
	w.views.mu.Unlock()
	if there && w.now().Sub(known.at) < fresh {
		return known.position
	}
	w.mu.Lock()
	client := w.session(env)
	w.mu.Unlock()
	if client == nil {
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	q := queued{at: w.now()}
	all, err := client.DeployRequests(ctx, log.ServerBefore.Add(-24*time.Hour))
	if err == nil {
		q.position = positionIn(all, log.AsyncID)
	}
	w.views.mu.Lock()
	defer w.views.mu.Unlock()
	remember(&w.views.queued, log.ID, q)
	return q.position
}
