package workspace

import (
	"strings"
	"time"
)

// fileEnglish says what a bundle or an evidence file proves, what it does not,
// and what is in doubt about it. Its codes are whole keys of words.
var fileEnglish = map[string]string{
	"file.bundle":              "{acts:signed act|signed acts}, {contents:content|contents}, {drafts:draft|drafts} and {files:file|files}, made {at}",
	"file.evidence":            "{changes:change|changes}, {deployments:deployment|deployments}, {entries:entry|entries} of the audit trail and {acts:signed act|signed acts}, made {at}",
	"file.signed":              "The file is as {who} signed it; no bit of it was changed.",
	"file.signed_stranger":     "The file is as its maker signed it; no bit of it was changed.",
	"file.acts_contents":       "Each act was signed by the key that it names, about the very content that is in the file.",
	"file.acts_statuses":       "Each act was signed by the key that it names, and each status is what the acts say.",
	"file.packages":            "The packages in it are those that the deployment records name.",
	"file.entries":             "Every entry of the audit trail in it is covered by the signed head {head}.",
	"file.scope_change":        "The list of deployments holds every one that the acts about this change started.",
	"file.scope_period":        "No entry of the trail between number {from} and number {to} is left out, and the list of deployments holds every one that they started.",
	"file.scope_environment":   "No entry of the trail between number {from} and number {to} is left out, and the list of deployments holds every one to {place} ({organization}) that they started.",
	"file.page_same":           "The page evidence.html says what the records say: it was made again from them, and is the same.",
	"file.status_request":      "By its acts, the change request “{name}” is {status}.",
	"file.status_record":       "By its acts, the deployment record “{name}” is {status}.",
	"file.which_workspace":     "Which workspace this is: compare its id {id} with the one that you know.",
	"file.past_countersign":    "That nothing was deployed past Countersign: compare the list with Salesforce's own Deployment Status page.",
	"file.when_who":            "When something happened, but for the times that Salesforce gave, and who held a key.",
	"file.newer":               "That nothing newer exists, when something happened, and who held a key.",
	"file.drafts":              "Who wrote the drafts: nobody signed them but who made the file.",
	"file.page_other":          "That evidence.html says what the records say: it has the form {theirs}, and this version of Countersign writes {ours}. The records themselves hold.",
	"file.charter":             "The charter cannot be trusted. {why}",
	"file.uncounted":           "The act {act} ({type}) does not count: {why}.",
	"file.unsigned_by_members": "its signer was not a member",
	"file.unseen":              "The act {act} names {seen}, which is not in the file.",
	"file.stranger":            "The key that signed the file belongs to no member of the workspace.",
	"file.status_differs":      "{label} is listed as {listed}; by its acts it is {status}.",
	"file.found":               "When the file was made, verifying found: {message}",
	"file.page_differs":        "The page evidence.html is not the one that the records make.",
}

// fileSaid is a sentence about a file. Whoever reads it in a terminal gets its
// times as people write them.
func fileSaid(code string, values ...any) Said {
	s := (&Workspace{}).said(code, values...)
	shown := map[string]string{}
	for name, value := range s.Params {
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			value = at.Format("2 January 2006 15:04 MST")
		}
		shown[name] = value
	}
	s.Text = strings.TrimSpace(filled(english[code], shown, time.Time{}))
	return s
}

// short names an act or a content by the first digits of its digest.
func short(digest string) string { return digest[:min(12, len(digest))] + "…" }
