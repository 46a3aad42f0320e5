package app

import (
	"strings"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
	"countersign/backend/scan"
	"countersign/backend/workspace"
)

// enums lists the named strings that reach TypeScript as enums.
func enums() []any {
	return []any{
		named(governance.Statuses()),
		named(governance.Actions()),
		named(governance.ChangeTypes()),
		named([]governance.Verdict{governance.Accepted, governance.Objected}),
		named([]governance.Change{governance.Add, governance.Modify, governance.Delete}),
		named(governance.ChangeLevels()),
		named(governance.Categories()),
		named(governance.Roles()),
		named([]governance.EnvironmentKind{governance.Production, governance.Sandbox, governance.Scratch, governance.Demo}),
		named([]governance.SignInMethod{governance.SignInOAuth, governance.SignInCLI, governance.SignInPassword}),
		named([]governance.DeployTransport{governance.DeployBySOAP, governance.DeployByREST}),
		named([]governance.AttemptKind{governance.AttemptRetrieve, governance.AttemptValidate, governance.AttemptDeploy, governance.AttemptQuick, governance.AttemptRollback, governance.AttemptReverseCheck}),
		named([]governance.Progress{governance.ProgressIntent, governance.ProgressSending, governance.ProgressUnknown, governance.ProgressRunning, governance.ProgressDone}),
		named([]governance.Result{governance.ResultNone, governance.ResultSucceeded, governance.ResultPartially, governance.ResultFailed, governance.ResultCanceled, governance.ResultNotSent}),
		named([]governance.TestLevel{"", governance.NoTestRun, governance.RunSpecifiedTests, governance.RunLocalTests, governance.RunAllTestsInOrg, governance.RunRelevantTests}),
		named([]governance.RecordKind{governance.Deployment, governance.Rollback}),
		named([]scan.State{scan.StateNew, scan.StateChanged, scan.StateSame, scan.StateMissing, scan.StateDelete}),
		named([]scan.Where{scan.InPackage, scan.InTarget, scan.Missing, scan.Deleted, scan.Nowhere}),
		named(workspace.RosterKinds()),
		named(workspace.WorkKinds()),
		named(workspace.StepCodes()),
		named(workspace.StepStates()),
		named(workspace.DiagnosisStates()),
		named(workspace.SecretStates()),
		named(salesforce.Stages()),
	}
}

// An enumValue is the shape that Wails' EnumBind reads.
type enumValue[T ~string] struct {
	Value  T
	TSName string
}

// named gives each value the name it has in TypeScript: its own words joined,
// "In Progress" as InProgress. The empty value is None.
func named[T ~string](values []T) []enumValue[T] {
	rows := make([]enumValue[T], 0, len(values))
	for _, value := range values {
		var name strings.Builder
		words := strings.FieldsFunc(string(value), func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
		for _, word := range words {
			name.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
		if len(words) == 0 {
			name.WriteString("None")
		}
		rows = append(rows, enumValue[T]{Value: value, TSName: name.String()})
	}
	return rows
}
