package demoorg

import (
	"bufio"
	"encoding/base64"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestTheZipIsLedOutOfTheMessage(t *testing.T) {
	payload := strings.Repeat("zip bytes ", 9000)
	text := base64.StdEncoding.EncodeToString([]byte(payload))
	wrapped := ""
	for i := 0; i < len(text); i += 76 {
		wrapped += text[i:min(i+76, len(text))] + "\r\n"
	}
	cases := []struct{ name, message, xml, zip string }{
		{"plain", "<a><ZipFile>" + text + "</ZipFile><b>1</b></a>", "<a><ZipFile></ZipFile><b>1</b></a>", payload},
		{"prefix and attribute", `<x:ZipFile a="1">` + text + "</x:ZipFile>", `<x:ZipFile a="1"></x:ZipFile>`, payload},
		{"wrapped lines", "<ZipFile>\n" + wrapped + "</ZipFile>", "<ZipFile></ZipFile>", payload},
		{"empty", "<a><ZipFile/></a>", "<a><ZipFile/></a>", ""},
		{"none", "<a>ZipFile</a>", "<a>ZipFile</a>", ""},
		{"CDATA stays for the XML decoder", "<ZipFile><![CDATA[" + text + "]]></ZipFile>", "<ZipFile><![CDATA[" + text + "]]></ZipFile>", ""},
		{"a second one stays", "<ZipFile>AAAA</ZipFile><ZipFile>BBBB</ZipFile>", "<ZipFile></ZipFile><ZipFile>BBBB</ZipFile>", "\x00\x00\x00"},
	}
	for _, c := range cases {
		for _, slow := range []bool{false, true} {
			var got strings.Builder
			var in io.Reader = strings.NewReader(c.message)
			if slow {
				in = iotest.OneByteReader(in)
			}
			d := &zipDiverter{in: bufio.NewReaderSize(in, 64), into: func() (io.Writer, error) { return &got, nil }}
			xml, err := io.ReadAll(d)
			if err != nil || string(xml) != c.xml || got.String() != c.zip {
				t.Errorf("%s (slow %v): %v, %d bytes of XML, %d of zip", c.name, slow, err, len(xml), got.Len())
			}
		}
	}
}

func TestAZipAsCDATAIsTaken(t *testing.T) {
	w := seeded(t, Options{}, shop())
	zipped := base64.StdEncoding.EncodeToString(zipOf(t, manyClasses(1)))
	_, answer := w.soap("<deploy><ZipFile><![CDATA[" + zipped + "]]></ZipFile><DeployOptions>" + allOrNothing + "</DeployOptions></deploy>")
	wantStatus(t, w.finish(element(answer, "id")), "Succeeded")
}
