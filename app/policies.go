package app

import (
	"context"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

// Policies is what the page can ask about policies.
type Policies struct{ shell *shell }

// Get gives the policies in force, what is proposed and what was before.
func (p *Policies) Get() (workspace.Policies, error) {
	return ask(p.shell, "read the policies", func(ctx context.Context, w *workspace.Workspace) (workspace.Policies, error) {
		return w.PolicyView(ctx)
	})
}

// Propose signs a change of the policies; the system asks first outside the
// demo.
func (p *Policies) Propose(requests governance.Policy, environments []governance.Policy) (workspace.Policies, error) {
	return ask(p.shell, "propose the policies", func(ctx context.Context, w *workspace.Workspace) (workspace.Policies, error) {
		seen, err := p.shell.confirmProposal(ctx, w, requests, environments)
		if err != nil {
			return workspace.Policies{}, err
		}
		return w.ProposePolicies(ctx, requests, environments, seen)
	})
}

// Sign endorses a proposed change; the system asks first outside the demo.
func (p *Policies) Sign(change string) (workspace.Policies, error) {
	return ask(p.shell, "sign the policies", func(ctx context.Context, w *workspace.Workspace) (workspace.Policies, error) {
		if err := p.shell.confirmPolicies(ctx, w, change); err != nil {
			return workspace.Policies{}, err
		}
		return w.SignPolicies(ctx, change)
	})
}

// WouldNeed says which seats a change would need.
func (p *Policies) WouldNeed(q workspace.PolicyQuestion) (workspace.PolicyAnswer, error) {
	return ask(p.shell, "ask the policies", func(ctx context.Context, w *workspace.Workspace) (workspace.PolicyAnswer, error) {
		return w.WouldNeed(ctx, q)
	})
}
