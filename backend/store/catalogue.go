package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// A catalogue is what the items of one scan are looked for by, in memory: about
// 80 bytes an item. SQLite reads a hundred thousand rows in some tenths of a
// second, which is too slow for a search that follows each key; this takes a
// few milliseconds. The items themselves are read by their rows. Items of a
// scan never change.
type catalogue struct {
	scan   string
	rows   []int64  // in the order of type and name
	names  []string // in lower case
	types  column
	spaces column // namespaces of managed packages
	people column // last modified by
	at     []int64

	once   sync.Once
	newest []int32 // places, last modified first
}

// A column keeps each text once.
type column struct {
	words []string
	of    []int32 // by item
	index map[string]int32
}

func (c *column) add(text sql.RawBytes) {
	i, known := c.index[string(text)]
	if !known {
		if c.index == nil {
			c.index = map[string]int32{}
		}
		i = int32(len(c.words))
		c.words = append(c.words, string(text))
		c.index[string(text)] = i
	}
	c.of = append(c.of, i)
}

// catalogues keeps those that were used last.
type catalogues struct {
	mu      sync.Mutex
	kept    []*catalogue
	reading map[string]chan struct{} // by scan; closed when its reader is done
}

// keptCatalogues: a source, a target and one more.
const keptCatalogues = 3

// catalogue reads a scan's catalogue once, however many ask for it at once.
// Who asks first reads; when that fails, as it does for one who gave up, the
// next one reads.
func (s *Store) catalogue(ctx context.Context, scanID string) (*catalogue, error) {
	for {
		c, others := s.catalogues.find(scanID)
		if c != nil {
			return c, nil
		}
		if others == nil {
			return s.readForAll(ctx, scanID)
		}
		select {
		case <-others:
		case <-ctx.Done():
			return nil, s.explained(ctx, ctx.Err())
		}
	}
}

// ReadInventory reads what the items of a scan are looked for by, so that nobody
// who asks for them waits.
func (s *Store) ReadInventory(ctx context.Context, scanID string) error {
	_, err := s.catalogue(ctx, scanID)
	return err
}

// readForAll reads a catalogue for all who wait for it.
func (s *Store) readForAll(ctx context.Context, scanID string) (c *catalogue, err error) {
	defer func() { s.catalogues.done(scanID, c) }()
	if c, err = s.readCatalogue(ctx, scanID); err != nil {
		return nil, s.explained(ctx, fmt.Errorf("read the inventory: %w", err))
	}
	return c, nil
}

// find gives a catalogue that is kept, or what tells that another caller is
// done with reading it; neither, when it is the caller's turn to read it.
func (all *catalogues) find(scanID string) (c *catalogue, others <-chan struct{}) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if i := slices.IndexFunc(all.kept, func(c *catalogue) bool { return c.scan == scanID }); i >= 0 {
		c = all.kept[i]
		all.kept = slices.Insert(slices.Delete(all.kept, i, i+1), 0, c)
		return c, nil
	}
	if reading, busy := all.reading[scanID]; busy {
		return nil, reading
	}
	if all.reading == nil {
		all.reading = map[string]chan struct{}{}
	}
	all.reading[scanID] = make(chan struct{})
	return nil, nil
}

// done ends a turn: it keeps what was read, if anything was, and lets those who
// wait look again.
func (all *catalogues) done(scanID string, c *catalogue) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if c != nil {
		all.kept = slices.Insert(all.kept, 0, c)
		all.kept = all.kept[:min(len(all.kept), keptCatalogues)]
	}
	close(all.reading[scanID])
	delete(all.reading, scanID)
}

// readCatalogue reads the items as they lie in the file and sorts them here,
// since looking each up along an index takes longer. As BLOB the driver hands
// texts over as they are, without asking what each column was declared as.
func (s *Store) readCatalogue(ctx context.Context, scanID string) (*catalogue, error) {
	found := s.query(ctx).Raw(`SELECT rowid, CAST(type AS BLOB), CAST(name AS BLOB), CAST(namespace_prefix AS BLOB), CAST(last_modified_by_name AS BLOB), CAST(last_modified_at AS BLOB)
		FROM scan_items NOT INDEXED WHERE scan_id = ?`, scanID)
	c, names := &catalogue{scan: scanID}, []string{}
	var typ, name, space, by, at sql.RawBytes
	var row int64
	into := []any{&row, &typ, &name, &space, &by, &at}
	err := eachRow(found, func(scan scanner) error {
		if err := scan(into...); err != nil {
			return err
		}
		c.rows, names, c.at = append(c.rows, row), append(names, string(name)), append(c.at, secondsOf(at))
		c.types.add(typ)
		c.spaces.add(space)
		c.people.add(by)
		return nil
	})
	c.sort(names)
	return c, err
}

// sort brings the items into the order of type and name, byte by byte as SQLite
// has it, and of their rows.
func (c *catalogue) sort(names []string) {
	order := make([]int32, len(names))
	for i := range order {
		order[i] = int32(i)
	}
	ranks := c.types.ranks()
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(ranks[c.types.of[a]], ranks[c.types.of[b]]), strings.Compare(names[a], names[b]), cmp.Compare(c.rows[a], c.rows[b]))
	})
	c.names = make([]string, len(names))
	for i, at := range order {
		c.names[i] = strings.ToLower(names[at])
	}
	c.rows, c.at = arranged(c.rows, order), arranged(c.at, order)
	c.types.of, c.spaces.of, c.people.of = arranged(c.types.of, order), arranged(c.spaces.of, order), arranged(c.people.of, order)
}

func arranged[T any](all []T, order []int32) []T {
	out := make([]T, len(all))
	for i, at := range order {
		out[i] = all[at]
	}
	return out
}

// ranks are the places of the words in their order.
func (c *column) ranks() []int {
	sorted := slices.Clone(c.words)
	slices.Sort(sorted)
	out := make([]int, len(c.words))
	for i, word := range c.words {
		out[i], _ = slices.BinarySearch(sorted, word)
	}
	return out
}

// secondsOf reads a time as it is stored, in UTC and to the second; 0 when it is
// none.
func secondsOf(stored sql.RawBytes) int64 {
	const form = "2006-01-02 15:04:05"
	if len(stored) < len(form) {
		return 0
	}
	t, err := time.Parse(form, string(stored[:len(form)]))
	if err != nil {
		return 0
	}
	return t.Unix()
}

// find gives the rows of the items that a query asks for, in its order.
func (c *catalogue) find(q InventoryQuery) []int64 {
	keep := c.keeper(q)
	out := []int64{}
	c.inOrder(q.Sort, func(i int32) {
		if keep(i) {
			out = append(out, c.rows[i])
		}
	})
	return out
}

func (c *catalogue) inOrder(sort string, do func(i int32)) {
	n := int32(len(c.rows))
	switch sort {
	case "lastModifiedAt":
		for _, i := range slices.Backward(c.byTime()) {
			do(i)
		}
	case "-lastModifiedAt":
		for _, i := range c.byTime() {
			do(i)
		}
	case "-name":
		for i := n - 1; i >= 0; i-- {
			do(i)
		}
	default:
		for i := range n {
			do(i)
		}
	}
}

func (c *catalogue) byTime() []int32 {
	c.once.Do(func() {
		c.newest = make([]int32, len(c.rows))
		for i := range c.newest {
			c.newest[i] = int32(i)
		}
		slices.SortStableFunc(c.newest, func(a, b int32) int { return cmp.Compare(c.at[b], c.at[a]) })
	})
	return c.newest
}

// keeper says of an item whether a query asks for it. What is the same for many
// items is found out once.
func (c *catalogue) keeper(q InventoryQuery) func(i int32) bool {
	types := c.types.among(q.Types)
	space := q.Package
	if space == NoPackage {
		space = ""
	}
	words := strings.Fields(strings.ToLower(q.Text))
	typed := make([][]bool, len(words)) // by word, the types whose name holds it
	for w, word := range words {
		typed[w] = make([]bool, len(c.types.words))
		for t, name := range c.types.words {
			typed[w][t] = strings.Contains(strings.ToLower(name), word)
		}
	}
	return func(i int32) bool {
		switch {
		case types != nil && !types[c.types.of[i]],
			q.Package != "" && c.spaces.words[c.spaces.of[i]] != space,
			q.By != "" && c.people.words[c.people.of[i]] != q.By:
			return false
		}
		for w, word := range words {
			if !typed[w][c.types.of[i]] && !strings.Contains(c.names[i], word) {
				return false
			}
		}
		return true
	}
}

// among marks the words that are wanted; nil wants all.
func (c *column) among(wanted []string) []bool {
	if len(wanted) == 0 {
		return nil
	}
	out := make([]bool, len(c.words))
	for i, word := range c.words {
		out[i] = slices.Contains(wanted, word)
	}
	return out
}

// count counts the items by each word of a column.
func (c *column) count() []NameCount {
	out := make([]NameCount, len(c.words))
	for i, word := range c.words {
		out[i].Name = word
	}
	for _, i := range c.of {
		out[i].Count++
	}
	slices.SortFunc(out, func(a, b NameCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name))
	})
	return out
}

// count says what the items are. Salesforce dates what it does not know 1970,
// and an unknown time is before that.
func (c *catalogue) count() InventoryCount {
	out := InventoryCount{Types: []TypeCount{}, Packages: c.spaces.count(), People: []NameCount{}}
	for _, t := range c.types.count() {
		out.Types = append(out.Types, TypeCount{Type: t.Name, Count: t.Count})
	}
	slices.SortFunc(out.Types, func(a, b TypeCount) int { return strings.Compare(a.Type, b.Type) })
	for _, p := range c.people.count() {
		if p.Name != "" {
			out.People = append(out.People, p)
		}
	}
	first := time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	for _, at := range c.at {
		if t := time.Unix(at, 0).UTC(); at >= first && (out.Since.IsZero() || t.Before(out.Since)) {
			out.Since = t
		}
	}
	return out
}
