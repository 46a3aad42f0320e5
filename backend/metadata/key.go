package metadata

import (
	"sort"
	"strings"
)

// A Key names one metadata component: its type and its API name, as they stand
// in a package manifest. People see it as a Customization.
type Key struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

// String gives "CustomField:Account.Region__c".
func (k Key) String() string { return k.Type + ":" + k.Name }

// ParseKey reads what String wrote. It checks neither type nor name.
func ParseKey(s string) (Key, bool) {
	typeName, name, ok := strings.Cut(s, ":")
	if !ok || typeName == "" || name == "" {
		return Key{}, false
	}
	return Key{Type: typeName, Name: name}, true
}

// Less orders keys by type, then by name.
func (k Key) Less(other Key) bool {
	if k.Type != other.Type {
		return k.Type < other.Type
	}
	return k.Name < other.Name
}

func sortKeys(keys []Key) {
	sort.Slice(keys, func(i, j int) bool { return keys[i].Less(keys[j]) })
}
