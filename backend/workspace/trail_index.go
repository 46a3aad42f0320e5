package workspace

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"countersign/backend/store"
)

// A trailIndex is what the entries of the audit trail are looked for by, in
// memory: twelve bytes an entry, and each text once. A hundred thousand entries
// take about a second to read, and a search in them a few milliseconds. It only
// says where to look: what is shown is read from the trail itself and asked once
// more whether it fits, and verifying never looks here.
type trailIndex struct {
	soon int64       // how many entries are read while a person waits
	busy atomic.Bool // a long part of the trail is read beside
	seed maphash.Seed

	mu      sync.Mutex // guards what follows
	version store.Version
	foreign int64   // the last commit that was not this program's own
	at      []int64 // indexes of the entries, in order
	of      []int32 // their texts
	texts   []trailText
	by      map[uint64]int32 // by hash of what makes the text
}

// A trailText is what an entry says, when not who says it.
type trailText struct {
	words     string // in lower case
	kind, typ string // of the entry, and of its act
	by        string // member
	about     string // id of what it is about
	example   int64  // an entry that says so
}

const (
	soonRead = 4000
	// readAtOnce is how many are read from the database at a time.
	readAtOnce = 2000
)

// next is the index of the first entry that was not read yet. The caller holds
// mu.
func (x *trailIndex) next() int64 {
	if len(x.at) == 0 {
		return 0
	}
	return x.at[len(x.at)-1] + 1
}

// errWriting: something long is being saved, so that nobody can say now whether
// it was all that was written.
var errWriting = errors.New("the database is being written")

func newTrailIndex() *trailIndex {
	return &trailIndex{soon: soonRead, seed: maphash.MakeSeed(), by: map[uint64]int32{}}
}

// readTrailAhead begins to read the trail for searches, if much of it was not
// read yet. What goes wrong is met again by the search.
func (w *Workspace) readTrailAhead(size int64) {
	x := w.trail
	if !x.busy.CompareAndSwap(false, true) {
		return
	}
	x.mu.Lock()
	long := size-x.next() > x.soon
	x.mu.Unlock()
	reads := long && w.chores.run(func(ctx context.Context) {
		defer x.busy.Store(false)
		if err := w.readWholeTrail(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, errWriting) {
			w.o.Log.Warn("the audit trail was not read for searches", "err", err)
		}
	})
	if !reads {
		x.busy.Store(false)
	}
}

func (w *Workspace) readWholeTrail(ctx context.Context) error {
	w.trail.mu.Lock()
	defer w.trail.mu.Unlock()
	for more := true; more; {
		var err error
		if more, err = w.carryOn(ctx, readAtOnce); err != nil {
			return err
		}
	}
	return nil
}

// lookUp finds the newest entries before an index that a query asks for, at most
// a number of them. It is not ready while much of the trail is to be read; that
// goes on beside.
func (w *Workspace) lookUp(ctx context.Context, r *trailReader, size, before int64, most int) (found []int64, ready bool, err error) {
	x := w.trail
	if x.busy.Load() {
		return nil, false, nil
	}
	defer func() {
		if !ready && err == nil {
			w.readTrailAhead(size)
		}
	}()
	x.mu.Lock()
	defer x.mu.Unlock()
	if size-x.next() > x.soon {
		return nil, false, nil
	}
	for more := true; more; {
		if more, err = w.carryOn(ctx, readAtOnce); errors.Is(err, errWriting) {
			return nil, false, nil // the search looks at each entry meanwhile
		}
		if err != nil {
			return nil, false, err
		}
		if x.next() < size-x.soon { // it had to begin anew
			return nil, false, nil
		}
	}
	keep := x.keeper(r)
	end, _ := slices.BinarySearch(x.at, before)
	for i := end - 1; i >= 0 && len(found) < most; i-- {
		if keep[x.of[i]] {
			found = append(found, x.at[i])
		}
	}
	return found, true, nil
}

// keeper says of each text whether a query asks for it.
func (x *trailIndex) keeper(r *trailReader) []bool {
	words := strings.Fields(strings.ToLower(r.q.Text))
	named := map[string][]bool{} // by member, the words that the name holds
	keep := make([]bool, len(x.texts))
	for i := range x.texts {
		t := &x.texts[i]
		if len(r.logKinds) > 0 && !slices.Contains(r.logKinds, t.kind) ||
			t.kind == actKind && len(r.types) > 0 && !slices.Contains(r.types, t.typ) ||
			r.q.Member != "" && t.by != r.q.Member {
			continue
		}
		in, known := named[t.by]
		if !known {
			in = make([]bool, len(words))
			if p := r.people.person(t.by); p != nil {
				for n, word := range words {
					in[n] = strings.Contains(strings.ToLower(p.Name), word)
				}
			}
			named[t.by] = in
		}
		keep[i] = true
		for n, word := range words {
			if !in[n] && !strings.Contains(t.words, word) {
				keep[i] = false
				break
			}
		}
	}
	return keep
}

// carryOn reads entries that are new, at most a number of them, and says whether
// there may be more. What somebody else wrote makes it begin anew, since that
// may have changed anything. The caller holds mu.
func (w *Workspace) carryOn(ctx context.Context, most int64) (more bool, err error) {
	x := w.trail
	now := w.Store.Version(ctx)
	if now.Known() && now == x.version {
		return false, nil
	}
	foreign := w.Store.Foreign(ctx)
	if foreign == 0 {
		return false, cmp.Or(ctx.Err(), errWriting)
	}
	if foreign != x.foreign {
		x.forget()
		x.foreign = foreign
	}
	lines, err := w.Store.TrailFrom(ctx, x.next(), most)
	if err != nil {
		return false, err
	}
	r, err := w.trailReader(ctx, TrailQuery{})
	if err != nil {
		return false, err
	}
	if len(x.at) > 0 && slices.ContainsFunc(lines, changesAll) {
		x.forget()
		return true, nil
	}
	if err := x.take(ctx, r, lines); err != nil {
		return false, err
	}
	if int64(len(lines)) == most {
		return true, nil
	}
	x.version = now // of before it was read: newer ones are read again
	return false, nil
}

func (x *trailIndex) forget() {
	x.version, x.at, x.of, x.texts, x.by = store.Version{}, nil, nil, nil, map[uint64]int32{}
}

// changesAll reports whether a new entry may change what any older one says: who
// has a key, and rows that were set right.
func changesAll(l store.TrailLine) bool {
	return l.Kind == "rebuild" || l.Kind == actKind && strings.HasPrefix(l.Type, "gov.")
}

// take adds lines that follow those that are there.
func (x *trailIndex) take(ctx context.Context, r *trailReader, lines []store.TrailLine) error {
	places, fresh := make([]int32, 0, len(lines)), []readLine{}
	renamed := map[string]bool{}
	for _, l := range lines {
		key := x.key(l)
		text, known := x.by[key]
		if !known {
			text = int32(len(x.texts) + len(fresh))
			x.by[key] = text
			fresh = append(fresh, r.read(l))
		}
		places = append(places, text)
		if l.Kind == "delete" || l.Kind == "environment" {
			renamed[r.read(l).data.Subject] = true
		}
	}
	again, err := x.saidOf(ctx, r, renamed)
	if err == nil {
		err = r.learn(ctx, fresh)
	}
	if err != nil {
		x.forget() // its hashes name texts that are not there
		return err
	}
	for _, v := range fresh {
		x.texts = append(x.texts, r.textOf(v))
	}
	for i, v := range again {
		x.texts[i] = r.textOf(v)
	}
	for i, l := range lines {
		x.at, x.of = append(x.at, l.Idx), append(x.of, places[i])
	}
	return nil
}

// saidOf reads an example of each text about something that is called otherwise
// from now on, by the text.
func (x *trailIndex) saidOf(ctx context.Context, r *trailReader, ids map[string]bool) (map[int]readLine, error) {
	out := map[int]readLine{}
	if len(ids) == 0 {
		return out, nil
	}
	by, examples := map[int64]int{}, []int64{}
	for i, t := range x.texts {
		if ids[t.about] {
			by[t.example] = i
			examples = append(examples, t.example)
		}
	}
	lines, err := r.w.Store.TrailAt(ctx, examples)
	if err != nil {
		return nil, err
	}
	all := []readLine{}
	for _, l := range lines {
		v := r.read(l)
		all = append(all, v)
		out[by[l.Idx]] = v
	}
	return out, r.learn(ctx, all)
}

// key is what makes an entry's text: all but when it was.
func (x *trailIndex) key(l store.TrailLine) uint64 {
	var h maphash.Hash
	h.SetSeed(x.seed)
	_, _ = h.WriteString(l.Kind)
	_ = h.WriteByte(0)
	data := l.Data
	if rest, dated := bytes.CutPrefix(data, []byte(`{"at":"`)); dated { // canonical: it comes first
		if end := bytes.IndexByte(rest, '"'); end >= 0 {
			data = rest[end:]
		}
	}
	_, _ = h.Write(data)
	return h.Sum64()
}

func (r *trailReader) textOf(v readLine) trailText {
	e := r.described(v)
	return trailText{words: strings.ToLower(e.words()), kind: v.Kind, typ: v.Type, by: v.by, about: e.Link, example: v.Idx}
}
