package governance

// DefaultRules are the seats of the four Change Levels: one, one, two, and two
// in order.
func DefaultRules() []SeatRule {
	one := []ApprovalStep{{Quorum: 1, Role: Approver}}
	return []SeatRule{
		{Level: LogChangesOnly, Steps: one},
		{Level: ChangeRequestLevel, Steps: one},
		{Level: SandboxTesting, Steps: []ApprovalStep{{Quorum: 2, Role: Approver}}},
		{Level: FullLifecycle, Ordered: true, Steps: []ApprovalStep{{Quorum: 1, Role: Approver}, {Quorum: 1, Role: Approver}}},
	}
}

// EmergencyRule is the seat of an Emergency: one owner, of whatever it changes.
func EmergencyRule() SeatRule {
	return SeatRule{ChangeType: Emergency, Level: FullLifecycle, Steps: []ApprovalStep{{Quorum: 1, Role: Owner}}}
}

// DefaultLevels give each category its Change Level. Uncategorized has none on
// purpose: what nobody knows gets the strictest.
func DefaultLevels() []CategoryLevel {
	return []CategoryLevel{
		{Analytics, LogChangesOnly},
		{Automation, FullLifecycle},
		{Code, FullLifecycle},
		{Configuration, ChangeRequestLevel},
		{DataModel, SandboxTesting},
		{DisplayUI, ChangeRequestLevel},
		{Integration, FullLifecycle},
		{Sharing, SandboxTesting},
	}
}

// DefaultRequestPolicy rules Change Requests.
func DefaultRequestPolicy() Policy {
	return Policy{Name: "Change Requests", ApprovalDays: 30, DeployerRole: ReleaseManager, Levels: DefaultLevels(), Rules: append(DefaultRules(), EmergencyRule())}
}

// DefaultPolicy rules Deployment Records that target environments of a kind.
// Production asks for a validation first and keeps authors from deploying.
func DefaultPolicy(kind EnvironmentKind) Policy {
	p := Policy{Name: "Deployments to " + string(kind), Kind: kind, ApprovalDays: 7, DeployerRole: ReleaseManager,
		AuthorMayDeploy: true, Levels: DefaultLevels(), Rules: append(DefaultRules(), EmergencyRule()), ValidationDays: 10}
	if kind == Production {
		p.AuthorMayDeploy, p.ValidationFirst = false, true
	}
	return p
}

// SoloCharter is the first charter of one person's own workspace: one seat
// that the author fills, shown as self-authorised.
func SoloCharter(workspace string, me Member, nonce string) Charter {
	me.Roles = []Role{Requester, Approver, ReleaseManager, Owner}
	one := func(p Policy) Policy {
		p.AuthorMayApprove, p.ApproverMayDeploy, p.AuthorMayDeploy, p.SeveralSeatsEach = true, true, true, true
		p.Rules = nil
		for _, l := range ChangeLevels() {
			p.Rules = append(p.Rules, SeatRule{Level: l, Steps: []ApprovalStep{{Quorum: 1, Role: Approver}}})
		}
		return p
	}
	c := Charter{Format: CharterFormat, Name: workspace, Nonce: nonce, Members: []Member{me}, OwnerThreshold: 1, Solo: true,
		Requests: one(DefaultRequestPolicy()), Organizations: []string{}, Void: []string{}}
	for _, k := range []EnvironmentKind{Production, Sandbox, Scratch, Demo} {
		c.Environments = append(c.Environments, one(DefaultPolicy(k)))
	}
	return c
}

// DemoCharter is the first charter of the demo workspace. Its two
// organisations are the only ones that the gate lets through; the target is
// ruled as production is.
func DemoCharter(members []Member, source, target, nonce string) Charter {
	toTarget := DefaultPolicy(Production)
	toTarget.Name, toTarget.Kind, toTarget.Organization = "Deployments to Demo Production", Demo, target
	toSource := DefaultPolicy(Sandbox)
	toSource.Name, toSource.Kind, toSource.Organization = "Deployments to Demo UAT", Demo, source
	return Charter{Demo: true, Format: CharterFormat, Name: "Demo", Nonce: nonce, Members: members, OwnerThreshold: 2,
		Organizations: []string{source, target}, Requests: DefaultRequestPolicy(), Environments: []Policy{toTarget, toSource}, Void: []string{}}
}
