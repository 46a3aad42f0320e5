// Package governance holds the rules of Countersign: what a Change Request, a
// Deployment Record and a Deployment Log are, who may do what to them, which
// approvals they need, and when a deployment may start. Start reading here.
//
// The package uses the standard library only. It knows no database, no
// network, no clock and no key: time and people come in as values, and acts
// come in verified, inside a History that only package ledger can assemble.
//
// # Glossary
//
// Workspace: a charter and its records; one folder and one database.
// Avoid: project, account.
//
// Change Request: what should change and why. Avoid: ticket, issue.
//
// Deployment Record: one planned move of an approved Change Request, all or a
// selection of it, from a Source to a Target. Avoid: job.
//
// Rollback Record: a Deployment Record that undoes another.
//
// Deployment Log: one attempt (retrieve, validate, deploy, rollback) of a
// record, with its result. Avoid: run, task.
//
// Customization: one metadata component, type and API name. Avoid: item,
// artifact.
//
// Environment: a Salesforce org with its kind. Avoid: connection, server.
//
// Scan: a dated inventory of an environment. Avoid: sync.
//
// Package manifest: package.xml and destructiveChanges.
//
// Charter: the roster and the policies of a workspace in one chained, signed
// document. Avoid: config, settings.
//
// Policy, Change Level, Approval Step: what an approval needs; a step has a
// role and a quorum. Seat: one place in a step that one person fills.
//
// Act: one signed, immutable statement by one person. Avoid: event, message.
//
// Revision: the exact content an act is about, named by its digest. Avoid:
// version.
//
// Withdrawal: taking one's own vote back in the round in which it was given.
// Avoid: undo, revoke.
//
// Delegation: one member lets another vote in his place for a time; the vote
// counts for the principal. Avoid: substitute, proxy account.
//
// Emergency: the Change Type of what cannot wait. It has seats of its own,
// approvals that live for hours, and owes a Review. Avoid: hotfix, fast track.
//
// Review: looking at an emergency after it was deployed, by the quorum of a
// Standard change. Avoid: approval.
//
// Finding: something in an org that nobody here signed for; it is open until a
// Resolution says what became of it. Avoid: alert, drift.
//
// Window, Freeze: when deployments may start, and when they may not.
//
// Ownership: who answers for some customizations and approves every change of
// them.
//
// Recovery key: a spare key that endorses the charter and can do nothing else.
//
// Join: what somebody signs who asks to be let in. Avoid: invitation.
//
// Round: one passage from Submit for Approval to its end. Votes never carry to
// another round.
//
// Standing: where a record stands according to its acts; status columns are a
// cache of it.
//
// Gate: the pure decision whether something may be deployed now, and if not,
// why and who can mend it. Avoid: validator.
//
// Audit trail: the append-only Merkle log of acts, decisions and what was
// done. Avoid: history.
package governance
