package workspace

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// What other rooms say in English reaches a page as text: stored with an
// attempt, an entry or a scan, found by verifying, or said by the keychain.
// Stored text keeps no code, so a sentence is known again by its own words; what
// is not among them, such as the words of an org or of a person, stays as it
// came. Codes are whole keys of words.
var toldEnglish = gathered(toldTrail, toldHistory, toldAttempt, toldKeychain, toldScan, toldGate)

// What verifying finds.
var toldTrail = map[string]string{
	"told.schema_more":         "The {kind} {name} does not belong in the database, or was changed.",
	"told.schema_less":         "The {kind} {name} of the database is missing, or was changed.",
	"told.integrity":           "SQLite finds the database damaged: {details}.",
	"told.foreign_key":         "A row of {table} names one of {parent} that is not there.",
	"told.entry_no_act":        "Entry {entry} of the audit trail names no act.",
	"told.entries_same_act":    "Entries {other} and {entry} of the audit trail name the same act.",
	"told.entry_unread":        "Entry {entry} of the audit trail cannot be read.",
	"told.hash_cut":            "Stored hash {hash} of the audit trail is cut off.",
	"told.checkpoint":          "The checkpoint at entry {entry} is not what was signed.",
	"told.checkpoint_peer":     "A colleague's checkpoint at entry {entry} is not what was signed.",
	"told.peer_deleted":        "A colleague's checkpoint, which came with the bundle {bundle}, was deleted outside Countersign.",
	"told.peer_altered":        "What a colleague's checkpoint at entry {entry} was found to be was changed outside Countersign.",
	"told.peer_trail":          "The audit trail of the key {key}, as the bundle {bundle} shows it at entry {entry}, is not the one that was shown before.",
	"told.checkpoint_lost":     "The audit trail does not continue the checkpoint at entry {entry}.",
	"told.act_missing":         "Entry {entry} of the audit trail names the act {act}, which is not there.",
	"told.act_unlogged":        "The audit trail does not name the act {act}.",
	"told.act_because":         "The act {act} is not what was signed: {details}.",
	"told.act":                 "The act {act} is not what was signed.",
	"told.act_elsewhere":       "The act {act} belongs to another workspace.",
	"told.act_place":           "The act {act} was not signed where it stands in the audit trail.",
	"told.act_before":          "The audit trail before the act {act} is not what its signer had.",
	"told.act_uncounted":       "The act {act} does not count: {details}.",
	"told.act_chain":           "The place of the act {act} in its signer's chain is not the one that was signed.",
	"told.revision_digest":     "The content {digest} is not what was submitted: its digest differs.",
	"told.revision_unread":     "The content {digest} is not understood: {details}.",
	"told.row_missing":         "What the audit trail knows as {name} was deleted outside Countersign.",
	"told.row_added":           "The {row} {name} was added outside Countersign.",
	"told.row_altered":         "The {row} {name} was changed outside Countersign.",
	"told.workspace_unnamed":   "The workspace does not say which one it is.",
	"told.workspace_unfounded": "The workspace says that it is {name}, but no act founded that.",
	"told.status":              "The status of {label} was changed outside Countersign: the database says {column}, the signed acts say {status}.",
	"told.status_its":          "Its status was changed outside Countersign: the database says {column}, the signed acts say {status}.",
	"told.round":               "The round or the revision of {label} is not that of its acts.",
	"told.content":             "The content of {label} is not what was submitted.",
	"told.attempt_start":       "Attempt {attempt} ({log}) is not what its start was signed for.",
	"told.attempt_end":         "Attempt {attempt} ({log}) did not end as its signed result says.",
	"told.log_order":           "Entry {entry} of the audit trail is missing or out of place (found {found}).",
	"told.hash_order":          "Stored hash {hash} of the audit trail is missing or out of place (found {found}).",
	"told.hash_surplus":        "The audit trail has a stored hash ({hash}) for entry {entry}, which does not exist.",
	"told.log_altered":         "Entry {entry} of the audit trail, or one of the {before} before it, is not what was written: stored hash {hash} differs.",
	"told.hash_count":          "The audit trail has {have} stored hashes; its {entries} entries need {need}.",
	"told.log_rolled_back":     "The audit trail has {now} entries, but had {then} before: an old copy was put in its place.",
	"told.log_rewritten":       "The audit trail does not continue what it was at entry {entry}: it was rewritten.",
	"told.log_root":            "The audit trail up to entry {entry} is not what it was: its stored hashes give another root.",
	"told.log_newest":          "Put the newest copy of the workspace back.",
	"told.log_fork":            "Signing now would fork your key.",
	"told.log_backup":          "Put the last good backup of the workspace back.",
	"told.act_rolled_back":     "The last act that was signed with your key (number {number}) is not in this workspace: an old copy was put in its place.",
	"told.anchor":              "What the keychain holds about the audit trail is not readable.",
	"told.anchor_remedy":       "Run countersign verify; if it finds nothing wrong, accept the workspace as it is.",
	"told.blob_altered":        "The file {file} is not what it was: its content was changed.",
	"told.blob_altered_remedy": "Put it back from a copy of the folder {folder}, or from a colleague.",
	"told.blob_moving":         "The file {file} changed while it was read.",
	"told.blob_missing":        "The file {file} is not in this workspace.",
	"told.blob_missing_remedy": "Attach it again, or put it back from a copy of the workspace or from a colleague.",
	"told.again":               "Try again.",
	"told.of":                  "{label}: {why}",
	"told.row_request":         "change request",
	"told.row_record":          "deployment record",
	"told.row_log":             "deployment log",
	"told.row_environment":     "environment",
	"told.rebuilt":             "{label} was {column} and is {status}, as its acts say.",
}

// Why a history, or the charter that it is judged by, is in doubt.
var toldHistory = map[string]string{
	"told.then":               "{first} {then}",
	"told.listed":             "{first}; {then}",
	"told.charter":            "The charter cannot be trusted.",
	"told.charter_here":       "The charter of this workspace cannot be trusted.",
	"told.charter_stops":      "The charter of this workspace cannot be trusted, so nothing in it can be approved or deployed.",
	"told.charter_founding":   "The founding act of this workspace is missing or not valid, so nothing in it can be trusted.",
	"told.charter_forks":      "The charter forks after version {version}: the owners endorsed {count} different successors ({names}).",
	"told.history_part":       "Part of its history is missing on this machine.",
	"told.history_submitted":  "What {who} submitted in round {round} is missing on this machine.",
	"told.history_differs":    "Different contents were submitted in round {round}.",
	"told.refused":            "The approval by {who} is not counted: {why}.",
	"told.refused_several":    "one person fills one seat",
	"told.refused_early":      "it came before the step in front of it was complete",
	"told.refused_then":       "the signer was no {role} then",
	"told.refused_gone":       "the signer is not a member any more",
	"told.refused_role":       "the seat is for the role {role}",
	"told.refused_author":     "authors do not approve their own change",
	"told.refused_deployer":   "the person who deploys does not approve",
	"told.refused_old":        "approvals count for {days} days, and this one is older",
	"told.refused_policy":     "the policy was changed after it; it can be given again",
	"told.refused_delegation": "the delegation that it names is not one that counts",
	"told.refused_delegate":   "the delegation is to somebody else",
	"told.refused_proxies":    "the policy lets nobody vote for somebody else",
	"told.refused_elsewhere":  "the delegation is for something else",
	"told.refused_other_seat": "the delegation is for another seat",
	"told.refused_untimely":   "it was not given in the time of the delegation",
	"told.refused_ended":      "the delegation had ended before it",
	"told.refused_named":      "the seat is for somebody else",
	"told.refused_hours":      "approvals of an emergency count for {hours} hours, and this one is older",
	"told.refused_future":     "it is dated in the future, so nobody can say when it expires; it can be given again with the right time",
}

// What an attempt says of itself where no verdict of the log's page does.
var toldAttempt = map[string]string{
	"told.looking":           "The org did not answer. Looking for the deployment in its own list.",
	"told.searched":          "The org shows no such deployment.",
	"told.searched_remedy":   "Send it again, or cancel it.",
	"told.unsent":            "It was not sent again.",
	"told.never_shown":       "The org never showed this deployment, and it was given up.",
	"told.nothing_sent":      "Nothing was sent, and nothing was changed in the org.",
	"told.not_deployed":      "Nothing was deployed.",
	"told.not_retrieved":     "Nothing was retrieved.",
	"told.source_moved":      "The source was changed after the approval: {list}.",
	"told.retrieved":         "The package is exactly what was approved.",
	"told.target_moved":      "But the target was changed after the approval: {list}.",
	"told.interrupted":       "Countersign was closed before the retrieve ended. Nothing was changed; retrieve again.",
	"told.stopped":           "It was stopped.",
	"told.wrong":             "Something went wrong.",
	"told.changed_by":        "{file} was changed in {environment} by {who} at {at}",
	"told.appeared_by":       "{file} appeared in {environment} by {who} at {at}",
	"told.changed":           "{file} was changed in {environment}",
	"told.appeared":          "{file} appeared in {environment}",
	"told.gone":              "{file} is gone in {environment}",
	"told.no_reason":         "Nothing was changed in {environment}: the org gave no reason.",
	"told.failed":            "Nothing was changed in {environment}: {details}.",
	"told.partly_accepted":   "{environment} would accept only a part: {done} of {total:component|components}, {errors} with errors. Nothing was changed.",
	"told.broke_off":         "{environment} broke off ({status}), so it is not known what is there now: look at it before anything else is deployed.",
	"told.uncompared":        "{environment} accepted all {total:component|components}, but what is there now could not be compared with what was sent: {why}",
	"told.uncompared_single": "{environment} accepted the 1 component, but what is there now could not be compared with what was sent: {why}",
}

// Why secrets cannot be kept, and what to do.
var toldKeychain = map[string]string{
	"told.key_locked":          "The keychain is locked, or has no collection yet.",
	"told.key_locked_remedy":   "Unlock the login keychain, for example by signing in to the desktop again.",
	"told.key_none":            "This session has no keychain.",
	"told.key_none_remedy":     "Start a keychain service such as GNOME Keyring or KWallet, or work without storing secrets.",
	"told.key_denied":          "The keychain refused.",
	"told.key_denied_remedy":   "Allow Countersign to use it and try again.",
	"told.key_noanswer":        "The keychain did not answer in time.",
	"told.key_noanswer_remedy": "Look for a window that asks for its password, answer it and try again.",
	"told.key_lost":            "The keychain did not keep the secret.",
	"told.key_lost_remedy":     "If it asked for a password, answer it and try again.",
	"told.key_untried":         "The keychain could not be tried.",
	"told.key_session":         "Your signing key and credentials live until you close Countersign; after that this workspace can be read, but nothing in it signed.",
	"told.key_unusable":        "This computer's keychain cannot be used now, so everything can be read, but nothing signed or deployed. Unlock it and open Countersign again.",
}

// What a scan and a check of dependencies note.
var toldScan = map[string]string{
	"told.scan_uncompared": "{count:changed customization is|changed customizations are} listed without the differences: there are too many to show at once.",
	"told.scan_followed":   "What is missing was followed for {count} steps and not further.",
	"told.scan_package":    "{environment} lacks the managed package {package}, which {name} belongs to. Install it there.",
	"told.scan_uncovered":  "Salesforce's dependency list leaves out {list}; what they need was read from their files only.",
	"told.scan_types":      "{environment} does not list {list}; components of these types may be there although they are shown as missing.",
	"told.scan_rest":       "A {type} holds rows only for what else is in the package; its other rows stay as they are in the target.",
	"told.scan_flows":      "Undoing cannot delete a flow while a version of it is active: {list}.",
	"told.scan_data":       "Undoing deletes the data that was entered by then: {list}.",
	"told.scan_managed":    "{count:component of managed packages is|components of managed packages are} not covered by the wildcards.",
	"told.scan_version":    "{source} offers API version {old} and {target} offers {new}; {version} is used for both.",
	"told.scan_list":       "{environment} does not give its list of dependencies; only the files of the package were read.",
	"told.scan_unmatched":  "{count:dependency|dependencies} that {environment} lists could not be matched to a component.",
	"told.scan_items":      "{left:more customization is|more customizations are} not listed: there are too many for one list.",
	"told.scan_changes":    "{cut:changed customization is|changed customizations are} listed without the differences; open one to see them.",
}

// Why the gate refused, as the audit trail keeps it; the words are the gate's.
var toldGate = map[string]string{
	"gate.request_status_not":    "{label} is {status}, not Approved.",
	"gate.request_content_not":   "The content of {label} is not what was approved.",
	"gate.revision_not":          "The approved content is missing on this machine.",
	"gate.same_request_not":      "The record was approved for another content of the change request.",
	"gate.rollback_on_error_not": "A deployment to production always rolls back on an error, and this record says that it does not.",
	"gate.policy_not":            "No policy rules this environment, so nothing can be deployed there.",
	"gate.deployer_not":          "{named} is named to deploy, not {who}.",
	"gate.deployer_role_not":     "{who} is not a {role} of this workspace.",
	"gate.author_deploys_not":    "{who} is an author; authors do not deploy to this environment.",
	"gate.approver_deploys_not":  "{who} approved it; approvers do not deploy.",
	"gate.reverse_not":           "The reverse package is not the one that was approved.",
	"gate.retrieved_not":         "The customizations were not retrieved yet.",
	"gate.package_not":           "The content differs from what was approved.",
	"gate.base_not":              "The target was changed after the approval.",
	"gate.target_not":            "The approval is for the organisation {approved} ({approvedKind}), not {target} ({targetKind}).",
	"gate.demo_only_not":         "The demo workspace deploys to its own two organisations only.",
	"gate.zone_not":              "The policy is in the time zone {zone}, which this machine does not know, so nobody can say whether it may be deployed now.",
	"gate.freeze_not":            "The freeze {name}, from {from} until {until}, keeps it from being deployed.",
	"gate.window_not":            "It is {now} ({zone}), outside the times in which the policy lets something be deployed here.",
	"gate.reviews_not":           "Reviews of deployed emergencies are overdue: {count}. Until they are done, only another emergency is let through.",
	"gate.findings_open_not":     "Changes in the target outside the process are not resolved: {count}.",
	"told.once_deployed":         "This revision was deployed already, by attempt {attempt}.",
	"told.once_unsure":           "Attempt {attempt} of this revision is not known to have failed.",
}

// inTold are the values of a sentence that may be sentences, or words of ours,
// themselves.
var inTold = map[string]bool{"message": true, "what": true, "why": true, "first": true, "list": true, "row": true}

const (
	toldThen   = "told.then"
	toldListed = "told.listed"
)

// A toldForm is how a sentence is known again.
type toldForm struct {
	code   string
	says   *regexp.Regexp
	places []string
}

// toldForms has what says most first, so that a sentence is not taken for a
// shorter one with a long value.
var toldForms = sync.OnceValue(func() []toldForm {
	codes := slices.SortedFunc(maps.Keys(toldEnglish), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(blank.ReplaceAllString(toldEnglish[b], "")), len(blank.ReplaceAllString(toldEnglish[a], ""))), cmp.Compare(a, b))
	})
	forms := make([]toldForm, 0, len(codes))
	for _, code := range codes {
		if code == toldThen || code == toldListed {
			continue // these are put together here
		}
		forms = append(forms, formOf(code, toldEnglish[code]))
	}
	return forms
})

func formOf(code, text string) toldForm {
	f := toldForm{code: code}
	var says strings.Builder
	says.WriteString(`(?s)^`)
	from := 0
	for _, m := range blank.FindAllStringSubmatchIndex(text, -1) {
		says.WriteString(regexp.QuoteMeta(text[from:m[0]]))
		f.places = append(f.places, text[m[2]:m[3]])
		switch {
		case m[4] >= 0: // {count:thing|things}
			says.WriteString(`([\d,]+) (?:` + regexp.QuoteMeta(text[m[4]:m[5]]) + `|` + regexp.QuoteMeta(text[m[6]:m[7]]) + `)`)
		case text[m[2]:m[3]] == "row": // two words
			says.WriteString(`(change request|deployment record|deployment log|environment)`)
		default:
			says.WriteString(`(.+?)`)
		}
		from = m[1]
	}
	says.WriteString(regexp.QuoteMeta(text[from:]) + `$`)
	f.says = regexp.MustCompile(says.String())
	return f
}

// toldAs is a sentence, or several, that another room made, for translation;
// what is not known has no code. A value runs over the end of a sentence only
// where the words do not fit otherwise.
func toldAs(text string) Said {
	if s, known := toldOne(text, withinSentence); known {
		return s
	}
	begins, loose := Said{}, false
	for i := strings.LastIndex(text, ". "); i > 0; i = strings.LastIndex(text[:i], ". ") {
		first, known := toldOne(text[:i+1], withinSentence)
		if !known {
			continue
		}
		then := toldAs(text[i+2:])
		if then.Code != "" {
			return toldTwo(toldThen, " ", first, then)
		}
		if !loose {
			begins, loose = toldTwo(toldThen, " ", first, then), true
		}
	}
	if s, known := toldOne(text, acrossSentences); known {
		return s
	}
	if loose {
		return begins
	}
	return quoted("", text)
}

// allTold tells each of some sentences.
func allTold(texts []string) []Said {
	out := make([]Said, 0, len(texts))
	for _, text := range texts {
		out = append(out, toldAs(text))
	}
	return out
}

// A reach is how far a value may run.
type reach bool

const (
	withinSentence  reach = false
	acrossSentences reach = true
)

func toldOne(text string, values reach) (Said, bool) {
	for _, f := range toldForms() {
		m := f.says.FindStringSubmatch(text)
		if m == nil || values == withinSentence && slices.ContainsFunc(m[1:], func(v string) bool { return strings.Contains(v, ". ") }) {
			continue
		}
		s := quoted(f.code, text)
		for i, name := range f.places {
			s.put(name, toldValue(m[i+1]))
		}
		if f.code == "told.of" && s.Parts["why"].Code == "" {
			continue // a colon alone says nothing
		}
		return s, true
	}
	return Said{}, false
}

// toldValue is a value as Said's are: numbers in plain digits, times as RFC 3339.
func toldValue(text string) string {
	if plain := strings.ReplaceAll(text, ",", ""); plain != "" && strings.Trim(plain, "0123456789") == "" {
		return plain
	}
	if at, err := time.Parse("2006-01-02 15:04:05 UTC", text); err == nil {
		return at.UTC().Format(time.RFC3339)
	}
	return text
}

// put sets a value, and the sentence that it is if it is a known one.
func (s *Said) put(name, value string) {
	s.Params[name] = value
	if !inTold[name] || value == "" {
		return
	}
	part := toldAs(value)
	if name == "list" {
		part = toldList(value)
	}
	if part.Code == "" {
		return
	}
	if s.Parts == nil {
		s.Parts = map[string]Said{}
	}
	s.Parts[name] = part
}

// toldList tells things with semicolons between them, if all are known.
func toldList(text string) Said {
	head, rest, more := strings.Cut(text, "; ")
	first, known := toldOne(head, withinSentence)
	if !known || !more {
		return first
	}
	then := toldList(rest)
	if then.Code == "" {
		return quoted("", text)
	}
	return toldTwo(toldListed, "; ", first, then)
}

func toldTwo(code, between string, first, then Said) Said {
	s := quoted(code, first.Text+between+then.Text)
	s.Params["first"], s.Params["then"] = first.Text, then.Text
	s.Parts = map[string]Said{"first": first, "then": then}
	return s
}
