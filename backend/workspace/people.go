package workspace

import (
	"strings"

	"countersign/backend/governance"
)

// A roster turns member ids into people. Who has left keeps the id as a name.
type roster struct{ charter *governance.Charter }

func rosterOf(c *governance.Charter) roster { return roster{c} }

func (r roster) member(id string) *governance.Member {
	if r.charter == nil {
		return nil
	}
	return r.charter.Member(id)
}

// person is nil when there is no id.
func (r roster) person(id string) *Person {
	if id == "" {
		return nil
	}
	m := r.member(id)
	if m == nil {
		return &Person{ID: id, Name: "a former member", Roles: []governance.Role{}}
	}
	p := personOf(m)
	return &p
}

func (r roster) people(ids []string) []Person {
	out := make([]Person, 0, len(ids))
	for _, id := range ids {
		if p := r.person(id); p != nil {
			out = append(out, *p)
		}
	}
	return out
}

func (r roster) name(id string) string {
	if p := r.person(id); p != nil {
		return p.Name
	}
	return "somebody"
}

// names joins people for a sentence in any language.
func names(people []Person) string {
	out := make([]string, len(people))
	for i, p := range people {
		out[i] = p.Name
	}
	return strings.Join(out, ", ")
}

// holders are the members who hold one of some roles and can still sign.
func (r roster) holders(roles ...governance.Role) []Person {
	out := []Person{}
	if r.charter == nil {
		return out
	}
	for i := range r.charter.Members {
		m := &r.charter.Members[i]
		for _, role := range roles {
			if m.Has(role) && r.charter.Live(m.ID) {
				out = append(out, *r.person(m.ID))
				break
			}
		}
	}
	return out
}
