package governance

import (
	"errors"
	"fmt"
)

// A Fault is a mistake or an obstacle that a person can act on. Code is for
// the program and never changes, Message says what happened, Hint says what to
// do next. Everything that is not a Fault is shown as "Something went wrong"
// and logged.
type Fault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
	// Words and HintWords are the whole keys of their translations, with the
	// values of Params, where the code alone says too little: a reason why
	// somebody may not do something, or a line of the gate.
	Words     string            `json:"words,omitempty"`
	HintWords string            `json:"hintWords,omitempty"`
	Params    map[string]string `json:"params,omitempty"`
	cause     error
}

func (f *Fault) Error() string {
	if f.Hint == "" {
		return f.Message
	}
	return f.Message + " " + f.Hint
}

// Unwrap gives the cause that Because recorded, or nil.
func (f *Fault) Unwrap() error { return f.cause }

// Because returns a copy of f that wraps cause, for errors.Is and the log. The
// cause is never shown to a person and must not hold a secret.
func (f *Fault) Because(cause error) *Fault {
	g := *f
	g.cause = cause
	return &g
}

// Is makes two faults of one code equal for errors.Is.
func (f *Fault) Is(target error) bool {
	var g *Fault
	return errors.As(target, &g) && g.Code == f.Code
}

// Faultf makes a Fault whose message is formatted; add a hint with WithHint.
func Faultf(code, format string, args ...any) *Fault {
	return &Fault{Code: code, Message: fmt.Sprintf(format, args...)}
}

// WithHint returns a copy of f with what the person can do next.
func (f *Fault) WithHint(format string, args ...any) *Fault {
	g := *f
	g.Hint, g.HintWords = fmt.Sprintf(format, args...), ""
	return &g
}

// FaultCode returns the code of the first Fault in err's chain, or "".
func FaultCode(err error) string {
	var f *Fault
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}
