package sample_test

import (
	"bytes"
	"maps"
	"testing"

	"countersign/backend/demoorg/sample"
	"countersign/backend/metadata"
)

func tree(t *testing.T, files map[string][]byte) *metadata.Tree {
	t.Helper()
	built, err := metadata.NewTree(files)
	if err != nil {
		t.Fatal(err)
	}
	return built
}

func TestEveryFileBelongsToATypeAndCanBeCompared(t *testing.T) {
	for _, kind := range []string{sample.UAT, sample.Production} {
		files := org(t, kind)
		components := tree(t, files).Components()
		if len(components) < 220 {
			t.Errorf("%s has %d components", kind, len(components))
		}
		for _, c := range components {
			if err := metadata.CheckName(c.Type, c.Name); err != nil {
				t.Errorf("%s: %s: %v", kind, c.Key, err)
			}
		}
		for file, data := range files {
			if _, err := metadata.Normal(file, data); err != nil {
				t.Errorf("%s: %s: %v", kind, file, err)
			}
		}
	}
}

func TestMembersAreComponents(t *testing.T) {
	known := keysOf(tree(t, org(t, sample.UAT)))
	packages, err := sample.Packages()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		for _, key := range append(memberKeys(p.Members), memberKeys(p.Forgotten)...) {
			if !known[key] {
				t.Errorf("%s names %s, which is no component of UAT", p.Name, key)
			}
		}
	}
}

// lacking returns what the components of the tree refer to and neither it nor
// the org has.
func lacking(content *metadata.Tree, inOrg map[metadata.Key]bool) map[metadata.Key]bool {
	known := keysOf(content)
	maps.Copy(known, inOrg)
	lacks := map[metadata.Key]bool{}
	for _, r := range metadata.References(content, known) {
		if !known[r.To] {
			lacks[r.To] = true
		}
	}
	return lacks
}

func keysOf(content *metadata.Tree) map[metadata.Key]bool {
	keys := map[metadata.Key]bool{}
	for _, c := range content.Components() {
		keys[c.Key] = true
	}
	return keys
}

func TestNoReferenceLeavesItsOrg(t *testing.T) {
	for _, kind := range []string{sample.UAT, sample.Production} {
		content := tree(t, org(t, kind))
		if n := len(content.References()); n < 500 {
			t.Errorf("%s has %d references", kind, n)
		}
		if lacks := lacking(content, nil); len(lacks) != 0 {
			t.Errorf("%s lacks %v", kind, lacks)
		}
	}
}

func TestAPackageLacksOnlyWhatItForgot(t *testing.T) {
	uat, inProduction := tree(t, org(t, sample.UAT)), keysOf(tree(t, org(t, sample.Production)))
	packages, err := sample.Packages()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		chosen, forgotten := memberKeys(p.Members), memberKeys(p.Forgotten)
		want := map[metadata.Key]bool{}
		for _, key := range forgotten {
			want[key] = true
		}
		if lacks := lacking(uat.Select(chosen), inProduction); !maps.Equal(lacks, want) {
			t.Errorf("%s lacks %v, want %v", p.Name, lacks, want)
		}
		if lacks := lacking(uat.Select(append(chosen, forgotten...)), inProduction); len(lacks) != 0 {
			t.Errorf("%s with what it forgot lacks %v", p.Name, lacks)
		}
	}
}

func memberKeys(members []sample.Member) []metadata.Key {
	keys := []metadata.Key{}
	for _, m := range members {
		keys = append(keys, metadata.Key(m))
	}
	return keys
}

func TestReorderedElementsAreEqualByMeaning(t *testing.T) {
	const file = "permissionsets/Field_Technician.permissionset"
	var normal [2][]byte
	for i, kind := range []string{sample.UAT, sample.Production} {
		data, err := metadata.Normal(file, org(t, kind)[file])
		if err != nil {
			t.Fatal(err)
		}
		normal[i] = data
	}
	if !bytes.Equal(normal[0], normal[1]) {
		t.Errorf("the normal forms differ:\n%s\n%s", normal[0], normal[1])
	}
}
