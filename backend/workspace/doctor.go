package workspace

import (
	"context"
	"maps"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// A DiagnosisState says how a stage of a connection stands.
type DiagnosisState string

// The states of a stage.
const (
	DiagnosisPassed  DiagnosisState = "passed"
	DiagnosisFailed  DiagnosisState = "failed"
	DiagnosisSkipped DiagnosisState = "skipped"
)

// DiagnosisStates lists them.
func DiagnosisStates() []DiagnosisState {
	return []DiagnosisState{DiagnosisPassed, DiagnosisFailed, DiagnosisSkipped}
}

// A DiagnosisStep is one thing that the connection needs, and whether it holds.
type DiagnosisStep struct {
	Code     salesforce.Stage  `json:"code"`
	State    DiagnosisState    `json:"state"`
	Sentence string            `json:"sentence"` // what was found
	Said     Said              `json:"said"`     // the sentence, to be translated, unless it failed
	Remedy   string            `json:"remedy"`   // what to do, when it failed
	Fault    string            `json:"fault"`    // the code of the fault, when it failed
	Facts    map[string]string `json:"facts"`
}

// A Diagnosis is the answer of the connection doctor.
type Diagnosis struct {
	Healthy bool            `json:"healthy"`
	Steps   []DiagnosisStep `json:"steps"`
}

var doctorEnglish = map[string]string{
	"doctor.address":    "The address is {host}.",
	"doctor.proxy":      "The proxy {proxy} lets through.",
	"doctor.name":       "The name leads to {addresses}.",
	"doctor.connection": "{address} answers.",
	"doctor.encryption": "It is encrypted, with a certificate that {issuer} issued and this computer trusts.",
	"doctor.answer":     "Salesforce's API answers.",
	"doctor.clock":      "The clock of this computer is right.",
	"doctor.version":    "API version {version} is offered.",
	"doctor.signin":     "The sign-in works.",
	"doctor.org":        "It is {organization} ({edition}), and you are {user}.",
	"doctor.api":        "The API may be used: {left} of {max} requests are left today.",
	"doctor.api-open":   "The API may be used.",
	"doctor.metadata":   "Metadata may be read: {types:type|types}.",
	"doctor.skipped":    "Not needed here.",
	"doctor.notreached": "Not tried yet.",
}

// Diagnose finds out what a connection to an environment lacks: from the
// address through proxy, name, encryption and clock to the sign-in, the
// organisation, the API and metadata. It signs in once if nobody is signed in,
// and changes nothing. Where nobody is signed in with the browser, it says why
// the last try was refused. Faults: not_found, and those of the keychain.
func (w *Workspace) Diagnose(ctx context.Context, environmentID string) (Diagnosis, error) {
	env, err := w.Store.Environment(ctx, environmentID)
	if err != nil {
		return Diagnosis{}, err
	}
	found, err := w.examine(ctx, env)
	if err != nil {
		return Diagnosis{}, err
	}
	d := Diagnosis{Healthy: true, Steps: []DiagnosisStep{}}
	for _, e := range found {
		d.Steps = append(d.Steps, w.diagnosisStep(e, !d.Healthy))
		d.Healthy = d.Healthy && e.Fault == nil
	}
	for _, s := range salesforce.Stages()[len(d.Steps):] {
		d.Steps = append(d.Steps, w.diagnosisStep(salesforce.Examined{Stage: s, Skipped: true}, !d.Healthy))
	}
	return d, nil
}

// examine goes through the stages, up to the first that does not hold.
func (w *Workspace) examine(ctx context.Context, env *governance.Environment) ([]salesforce.Examined, error) {
	url, o, err := w.reach(env)
	if err != nil {
		return nil, err
	}
	signIn := func(ctx context.Context) (*salesforce.Client, error) {
		c, err := w.Session(ctx, env)
		if last := w.lastRefusal(env); last != nil && governance.FaultCode(err) == "no_credentials" {
			return nil, last // nobody is signed in, and this is why
		}
		return c, err
	}
	if env.SignIn == governance.SignInCLI { // only the CLI knows where it is
		c, err := w.Session(ctx, env)
		signIn = func(context.Context) (*salesforce.Client, error) { return c, err }
		if err == nil {
			url = c.Session().InstanceURL
		}
	}
	found := []salesforce.Examined{}
	if url == "" {
		found = append(unreached(found), salesforce.ExamineSignIn(ctx, env.OrganizationID, signIn)...)
	} else {
		found = salesforce.Examine(ctx, o, url, env.OrganizationID, w.now, signIn)
	}
	return found, ctx.Err()
}

// unreached are the stages of the network where no address is known.
func unreached(found []salesforce.Examined) []salesforce.Examined {
	for _, s := range salesforce.Stages() {
		if s == salesforce.StageSignIn {
			break
		}
		found = append(found, salesforce.Examined{Stage: s, Skipped: true})
	}
	return found
}

func (w *Workspace) diagnosisStep(e salesforce.Examined, broken bool) DiagnosisStep {
	s := DiagnosisStep{Code: e.Stage, State: DiagnosisPassed, Facts: map[string]string{}}
	maps.Copy(s.Facts, e.Facts)
	if e.Fault != nil {
		s.State, s.Fault, s.Sentence, s.Remedy = DiagnosisFailed, e.Fault.Code, e.Fault.Message, e.Fault.Hint
		s.Said = quoted("", s.Sentence)
		return s
	}
	values := []any{}
	for name, value := range e.Facts {
		values = append(values, name, value)
	}
	code := "doctor." + string(e.Stage)
	switch {
	case e.Skipped && broken:
		s.State, code = DiagnosisSkipped, "doctor.notreached"
	case e.Skipped:
		s.State, code = DiagnosisSkipped, "doctor.skipped"
	case e.Stage == salesforce.StageAPI && e.Facts["left"] == "":
		code = "doctor.api-open"
	}
	s.Said = w.said(code, values...)
	s.Sentence = s.Said.Text
	return s
}
