package app

// facades lists every struct that the page can call.
func facades(s *shell) []any {
	return []any{
		&AuditTrail{s},
		&ChangeRequests{s},
		&DeploymentLogs{s},
		&DeploymentRecords{s},
		&Environments{s},
		&Home{s},
		&Policies{s},
		&Settings{s},
		&Workspaces{s},
	}
}
