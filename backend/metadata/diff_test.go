package metadata

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func show(changes []Change) string {
	var lines []string
	for _, c := range changes {
		lines = append(lines, fmt.Sprintf("%s %s %q -> %q", c.Kind, c.Path, c.Before, c.After))
	}
	return strings.Join(lines, "\n")
}

func TestDiffSaysWhatChanged(t *testing.T) {
	field := func(inside string) []byte {
		return md("CustomObject", "<fields><fullName>Region__c</fullName>"+inside+"</fields><label>A</label>")
	}
	values := func(names ...string) []byte {
		var s strings.Builder
		for _, n := range names {
			s.WriteString("<customValue><fullName>" + n + "</fullName></customValue>")
		}
		return md("GlobalValueSet", s.String())
	}
	columns := func(names ...string) []byte {
		return md("CustomObject", "<listViews><fullName>V</fullName><columns>"+strings.Join(names, "</columns><columns>")+"</columns></listViews>")
	}
	cases := []struct {
		name, path    string
		before, after []byte
		want          string
	}{
		{"a length", "objects/A.object", field("<length>40</length>"), field("<length>80</length>"),
			`changed fields[Region__c].length "40" -> "80"`},
		{"an element more and one less", "objects/A.object", field("<length>40</length>"), field("<unique>true</unique>"),
			`removed fields[Region__c].length "40" -> ""` + "\n" + `added fields[Region__c].unique "" -> "true"`},
		{"an item less", "objects/A.object", field(""), md("CustomObject", "<label>A</label>"),
			`removed fields[Region__c] "<fields xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <fullName>Region__c</fullName>\n</fields>\n" -> ""`},
		{"an attribute", "tabs/A.tab", md("CustomTab", `<label a="1">x</label>`), md("CustomTab", `<label a="2" b="3">x</label>`),
			`changed label.@a "1" -> "2"` + "\n" + `added label.@b "" -> "3"`},
		{"the order of values", "globalValueSets/V.globalValueSet", values("a", "b", "c"), values("b", "a", "c"),
			`moved customValue "a, b, c" -> "b, a, c"`},
		{"a value more, the others in order", "globalValueSets/V.globalValueSet", values("a", "b"), values("a", "x", "b"),
			`added customValue[x] "" -> "<customValue xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <fullName>x</fullName>\n</customValue>\n"`},
		{"a column in between", "objects/A.object", columns("N", "B"), columns("N", "R", "B"),
			`added listViews[V].columns[2] "" -> "R"`},
		{"lines", "classes/A.cls", []byte("a\r\nb\r\nc\r\n"), []byte("a\nB\nc\nd\n"),
			`changed line 2 "b" -> "B"` + "\n" + `added line 4 "" -> "d"`},
		{"line endings alone", "classes/A.cls", []byte("a\r\nb"), []byte("a\nb"), ``},
		{"the last newline", "classes/A.cls", []byte("a\n"), []byte("a"), `removed line 2 "" -> ""`},
		{"a picture", "staticresources/A.resource", []byte{0, 1}, []byte{0, 1, 2}, `changed  "2 bytes" -> "3 bytes"`},
		{"a new file", "classes/A.cls", nil, []byte("a"), `added  "" -> "a"`},
		{"a file less", "classes/A.cls", []byte("a"), nil, `removed  "a" -> ""`},
		{"no file", "classes/A.cls", nil, nil, ``},
		{"an empty file is a file", "classes/A.cls", nil, []byte{}, `added  "" -> ""`},
		{"XML that broke", "tabs/A.tab", md("CustomTab", ""), []byte("<broken"), ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := show(Diff(c.path, c.before, c.after))
			if c.name == "XML that broke" {
				if got == "" {
					t.Error("no change seen")
				}
				return
			}
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestDiffIsBounded(t *testing.T) {
	before, after := strings.Repeat("a\n", 30_000), strings.Repeat("b\n", 30_000)
	changes := Diff("classes/A.cls", []byte(before), []byte(after))
	if len(changes) != MaxChanges || changes[MaxChanges-1].After != "and 28,001 more" {
		t.Errorf("%d changes, the last %+v", len(changes), changes[len(changes)-1])
	}
	long := Diff("classes/A.cls", []byte("x"), []byte(strings.Repeat("é", 10_000)))
	if len(long) != 1 || len(long[0].After) > maxShown+3 {
		t.Error("a value is not shortened")
	}
}

// apply rebuilds the text after from the text before and the edits.
func TestEditsLeadFromOneTextToTheOther(t *testing.T) {
	lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 12)
	rapid.Check(t, func(t *rapid.T) {
		a, b := lines.Draw(t, "a"), lines.Draw(t, "b")
		removed, added := map[int]bool{}, map[int]bool{}
		for _, e := range lcs(a, b) {
			if e.before >= 0 {
				removed[e.before] = true
			}
			if e.after >= 0 {
				added[e.after] = true
			}
		}
		var keptA, keptB []string
		for i, line := range a {
			if !removed[i] {
				keptA = append(keptA, line)
			}
		}
		for i, line := range b {
			if !added[i] {
				keptB = append(keptB, line)
			}
		}
		if strings.Join(keptA, "") != strings.Join(keptB, "") {
			t.Fatalf("what stays differs: %v and %v", keptA, keptB)
		}
	})
}
