// Package salesforce speaks to a Salesforce org over HTTP: signing in, the
// Metadata API (SOAP) and small Tooling and REST queries. It knows nothing of
// approvals, records or the database.
//
// What is sent is strictly valid against Salesforce's own WSDL; what is
// answered is read leniently (any prefix, any order, xsi:nil, elements this
// code has never heard of), within limits of size, depth and time. Deployments
// go by SOAP or by REST (Options.DeployBy); JSON is read into the same tree as
// XML, so one reader serves both.
//
// The rules of this room:
//
//   - Nothing is ever deployed twice. Deploy and DeployRecentValidation send one
//     POST and never repeat it. Their errors say what is known: ErrNotSent or
//     ErrUnknownOutcome.
//   - The session's token is sent to the session's own host and to no other. It
//     is never logged, printed or part of an error.
//   - What a person can act on is a *governance.Fault that names the host.
//   - Every call ends: by its answer, by the caller's context, by
//     Options.Timeout without a byte moving, or by thirty times that.
//   - A zip is streamed both ways and never in memory as a whole.
package salesforce
