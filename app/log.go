package app

import (
	"log/slog"
	"os"
	"regexp"
	"strings"
)

// wailsLog receives Wails' log lines. Wails writes the arguments of a failed
// call into its error line, at the level that a released build prints, so a
// credential typed into a form would end up on stderr; they are cut here.
type wailsLog struct{ log *slog.Logger }

func (l wailsLog) Print(line string)   { l.log.Info(withoutArguments(line)) }
func (l wailsLog) Trace(string)        {} // whole results of calls
func (l wailsLog) Debug(string)        {}
func (l wailsLog) Info(line string)    { l.log.Info(withoutArguments(line)) }
func (l wailsLog) Warning(line string) { l.log.Warn(withoutArguments(line)) }
func (l wailsLog) Error(line string)   { l.log.Error(withoutArguments(line)) }

// Fatal ends the program: Wails counts on it.
func (l wailsLog) Fatal(line string) {
	l.log.Error(withoutArguments(line))
	os.Exit(1)
}

const (
	failedCall     = "process message error: "
	unknownMessage = "Unknown message from front end: "
)

// quoted is a value inside an error's text, such as json's or time's.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"?`)

// withoutArguments cuts what the page sent from a line about a failed call and
// keeps the reason (wails v2.16.0, internal/frontend/dispatcher).
func withoutArguments(line string) string {
	if strings.HasPrefix(line, unknownMessage) {
		return unknownMessage + "[cut]"
	}
	if !strings.HasPrefix(line, failedCall) {
		return line
	}
	arrow := strings.LastIndex(line, " -> ")
	if arrow < 0 {
		return failedCall + "[cut]"
	}
	reason := line[arrow+len(" -> "):]
	if strings.HasPrefix(reason, unknownMessage) {
		reason = unknownMessage + "[cut]"
	}
	return failedCall + "[cut] -> " + quoted.ReplaceAllString(reason, "[cut]")
}
