package salesforce

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestASecretIsNeverPrinted(t *testing.T) {
	secret := NewSecret("correct horse battery")
	type inside struct {
		Shown  Secret
		hidden Secret
	}
	session := Session{InstanceURL: "https://acme.my.salesforce.com", AccessToken: secret, UserID: testUser}
	values := map[string]any{
		"the secret": secret, "a pointer": &secret, "a slice": []Secret{secret}, "a map": map[string]Secret{"a": secret},
		"a struct": inside{secret, secret}, "a session": session, "a pointer to a session": &session,
		"a client": NewClient(&session, Options{Transport: HTTPTransport()}),
	}
	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
				fmt.Fprintf(&out, verb, value)
			}
			for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
				slog.New(handler).Info("note", "value", value)
			}
			if text, err := json.Marshal(value); err == nil {
				out.Write(text)
			}
			if text, err := xml.Marshal(value); err == nil {
				out.Write(text)
			}
			for _, leak := range []string{"correct horse", fmt.Sprintf("%x", "correct horse"), fmt.Sprintf("%X", "correct horse")} {
				if strings.Contains(out.String(), leak) {
					t.Errorf("printed the secret: %s", out.String())
				}
			}
		})
	}
	if fmt.Sprint(secret) != "[secret]" || secret.Reveal() != "correct horse battery" || !(Secret{}).IsEmpty() || secret.IsEmpty() {
		t.Errorf("a secret must print as [secret] and reveal its text")
	}
}
