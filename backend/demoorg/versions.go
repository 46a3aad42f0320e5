package demoorg

// What differs from API version to API version. A client gets the answer of
// the version that it asks with.

const (
	finalizingSince    = 65 // Finalizing and FinalizingFailed are statuses of their own
	relevantTestsSince = 66 // RunRelevantTests, a beta
	wholeSetsSince     = 40 // permission sets come back, and are replaced, as a whole
)

// inVersion gives a result in the words of an API version.
func (r deployResult) inVersion(version int) deployResult {
	if version >= finalizingSince {
		return r
	}
	switch r.Status {
	case statusFinalizing:
		r.Status = statusInProgress
	case statusFinalizingFailed:
		r.Status = statusFailed
	}
	return r
}

// knownLevel refuses a test level that the version does not have.
func knownLevel(level string, version int) *fault {
	for _, known := range []string{"", "NoTestRun", "RunSpecifiedTests", "RunLocalTests", "RunAllTestsInOrg"} {
		if level == known {
			return nil
		}
	}
	if level == "RunRelevantTests" && version >= relevantTestsSince {
		return nil
	}
	return faultf(400, "INVALID_OPERATION", "'%s' is not a valid value for the enum 'TestLevel'", level)
}
