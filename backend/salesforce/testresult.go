package salesforce

// readRunTests reads runTestResult; n may be nil.
func readRunTests(n *node) RunTestsResult {
	return RunTestsResult{
		ApexLogID:            n.str("apexLogId"),
		NumTestsRun:          n.int("numTestsRun"),
		NumFailures:          n.int("numFailures"),
		TotalTime:            n.float("totalTime"),
		Successes:            each(n, "successes", readTestSuccess),
		Failures:             each(n, "failures", readTestFailure),
		CodeCoverage:         each(n, "codeCoverage", readCodeCoverage),
		CodeCoverageWarnings: each(n, "codeCoverageWarnings", readCodeCoverageWarning),
		FlowCoverage:         each(n, "flowCoverage", readFlowCoverage),
		FlowCoverageWarnings: each(n, "flowCoverageWarnings", readFlowCoverageWarning),
	}
}

// each reads every child of a name; the list is never nil.
func each[T any](n *node, name string, read func(*node) T) []T {
	list := []T{}
	for _, child := range n.all(name) {
		list = append(list, read(child))
	}
	return list
}

func readTestSuccess(n *node) TestSuccess {
	return TestSuccess{
		ID: n.str("id"), Name: n.str("name"), MethodName: n.str("methodName"), Namespace: n.str("namespace"),
		SeeAllData: n.bool("seeAllData"), Time: n.float("time"),
	}
}

func readTestFailure(n *node) TestFailure {
	return TestFailure{
		ID: n.str("id"), Name: n.str("name"), MethodName: n.str("methodName"), Namespace: n.str("namespace"),
		PackageName: n.str("packageName"), Type: n.str("type"), Message: n.str("message"), StackTrace: n.str("stackTrace"),
		SeeAllData: n.bool("seeAllData"), Time: n.float("time"),
	}
}

func readCodeCoverage(n *node) CodeCoverage {
	return CodeCoverage{
		ID: n.str("id"), Name: n.str("name"), Namespace: n.str("namespace"), Type: n.str("type"),
		NumLocations: n.int("numLocations"), NumLocationsNotCovered: n.int("numLocationsNotCovered"),
		LinesNotCovered: each(n, "locationsNotCovered", func(l *node) int { return l.int("line") }),
	}
}

func readCodeCoverageWarning(n *node) CodeCoverageWarning {
	return CodeCoverageWarning{ID: n.str("id"), Name: n.str("name"), Namespace: n.str("namespace"), Message: n.str("message")}
}

func readFlowCoverage(n *node) FlowCoverage {
	return FlowCoverage{
		FlowID: n.str("flowId"), FlowName: n.str("flowName"), FlowNamespace: n.str("flowNamespace"), ProcessType: n.str("processType"),
		NumElements: n.int("numElements"), NumElementsNotCovered: n.int("numElementsNotCovered"),
		ElementsNotCovered: n.strs("elementsNotCovered"),
	}
}

func readFlowCoverageWarning(n *node) FlowCoverageWarning {
	return FlowCoverageWarning{
		FlowID: n.str("flowId"), FlowName: n.str("flowName"), FlowNamespace: n.str("flowNamespace"), Message: n.str("message"),
	}
}
