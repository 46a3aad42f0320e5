package salesforce

import (
	"regexp"

	"countersign/backend/governance"
)

var idForm = regexp.MustCompile(`^(?:[A-Za-z0-9]{15}|[A-Za-z0-9]{18})$`)

func isID(id string) bool { return idForm.MatchString(id) }

// checkID refuses what cannot be a Salesforce id, before it gets into a query
// or a message.
func checkID(id string) error {
	if isID(id) {
		return nil
	}
	return governance.Faultf(CodeInvalidID, "%q is not a Salesforce id.", id).WithHint("An id has 15 or 18 letters and digits.")
}

// ID18 returns the 18-character form of a 15-character id: three characters
// more, which say which of the letters are capitals. Anything else comes back
// as it is.
func ID18(id string) string {
	if len(id) != 15 || !isID(id) {
		return id
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	suffix := make([]byte, 0, 3)
	for chunk := 0; chunk < 15; chunk += 5 {
		bits := 0
		for i := range 5 {
			if letter := id[chunk+i]; letter >= 'A' && letter <= 'Z' {
				bits |= 1 << i
			}
		}
		suffix = append(suffix, alphabet[bits])
	}
	return id + string(suffix)
}
