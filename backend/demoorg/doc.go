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
//   - It passes, unless its body calls System.assert(false where that is surely
//     reached (in no inner block and after no return), or holds the comment
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
//   - The lines of a method with an expression are its locations; a query is
//     one, System.debug none. A method is covered when a class whose tests ran
//     mentions its name outside of comments and strings, or a method that is
//     covered does; a constructor has its class's name. A trigger is covered
//     when such a class mentions the trigger, or changes data (insert, update,
//     ...; EventBus.publish for a platform event) and mentions its object.
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
//   - Rows of a profile about what the org does not hold itself, such as
//     standard fields, come back whether their object is retrieved or not.
//     Translations come back whole.
//   - A file that a package brought is kept byte for byte, and so is the part of
//     a shared file that it brought; Salesforce writes every file anew.
//   - An active flow can be deleted by its name, with all its versions; its
//     active version alone cannot, as in an org. Active flows stay active in
//     production ("Deploy processes and flows as active" is on).
//   - The packages of a zip are deployed in the order of their folders' names.
//   - MetadataComponentDependency leaves out what the real one does: what
//     permission sets, profiles, reports, dashboards, custom metadata records,
//     sharing rules and translations refer to, standard objects, and names in
//     strings.
//   - The texts for a refused quick deployment, an unreadable zip, a fourth
//     listMetadata query, a full queue, login hours and login IP ranges are
//     ours.
//   - Client credentials and username-password OAuth grants are refused.
//   - What was deleted is gone, with purgeOnDelete or without: the Recycle Bin
//     cannot be looked into by these protocols. Production refuses the option.
//
// # How its refusals are provoked
//
// A word after a plus in the user name, "integration+hours@demo-uat.example",
// with the password of the user before the plus: locked, hours, network,
// notoken, nologin, offline and inactive are refused by login(); expired,
// quota, noapi, noaccess and unavailable sign in and then refuse every call;
// nosetup and nodeployments may not query SetupAuditTrail and DeployRequest;
// each deployment of finalizing ends as FinalizingFailed, the org unchanged.
// The password without the 24 characters of its security token is
// LOGIN_MUST_USE_SECURITY_TOKEN, six wrong ones lock the user out for 15
// minutes, and login() at 65.0 and up, or 30.0 and down, is refused for its
// version.
//
// The same words after "demo-" as a consumer key, "demo-quota", make such a
// session by OAuth. demo-blocked, demo-denied, demo-refused and demo-unknown
// come back to the callback with their error, demo-callback gets a page instead,
// demo-unapproved and demo-network are refused by the token endpoint,
// demo-noscope gets a token without api, and demo-steady a refresh token that
// does not rotate. Any other consumer key is a good one.
//
// JWT bearer works when the file jwt.pem in the org's folder holds the public
// key, or the certificate, that assertions are signed with.
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
//	evaluate, packet, check, content, apply
//	                        what a package does to the content
//	lenient, versions       names and API versions of real clients
//	flows, access, forms    versions of flows; rows of profiles; shared files
//	references, apexnames   what a package needs
//	apex, tests, coverage   methods, simulated tests, coverage
//	handler, soap, upload   messages in and out
//	metadataservice, retrieve, partner, rest, restdeploy, oauth, tokens, jwt
//	                        the operations
//	provoke                 refusals on request
//	soql, query, audit      queries
//	transport               reaching the org without a socket
//	wire, fault             what answers look like
package demoorg
