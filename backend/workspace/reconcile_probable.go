package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// A ProbableChange is a line of the Setup Audit Trail, or a change that an
// inventory shows, of the user and the time of a deployment, whose answer does
// not name it. Salesforce does not say which lines a deployment writes, so that
// somebody may have done it by hand meanwhile: it is no finding, and it is never
// left out.
type ProbableChange struct {
	Ref        string    `json:"ref"`  // the org's own id of it
	Kind       string    `json:"kind"` // setup, drift
	At         time.Time `json:"at" ts_type:"string"`
	By         string    `json:"by"`
	Text       string    `json:"text"`       // as the org says; empty for drift
	Component  string    `json:"component"`  // that it names, if it does
	Deployment string    `json:"deployment"` // Salesforce's id of it
	DeployedAt time.Time `json:"deployedAt" ts_type:"string"`
}

// keepProbable keeps what is probably of a deployment, for the reading to name.
func (r *reader) keepProbable(ctx context.Context) error {
	if len(r.probable) == 0 {
		return nil
	}
	raw, err := json.Marshal(r.probable)
	if err != nil {
		return err
	}
	r.next.Probable, _, err = r.w.Store.PutBlob(ctx, bytes.NewReader(raw))
	return err
}

// ProbablyDeployed lists what is probably of a deployment in an environment's
// org, newest first, each once, and without what became a finding. Fault:
// not_found.
func (w *Workspace) ProbablyDeployed(ctx context.Context, environmentID string) ([]ProbableChange, error) {
	env, err := w.Store.Environment(ctx, environmentID)
	if err != nil {
		return nil, err
	}
	h, err := w.Store.History(ctx, organizationOf(env))
	if err != nil {
		return nil, err
	}
	return w.probableOf(ctx, env, h)
}

func (w *Workspace) probableOf(ctx context.Context, env *governance.Environment, h *governance.History) ([]ProbableChange, error) {
	readings, err := w.Store.ProbableReadings(ctx, env.ID)
	if err != nil {
		return nil, err
	}
	out, seen := []ProbableChange{}, map[string]bool{}
	for _, f := range findingsIn(h, env.OrganizationID) {
		seen[string(f.Kind)+f.Ref] = true
	}
	for _, r := range readings {
		if r.Organization != env.OrganizationID {
			continue
		}
		list, err := w.probableIn(r)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			if key := c.Kind + c.Ref; !seen[key] {
				seen[key] = true
				out = append(out, c)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b ProbableChange) int { return b.At.Compare(a.At) })
	return out, nil
}

func (w *Workspace) probableIn(r store.Reading) ([]ProbableChange, error) {
	raw, err := w.Store.ReadBlob(r.Probable)
	if err != nil {
		return nil, err
	}
	var list []ProbableChange
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("read what is probably of a deployment: %w", err)
	}
	return list, nil
}

// FindProbable signs as findings what somebody knows not to be of a deployment,
// each by its Ref, and returns how many there were. Faults: not_found, and those
// of the person's key.
func (w *Workspace) FindProbable(ctx context.Context, environmentID string, refs []string) (int64, error) {
	env, err := w.Store.Environment(ctx, environmentID)
	if err != nil {
		return 0, err
	}
	list, err := w.ProbablyDeployed(ctx, environmentID)
	if err != nil {
		return 0, err
	}
	list = slices.DeleteFunc(list, func(c ProbableChange) bool { return !slices.Contains(refs, c.Ref) })
	if len(list) == 0 {
		return 0, governance.Faultf("not_found", "None of these is a change that is probably of a deployment.").WithHint("Look at the list again.")
	}
	by, err := w.Author(ctx, w.Acting())
	if err != nil {
		return 0, err
	}
	_, err = w.Store.Say(ctx, by, func(sit governance.Situation) ([]governance.Intent, error) {
		intents := []governance.Intent{}
		for _, c := range list {
			in, err := sit.Find(c.finding(env.OrganizationID))
			if err != nil {
				return nil, err
			}
			intents = append(intents, in)
		}
		return intents, nil
	})
	return int64(len(list)), err
}

func (c ProbableChange) finding(organization string) governance.Finding {
	f := governance.Finding{At: rfc(c.At), By: c.By, Components: []string{}, Kind: governance.FindingKind(c.Kind), Organization: organization, Ref: c.Ref, Summary: firstOf(c.Text, c.Component)}
	if c.Component != "" {
		f.Components = append(f.Components, c.Component)
	}
	return f
}
