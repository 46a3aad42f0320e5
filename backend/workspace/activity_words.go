package workspace

import "maps"

// What a happening that is no act is of.
const (
	happenedDraft        = "draft"
	happenedCreated      = "created"
	happenedScan         = "scan"
	happenedGate         = "gate"
	happenedDependencies = "dependencies"
	happenedRetrieve     = "retrieve"
	happenedRebuild      = "rebuild"
	happenedExtend       = "extend"
)

// The kinds of log entries that an activity is made of.
const (
	entryDraft        = "draft"
	entryRebuild      = "rebuild"
	entryGate         = "gate"
	entryContent      = "content"
	entryDependencies = "dependencies"
)

func init() {
	maps.Copy(english, map[string]string{
		"activity.created":        "{who} created {record}.",
		"activity.draft":          "{who} edited {record}.",
		"activity.drafts":         "{who} edited {record}, {count:time|times}.",
		"activity.rebuild":        "{who} let the workspace be rebuilt: {what}",
		"activity.extend":         "{who} added {names} to the change request.",
		"activity.scan":           "{who} ran the scan of {record}: {items:customization|customizations}.",
		"activity.gate":           "The gate refused {record}: {why}",
		"activity.dependencies":   "{who} checked the dependencies of {record}: {found} found, {missing} missing.",
		"activity.retrieve":       "{who} retrieved the customizations of {record}. {message}",
		"activity.retrieving":     "{who} retrieves the customizations of {record}.",
		"activity.submit":         "{who} submitted {record} for approval.",
		"activity.approve":        "{who} approved {record}.",
		"activity.reject":         "{who} rejected {record}.",
		"activity.withdraw":       "{who} took a vote on {record} back.",
		"activity.review":         "{who} reviewed the emergency {record}.",
		"activity.recall":         "{who} recalled {record}.",
		"activity.reopen":         "{who} reopened {record}.",
		"activity.complete":       "{who} completed {record}.",
		"activity.cancel":         "{who} cancelled {record}.",
		"activity.other":          "{who} signed {act} about {record}.",
		"activity.broken":         "A statement by {who} about {record} does not count: {why}.",
		"activity.start.validate": "{who} started the validation of {record}.",
		"activity.start.deploy":   "{who} started the deployment of {record}.",
		"activity.start.quick":    "{who} started the quick deployment of {record}.",
		"activity.start.rollback": "{who} started the rollback of {record}.",
		"activity.start.reverse":  "The check of the way back of {record} started.",
		"activity.end.validate":   "The validation of {record} ended: {result}.",
		"activity.end.deploy":     "The deployment of {record} ended: {result}.",
		"activity.end.quick":      "The quick deployment of {record} ended: {result}.",
		"activity.end.rollback":   "The rollback of {record} ended: {result}.",
		"activity.end.reverse":    "The check of the way back of {record} ended: {result}.",
	})
}
