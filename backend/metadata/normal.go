package metadata

import (
	"bytes"
	"path"
	"strings"
)

// NormalForm is the number of the normal form that Normal writes. It is part
// of what is approved; any change that gives another normal form to some file
// raises it.
const NormalForm = 1

// Normal gives the normal form of a file: two files mean the same to the
// Metadata API when their normal forms are equal.
//
// In metadata XML, white space between elements, comments, the order of
// attributes, namespace prefixes, the order of elements of different names and
// the order of items that form a set do not matter. Order that has a meaning
// stays: picklist values, layout items, filter items. Text files of known
// kinds lose carriage returns before line feeds. Every other file, and XML
// that CheckXML refuses, is its exact bytes.
//
// The normal form of a normal form is itself. The error is always nil today;
// CheckXML is the judge of XML.
func Normal(filePath string, b []byte) ([]byte, error) {
	if root := metadataXML(filePath, b); root != nil {
		return document(root), nil
	}
	return plainNormal(filePath, b), nil
}

// metadataXML gives the canonical root of a metadata XML file, or nil for any
// other file.
func metadataXML(filePath string, b []byte) *node {
	if isContentFile(filePath) || !looksLikeXML(b) {
		return nil
	}
	root, err := parseXML(b)
	if err != nil || root.space != Namespace {
		return nil
	}
	canonical(root)
	return root
}

func looksLikeXML(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	return bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("<"))
}

// isContentFile says that a file is what a component carries (Apex, a page, an
// image, a script), not its metadata, so its bytes are never read as XML.
func isContentFile(filePath string) bool {
	if strings.HasSuffix(filePath, "-meta.xml") {
		return false
	}
	t, ok := typeAt(filePath)
	return ok && (t.MetaFile || t.Bundle)
}

// textSuffixes are the files whose lines may end either way without another
// meaning.
var textSuffixes = map[string]bool{
	".cls": true, ".trigger": true, ".page": true, ".component": true, ".email": true, ".scf": true,
	".js": true, ".mjs": true, ".ts": true, ".css": true, ".html": true, ".htm": true, ".json": true,
	".cmp": true, ".app": true, ".evt": true, ".intf": true, ".tokens": true, ".design": true, ".auradoc": true,
	".svg": true, ".csv": true, ".txt": true, ".yaml": true, ".yml": true,
}

func isTextFile(filePath string) bool {
	if t, ok := typeAt(filePath); ok {
		switch {
		case !t.MetaFile && !t.Bundle:
			return false // XML that could not be read: its exact bytes
		case t.Name == "Document", t.Name == "StaticResource", t.Name == "ContentAsset":
			return false // the customer's own file, whatever its name ends in
		}
	}
	return textSuffixes[strings.ToLower(path.Ext(filePath))]
}

func plainNormal(filePath string, b []byte) []byte {
	if !isTextFile(filePath) || !bytes.Contains(b, []byte("\r\n")) {
		return b
	}
	out := make([]byte, 0, len(b))
	for _, c := range b {
		if c == '\n' {
			// All carriage returns before it, or a second pass would find more.
			out = bytes.TrimRight(out, "\r")
		}
		out = append(out, c)
	}
	return out
}
