package metadata

import "fmt"

// An Error is a mistake in metadata that a person can act on: a hostile zip, a
// manifest with a wrong name, a type nobody knows. Code is for the program and
// never changes, Message is a sentence, Hint says what to do and may be empty.
// Callers that may know governance turn it into a Fault with the same fields.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + " " + e.Hint
}

// Codes of an Error.
const (
	CodeBadZip         = "bad_zip"
	CodeTooLarge       = "too_large"
	CodeBadPath        = "bad_path"
	CodeDuplicatePath  = "duplicate_path"
	CodeBadXML         = "bad_xml"
	CodeBadManifest    = "bad_manifest"
	CodeUnknownType    = "unknown_type"
	CodeBadName        = "bad_name"
	CodeTooManyMembers = "too_many_members"
	CodeUnasked        = "unasked_content"
)

func faultf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) withHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}
