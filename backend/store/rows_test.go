package store

import (
	"bytes"
	"encoding/json"
	"testing"

	"countersign/backend/ledger"
)

// An entry about a row that is read quickly is read as encoding/json reads it.
func TestEntriesReadQuicklyAreThoseOfJSON(t *testing.T) {
	for _, data := range []string{
		`{"at":"2026-03-02T09:00:00Z","by":"rita","digest":"d1","form":2,"subject":"s1","table":"change_requests"}`,
		`{"asyncId":"","componentsDone":12,"digest":"d1","form":1,"message":"Größe","subject":"s1","simulated":true}`,
		`{"Digest":"d0","digest":"d1","FORM":3,"subject":"s\u0031","form":-1}`,
		`{"at":null,"digest":"d1","form":1.0,"list":[1,{"digest":"x"}],"subject":"s1"}`,
	} {
		check := func(b []byte) {
			t.Helper()
			var want rowEntry
			wantErr := json.Unmarshal(b, &want)
			got, err := quickRowEntry(ledger.Entry{Data: b})
			if (err == nil) != (wantErr == nil) || err == nil && got != want {
				t.Fatalf("%s is read as %+v (%v), not %+v (%v)", b, got, err, want, wantErr)
			}
		}
		p := []byte(data)
		check(p)
		for at := range p {
			for bit := range 8 {
				q := bytes.Clone(p)
				q[at] ^= 1 << bit
				check(q)
			}
			check(append(bytes.Clone(p[:at]), p[at+1:]...))
			for _, put := range []string{" ", "0", `"`, `\`, ",", "}", "\x00", "-", "1", `"form":7,`, `"digest":"z",`} {
				check(append(append(bytes.Clone(p[:at]), put...), p[at:]...))
			}
		}
	}
}
