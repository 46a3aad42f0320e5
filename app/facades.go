package app

// facades lists every struct that the page can call.
func facades(s *shell) []any {
	return []any{
		&ChangeRequests{s},
	}
}
