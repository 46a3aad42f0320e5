package app

// facades lists every struct that the page can call.
func facades(s *shell) []any {
	return []any{
		&AuditTrail{s},
		&ChangeRequests{s},
		&Delegations{s},
		&DeploymentLogs{s},
		&DeploymentRecords{s},
		&Environments{s},
		&Exchange{s},
		&Home{s},
		&Members{s},
		&Policies{s},
		&Settings{s},
		&Workspaces{s},
	}
}
