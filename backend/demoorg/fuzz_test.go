package demoorg

import (
	"bytes"
	"testing"
)

// A demo org is asked by other programs, and reads what they send without a
// panic.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"SELECT Id FROM DeployRequest WHERE CheckOnly = false AND CreatedDate >= 2026-01-01T00:00:00Z ORDER BY CreatedDate LIMIT 5",
		"SELECT COUNT() FROM ApexClass WHERE Name LIKE 'A%' AND (NOT Id IN ('1','2'))", "SELECT", "((((", "'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if q, fault := parseSOQL(text); (q == nil) == (fault == nil) {
			t.Fatalf("%v and %v", q, fault)
		}
	})
}

func FuzzRequest(f *testing.F) {
	f.Add([]byte(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><deploy/></e:Body></e:Envelope>`))
	f.Add([]byte("<a><b></a>"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if n, err := readNode(bytes.NewReader(text)); (n == nil) == (err == nil) {
			t.Fatalf("%v and %v", n, err)
		}
	})
}

func FuzzApex(f *testing.F) {
	f.Add("@IsTest class A { @IsTest static void b() { System.assert(false, 'x'); } /* { */ }", false)
	f.Add("trigger T on Account (before insert) { // }\n }", true)
	f.Fuzz(func(t *testing.T, text string, trigger bool) {
		if s := readApex("A", trigger, []byte(text)); s == nil || len(s.masked) != len(text) {
			t.Fatal("what is masked is not as long as what was read")
		}
	})
}
