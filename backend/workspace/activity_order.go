package workspace

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

const (
	// sitting is how long savings of a draft by one person may lie apart and
	// still be shown as one.
	sitting = 30 * time.Minute
	// scanned is how soon the entry of a scan follows the draft that it saved.
	scanned = 10 * time.Second
)

// straighten moves entries of the audit trail that name whole seconds behind
// those that came before them: their order is that of the trail, not of clocks.
func (t *chronicle) straighten() {
	entries := []*Happening{}
	for i := range t.out {
		if strings.HasPrefix(t.out[i].ID, entryPrefix) {
			entries = append(entries, &t.out[i])
		}
	}
	slices.SortFunc(entries, func(a, b *Happening) int { return cmp.Compare(a.order, b.order) })
	for i := 1; i < len(entries); i++ {
		if before := entries[i-1].At; entries[i].At.Before(before) && before.Sub(entries[i].At) < time.Second {
			entries[i].At = before
		}
	}
}

// coalesced makes one line of edits that follow each other, and of refusals
// that say the same; what a scan saved is the scan's.
func (t *chronicle) coalesced() []Happening {
	out := []Happening{}
	times := 1
	for _, h := range t.out {
		if len(out) == 0 {
			out = append(out, h)
			continue
		}
		last := &out[len(out)-1] // newer than h
		same := last.Link == h.Link && samePerson(last.By, h.By)
		switch {
		case same && h.Code == happenedDraft && last.Code == happenedScan && last.At.Sub(h.At) < scanned:
		case same && h.Code == happenedDraft && last.Code == happenedDraft && last.At.Sub(h.At) < sitting:
			times++
			last.Said = t.w.said("activity.drafts", "who", t.people.name(h.By.id()), "record", t.label[h.Link], "count", times)
			last.Text = last.Said.Text
		case same && h.Code == happenedGate && last.Code == happenedGate && last.Text == h.Text:
		default:
			times = 1
			out = append(out, h)
		}
	}
	return out
}

func (p *Person) id() string {
	if p == nil {
		return ""
	}
	return p.ID
}

func samePerson(a, b *Person) bool { return a.id() == b.id() }
