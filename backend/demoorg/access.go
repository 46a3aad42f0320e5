package demoorg

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"countersign/backend/metadata"
)

// Profiles are made of rows about other components, and an org gives and takes
// them row by row: a retrieve brings the rows about what else it brings, and a
// deployment puts the rows that it has in the place of those that are there.
// Permission sets were the same up to API 39.0; since 40.0 they come back, and
// are replaced, as a whole (Metadata API Developer Guide, "Profile",
// "PermissionSet").

// rowTargets says for each kind of row which component it is about, and which
// child names it.
var rowTargets = map[string]struct{ typeName, child string }{
	"applicationVisibilities":    {"CustomApplication", "application"},
	"classAccesses":              {"ApexClass", "apexClass"},
	"customMetadataTypeAccesses": {"CustomObject", "name"},
	"customPermissions":          {"CustomPermission", "name"},
	"customSettingAccesses":      {"CustomObject", "name"},
	"externalDataSourceAccesses": {"ExternalDataSource", "externalDataSource"},
	"fieldPermissions":           {"CustomField", "field"},
	"flowAccesses":               {"Flow", "flow"},
	"layoutAssignments":          {"Layout", "layout"},
	"objectPermissions":          {"CustomObject", "object"},
	"pageAccesses":               {"ApexPage", "apexPage"},
	"recordTypeVisibilities":     {"RecordType", "recordType"},
	"tabSettings":                {"CustomTab", "tab"},
	"tabVisibilities":            {"CustomTab", "tab"},
}

// A row is one element of a profile or permission set and where it stands in
// the file.
type row struct {
	element    string
	about      metadata.Key // Type "" for a setting of the profile itself
	id         string       // what makes it the same row as another's
	start, end int64        // with the white space before it
}

// rows takes a file apart. ok is false when it is not XML.
func rows(data []byte) (list []row, ok bool) {
	d := xml.NewDecoder(bytes.NewReader(data))
	depth, from, child := 0, int64(0), ""
	var r row
	texts := map[string]string{}
	for {
		before := d.InputOffset()
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return list, depth == 0
		}
		if err != nil {
			return nil, false
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch depth++; depth {
			case 1:
				from = d.InputOffset()
			case 2:
				r = row{element: t.Name.Local, start: from}
				clear(texts)
			case 3:
				child = t.Name.Local
			}
		case xml.CharData:
			if depth == 3 {
				texts[child] += string(t)
			}
			if depth == 2 {
				texts[""] += string(t)
			}
		case xml.Comment:
			if depth == 1 {
				from = before
			}
		case xml.EndElement:
			if depth == 2 {
				r.end = d.InputOffset()
				list = append(list, r.named(texts))
				from = r.end
			}
			depth--
		}
	}
}

func (r row) named(texts map[string]string) row {
	target, ok := rowTargets[r.element]
	r.id = r.element
	if ok {
		r.about = metadata.Key{Type: target.typeName, Name: strings.TrimSpace(texts[target.child])}
		r.id += "|" + r.about.Name + "|" + strings.TrimSpace(texts["recordType"]) // a layout is assigned once for each record type
		if r.element == "recordTypeVisibilities" {
			r.id = r.element + "|" + r.about.Name
		}
		return r
	}
	if name := strings.TrimSpace(texts["name"]); name != "" { // user permissions
		r.id += "|" + name
	}
	return r
}

// hasRows tells a component whose content depends on what else is asked for, in
// the version of a package.xml.
func hasRows(typeName, version string) bool {
	switch typeName {
	case "Profile":
		return true
	case "PermissionSet":
		major, _, _ := strings.Cut(version, ".")
		n, err := strconv.Atoi(major)
		return err == nil && n < wholeSetsSince
	}
	return false
}

// withoutRows cuts the rows that drop names; the rest keeps its bytes.
func withoutRows(data []byte, drop func(metadata.Key) bool) []byte {
	list, ok := rows(data)
	if !ok {
		return data
	}
	var out []byte
	kept := int64(0)
	for _, r := range list {
		if r.about.Type == "" || !drop(r.about) {
			continue
		}
		out = append(out, data[kept:r.start]...)
		kept = r.end
	}
	if kept == 0 {
		return data
	}
	return append(out, data[kept:]...)
}

// mergedRows gives the file that comes of deploying ours over theirs: every row
// of ours, and those of theirs that ours says nothing about.
func mergedRows(ours, theirs []byte) []byte {
	mine, ok := rows(ours)
	old, okOld := rows(theirs)
	if !ok || !okOld || len(mine) == 0 {
		return ours
	}
	said := make(map[string]bool, len(mine))
	for _, r := range mine {
		said[r.id] = true
	}
	end := mine[len(mine)-1].end
	out := append([]byte{}, ours[:end]...)
	added := false
	for _, r := range old {
		if !said[r.id] {
			out, added = append(out, theirs[r.start:r.end]...), true
		}
	}
	if !added {
		return ours
	}
	return append(out, ours[end:]...)
}

// cut gives a file of a retrieve without the rows about components that the
// org holds and that are not retrieved with it.
func (m *model) cut(data []byte, brought map[metadata.Key]bool) []byte {
	return withoutRows(data, func(about metadata.Key) bool {
		return m.has(about) && !brought[about]
	})
}
