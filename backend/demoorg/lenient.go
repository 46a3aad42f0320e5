package demoorg

import (
	"strings"

	"countersign/backend/metadata"
)

// resolved gives the manifest with the names that Salesforce's own tools write
// in another way than the files are named: the sf CLI ends a folder with a
// slash, and leaves the extension of a document away.
func resolved(m *metadata.Manifest, has map[metadata.Key]bool) *metadata.Manifest {
	documents := documentsByStem(has)
	out := &metadata.Manifest{Version: m.Version, Members: make(map[string][]string, len(m.Members))}
	for typeName, members := range m.Members {
		names := make([]string, 0, len(members))
		for _, name := range members {
			names = append(names, resolvedName(typeName, name, has, documents))
		}
		out.Members[typeName] = names
	}
	return out
}

func resolvedName(typeName, name string, has map[metadata.Key]bool, documents map[string]string) string {
	if has[metadata.Key{Type: typeName, Name: name}] {
		return name
	}
	if t, known := metadata.TypeOf(typeName); known && t.InFolder && strings.HasSuffix(name, "/") {
		return strings.TrimSuffix(name, "/")
	}
	if full, ok := documents[name]; ok && typeName == "Document" {
		return full
	}
	return name
}

// documentsByStem maps a document's name without extension to the whole name,
// where only one has it.
func documentsByStem(has map[metadata.Key]bool) map[string]string {
	byStem, twice := map[string]string{}, map[string]bool{}
	for key := range has {
		if key.Type != "Document" || !strings.Contains(key.Name, "/") {
			continue
		}
		stem := key.Name
		if dot := strings.LastIndexByte(stem, '.'); dot > strings.LastIndexByte(stem, '/') {
			stem = stem[:dot]
		}
		_, known := byStem[stem]
		twice[stem] = known
		byStem[stem] = key.Name
	}
	for stem, again := range twice {
		if again {
			delete(byStem, stem)
		}
	}
	return byStem
}
