package workspace

import (
	"errors"
	"maps"

	"countersign/backend/governance"
)

// whyEnglish is why a step cannot be done, where neither governance nor the
// gate says it, and what mends it. Its codes are whole keys of words.
var whyEnglish = map[string]string{
	"why.running":           "It is under way.",
	"why.running_remedy":    "Wait until it has ended.",
	"why.final":             "It is {status}.",
	"why.nothing":           "There is no content to check yet.",
	"why.nothing_remedy":    "Press Run Scan first.",
	"why.locked":            "Its content is fixed while it is {status}.",
	"why.locked_remedy":     "Reopen it to scan it again.",
	"why.unapproved":        "Its change request is {status}.",
	"why.unapproved_remedy": "Get the change request approved first.",
	"why.busy":              "{record} has an attempt to {target} under way.",
	"why.busy_remedy":       "Wait until it has ended, or cancel it.",
	"why.signed":            "You have signed it already.",
	"why.propose_owner":     "Only an owner can change the policies.",
	"why.demo_stays":        "The demo and its keys stay on this computer.",
	"why.key_waits":         "A key of this computer waits to be let in already.",
	"why.not_let_in":        "You are not let in yet.",
	"why.solo_first":        "One person works here alone. Make it a workspace of several members first.",
	"why.team_already":      "This workspace has several members already.",
	"why.left_already":      "This member has left already.",
	"why.last_owner":        "This is the only owner, and a workspace needs one.",
	"why.charter_trouble":   "{message}",
	"why.quick_none":        "There is no validation of this content that succeeded.",
	"why.quick_untested":    "The validation ran no Apex tests, and Salesforce deploys quickly only what was tested.",
	"why.quick_changed":     "{target} was deployed to since the validation, which voids it.",
	"why.quick_expired":     "The validation is older than {days:day|days}.",
}

// whySaid is why an action cannot be done, or nothing.
func whySaid(st governance.ActionState) Said {
	if st.Why == "" {
		return quoted("", "")
	}
	return Said{Text: st.Why, Code: "why." + st.Code, Params: st.Params}
}

// checkSaid is what a check of the gate that does not hold says, and its remedy.
func checkSaid(c governance.Check) (why, remedy Said) {
	return Said{Text: c.Message, Code: "gate." + c.Code + "_not", Params: c.Params}, Said{Text: c.Remedy, Code: "gate." + c.Code + "_remedy", Params: c.Params}
}

// faultSaid is what a fault says, and its hint.
func faultSaid(err error) (why, hint Said) {
	f := &governance.Fault{Code: "unexpected", Message: "Something went wrong."}
	errors.As(err, &f)
	why, hint = quoted("faults."+f.Code, f.Message), quoted("faults."+f.Code+"_hint", f.Hint)
	why.Params["message"], hint.Params["hint"] = f.Message, f.Hint
	if f.Words != "" {
		why = Said{Text: f.Message, Code: f.Words, Params: values(f.Params)}
	}
	if f.HintWords != "" {
		hint = Said{Text: f.Hint, Code: f.HintWords, Params: values(f.Params)}
	}
	return why, hint
}

// values copies the values of a sentence; none are an empty map.
func values(params map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, params)
	return out
}

// faultMessage is what a fault says, as a sentence of the log's.
func faultMessage(err error) Said {
	why, _ := faultSaid(err)
	s := quoted("log.message", why.Text)
	s.Params["message"], s.Parts = why.Text, map[string]Said{"message": why}
	return s
}

// stop notes why a step cannot be done.
func (s *Step) stop(code string, why, remedy Said) {
	s.WhyCode, s.Why, s.Remedy = code, why.Text, remedy.Text
	s.WhySaid, s.RemedySaid = why, remedy
}
