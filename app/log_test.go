package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestArgumentsOfAFailedCallAreCutFromTheLog(t *testing.T) {
	cases := []struct{ name, line, kept string }{
		{"an argument of the wrong type",
			`process message error: C{"name":"app.X.Save","args":["hunter2",{"a":"->"}]} -> error parsing arguments: json: cannot unmarshal string into Go value of type int`,
			"cannot unmarshal string"},
		{"the error repeats the argument",
			`process message error: C{"args":["x"]} -> error parsing arguments: parsing time "hunter2" as "2006": cannot parse`,
			"cannot parse"},
		{"the argument holds an arrow",
			`process message error: C{"args":["a -> hunter2 -> b"]} -> method 'X' not registered`,
			"not registered"},
		{"an unknown message is repeated whole",
			`process message error: Zhunter2 -> Unknown message from front end: Zhunter2`,
			"Unknown message"},
		{"the unknown message on a line of its own",
			`Unknown message from front end: Zhunter2`,
			"Unknown message"},
		{"an unfinished quotation",
			`process message error: C -> bad "hunter2`,
			"bad"},
		{"no reason", `process message error: Chunter2`, "process message error"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			wailsLog{slog.New(slog.NewTextHandler(&out, nil))}.Error(c.line)
			if strings.Contains(out.String(), "hunter2") {
				t.Errorf("the argument is in the log: %s", out.String())
			}
			if !strings.Contains(out.String(), c.kept) {
				t.Errorf("the reason %q is lost: %s", c.kept, out.String())
			}
		})
	}
}

func TestOtherLinesAreKeptAndResultsOfCallsAreNot(t *testing.T) {
	var out bytes.Buffer
	log := wailsLog{slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	log.Warning("WebKit is old")
	log.Trace(`json call result data: {"result":"hunter2"}`)
	log.Debug("hunter2")
	if got := out.String(); !strings.Contains(got, "WebKit is old") || strings.Contains(got, "hunter2") {
		t.Errorf("the log is %s", got)
	}
}
