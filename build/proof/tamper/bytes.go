package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A signed is an act as it lies in the database's file: where each byte of its
// payload and then of its signature is.
type signed struct {
	id, kind string
	payload  int // bytes of payload; the rest is the signature
	places   []int64
}

// signedActs finds every act in the file, byte by byte. The columns payload and
// sig lie next to each other in a row; a long row goes on in pages elsewhere
// (https://www.sqlite.org/fileformat2.html#b_tree_pages).
func signedActs(ctx context.Context, dir string) ([]signed, error) {
	file := filepath.Join(dir, "workspace.db")
	db, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	rows, err := table(ctx, dir, "SELECT id, type, hex(payload), hex(sig) FROM acts ORDER BY rowid")
	if err != nil {
		return nil, err
	}
	out := []signed{}
	for _, r := range rows {
		payload, err1 := hex.DecodeString(r[2])
		sig, err2 := hex.DecodeString(r[3])
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		s := signed{id: r[0], kind: r[1], payload: len(payload)}
		if s.places, err = places(db, append(payload, sig...), func(at int64) (bool, error) { return shows(ctx, dir, s.id, db, at) }); err != nil {
			return nil, fmt.Errorf("find the act %.12s in the database: %w", s.id, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// places walks from the one place where changing the first byte changes what
// SQLite reads: rows that were moved leave their old bytes behind.
func places(db, want []byte, real func(at int64) (bool, error)) ([]int64, error) {
	begin := want[:min(40, len(want))]
	for from := 0; ; {
		i := bytes.Index(db[from:], begin)
		if i < 0 {
			return nil, errors.New("it is not there")
		}
		at := int64(from + i)
		from = int(at) + 1
		found := walk(db, want, at)
		if found == nil {
			continue
		}
		all := true
		for _, p := range []int64{found[0], found[len(found)/2], found[len(found)-1]} {
			is, err := real(p)
			if err != nil {
				return nil, err
			}
			all = all && is
		}
		if all {
			return found, nil
		}
	}
}

func walk(db, want []byte, at int64) []int64 {
	size := int64(binary.BigEndian.Uint16(db[16:]))
	if size == 1 {
		size = 65536
	}
	out, page := make([]int64, 0, len(want)), int64(0) // page: the overflow page we are in, 0 for the leaf
	for _, c := range want {
		ends := page > 0 && at%size == 0
		if ends || at >= int64(len(db)) || page == 0 && db[at] != c {
			pointer := at
			if page > 0 {
				pointer = (page - 1) * size
			}
			if pointer+4 > int64(len(db)) {
				return nil
			}
			page = int64(binary.BigEndian.Uint32(db[pointer:]))
			if page < 2 || page*size > int64(len(db)) {
				return nil
			}
			at = (page-1)*size + 4
		}
		if db[at] != c {
			return nil
		}
		out = append(out, at)
		at++
	}
	return out
}

// shows changes one byte of the file for a moment and reports whether the act
// reads differently then.
func shows(ctx context.Context, dir, id string, db []byte, at int64) (bool, error) {
	read := func() (string, error) {
		rows, err := table(ctx, dir, "SELECT hex(payload) || hex(sig) FROM acts WHERE id = "+quoted(id))
		if err != nil || len(rows) != 1 {
			return "", err
		}
		return rows[0][0], nil
	}
	before, err := read()
	if err != nil {
		return false, err
	}
	file := filepath.Join(dir, "workspace.db")
	if err := poke(file, at, db[at]^1); err != nil {
		return false, err
	}
	after, err := read()
	if undo := poke(file, at, db[at]); undo != nil {
		return false, undo
	}
	// A byte of the page's own structure can make the row unreadable.
	return err == nil && before != after, nil
}

func poke(file string, at int64, c byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte{c}, at)
	return errors.Join(err, f.Close())
}

// deployEvery is of how many single-byte forgeries one is also deployed from.
const deployEvery = 250

// singleBytes is one forgery for each byte of each act, with one of its bits,
// chosen at random, turned round.
func (l *loop) singleBytes(ctx context.Context, from string) ([]forgery, error) {
	b, err := newBench(from, l.path("bytes"))
	if err != nil {
		return nil, err
	}
	acts, err := signedActs(ctx, b.dir)
	if err != nil {
		return nil, err
	}
	out := []forgery{}
	for _, a := range acts {
		for i, at := range a.places {
			part := "payload"
			if i >= a.payload {
				part = "signature"
			}
			mask := byte(1) << l.rng.IntN(8)
			out = append(out, forgery{class: "a byte of an act's " + part, what: fmt.Sprintf("%s, byte %d of %d", a.kind, i, len(a.places)), codes: []string{"act"},
				do:   func(_ context.Context, b *bench) error { return poke(b.file(), at, b.db[at]^mask) },
				undo: func(b *bench) error { return poke(b.file(), at, b.db[at]) }})
		}
	}
	out = l.some(out, l.limit)
	for i := range out {
		out[i].deploy = i%deployEvery == 0
	}
	return out, nil
}
