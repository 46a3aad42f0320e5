package metadata

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/iotest"
)

func TestAnArchiveGivesBackWhatItTook(t *testing.T) {
	for _, size := range []int{0, 1, archivePage - 1, archivePage, archivePage + 1, 3*archivePage + 17} {
		want := make([]byte, size)
		_, _ = rand.NewChaCha8([32]byte{byte(size)}).Read(want)
		a := &Archive{}
		for rest, n := want, 1; len(rest) > 0; n = n*3 + 1 {
			piece := rest[:min(n, len(rest))]
			if _, err := a.Write(piece); err != nil {
				t.Fatal(err)
			}
			rest = rest[len(piece):]
		}
		got, err := io.ReadAll(a.Reader())
		if err != nil || !bytes.Equal(got, want) || a.Size() != int64(size) {
			t.Errorf("%d bytes: got %d, size %d, %v", size, len(got), a.Size(), err)
		}
		if err := iotest.TestReader(io.NewSectionReader(a, 0, a.Size()), want); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	a := &Archive{}
	_, _ = a.Write([]byte("PK"))
	for at, want := range map[int64]error{-1: &Error{}, 2: io.EOF, 9: io.EOF} {
		n, err := a.ReadAt(make([]byte, 1), at)
		var mistake *Error
		if n != 0 || !errors.Is(err, want) && !errors.As(err, &mistake) {
			t.Errorf("at %d: %d, %v", at, n, err)
		}
	}
}

func TestAnArchiveHasALimit(t *testing.T) {
	a := &Archive{Limit: 10}
	if _, err := a.Write(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	n, err := a.Write([]byte{1})
	var mistake *Error
	if n != 0 || !errors.As(err, &mistake) || mistake.Code != CodeTooLarge || a.Size() != 10 {
		t.Errorf("got %d, %v, size %d", n, err, a.Size())
	}
}

// The largest zip that Salesforce takes stands in memory once, while it grows
// too.
func TestAnArchiveOfThirtyNineMegabytesStandsInMemoryOnce(t *testing.T) {
	const size = 39 << 20
	a, piece := &Archive{}, make([]byte, 32<<10)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for a.Size() < size {
		if _, err := a.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if total := after.TotalAlloc - before.TotalAlloc; total > size+size/20 {
		t.Errorf("%d bytes were allocated for %d", total, size)
	}
	runtime.KeepAlive(a)
}
