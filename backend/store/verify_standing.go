package store

import (
	"fmt"
	"slices"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"gorm.io/gorm"
)

// requestsAtOnce bounds how much of the history is in memory.
const requestsAtOnce = 500

// standings compares the status columns, the content that is locked and the
// attempts with what the acts say, and checks these acts. It looks at some
// requests at a time, each time with the places of all acts: a history of a part
// says of that part what one of everything says.
func (a *audit) standings() error {
	if a.workspace == "" {
		if a.report.Acts > 0 || a.report.Requests > 0 {
			a.find("workspace", "The workspace does not say which one it is.")
		}
		return nil
	}
	if founded, err := a.founded(); err != nil || !founded {
		return err
	}
	ids := []string{}
	if err := a.tx.Raw("SELECT id FROM change_requests ORDER BY number").Scan(&ids).Error; err != nil {
		return err
	}
	// The last part may be empty, but not the only one: it has the charter.
	for first := 0; first == 0 || first < len(ids); first += requestsAtOnce {
		if err := a.part(ids[first:min(first+requestsAtOnce, len(ids))]); err != nil {
			return err
		}
	}
	return a.others()
}

// part compares the rows of some requests.
func (a *audit) part(ids []string) error {
	recordIDs := []string{}
	subjects := append([]string{governance.GovernanceSubject}, ids...)
	if err := a.tx.Raw("SELECT id FROM deployment_records WHERE request_id IN "+listed, asList(ids)).Scan(&recordIDs).Error; err != nil {
		return err
	}
	h, err := a.history(append(subjects, recordIDs...))
	if err != nil || h == nil {
		return err
	}
	if h.Trouble() != "" || h.Charter() == nil {
		a.findOnce("charter", fmt.Sprintf("The charter cannot be trusted. %s", h.Trouble()))
	}
	if err := compareRows(a, requests, h, "id IN "+listed, asList(ids)); err != nil {
		return err
	}
	if err := compareRows(a, records, h, "request_id IN "+listed, asList(ids)); err != nil {
		return err
	}
	return a.attempts(h, ids)
}

// history is that of some subjects; nil when there is a finding instead.
func (a *audit) history(subjects []string) (*governance.History, error) {
	defer a.verifier.Forget()
	e := ledger.Evidence{Workspace: a.workspace, Places: a.places, Revisions: map[string][]byte{}}
	var err error
	if e.Acts, err = readActs(a.tx.Where("subject IN "+listed, asList(subjects))); err != nil {
		return nil, fmt.Errorf("read the acts: %w", err)
	}
	a.someActs(e.Acts)
	if err := readRevisions(a.tx.Where("subject IN "+listed, asList(subjects)), e.Revisions); err != nil {
		return nil, fmt.Errorf("read the revisions: %w", err)
	}
	h, findings, err := a.verifier.Assemble(e)
	if err != nil {
		return nil, a.fault(err)
	}
	for _, f := range findings {
		a.findOnce("act", f)
	}
	return h, nil
}

// findOnce is for what several parts see, such as the charter's acts.
func (a *audit) findOnce(code, sentence string) {
	if !a.said[code+sentence] {
		a.said[code+sentence] = true
		a.find(code, "%s", sentence)
	}
}

// others looks at the acts and the contents that are about no request or record
// which is there, such as one that was deleted.
func (a *audit) others() error {
	const known = "subject NOT IN (SELECT id FROM change_requests) AND subject NOT IN (SELECT id FROM deployment_records)"
	subjects := []string{}
	if err := a.tx.Raw("SELECT subject FROM acts WHERE " + known + " UNION SELECT subject FROM revisions WHERE " + known).Scan(&subjects).Error; err != nil {
		return err
	}
	for some := range slices.Chunk(subjects, requestsAtOnce) {
		if _, err := a.history(append(some, governance.GovernanceSubject)); err != nil {
			return err
		}
	}
	return nil
}

// founded reports whether the workspace is that of its founding act, which is
// the first entry of the audit trail.
func (a *audit) founded() (bool, error) {
	var n int64
	err := a.tx.Model(&ledger.SignedAct{}).Where("id = ? AND type = ?", a.workspace, governance.ActGenesis).Count(&n).Error
	if err == nil && n == 0 {
		a.find("workspace", "The workspace says that it is %s, but no act founded that.", short(a.workspace))
	}
	return n > 0, err
}

// A statusLine is a row's columns that the acts decide.
type statusLine struct {
	id, label, revision string
	status              governance.Status
	round               int64
}

// compareRows looks at the rows that a condition selects, and reads the content
// of locked ones only.
func compareRows[T record](a *audit, b book[T], h *governance.History, where string, args ...any) error {
	lines, err := statusLines(a.tx, b.guarded, strings.ToUpper(strings.TrimSuffix(b.prefix, ".")), where, args...)
	if err != nil {
		return err
	}
	held := []heldRow{}
	for _, l := range lines {
		a.tick()
		st := b.standing(h, l.id)
		a.standing(l, st)
		if locked(st) {
			held = append(held, heldRow{l, st})
		}
	}
	for some := range slices.Chunk(held, every) {
		if err := compareContents(a, b, some); err != nil {
			return err
		}
	}
	return nil
}

func statusLines(tx *gorm.DB, g guarded, prefix, where string, args ...any) ([]statusLine, error) {
	out := []statusLine{}
	// With the plus the rows are found by the condition, not by their number.
	err := eachRow(tx.Raw("SELECT id, number, status, round, revision FROM "+g.table+" WHERE "+where+" ORDER BY +number", args...), func(scan scanner) error {
		var l statusLine
		number := int64(0)
		err := scan(&l.id, &number, &l.status, &l.round, &l.revision)
		l.label = fmt.Sprintf("%s-%04d", prefix, number)
		out = append(out, l)
		return err
	})
	return out, err
}

func (a *audit) standing(l statusLine, st governance.Standing) {
	if l.status != st.Status {
		a.find("status", "The status of %s was changed outside Countersign: the database says %s, the signed acts say %s.", l.label, l.status, st.Status)
	}
	if l.round != st.Round || l.revision != st.Revision {
		a.find("status", "The round or the revision of %s is not that of its acts.", l.label)
	}
	for _, t := range st.Trouble {
		a.find("act", "%s: %s", l.label, t)
	}
}

// A heldRow is one whose content must be that of its last submission.
type heldRow struct {
	statusLine
	st governance.Standing
}

func compareContents[T record](a *audit, b book[T], held []heldRow) error {
	ids := make([]string, len(held))
	for i, r := range held {
		ids[i] = r.id
	}
	var found []T
	if err := a.tx.Where("id IN "+listed, asList(ids)).Find(&found).Error; err != nil {
		return err
	}
	byID := make(map[string]*T, len(found))
	for i := range found {
		byID[*b.columns(&found[i]).ID] = &found[i]
	}
	digests, errs := make([]string, len(held)), make([]error, len(held))
	ledger.InParallel(len(held), func(i int) {
		if v := byID[held[i].id]; v != nil {
			b.tidy(v)
			digests[i], _, errs[i] = b.revise(v, a.workspace, held[i].st.Round)
		}
	})
	for i, r := range held {
		if errs[i] != nil {
			return errs[i]
		}
		if digests[i] != r.st.Revision {
			a.find("content", "The content of %s is not what was submitted.", r.label)
		}
	}
	return nil
}

// locked reports whether the content must be that of the last submission. A
// draft may differ from it, also one that was cancelled.
func locked(st governance.Standing) bool {
	return st.Status != governance.InProgress && st.Status != governance.Cancelled
}

// attempts compares Deployment Logs of some requests with the acts that began
// and ended them.
func (a *audit) attempts(h *governance.History, requestIDs []string) error {
	rows := a.tx.Raw(`SELECT id, record_id, kind, attempt, target_org, revision, package, marker, start_act, result_act, result, async_id
		FROM deployment_logs WHERE start_act <> '' AND request_id IN `+listed+` ORDER BY record_id, attempt`, asList(requestIDs))
	return eachRow(rows, func(scan scanner) error {
		var l governance.DeploymentLog
		err := scan(&l.ID, &l.RecordID, &l.Kind, &l.Attempt, &l.TargetOrg, &l.Revision, &l.Package, &l.Marker, &l.StartAct, &l.ResultAct, &l.Result, &l.AsyncID)
		if err == nil {
			a.attempt(h, &l)
		}
		return err
	})
}

func (a *audit) attempt(h *governance.History, l *governance.DeploymentLog) {
	begin, ok := said[governance.Start](h, l.StartAct, l.RecordID)
	if !ok || begin.Log != l.ID || begin.Kind != l.Kind || begin.Attempt != l.Attempt || begin.Target != l.TargetOrg ||
		begin.Revision != l.Revision || begin.Package != l.Package || begin.Marker != l.Marker {
		a.find("attempt", "Attempt %d (%s) is not what its start was signed for.", l.Attempt, short(l.ID))
	}
	if l.ResultAct == "" {
		return
	}
	end, ok := said[governance.Ending](h, l.ResultAct, l.RecordID)
	if !ok || end.Start != l.StartAct || end.Result != l.Result || end.AsyncID != l.AsyncID {
		a.find("attempt", "Attempt %d (%s) did not end as its signed result says.", l.Attempt, short(l.ID))
	}
}

// said is what an act about a subject says.
func said[T governance.Body](h *governance.History, id, subject string) (body T, ok bool) {
	act := h.Act(id)
	if act == nil || act.Subject != subject {
		return body, false
	}
	body, ok = act.Body.(T)
	return body, ok
}
