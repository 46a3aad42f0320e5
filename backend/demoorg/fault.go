package demoorg

import "fmt"

// An Error is a mistake that the person who opens a demo org can act on: a
// folder that holds something else, a seed that is not metadata. Code is for
// the program and never changes, Message is a sentence, Hint says what to do.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
	cause   error
}

// The codes of an Error.
const (
	CodeKind    = "demo_org_kind"
	CodeSeed    = "demo_org_seed"
	CodeDamaged = "demo_org_damaged"
)

func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + " " + e.Hint
}

// Unwrap gives what went wrong below, or nil.
func (e *Error) Unwrap() error { return e.cause }

func errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) hint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

func (e *Error) because(err error) *Error {
	e.cause = err
	return e
}

// A fault is what a protocol answers instead of a result: a SOAP fault, or
// Salesforce's JSON array of one error. status is the status of the REST
// answer; a SOAP fault is always a 500.
type fault struct {
	code   string
	text   string
	status int
}

func (f *fault) Error() string { return f.code + ": " + f.text }

func faultf(status int, code, format string, args ...any) *fault {
	return &fault{code: code, text: fmt.Sprintf(format, args...), status: status}
}
