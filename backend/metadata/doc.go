// Package metadata knows what Salesforce metadata is. It reads no clock, no
// network and no disk, and imports nothing of ours.
//
// A Tree is a set of files in metadata format (what a retrieve gives and a
// deploy takes): "objects/Account.object", "classes/A.cls". ReadZip makes one
// from a zip that may be hostile; WriteZip writes one. A Component is what a
// Key names, type and API name; one file can hold many (fields in an object),
// and one component many files (a bundle).
//
//	tree, err := metadata.ReadZip(r, size, metadata.DefaultLimits())
//	tree, _ = tree.StripTop()             // "unpackaged/" or a marker
//	for _, c := range tree.Components() { // CustomField:Account.Region__c ...
//		fmt.Println(c.Key, tree.HashOf(c.Key))
//	}
//
// Two hashes, for two questions. Tree.Hash is over exact bytes: it says what
// is approved and sent. Tree.NormalHash is over the normal form: it says
// whether something changed its meaning. Normal defines the normal form and
// NormalForm numbers it; sets.go lists the places where order has no meaning.
// Diff shows in words what the hashes tell apart.
//
// Files by what they are about:
//
//	types, names      the table of types; what a name must look like
//	manifest          package.xml and destructiveChanges
//	paths, tree, zip  files, their hash, hostile zips
//	xml, node         hostile XML in
//	xmlwrite          the one way of writing XML
//	sets, normal      the normal form
//	components, split files to components and back
//	diff, lines       comparison by meaning
//	references, ref*  what a component needs: a table of rules, and readers for
//	                  flows, formulas, Apex, Visualforce and Lightning code
//
// What is wrong with somebody's file is an *Error: a code, a sentence, a hint.
package metadata
