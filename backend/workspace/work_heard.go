package workspace

import (
	"countersign/backend/governance"
	"countersign/backend/scan"
)

// scanning is the scanner of one work: what it reports becomes the work's
// progress. Two scans of one org at the same time do not mix that way.
func (w *Workspace) scanning(report func(func(*Work))) *scan.Scanner {
	s := *w.Scanner
	also := s.OnProgress
	s.OnProgress = func(p scan.Progress) {
		if also != nil {
			also(p)
		}
		report(func(k *Work) {
			k.Phase, k.Detail, k.Done, k.Total, k.HeardAt = p.Phase, p.Detail, int64(p.Done), int64(p.Total), w.now()
		})
	}
	return &s
}

// heard is told each change of a Deployment Log: the work that carries the
// attempt takes it over.
func (w *Workspace) heard(l governance.DeploymentLog) {
	w.works.hear(l)
	if w.o.OnUpdate != nil {
		w.o.OnUpdate(l)
	}
}

func (ws *works) hear(l governance.DeploymentLog) {
	ws.mu.Lock()
	var mine *job
	for _, j := range ws.jobs {
		if !j.work.Running() {
			continue
		}
		if j.work.LogID == l.ID || (j.work.LogID == "" && j.work.Subject == l.RecordID && j.work.Kind == WorkKind(l.Kind)) {
			mine = j
			break
		}
	}
	ws.mu.Unlock()
	if mine != nil {
		ws.report(mine, func(k *Work) { followLog(k, &l) })
	}
}

// followLog is how far an attempt is, in the words of a Work.
func followLog(k *Work, l *governance.DeploymentLog) {
	k.LogID, k.RequestID = l.ID, l.RequestID
	if l.LastContact.After(k.HeardAt) {
		k.HeardAt = l.LastContact
	}
	k.Detail = l.StateDetail
	switch {
	case l.Progress == governance.ProgressIntent || l.Progress == governance.ProgressSending:
		k.Phase, k.Done, k.Total = "send", 0, 0
	case l.Progress == governance.ProgressUnknown:
		k.Phase, k.Done, k.Total = "unknown", 0, 0
	case l.Status == "Pending":
		k.Phase, k.Done, k.Total = "queue", 0, 0
	case l.TestsTotal > 0 && l.ComponentsDone >= l.ComponentsTotal:
		k.Phase, k.Done, k.Total = "tests", l.TestsDone, l.TestsTotal
	case l.ComponentsTotal > 0:
		k.Phase, k.Done, k.Total = "components", l.ComponentsDone, l.ComponentsTotal
	case l.Kind == governance.AttemptRetrieve:
		k.Phase = "retrieve"
	}
}
