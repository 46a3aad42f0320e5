package workspace

import "maps"

func init() {
	maps.Copy(english, map[string]string{
		"task.review":           "It was deployed as an emergency. Its review is due by {at}.",
		"task.review.overdue":   "It was deployed as an emergency, and its review is overdue since {at}.",
		"trail.delegate":        "Let another member vote in the own place.",
		"trail.delegate.end":    "Ended a delegation.",
		"trail.cr.withdraw":     "Took a vote on {about} back, round {round}.",
		"trail.dr.withdraw":     "Took a vote on {about} back, round {round}.",
		"trail.cr.review":       "Reviewed the emergency {about}, round {round}.",
		"trail.remind":          "Wrote a reminder about {about}.",
		"remind.approval":       "{what} waits for your approval in Countersign (workspace {workspace}).",
		"remind.review":         "{what} was deployed as an emergency and waits for your review in Countersign (workspace {workspace}).",
		"remind.emergency":      "It is an emergency.",
		"remind.target":         "Target: {target}",
		"remind.digest":         "Content digest: {digest}",
		"remind.due":            "Due: {time}",
		"remind.expires":        "The first approval runs out: {time}",
		"remind.open":           "There is no deadline yet: no approval was given.",
		"remind.compare":        "Compare the digest with the one on the page before you sign.",
		"policy.answer.always":  "Deployments may start at any time.",
		"policy.answer.open":    "Deployments may start now, {now}.",
		"policy.answer.frozen":  "The freeze {name} keeps deployments back until {until}.",
		"policy.answer.outside": "It is {now}, outside the times in which deployments may start.",
		"policy.answer.zone":    "This computer does not know the time zone {zone}, so nothing can be deployed.",
	})
}
