// Package sample holds the content of the two demo orgs: the customization of
// Norrvik, an invented maker of industrial pumps that also services them, in
// Salesforce's metadata (mdapi) format at API version 66.0.
//
// Both orgs start from the files below common/; a file of the same path below
// uat/ or production/ takes its place, or exists in that org only. The files
// differ on purpose: UAT holds the feature "Renewals", which production lacks,
// and production holds a hotfix that never went back to UAT.
//
// Apex cannot run in a demo org. A test method whose body holds the comment
// "@fails-in: production" fails when it runs in the org of that kind, with the
// message that the comment "@message: ..." on the next line gives.
package sample

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
)

//go:embed all:common all:uat all:production all:fixes packages.json changesets.json people.json
var content embed.FS

// The kinds of org that the sample knows.
const (
	UAT        = "uat"
	Production = "production"
)

// A Member names one component as a package manifest does: the metadata type
// and the API name, "Object.Field" for a child of an object.
type Member struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

// A Package is a selection of components that a person in UAT wants to deploy
// to production. Forgotten lists what it needs and does not name: a deployment
// without those members fails on a missing reference.
type Package struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	ChangeSet   string   `json:"changeSet,omitempty"`
	Members     []Member `json:"members"`
	Forgotten   []Member `json:"forgotten"`
}

// A ChangeSet is an outbound change set of an org.
type ChangeSet struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Members     []Member `json:"members"`
}

// A User is a person who works in an org; the id has 18 characters and starts
// with 005, as Salesforce's user ids do.
type User struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Modified says by whom (a user id) and when a file was last changed.
type Modified struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// People are the users of one org and what each of them changed last. The keys
// of Modified are paths of files or beginnings of paths.
type People struct {
	Users    []User              `json:"users"`
	Default  Modified            `json:"default"`
	Modified map[string]Modified `json:"modified"`
}

// LastModified returns the change that the longest matching key of p.Modified
// records for the file, and p.Default when no key matches.
func (p People) LastModified(file string) Modified {
	best, last := "", p.Default
	for prefix, m := range p.Modified {
		if strings.HasPrefix(file, prefix) && len(prefix) > len(best) {
			best, last = prefix, m
		}
	}
	return last
}

// User returns the user with the id, and false when the org has no such user.
func (p People) User(id string) (User, bool) {
	for _, u := range p.Users {
		if u.ID == id {
			return u, true
		}
	}
	return User{}, false
}

// FS returns the sample as it lies in the source: common, uat, production,
// fixes and the three JSON files.
func FS() fs.FS { return content }

// Org returns the files of the org of the kind, "uat" or "production", by their
// path in a metadata package: "objects/Account.object", never package.xml.
func Org(kind string) (map[string][]byte, error) {
	if err := known(kind); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, layer := range []string{"common", kind} {
		if err := readInto(files, layer); err != nil {
			return nil, fmt.Errorf("read the sample of %s: %w", kind, err)
		}
	}
	return files, nil
}

// Packages returns the sample packages, all of them from UAT to production.
func Packages() ([]Package, error) {
	var packages []Package
	if err := decode("packages.json", &packages); err != nil {
		return nil, err
	}
	return packages, nil
}

// ChangeSets returns the outbound change sets of the org of the kind; an org
// without one has an empty list.
func ChangeSets(kind string) ([]ChangeSet, error) {
	if err := known(kind); err != nil {
		return nil, err
	}
	sets := map[string][]ChangeSet{}
	if err := decode("changesets.json", &sets); err != nil {
		return nil, err
	}
	return append([]ChangeSet{}, sets[kind]...), nil
}

// PeopleOf returns the users of the org of the kind and their changes.
func PeopleOf(kind string) (People, error) {
	if err := known(kind); err != nil {
		return People{}, err
	}
	people := map[string]People{}
	if err := decode("people.json", &people); err != nil {
		return People{}, err
	}
	return people[kind], nil
}

// Fix returns a package, with its package.xml, that another user of an org
// deploys while the demo runs, and nil when there is none of that name:
//
//   - "mend" mends DiscountCalculatorTest in UAT
//   - "source-moved" changes RenewalService in UAT, a member of "Renewals"
//   - "target-moved" changes the validation rule Discount_Needs_Reason in
//     production, which "Renewals" overwrites
func Fix(name string) map[string][]byte {
	files := map[string][]byte{}
	if name == "" || strings.ContainsAny(name, `/\`) || readInto(files, path.Join("fixes", name)) != nil {
		return nil
	}
	return files
}

func known(kind string) error {
	if kind == UAT || kind == Production {
		return nil
	}
	return fmt.Errorf("the sample has no org of the kind %q, only %q and %q", kind, UAT, Production)
}

func readInto(files map[string][]byte, root string) error {
	return fs.WalkDir(content, root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := content.ReadFile(file)
		files[strings.TrimPrefix(file, root+"/")] = data
		return err
	})
}

func decode(file string, into any) error {
	data, err := content.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read %s of the sample: %w", file, err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("read %s of the sample: %w", file, err)
	}
	return nil
}
