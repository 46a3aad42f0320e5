// Package demoorg is an org of our own that speaks Salesforce's protocols: SOAP
// for sign-in and metadata, REST, Tooling queries, OAuth. It keeps a real
// metadata model on disk, so that what is deployed is there afterwards. It is
// what a new user deploys between before an account or a network is at hand,
// and the partner of our tests.
//
// It knows nothing of the salesforce package: its wire structs are written from
// Salesforce's v66 WSDLs a second time, so that a mistake in one shows up in
// the other. Requests are read leniently, as Salesforce does; answers are valid
// against the schema.
//
// # What is simulated, and how
//
// Apex cannot run here. Every answer with test results says so: stateDetail of
// the finished deployment is "Apex did not run: the demo org simulates tests
// and coverage.", and the stack trace of each failing test ends with it. The
// rules:
//
//   - A test is a method of a class with @IsTest that has @IsTest or
//     testMethod itself.
//
//   - It passes, unless its body calls System.assert(false, or holds the comment
//
//     // @fails-in: production
//
//     which counts in orgs of that kind: "uat", "production", "any", or several
//     with commas between them. The next line may give the message:
//
//     // @message: System.DmlException: Insert failed.
//
//     Without it the message is "System.AssertException: Assertion Failed".
//
//   - The lines of a method that hold more than brackets, comments and blanks
//     are its locations. A method is covered when a class whose tests ran
//     mentions its name outside of comments and strings; a constructor has its
//     class's name. A trigger is covered when such a class mentions the
//     trigger, or changes data (insert, update, ...) and mentions its object.
//
//   - RunLocalTests and RunAllTestsInOrg in production ask for 75 % on average
//     over all classes and triggers, and 1 % of every trigger.
//     RunSpecifiedTests and RunRelevantTests ask for 75 % of each class and
//     trigger in the package, in every org. The texts are Salesforce's.
//
//   - Without a test level, production runs local tests when the package holds
//     Apex; otherwise none run.
//
// Apex is compiled as far as this: braces must match, and a class, custom
// object, custom field or label that the code names must be in the org or in
// the package. Names that the org's own Apex uses already are taken to be
// known.
//
// What else differs from Salesforce:
//
//   - References are those that package metadata finds. What an org's own
//     content refers to without the org holding it is taken to be there: a seed
//     is often a part of a real org only. Names with the namespace of an
//     installed package are not checked.
//   - An object's own settings are replaced as a whole; its fields, rules and
//     other children one by one. A deployment that brings every child of a file
//     keeps that file byte for byte.
//   - Profiles and permission sets come back whole, not cut to what else is
//     retrieved.
//   - MetadataComponentDependency leaves out what the real one does: what
//     permission sets, profiles, reports, dashboards, custom metadata records,
//     sharing rules and translations refer to, standard objects, and names in
//     strings.
//   - The texts for a refused quick deployment, an unreadable zip and a fourth
//     listMetadata query are ours.
//   - JWT bearer, client credentials and username-password OAuth grants are
//     refused.
//
// # How it keeps its word
//
// deploy answers when the zip and the record of the deployment are on disk,
// synced; DeployRequest lists it from then on. One worker runs one deployment
// at a time; others are Pending. When one ends well, its result is written
// first, then the new content as one more segment, then the index that points
// into the segments is put in place by a rename. That rename is when the
// deployment happened. The index names the deployment, so that after a crash
// at any moment the next Open finishes the record, or begins the deployment
// again, and it is applied exactly once.
//
// Files by what they are about:
//
//	org, seed, identity     the org, what it begins with, who may sign in
//	model, store, disk      the content, in memory and on disk
//	deployment, worker      the queue and the states of a deployment
//	evaluate, check, apply  what a package does to the content
//	references, apexnames   what a package needs
//	apex, tests             methods, simulated tests, coverage
//	handler, soap, upload   messages in and out
//	metadataservice, retrieve, partner, rest, oauth  the operations
//	soql, query             queries
//	transport               reaching the org without a socket
//	wire, fault             what answers look like
package demoorg
