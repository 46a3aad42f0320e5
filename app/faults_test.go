package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"countersign/backend/governance"
)

func TestAFaultReachesThePageAsJSONAndNothingElseDoes(t *testing.T) {
	own := governance.Faultf("own_change", "You wrote this change request.").WithHint("Ask a colleague to approve it.")
	cases := []struct {
		name    string
		err     error
		code    string
		message string
		logged  bool
	}{
		{"a fault", own, "own_change", own.Message, false},
		{"a wrapped fault", fmt.Errorf("approve CR-0042: %w", own), "own_change", own.Message, false},
		{"any other error", errors.New("open /home/ana/secret.db: permission denied"), "unexpected", "Something went wrong.", true},
		{"a panic", panicked("list the change requests", "index out of range"), "unexpected", "Something went wrong.", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			answer := fault(slog.New(slog.NewTextHandler(&log, nil)))(c.err)
			text, ok := answer.(string)
			if !ok {
				t.Fatalf("the answer is a %T; Wails would show it as [object Object]", answer)
			}
			var got struct{ Code, Message, Hint string }
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatal(err)
			}
			if got.Code != c.code || got.Message != c.message || got.Hint == "" {
				t.Errorf("the page gets %+v", got)
			}
			if strings.Contains(text, "secret.db") || strings.Contains(text, "index out of range") {
				t.Errorf("the cause reaches the page: %s", text)
			}
			if logged := strings.Contains(log.String(), c.err.Error()[:10]); logged != c.logged {
				t.Errorf("logged: %v, want %v: %s", logged, c.logged, log.String())
			}
		})
	}
}
