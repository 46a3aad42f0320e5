package salesforce

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"countersign/backend/governance"
)

func retrieved(coded string) string {
	return `<checkRetrieveStatusResponse><result><done>true</done><fileProperties><fullName>A</fullName><type>ApexClass</type></fileProperties><id>09S000000000001AAA</id><messages><fileName>unpackaged/package.xml</fileName><problem>Entity of type &apos;ApexClass&apos; named &apos;X&apos; cannot be found</problem></messages><status>Succeeded</status><success>true</success><zipFile>` +
		coded + `</zipFile></result></checkRetrieveStatusResponse>`
}

// answerRetrieve plays a retrieve that is done at once.
func answerRetrieve(w http.ResponseWriter, body, coded string) {
	switch {
	case operation(body) == "retrieve":
		sendXML(w, 200, soapAnswer(`<retrieveResponse><result><done>false</done><id>09S000000000001AAA</id><state>Queued</state></result></retrieveResponse>`))
	case strings.Contains(body, "<includeZip>false<"):
		sendXML(w, 200, soapAnswer(strings.Replace(retrieved(""), "<zipFile></zipFile>", `<zipFile xsi:nil="true"/>`, 1)))
	default:
		sendXML(w, 200, soapAnswer(retrieved(coded)))
	}
}

var anything = RetrieveRequest{PackageNames: []string{"A"}}

func TestRetrieveWaitsAndTells(t *testing.T) {
	var polls atomic.Int32
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, body string) {
		if strings.Contains(body, "<includeZip>false<") {
			switch polls.Add(1) {
			case 1:
				sendXML(w, 200, soapAnswer(`<checkRetrieveStatusResponse><result><done>false</done><status>Pending</status></result></checkRetrieveStatusResponse>`))
				return
			case 2: // a retrieve goes on while a poll fails
				w.WriteHeader(503)
				return
			case 3:
				sendXML(w, 200, soapAnswer(`<checkRetrieveStatusResponse><result><done>false</done><status>InProgress</status></result></checkRetrieveStatusResponse>`))
				return
			}
		}
		answerRetrieve(w, body, "UEsFBg==")
	})
	var zipped bytes.Buffer
	var heard []RetrieveStatus
	result, err := server.client(t).Retrieve(t.Context(), anything, &zipped, func(s RetrieveStatus) { heard = append(heard, s) })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]RetrieveStatus{RetrievePending, RetrieveInProgress, RetrieveSucceeded}, heard); diff != "" {
		t.Error(diff)
	}
	want := &RetrieveResult{ID: "09S000000000001AAA", Status: RetrieveSucceeded, Success: true, ZipSize: 4,
		FileProperties: []FileProperties{{Type: "ApexClass", FullName: "A"}},
		Messages:       []RetrieveMessage{{"unpackaged/package.xml", "Entity of type 'ApexClass' named 'X' cannot be found"}}}
	if diff := cmp.Diff(want, result); diff != "" {
		t.Error(diff)
	}
	if zipped.String() != "PK\x05\x06" {
		t.Errorf("got %q", zipped.String())
	}
}

func TestRetrieveLosesPatience(t *testing.T) {
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, body string) {
		if operation(body) == "retrieve" {
			answerRetrieve(w, body, "")
			return
		}
		w.WriteHeader(503)
	})
	_, err := server.client(t).Retrieve(t.Context(), anything, io.Discard, nil)
	checkFault(t, err, CodeUnavailable, "127.0.0.1")
	if n := len(server.seen()); n != 1+patience+1 {
		t.Errorf("asked %d times", n)
	}
}

func TestARetrieveThatTheOrgRefuses(t *testing.T) {
	for _, tc := range []struct{ status, message, code, says string }{
		{"LIMIT_EXCEEDED", "LIMIT_EXCEEDED: Too many files in retrieve call, limit is: 10000", CodeLimitExceeded, "limit is: 10000"}, // a recorded answer
		{"UNKNOWN_EXCEPTION", "No package named &apos;Nope&apos; found", CodeRetrieveFailed, "No package named 'Nope' found."},
	} {
		server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, body string) {
			if operation(body) == "retrieve" {
				answerRetrieve(w, body, "")
				return
			}
			sendXML(w, 200, soapAnswer(`<checkRetrieveStatusResponse><result><done>true</done><errorMessage>`+tc.message+`</errorMessage><errorStatusCode>`+tc.status+
				`</errorStatusCode><id>09SKX000004H2n52AC</id><status>Failed</status><success>false</success><zipFile xsi:nil="true"/></result></checkRetrieveStatusResponse>`))
		})
		result, err := server.client(t).Retrieve(t.Context(), anything, io.Discard, nil)
		checkFault(t, err, tc.code, tc.says)
		if result == nil || result.ErrorStatusCode != tc.status || result.Status != RetrieveFailed {
			t.Errorf("got %+v", result)
		}
	}
}

func TestRetrieveRequestsThatMakeNoSense(t *testing.T) {
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, body string) { answerRetrieve(w, body, "UEsF") })
	for name, r := range map[string]RetrieveRequest{
		"nothing":           {},
		"no xml":            {Manifest: []byte("PK")},
		"another document":  {Manifest: []byte("<Profile/>")},
		"a document type":   {Manifest: []byte(`<!DOCTYPE Package SYSTEM "file:///etc/passwd"><Package/>`)},
		"a strange version": {Manifest: []byte("<Package><types><members>A</members><name>ApexClass</name></types><version>latest</version></Package>")},
		"no type name":      {Manifest: []byte("<Package><types><members>A</members></types></Package>")},
		"empty manifest":    {Manifest: []byte("<Package><version>66.0</version></Package>")},
		"two in one":        {PackageNames: []string{"A", "B"}, SinglePackage: true},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := server.client(t).Retrieve(t.Context(), r, io.Discard, nil)
			if governance.FaultCode(err) != CodeInvalidManifest {
				t.Errorf("got %v", err)
			}
		})
	}
	if len(server.seen()) != 0 {
		t.Error("something was sent")
	}
}

func TestBase64InEveryDress(t *testing.T) {
	plain := []byte("Any bytes at all: \x00\xff\xfe")
	coded := base64.StdEncoding.EncodeToString(plain)
	broken := coded[:9] + "\r\n  " + coded[9:15] + "&#13;\n" + coded[15:]
	for name, tc := range map[string]struct {
		text string
		ok   bool
	}{
		"in one line":         {"<zipFile>" + coded + "</zipFile>", true},
		"with a prefix":       {`<m:zipFile xmlns:m="urn:x" a=">">` + coded + "</m:zipFile>", true},
		"in lines":            {"<zipFile>" + broken + "</zipFile>", true},
		"in CDATA":            {"<zipFile><![CDATA[" + coded + "]]></zipFile>", true},
		"with a comment":      {"<zipFile>" + coded[:10] + "<!-- zip -->" + coded[10:] + "</zipFile>", true},
		"after a decoy":       {"<!-- <zipFile> --><x><![CDATA[<zipFile>AAAA</zipFile>]]></x><zipFile>" + coded + "</zipFile>", true},
		"one character short": {"<zipFile>" + coded[:len(coded)-1] + "</zipFile>", false},
		"a strange character": {"<zipFile>" + coded[:8] + "*" + coded[9:] + "</zipFile>", false},
		"more after the end":  {"<zipFile>" + coded[:len(coded)-4] + "QQ==" + coded + "</zipFile>", false},
		"an entity":           {"<zipFile>" + coded + "&amp;</zipFile>", false},
		"an element inside":   {"<zipFile>" + coded + "<b/></zipFile>", false},
		"never closed":        {"<zipFile>" + coded, false},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			_, n, err := parseXML(iotestOneByte(strings.NewReader("<r>"+tc.text+"</r>")), &out)
			if tc.ok && (err != nil || !bytes.Equal(out.Bytes(), plain) || n != int64(len(plain))) {
				t.Errorf("got %q, %d, %v", out.Bytes(), n, err)
			}
			if !tc.ok && err == nil {
				t.Errorf("accepted, as %q", out.Bytes())
			}
		})
	}
	for _, empty := range []string{"<r><zipFile/><after>1</after></r>", "<r><zipFile></zipFile><after>1</after></r>"} {
		root, n, err := parseXML(strings.NewReader(empty), io.Discard)
		if err != nil || n != 0 || root.str("after") != "1" {
			t.Errorf("%s: %d, %v", empty, n, err)
		}
	}
}

// iotestOneByte hands out one byte at a time.
func iotestOneByte(r io.Reader) io.Reader { return &oneByte{r} }

type oneByte struct{ r io.Reader }

func (o *oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }

func TestAFullDiskIsNotTheOrgsFault(t *testing.T) {
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, body string) { answerRetrieve(w, body, "UEsF") })
	full := errors.New("no space left on device")
	_, err := server.client(t).Retrieve(t.Context(), anything, writerFunc(func([]byte) (int, error) { return 0, full }), nil)
	if !errors.Is(err, full) || governance.FaultCode(err) != "" {
		t.Errorf("got %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// A zip of 30 MB goes through in pieces: what is allocated on the way, in
// total, stays far below the zip itself.
func TestALargeZipIsNeverInMemory(t *testing.T) {
	const size = 30 << 20
	seed := [32]byte{1}
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, body string) {
		if !strings.Contains(body, "<includeZip>true<") {
			answerRetrieve(w, body, "")
			return
		}
		w.Header().Set("Content-Type", "text/xml")
		head, tail, _ := strings.Cut(soapAnswer(retrieved("ZIP")), "ZIP")
		_, _ = io.WriteString(w, head)
		coder := base64.NewEncoder(base64.StdEncoding, w)
		_, _ = io.CopyBuffer(coder, io.LimitReader(rand.NewChaCha8(seed), size), make([]byte, 32<<10))
		_ = coder.Close()
		_, _ = io.WriteString(w, tail)
	})
	c := server.client(t)
	wanted := io.LimitReader(rand.NewChaCha8(seed), size)
	piece := make([]byte, 64<<10)
	same := writerFunc(func(p []byte) (int, error) {
		if _, err := io.ReadFull(wanted, piece[:len(p)]); err != nil || !bytes.Equal(p, piece[:len(p)]) {
			return 0, errors.New("other bytes than the server's")
		}
		return len(p), nil
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	result, err := c.Retrieve(t.Context(), anything, same, nil)
	runtime.ReadMemStats(&after)
	if err != nil || result.ZipSize != size {
		t.Fatalf("got %+v, %v", result, err)
	}
	if total := after.TotalAlloc - before.TotalAlloc; total > size/3 {
		t.Errorf("%d bytes were allocated for a zip of %d", total, size)
	}
}
