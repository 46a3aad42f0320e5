package ledger

import (
	"bytes"
	"reflect"
	"testing"
)

// What is read quickly, is read as Strict reads it; every other form is left to
// Strict. Each byte of a statement is changed in eight ways, dropped and doubled.
func TestStatementsReadQuicklyAreThoseOfStrict(t *testing.T) {
	payloads := [][]byte{
		[]byte(`{"at":"2026-03-02T09:00:00Z","body":{"reason":"a \"b\" ,\"gov\":\"x\"","round":1},"gov":"g","key":"ed25519:00","log":"1:x","prev":"","seen":[],"seq":0,"subj":"s","type":"cr.approve","ws":"w"}`),
		[]byte(`{"at":"","body":{},"gov":"","key":"","log":"","prev":"p","seen":["a","b"],"seq":9007199254740991,"subj":"ü","type":"t","ws":""}`),
		[]byte(`{"at":"","body":{"gov":"x","a":[{"key":"y"}]},"gov":"","key":"","log":"","prev":"","seen":[],"seq":12,"subj":"a\\b","type":"t","ws":""}`),
	}
	quick := 0
	check := func(p []byte) {
		t.Helper()
		var room bytes.Buffer
		got, ok := readStatement(p, &room)
		if !ok {
			return
		}
		quick++
		var want Statement
		if err := Strict(p, &want); err != nil {
			t.Fatalf("%s is read quickly, and Strict refuses it: %v", p, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s is read as %+v, and Strict says %+v", p, got, want)
		}
	}
	for i, p := range payloads {
		check(p)
		if want := min(i+1, 2); quick == 0 || i < 2 && quick < want {
			t.Fatalf("%s was not read quickly", p)
		}
		for at := range p {
			for bit := range 8 {
				q := bytes.Clone(p)
				q[at] ^= 1 << bit
				check(q)
			}
			check(append(bytes.Clone(p[:at]), p[at+1:]...))
			check(append(bytes.Clone(p[:at+1]), p[at:]...))
			for _, put := range []string{" ", "0", `"`, `\`, ",", "}", `\u0041`, "\x00", "-", ".0", "null"} {
				check(append(append(bytes.Clone(p[:at]), put...), p[at:]...))
			}
		}
	}
	if quick < 100 {
		t.Errorf("only %d forms were read quickly", quick)
	}
}
