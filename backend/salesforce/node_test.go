package salesforce

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestHostileAnswersEndSoonAndCheaply(t *testing.T) {
	for name, tc := range map[string]struct {
		text io.Reader
		want error
	}{
		"a deep one":               {strings.NewReader(strings.Repeat("<a>", 3_000_000)), errTooLarge},
		"a wide one":               {io.MultiReader(strings.NewReader("<a>"), strings.NewReader(strings.Repeat("<b/>", 10_001))), errTooLarge},
		"one endless text":         {io.MultiReader(strings.NewReader("<a>"), endless('x')), errTooLarge},
		"one endless tag":          {io.MultiReader(strings.NewReader("<a "), endless('x')), errTooLarge},
		"entities":                 {strings.NewReader(`<!DOCTYPE a [<!ENTITY b "ccc">]><a>&b;</a>`), errNotWellMade},
		"an unknown entity":        {strings.NewReader(`<a>&b;</a>`), errNotWellMade},
		"another encoding":         {strings.NewReader(`<?xml version="1.0" encoding="UTF-16"?><a/>`), nil},
		"text only":                {strings.NewReader("busy"), errCutOff},
		"nothing":                  {strings.NewReader(""), errCutOff},
		"a wrong end":              {strings.NewReader("<a></b>"), errNotWellMade},
		"an end that is not there": {strings.NewReader("<a><b></b>"), errCutOff},
	} {
		t.Run(name, func(t *testing.T) {
			few := limits{bytes: 1 << 20, elements: 10_000, depth: answerLimits.depth}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			root, _, err := parseWithin(tc.text, nil, few)
			runtime.ReadMemStats(&after)
			if err == nil || root != nil || tc.want != nil && !errors.Is(err, tc.want) {
				t.Errorf("got %v, %v", root, err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 32*uint64(few.bytes) {
				t.Errorf("%d bytes were allocated", used)
			}
		})
	}
}

func TestTheLimitsHold(t *testing.T) {
	if answerLimits.depth > 100 || answerLimits.bytes > 64<<20 || answerLimits.elements > 2_000_000 {
		t.Errorf("the limits have grown: %+v", answerLimits)
	}
	root, _, err := parseXML(strings.NewReader(strings.Repeat("<a>", 64)+strings.Repeat("</a>", 64)), nil)
	if err != nil || root == nil {
		t.Errorf("64 levels: %v", err)
	}
	if _, _, err = parseXML(strings.NewReader(strings.Repeat("<a>", 65)+strings.Repeat("</a>", 65)), nil); !errors.Is(err, errTooLarge) {
		t.Errorf("65 levels: %v", err)
	}
}

// endless never stops saying one letter.
func endless(letter byte) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		copy(p, bytes.Repeat([]byte{letter}, len(p)))
		return len(p), nil
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestDatesOfBothAPIs(t *testing.T) {
	want := time.Date(2026, 11, 20, 8, 15, 34, 123_000_000, time.UTC)
	for _, text := range []string{"2026-11-20T08:15:34.123Z", "2026-11-20T08:15:34.123+0000", "2026-11-20T09:15:34.123+01:00", "2026-11-20T09:15:34.123+0100"} {
		if got := parseTime(text); !got.Equal(want) {
			t.Errorf("%s: got %v", text, got)
		}
	}
	for _, text := range []string{"", "yesterday", "2026-13-40T00:00:00Z"} {
		if !parseTime(text).IsZero() {
			t.Errorf("%q is a date", text)
		}
	}
}

// Whatever comes, parsing ends without a panic, and what it accepts has one root.
func FuzzParseXML(f *testing.F) {
	for _, seed := range []string{soapAnswer(emptyList), soapAnswer(retrieved("UEsF")), metadataFault("A", "b"), "<a><zipFile/></a>", "<a", "<zipFile>&#13;"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		root, n, err := parseXML(bytes.NewReader(text), io.Discard)
		if (root == nil) != (err != nil) || n > int64(len(text)) {
			t.Errorf("root %v, %d bytes, %v", root, n, err)
		}
		if err == nil {
			_ = faultOf(root)
			_ = readDeployResult(root)
			_ = readRetrieveResult(root)
		}
		_ = readRefusal(500, "", text)
	})
}
