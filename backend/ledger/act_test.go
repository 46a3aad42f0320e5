package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/edwards25519"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// everyChange runs try for each i on all processors; it returns the i that
// were accepted.
func everyChange(n int, try func(i int) error) []int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	accepted := []int{}
	for k := range 4 {
		wg.Go(func() {
			for i := k; i < n; i += 4 {
				if try(i) == nil {
					mu.Lock()
					accepted = append(accepted, i)
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return accepted
}

func TestNoSingleChangeOfAnActIsAccepted(t *testing.T) {
	w := newWorld(t)
	w.submitRequest()
	a := w.onRequest("ann", approve)
	if _, _, err := ledger.Open(a.Payload, a.Sig); err != nil {
		t.Fatal(err)
	}
	both := slices.Concat(a.Payload, a.Sig)
	open := func(b []byte) error {
		_, _, err := ledger.Open(b[:len(a.Payload)], b[len(a.Payload):])
		return err
	}
	flips := everyChange(len(both)*8, func(i int) error {
		b := slices.Clone(both)
		b[i/8] ^= 1 << (i % 8)
		return open(b)
	})
	if len(flips) > 0 {
		t.Errorf("accepted with these bits flipped: %v", flips)
	}
	values := 255
	if testing.Short() {
		values = 15
	}
	changes := everyChange(len(both)*values, func(i int) error {
		by := byte(i%values + 1)
		if bits.OnesCount8(by) == 1 {
			return errors.New("a flip, tried above")
		}
		b := slices.Clone(both)
		b[i/values] ^= by
		return open(b)
	})
	if len(changes) > 0 {
		t.Errorf("accepted with these bytes changed: %v", changes)
	}
	cuts := everyChange(len(a.Payload), func(i int) error { _, _, err := ledger.Open(a.Payload[:i], a.Sig); return err })
	if len(cuts) > 0 {
		t.Errorf("accepted cut off at %v", cuts)
	}
}

func TestEveryColumnRepeatsWhatWasSigned(t *testing.T) {
	w := newWorld(t)
	w.submitRequest()
	good := w.onRequest("ann", approve)
	if _, err := good.Verify(); err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(*ledger.SignedAct){
		"id":         func(a *ledger.SignedAct) { a.ID = w.ws },
		"workspace":  func(a *ledger.SignedAct) { a.Workspace = a.ID },
		"subject":    func(a *ledger.SignedAct) { a.Subject = "request-2" },
		"type":       func(a *ledger.SignedAct) { a.Type = "cr.reject" },
		"key":        func(a *ledger.SignedAct) { a.Key = w.people["ben"].key.Public() },
		"number":     func(a *ledger.SignedAct) { a.Seq++ },
		"act before": func(a *ledger.SignedAct) { a.Prev = w.ws },
		"signature":  func(a *ledger.SignedAct) { a.Sig = w.acts[0].Sig },
		"payload":    func(a *ledger.SignedAct) { a.Payload = w.acts[0].Payload },
	} {
		a := good
		edit(&a)
		if _, err := a.Verify(); err == nil {
			t.Errorf("the column %q can be changed", name)
		}
		// A Verifier that knows the act looks at the columns all the same.
		acts := slices.Clone(w.acts)
		acts[len(acts)-1] = a
		h, findings, err := w.v.Assemble(ledger.Evidence{Workspace: w.ws, Acts: acts, Revisions: w.revs})
		if err != nil || len(findings) != 1 || h.Act(good.ID) != nil {
			t.Errorf("column %q: findings %q, %v", name, findings, err)
		}
	}
}

// signRaw signs any bytes, as a changed application could.
func signRaw(i ledger.Identity, payload []byte) []byte {
	return ed25519.Sign(ed25519.NewKeyFromSeed(i.Seed()), ledger.PAE(ledger.ActMedia, payload))
}

func TestHostileFormsOfAnActAreRefused(t *testing.T) {
	w := newWorld(t)
	w.submitRequest()
	a := w.onRequest("ann", approve)
	good := string(a.Payload)
	key := w.people["ann"].key
	if _, _, err := ledger.Open([]byte(good), signRaw(key, []byte(good))); err != nil {
		t.Fatal(err)
	}
	swap := func(old, new string) string {
		t.Helper()
		if !strings.Contains(good, old) {
			t.Fatalf("%s is not in %s", old, good)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, payload := range map[string]string{
		"key twice":              swap(`"type":"cr.approve"`, `"type":"cr.approve","type":"cr.approve"`),
		"key twice, other case":  swap(`"type":"cr.approve"`, `"type":"cr.approve","Type":"cr.reject"`),
		"key in another case":    swap(`"type":`, `"TYPE":`),
		"signer in another case": swap(`"key":`, `"Key":`),
		"two signers":            swap(`"key":`, `"key":"`+w.people["ben"].key.Public()+`","key":`),
		"unknown key":            swap(`"ws":`, `"wt":1,"ws":`),
		"missing key":            swap(`"type":"cr.approve",`, ``),
		"reordered":              swap(`{"at":`, `{"ws":"`+w.ws+`","at":`),
		"number as 1.0":          swap(`"seq":0`, `"seq":0.0`),
		"number as 0e0":          swap(`"seq":0`, `"seq":0e0`),
		"number as -0":           swap(`"seq":0`, `"seq":-0`),
		"number as text":         swap(`"seq":0`, `"seq":"0"`),
		"negative number":        swap(`"seq":0`, `"seq":-1`),
		"number too large":       swap(`"seq":0`, `"seq":9007199254740993`),
		"null for text":          swap(`"prev":""`, `"prev":null`),
		"null for a list":        strings.Replace(good, good[strings.Index(good, `"seen":[`):strings.Index(good, `"seq"`)], `"seen":null,`, 1),
		"space":                  swap(`"seq":`, `"seq": `),
		"space in the body":      swap(`"step":`, `"step": `),
		"new line at the end":    good + "\n",
		"something at the end":   good + "{}",
		"byte order mark":        "\ufeff" + good,
		"escaped letter":         swap(`"cr.approve"`, `"cr\u002eapprove"`),
		"escaped slash":          swap(`"cr.approve"`, `"cr\/approve"`),
		"escaped U+2028":         swap(`"reason":""`, `"reason":"\u2028"`),
		"upper-case escape":      swap(`"reason":""`, `"reason":"\u001F"`),
		"escape for a new line":  swap(`"reason":""`, `"reason":"\u000a"`),
		"bad UTF-8":              swap(`"reason":""`, "\"reason\":\"\xff\""),
		"half a surrogate":       swap(`"reason":""`, `"reason":"\ud800"`),
		"no object":              `[]`,
		"nothing":                ``,
		"null":                   `null`,
		"other time":             swap(a1(good, `"at":"`), `"at":"2026-03-02T10:00:00+01:00"`),
		"short time":             swap(a1(good, `"at":"`), `"at":"2026-03-02"`),
		"seen twice":             strings.Replace(good, good[strings.Index(good, `"seen":[`):strings.Index(good, `"seq"`)], `"seen":["`+w.ws+`","`+w.ws+`"],`, 1),
		"seen is no id":          strings.Replace(good, good[strings.Index(good, `"seen":[`):strings.Index(good, `"seq"`)], `"seen":["x"],`, 1),
		"number without before":  swap(`"seq":0`, `"seq":1`),
		"no workspace":           swap(`"ws":"`+w.ws+`"`, `"ws":""`),
		"no charter":             swap(`"gov":"`+w.ws+`"`, `"gov":""`),
		"upper-case digest":      swap(w.ws, strings.ToUpper(w.ws)),
		"a log that is none":     swap(`"log":""`, `"log":"3:x"`),
		"no type":                swap(`"type":"cr.approve"`, `"type":""`),
	} {
		_, _, err := ledger.Open([]byte(payload), signRaw(key, []byte(payload)))
		switch name {
		case "space in the body", "escaped U+2028", "upper-case escape", "escape for a new line", "half a surrogate":
			if err == nil { // the body is decoded by Assemble, with its type
				err = bodyRefused(t, w, payload, key)
			}
		}
		if err == nil {
			t.Errorf("%s is accepted: %s", name, payload)
		}
	}
}

func a1(s, from string) string {
	i := strings.Index(s, from)
	return s[i : i+len(from)+strings.Index(s[i+len(from):], `"`)+1]
}

func bodyRefused(t *testing.T, w *world, payload string, key ledger.Identity) error {
	t.Helper()
	a, _, err := ledger.Open([]byte(payload), signRaw(key, []byte(payload)))
	must(t, err)
	acts := slices.Clone(w.acts)
	acts[len(acts)-1] = a
	h, _, err := ledger.Assemble(ledger.Evidence{Workspace: w.ws, Acts: acts, Revisions: w.revs})
	must(t, err)
	if act := h.Act(a.ID); act == nil || act.Broken == "" || act.Body != nil {
		return nil
	}
	return errors.New("not understood")
}

func TestCanonicalForm(t *testing.T) {
	type inner struct {
		A []string `json:"a"`
		B string   `json:"b"`
	}
	type outer struct {
		In  []inner `json:"in"`
		N   int64   `json:"n"`
		Yes bool    `json:"yes"`
	}
	got, err := ledger.Canonical(outer{In: []inner{{B: "<&>\u2028\u2029\x7f\b\f\n\r\t\x01\x1f\"\\/é😀"}}, N: -5, Yes: true})
	must(t, err)
	want := `{"in":[{"a":[],"b":"<&>` + "\u2028\u2029\x7f" + `\b\f\n\r\t\u0001\u001f\"\\/é😀"}],"n":-5,"yes":true}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var back outer
	if err := ledger.Strict(got, &back); err != nil {
		t.Error(err)
	}
	back.In[0].B = "old"
	if err := ledger.Strict([]byte(`{"in":[],"n":1,"yes":false}`), &back); err != nil || len(back.In) != 0 {
		t.Errorf("what was there before stays: %+v, %v", back, err)
	}
	for name, v := range map[string]any{
		"float": struct {
			F float64 `json:"f"`
		}{1},
		"map": struct {
			M map[string]int `json:"m"`
		}{},
		"pointer": struct {
			P *string `json:"p"`
		}{},
		"interface": struct {
			I any `json:"i"`
		}{1},
		"bytes": struct {
			B []byte `json:"b"`
		}{},
		"no tag": struct{ A string }{},
		"option": struct {
			A string `json:"a,string"`
		}{},
		"option of a struct": struct {
			A inner `json:"a,omitempty"`
		}{},
		"option of a raw part": struct {
			A json.RawMessage `json:"a,omitempty"`
		}{},
		"left out": struct {
			A string `json:"-"`
		}{},
		"not in order": struct {
			B string `json:"b"`
			A string `json:"a"`
		}{},
		"private": struct{ a string }{},
		"time": struct {
			T time.Time `json:"t"`
		}{},
		"bad UTF-8": inner{B: "\xff"},
		"too large": outer{N: 1 << 53},
		"too small": outer{N: -1 << 53},
		"nothing":   nil,
	} {
		if b, err := ledger.Canonical(v); err == nil {
			t.Errorf("%s has a canonical form: %s", name, b)
		}
	}
	if err := ledger.Strict([]byte(`{"a":[],"b":"`+strings.Repeat("x", 1<<20)+`"}`), &inner{}); err == nil {
		t.Error("more than 1 MiB is read")
	}
	if err := ledger.StrictRevision([]byte(`{"a":[],"b":"`+strings.Repeat("x", 1<<20)+`"}`), &inner{}); err != nil {
		t.Errorf("a revision of 1 MiB: %v", err)
	}
}

// A field that may be left out is left out while it is empty and never written
// empty, wherever it stands.
func TestFieldsThatMayBeLeftOut(t *testing.T) {
	type late struct {
		A string   `json:"a,omitempty"`
		B string   `json:"b"`
		C bool     `json:"c,omitempty"`
		D int64    `json:"d"`
		E []string `json:"e,omitempty"`
		F int64    `json:"f,omitempty"`
	}
	for want, v := range map[string]late{
		`{"b":"","d":0}`:                                   {E: []string{}},
		`{"a":"x","b":"","d":0}`:                           {A: "x"},
		`{"b":"","c":true,"d":0,"e":[""],"f":-1}`:          {C: true, E: []string{""}, F: -1},
		`{"a":"x","b":"y","c":true,"d":7,"e":["z"],"f":9}`: {"x", "y", true, 7, []string{"z"}, 9},
	} {
		got, err := ledger.Canonical(v)
		if err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
		back := late{A: "old", C: true, E: []string{"old"}, F: 1}
		if err := ledger.Strict([]byte(want), &back); err != nil || back.A != v.A || back.C != v.C || len(back.E) != len(v.E) || back.F != v.F {
			t.Errorf("%s is read as %+v, %v", want, back, err)
		}
	}
	for _, bad := range []string{`{"a":"","b":"","d":0}`, `{"b":"","c":false,"d":0}`, `{"b":"","d":0,"e":[]}`, `{"b":"","d":0,"e":null}`,
		`{"b":"","d":0,"f":0}`, `{"b":""}`, `{"b":"","d":0,}`, `{,"b":"","d":0}`, `{"b":"","c":true,"c":true,"d":0}`, `{"b":"","d":0,"a":"x"}`} {
		if err := ledger.Strict([]byte(bad), &late{}); err == nil {
			t.Errorf("%s is in canonical form", bad)
		}
	}
}

// The vector is in the DSSE protocol document.
func TestPAE(t *testing.T) {
	if got := ledger.PAE("http://example.com/HelloWorld", []byte("hello world")); string(got) != "DSSEv1 29 http://example.com/HelloWorld 11 hello world" {
		t.Errorf("%s", got)
	}
	if ledger.Digest(ledger.RequestMedia, nil) == ledger.Digest(ledger.RecordMedia, nil) {
		t.Error("a request's revision can pass for a record's")
	}
}

// Every revision and charter of the product has a canonical form.
func TestEqualContentHasOneDigest(t *testing.T) {
	a, _, err := ledger.RequestRevision(governance.RequestRevision{})
	must(t, err)
	b, body, err := ledger.RequestRevision(governance.RequestRevision{Attachments: []governance.Attachment{}, Parents: []string{}})
	must(t, err)
	if a != b {
		t.Error("nil and empty lists differ")
	}
	var r governance.RequestRevision
	if err := ledger.StrictRevision(body, &r); err != nil || r.Parents == nil {
		t.Errorf("%+v, %v", r, err)
	}
	if _, _, err := ledger.RecordRevision(governance.RecordRevision{Options: governance.DeployOptions{Tests: []string{"A"}}}); err != nil {
		t.Error(err)
	}
}

func TestWeakKeysAreRefused(t *testing.T) {
	good := identity(t, "someone").Public()
	must(t, ledger.CheckPublic(good))
	point := func(hexa string) string { return "ed25519:" + hexa }
	weak := map[string]string{
		"identity point":     point("01" + strings.Repeat("00", 31)),
		"identity, sign set": point("01" + strings.Repeat("00", 30) + "80"),
		"order 2":            point("ec" + strings.Repeat("ff", 30) + "7f"),
		"order 4":            point(strings.Repeat("00", 32)),
		"order 4, negative":  point(strings.Repeat("00", 31) + "80"),
		"order 8":            point("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
		"order 8, negative":  point("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
		"order 8, other":     point("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
		"y = p + 1":          point("ee" + strings.Repeat("ff", 30) + "7f"),
		"y = p":              point("ed" + strings.Repeat("ff", 30) + "7f"),
		"not on the curve":   point("02" + strings.Repeat("00", 31)),
		"y of all ones":      point(strings.Repeat("ff", 32)),
		"no prefix":          strings.TrimPrefix(good, "ed25519:"),
		"other prefix":       strings.Replace(good, "ed25519", "ED25519", 1),
		"upper case":         "ed25519:" + strings.ToUpper(strings.TrimPrefix(good, "ed25519:")),
		"too short":          good[:len(good)-2],
		"too long":           good + "00",
		"space":              good + " ",
		"nothing":            "",
	}
	for name, key := range weak {
		if err := ledger.CheckPublic(key); governance.FaultCode(err) != "bad_key" {
			t.Errorf("%s is a good key: %v", name, err)
		}
	}
}

// crypto/ed25519 takes the signature (R = S·B, S) for any message under the
// identity point; an act of such a key must not open, and no charter may list
// it.
func TestASignatureThatAnybodyCanMake(t *testing.T) {
	weak := "ed25519:01" + strings.Repeat("00", 31)
	w := newWorld(t)
	w.submitRequest()
	payload := bytes.Replace(w.acts[1].Payload, []byte(w.people["rita"].key.Public()), []byte(weak), 1)
	s, err := new(edwards25519.Scalar).SetCanonicalBytes(append([]byte{7}, make([]byte, 31)...))
	must(t, err)
	forged := append(new(edwards25519.Point).ScalarBaseMult(s).Bytes(), s.Bytes()...)
	raw, err := hex.DecodeString(strings.TrimPrefix(weak, "ed25519:"))
	must(t, err)
	if !ed25519.Verify(raw, ledger.PAE(ledger.ActMedia, payload), forged) {
		t.Fatal("the forgery does not work, so this test shows nothing")
	}
	if _, _, err := ledger.Open(payload, forged); governance.FaultCode(err) != "bad_key" {
		t.Errorf("a forged act opens: %v", err)
	}
	if _, err := ledger.NextCharter(w.history(), func(c *governance.Charter) {
		c.Members[0].Keys = append(c.Members[0].Keys, governance.Key{Public: weak})
	}); governance.FaultCode(err) != "bad_key" {
		t.Errorf("a weak key enters the roster: %v", err)
	}
}

func TestAnIdentityPrintsAsSecret(t *testing.T) {
	i := identity(t, "someone")
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "i", i, "p", &i)
	j, err := json.Marshal(map[string]any{"i": i, "p": &i})
	must(t, err)
	private := struct{ inner ledger.Identity }{i}
	out := log.String() + string(j)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		out += fmt.Sprintf(verb, i) + fmt.Sprintf(verb, &i) + fmt.Sprintf(verb, private) + fmt.Sprintf(verb, &private) + fmt.Sprintf(verb, []ledger.Identity{i})
	}
	seed := i.Seed()
	for _, leak := range []string{hex.EncodeToString(seed[:4]), strings.ToUpper(hex.EncodeToString(seed[:4])), fmt.Sprintf("%d %d %d", seed[0], seed[1], seed[2]), string(seed[:4])} {
		if strings.Contains(out, leak) {
			t.Fatalf("the seed was printed: %s", out)
		}
	}
	if !strings.Contains(out, "[secret]") {
		t.Error(out)
	}
	again, err := ledger.IdentityFromSeed(seed)
	if err != nil || again.Public() != i.Public() {
		t.Errorf("the seed does not bring the key back: %v", err)
	}
	if _, err := ledger.IdentityFromSeed(seed[:31]); governance.FaultCode(err) != "bad_seed" {
		t.Errorf("a short seed: %v", err)
	}
	one, err := ledger.NewIdentity()
	must(t, err)
	two, err := ledger.NewIdentity()
	must(t, err)
	if one.Public() == two.Public() || one.IsZero() || !(ledger.Identity{}).IsZero() || (ledger.Identity{}).Public() != "" {
		t.Error("new keys are not new")
	}
	if _, err := (ledger.Identity{}).Sign(ledger.Endorse("x"), ledger.Position{}, start); governance.FaultCode(err) != "no_key" {
		t.Errorf("signing without a key: %v", err)
	}
}

func TestSignRefusesWhatNobodyWouldUnderstand(t *testing.T) {
	w := newWorld(t)
	p := ledger.Position{Workspace: w.ws, Governance: w.ws}
	for name, in := range map[string]governance.Intent{
		"unknown type":           {Type: "cr.shout", Subject: cr, Body: governance.Vote{}},
		"the body of another":    {Type: "cr.submit", Subject: cr, Body: governance.Vote{}},
		"no body":                {Type: "cr.submit", Subject: cr},
		"a charter of a request": {Type: governance.ActCharter, Subject: cr, Body: governance.Charter{}},
		"a vote on the charter":  {Type: "cr.approve", Subject: governance.GovernanceSubject, Body: governance.Vote{}},
		"bad text":               {Type: "cr.reject", Subject: cr, Body: governance.Vote{Reason: "\xff"}},
		"too long":               {Type: "cr.reject", Subject: cr, Body: governance.Vote{Reason: strings.Repeat("x", 1<<20)}},
	} {
		if _, err := w.people["ann"].key.Sign(in, p, start); err == nil {
			t.Errorf("%s is signed", name)
		}
	}
	good := governance.Intent{Type: "cr.reject", Subject: cr, Body: governance.Vote{}}
	for name, q := range map[string]ledger.Position{
		"no workspace":   {Governance: w.ws},
		"no charter":     {Workspace: w.ws},
		"no act before":  {Workspace: w.ws, Governance: w.ws, Seq: 1},
		"act before 0":   {Workspace: w.ws, Governance: w.ws, Prev: w.ws},
		"seen is no id":  {Workspace: w.ws, Governance: w.ws, Seen: []string{"x"}},
		"a log of words": {Workspace: w.ws, Governance: w.ws, Log: "words"},
	} {
		if _, err := w.people["ann"].key.Sign(good, q, start); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

// Of every kind of act that came after the first release, no bit can be flipped.
func TestNoBitOfALaterActCanBeFlipped(t *testing.T) {
	w := newWorld(t, delegating)
	request, s := w.past(governance.ResultSucceeded)
	must(t, w.reviewed("ann", request))
	org, end := w.find("rita", found("0Af1")), w.delegates("ben", delegated("olga"))
	must(t, w.resolve("ann", "Known.", org))
	w.submitRequest()
	w.voteFor("olga", cr, end, 0)
	must(t, w.try("olga", cr, withdraw("No.")))
	in, err := w.situation("ben").EndDelegation(end, "Back.")
	must(t, err)
	w.sign("ben", in)
	nina := &person{id: "nina", key: identity(t, "nina")}
	w.raw(nina, ledger.Join(nina.key, "Nina", ""), w.ws, nil)
	w.approvedLater()
	w.onRecord("ann", approve)
	must(t, w.try("ann", dr, withdraw("No.")))
	acts := map[string]ledger.SignedAct{}
	for _, a := range w.acts {
		switch {
		case slices.Contains([]string{"cr.withdraw", "dr.withdraw", "delegate", "delegate.end", "member.join", "cr.review", "recon.finding", "recon.resolve"}, a.Type):
			acts[a.Type] = a
		case strings.Contains(string(a.Payload), `"emergency":true`):
			acts["an emergency"] = a
		case strings.Contains(string(a.Payload), `"delegation":"`):
			acts["a delegated vote"] = a
		}
	}
	if len(acts) != 10 {
		t.Fatalf("%d kinds of act, started by %s", len(acts), s)
	}
	for kind, a := range acts {
		both := slices.Concat(a.Payload, a.Sig)
		flips := everyChange(len(both)*8, func(i int) error {
			b := slices.Clone(both)
			b[i/8] ^= 1 << (i % 8)
			_, _, err := ledger.Open(b[:len(a.Payload)], b[len(a.Payload):])
			return err
		})
		if len(flips) > 0 {
			t.Errorf("%s is accepted with these bits flipped: %v", kind, flips)
		}
	}
}

// approvedLater brings the request that is pending to Approved, and submits the
// record.
func (w *world) approvedLater() {
	w.t.Helper()
	w.onRequest("ann", approve)
	w.onRequest("ben", approve)
	w.submitRecord()
}
