// Package deploy carries one attempt from an approved Deployment Record to a
// proven result: retrieve, validate, deploy, quick deploy and the check of the
// reverse package.
//
// The state of an attempt is in its Deployment Log, never in memory:
//
//	intent --commit--> sending --commit--> POST --> running(async id) --> done
//	            \-- no answer, or the process died --> unknown --> reconcile
//
// The start is signed and committed before anything is sent, the POST is made
// once, and an attempt whose answer is missing is looked for in the org's own
// list of deployments, by the marker that its zip carried as top folder and
// that Salesforce gives back in fileName. Nothing is sent again before the
// grace has passed, and then only by a person.
package deploy
