package app

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/workspace"
)

// servedOrg is an environment of the shell's workspace: a demo org on loopback,
// tested. Whoever asks it for a deployment hears that it is still under way.
func servedOrg(t *testing.T, s *shell, name string, kind demoorg.Kind) workspace.EnvironmentView {
	t.Helper()
	org, err := demoorg.Open(t.TempDir(), demoorg.Options{Kind: kind, Pace: -1})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	answers := org.Handler(l.Addr().String())
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(asked))
		if !bytes.Contains(asked, []byte("checkDeployStatus")) {
			answers.ServeHTTP(w, r)
			return
		}
		r.Header.Set("Accept-Encoding", "identity")
		told := httptest.NewRecorder()
		answers.ServeHTTP(told, r)
		body := strings.NewReplacer("<done>true<", "<done>false<", ">Succeeded<", ">InProgress<").Replace(told.Body.String())
		w.Header().Set("Content-Type", told.Header().Get("Content-Type"))
		w.WriteHeader(told.Code)
		_, _ = io.WriteString(w, body)
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() {
		s.close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := org.Close(); err != nil {
			t.Error(err)
		}
	})
	c, environments := org.Connection(), &Environments{s}
	env, err := environments.Save("", workspace.EnvironmentFields{Name: name, URL: c.URL, SignIn: governance.SignInPassword, Username: c.Username})
	if err == nil {
		env, err = environments.SaveCredentials(env.Environment.ID, workspace.Secrets{Password: c.Password})
	}
	if err == nil {
		_, err = environments.TestConnection(env.Environment.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// approved takes a draft as far as an approved record whose package is
// retrieved; the person says Yes to everything.
func approved(t *testing.T, s *shell, p *person, source, target string) (request, record string) {
	t.Helper()
	requests, records := &ChangeRequests{s}, &DeploymentRecords{s}
	yes := p.yes
	p.yes = true
	defer func() { p.yes, p.asked = yes, nil }()
	v := draft(t, s, "Stages")
	for _, action := range []governance.Action{governance.Submit, governance.Approve} {
		if _, err := requests.Do(v.Request.ID, workspace.Wish{Action: action, Seen: v.Digest}); err != nil {
			t.Fatal(err)
		}
	}
	r, err := records.Save("", workspace.RecordFields{RequestID: v.Request.ID, SourceID: source, TargetID: target, Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	finish(t, s)(records.RunScan(r.Record.ID))
	if r, err = records.Get(r.Record.ID); err != nil {
		t.Fatal(err)
	}
	for _, action := range []governance.Action{governance.Submit, governance.Approve} {
		if _, err := records.Do(r.Record.ID, workspace.Wish{Action: action, Seen: r.Digest}); err != nil {
			t.Fatal(err)
		}
	}
	finish(t, s)(records.Start(r.Record.ID, governance.AttemptRetrieve, ""))
	return v.Request.ID, r.Record.ID
}

// finish waits for a work to succeed.
func finish(t *testing.T, s *shell) func(workspace.Work, error) {
	return func(k workspace.Work, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, string(k.Kind), func() bool {
			works, err := (&Home{s}).Works()
			if err != nil {
				t.Fatal(err)
			}
			for _, other := range works {
				if other.ID == k.ID {
					k = other
				}
			}
			return !k.Running()
		})
		if !k.Succeeded {
			t.Fatalf("%s: %s", k.Kind, k.Sentence)
		}
	}
}

func TestStoppingAnAttemptIsAskedForAndClosingIsNotItsEnd(t *testing.T) {
	s, p := own(t)
	var mu sync.Mutex
	told := []string{}
	s.system.notify = func(_, body string) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, body)
	}
	source := servedOrg(t, s, "UAT", demoorg.KindUAT)
	target := servedOrg(t, s, "Live", demoorg.KindProduction)
	requests, records, logs := &ChangeRequests{s}, &DeploymentRecords{s}, &DeploymentLogs{s}
	request, record := approved(t, s, p, source.Environment.ID, target.Environment.ID)

	// The request's approvals end when something is added: the question is about
	// the request, and names what.
	more := []governance.Customization{{Change: governance.Add, Type: "ApexClass", Name: "Renewals"}}
	if _, err := records.AddMissing(record, more, ""); governance.FaultCode(err) != "reason_needed" || len(p.asked) != 0 {
		t.Errorf("adding without a reason says %v after %d questions", err, len(p.asked))
	}
	if _, err := records.AddMissing(record, more, "It was forgotten."); governance.FaultCode(err) != "declined" || len(p.asked) != 1 {
		t.Fatalf("No to adding says %v after %d questions", err, len(p.asked))
	}
	cr, err := requests.Get(request)
	if err != nil || cr.Request.Status != governance.Approved {
		t.Fatalf("after No the request is %s, %v", cr.Request.Status, err)
	}
	for _, word := range []string{"Change Request: CR-0001  Stages", "Content: " + cr.Digest[:16], "Added: 1\nApexClass Renewals (add)", "This ends its approvals.", "Reason: It was forgotten."} {
		if !strings.Contains(p.asked[0].Text, word) {
			t.Errorf("the question lacks %q: %s", word, p.asked[0].Text)
		}
	}

	p.yes = true
	k, err := records.Start(record, governance.AttemptValidate, "")
	if err != nil {
		t.Fatal(err)
	}
	var log workspace.LogView
	eventually(t, "the attempt to run", func() bool {
		works, err := (&Home{s}).Works()
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range works {
			if w.ID == k.ID && w.LogID != "" {
				log, err = logs.Get(w.LogID)
			}
		}
		return err == nil && log.Log.Progress == governance.ProgressRunning
	})
	p.yes, p.asked = false, nil
	for name, stop := range map[string]func(string) (workspace.LogView, error){"Cancel the Attempt?": logs.Cancel, "Give Up?": logs.GiveUp} {
		p.asked = nil
		if _, err := stop(log.Log.ID); governance.FaultCode(err) != "declined" || len(p.asked) != 1 || !strings.HasPrefix(p.asked[0].Text, name) || !strings.Contains(p.asked[0].Text, "Target: Live") {
			t.Errorf("No to %s says %v after %+v", name, err, p.asked)
		}
	}
	if now, err := logs.Get(log.Log.ID); err != nil || now.Log.CancelWanted || !now.Log.Active() {
		t.Fatalf("after No it is %+v, %v", now.Log.Progress, err)
	}
	p.yes = true
	if now, err := logs.Cancel(log.Log.ID); err != nil || !now.Log.CancelWanted {
		t.Errorf("after Yes it is %+v, %v", now.Log.CancelWanted, err)
	}

	if _, err := s.leave(); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, body := range told {
		if strings.Contains(body, "being closed") {
			t.Errorf("leaving told that an attempt ended: %q", told)
		}
	}
}
