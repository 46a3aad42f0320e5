package app

import (
	"encoding/json"
	"errors"
	"log/slog"

	"countersign/backend/governance"
)

// fault is what the page gets when a call fails. A governance.Fault is shown as
// it is; anything else is written to the log with its cause, and the page only
// learns that something went wrong.
//
// The answer is JSON in a string: since Wails 2.13 a rejection is
// new Error(value), which turns an object into "[object Object]".
func fault(log *slog.Logger) func(error) any {
	return func(err error) any {
		var known *governance.Fault
		if !errors.As(err, &known) {
			log.Error("a call failed", "err", err)
			known = governance.Faultf("unexpected", "Something went wrong.").
				WithHint("Try again. If it happens again, the log names the cause.")
		}
		text, err := json.Marshal(known)
		if err != nil {
			return known.Error()
		}
		return string(text)
	}
}
