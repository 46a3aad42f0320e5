package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Link is one act's place in its key's chain.
type Link struct {
	ID   string `json:"id"`
	Key  string `json:"key"`
	Prev string `json:"prev"`
	Seq  int64  `json:"seq"`
}

// keyChains says of each act whether its key's chain is whole up to it. Each
// key signs 0, 1, 2, ... and names the act before. Two acts at one place mean
// that the key was copied, or that an old database was put back and signed
// with: those acts and all after them stop counting, until the owners revoke
// the key and name the last act that they trust.
type keyChains struct {
	links  map[string]Link
	broken map[string]string // act id -> why
	gap    map[string]bool   // keys with something missing
	upTo   map[string]map[string]bool

	places *Places // those of all acts, instead of links, broken and gap
	short  bool    // places were asked for more than they hold
}

// chainsAt are the chains of places that are arranged already.
func chainsAt(p *Places) *keyChains { return &keyChains{places: p, upTo: map[string]map[string]bool{}} }

func (k *keyChains) link(id string) (Link, bool) {
	if k.places != nil {
		return k.places.link(id)
	}
	l, known := k.links[id]
	return l, known
}

func newKeyChains(links []Link) *keyChains {
	k := &keyChains{links: map[string]Link{}, broken: map[string]string{}, gap: map[string]bool{}, upTo: map[string]map[string]bool{}}
	byKey := map[string][]Link{}
	for _, l := range links {
		if _, twice := k.links[l.ID]; !twice {
			k.links[l.ID] = l
			byKey[l.Key] = append(byKey[l.Key], l)
		}
	}
	for _, chain := range byKey {
		slices.SortFunc(chain, func(a, b Link) int { return cmp.Or(cmp.Compare(a.Seq, b.Seq), strings.Compare(a.ID, b.ID)) })
		k.walk(chain)
	}
	return k
}

func (k *keyChains) walk(chain []Link) {
	why, prev := "", ""
	for i, l := range chain {
		if why == "" {
			why = k.fault(chain, i, prev)
		}
		if why != "" {
			k.broken[l.ID] = why
		}
		prev = l.ID
	}
}

// fault says what is wrong at one place of a chain that is whole before it.
func (k *keyChains) fault(chain []Link, i int, prev string) string {
	l := chain[i]
	switch {
	case l.Seq != int64(i):
		k.gap[l.Key] = true
		return fmt.Sprintf("the signer's act number %d is missing", i)
	case i+1 < len(chain) && chain[i+1].Seq == l.Seq:
		return fmt.Sprintf("the signer's key forked: it signed two acts as number %d", l.Seq)
	case l.Prev != prev:
		k.gap[l.Key] = true
		return fmt.Sprintf("the signer's chain is broken: act number %d does not continue the one before", l.Seq)
	}
	return ""
}

// trusted is the acts of one key that lie on its chain up to the act last,
// without a gap; nil if they are not all known.
func (k *keyChains) trusted(key, last string) map[string]bool {
	name := key + " " + last
	if set, done := k.upTo[name]; done {
		return set
	}
	k.upTo[name] = k.past(key, last)
	return k.upTo[name]
}

func (k *keyChains) past(key, last string) map[string]bool {
	if k.places != nil && k.places.Partial() {
		k.short = true // who goes back along a chain needs all of it
		return nil
	}
	set := map[string]bool{}
	l, known := k.link(last)
	for known && l.Key == key {
		set[l.ID] = true
		if l.Seq == 0 {
			return set
		}
		before, _ := k.link(l.Prev)
		if before.ID == "" || before.Seq != l.Seq-1 {
			return nil
		}
		l = before
	}
	return nil
}

const beyondLast = "it does not lie before the last trusted act of the signer's revoked key"

// closed reports whether last is the end before which all that places cover of
// the key lies: a key that was exchanged for another, and signed nothing since.
func (k *keyChains) closed(key, last string) bool {
	return k.places != nil && k.places.Partial() && k.places.beforeOf(key).id == last
}

// why says why an act of a key cannot count when the roster says last of the
// key, or "".
func (k *keyChains) why(id, key, last string) string {
	switch {
	case last == "" && k.places != nil:
		return k.places.why(id)
	case last == "":
		return k.broken[id]
	case last == noAct:
		return "the signer's key was revoked"
	case k.closed(key, last):
		if _, after := k.link(id); !after {
			return ""
		}
		return beyondLast
	case !k.trusted(key, last)[id]:
		return beyondLast
	}
	return ""
}

// incomplete reports whether something of the key's chain is missing that
// could matter.
func (k *keyChains) incomplete(key, last string) bool {
	switch last {
	case "":
		return k.gap[key] || k.places != nil && k.places.incomplete(key)
	case noAct:
		return false
	}
	if k.closed(key, last) {
		return false
	}
	return k.trusted(key, last) == nil
}
