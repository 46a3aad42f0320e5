package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"countersign/backend/ledger"
	"countersign/backend/workspace"
)

// trailSizes are how long the trails are at which opening is measured; the
// longest is verified whole.
var trailSizes = []int64{1_000, 100_000, 1_000_000}

// wholeRepeats and openRepeats are how often each is measured.
const (
	wholeRepeats = 3
	openRepeats  = 7
)

// benchTrail verifies a million entries, beside what cannot be avoided of it, and
// opens workspaces whose trails differ in nothing but their length.
func benchTrail(ctx context.Context, dir string) error {
	if kept := os.Getenv(largeDataEnv); kept != "" {
		dir = kept
	}
	folders := make([]trailFolder, len(trailSizes))
	for i, n := range trailSizes {
		m := start()
		var err error
		if folders[i], err = fillTrailOf(ctx, filepath.Join(dir, fmt.Sprintf("trail-%d", n)), n); err != nil {
			return err
		}
		if r := m.stop(); r.wall > 5*time.Second {
			row(fmt.Sprintf("filling a trail of %d entries, and verifying it", folders[i].Entries), seconds(r.wall), r.String())
		}
	}
	if err := benchWhole(ctx, folders[len(folders)-1]); err != nil {
		return err
	}
	return benchOpening(ctx, folders)
}

// benchWhole alternates verifying with the yardstick, and prints medians.
func benchWhole(ctx context.Context, f trailFolder) error {
	var walls, cpus, least []time.Duration
	var ratios, clocks []float64
	peak := int64(0)
	for range wholeRepeats {
		m := start()
		if _, err := verifyFolder(ctx, f.Data); err != nil {
			return err
		}
		whole := m.stop()
		yard, err := yardstickOf(ctx, f)
		if err != nil {
			return err
		}
		walls, cpus, least, peak = append(walls, whole.wall), append(cpus, whole.cpu), append(least, yard.cpu), max(peak, whole.peakMB)
		ratios, clocks = append(ratios, whole.cpu.Seconds()/yard.cpu.Seconds()), append(clocks, whole.wall.Seconds()/yard.wall.Seconds())
	}
	row(fmt.Sprintf("verifying %d entries with %d acts", f.Entries, f.Acts), seconds(median(walls)), fmt.Sprintf("%s of CPU, %d MB at most", seconds(median(cpus)), peak))
	row("hashing and signature-checking the same bytes", seconds(median(least)), "of CPU, on one processor")
	for _, m := range []struct {
		by   string
		said []float64
	}{{"the clock", clocks}, {"CPU", ratios}} {
		row("verification in multiples of that, by "+m.by, fmt.Sprintf("%.2f", median(m.said)), fmt.Sprintf("%.2f to %.2f", slices.Min(m.said), slices.Max(m.said)))
	}
	return nil
}

func median[T interface{ ~int64 | ~float64 }](all []T) T {
	sorted := slices.Clone(all)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}

// yardstickOf is the time, on one processor, of what nobody could leave out who verifies
// the same bytes: each entry hashed as a leaf and the tree above them (RFC 6962),
// and the bytes of each act hashed and its signature checked. Reading them from
// the disk, decoding and comparing anything are not in it.
func yardstickOf(ctx context.Context, f trailFolder) (reading, error) {
	path := (&url.URL{Path: filepath.Join(workspace.DemoDir(f.Data), "workspace.db")}).EscapedPath()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: path, RawQuery: "mode=ro&immutable=1"}).String())
	if err != nil {
		return reading{}, err
	}
	defer db.Close()
	y := &stick{}
	for _, part := range []struct {
		query string
		do    func(a, b, c []byte) error
	}{{"SELECT kind, data, '' FROM log_entries ORDER BY idx", y.entry}, {"SELECT payload, sig, key FROM acts ORDER BY rowid", y.act}} {
		if err := y.measure(ctx, db, part.query, part.do); err != nil {
			return reading{}, err
		}
	}
	return y.took, nil
}

// A stick adds up the time of its thread, so that reading is not in it.
type stick struct {
	took  reading
	leaf  []byte
	size  int64
	edges []tlog.Hash // of full trees, the largest first
}

func (y *stick) measure(ctx context.Context, db *sql.DB, query string, do func(a, b, c []byte) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	page := make([][3][]byte, 0, 1000)
	for more := true; more; {
		page = page[:0]
		for len(page) < cap(page) {
			if more = rows.Next(); !more {
				break
			}
			var r [3][]byte
			if err := rows.Scan(&r[0], &r[1], &r[2]); err != nil {
				return err
			}
			page = append(page, r)
		}
		runtime.LockOSThread()
		began, cpu := time.Now(), cpuTime(thisThread)
		for _, r := range page {
			if err := do(r[0], r[1], r[2]); err != nil {
				return err
			}
		}
		y.took.cpu += cpuTime(thisThread) - cpu
		y.took.wall += time.Since(began)
		runtime.UnlockOSThread()
	}
	return rows.Err()
}

func (y *stick) entry(kind, data, _ []byte) error {
	y.leaf = append(y.leaf[:0], 0)
	y.leaf = append(y.leaf, kind...)
	y.leaf = append(y.leaf, data...)
	h := tlog.Hash(sha256.Sum256(y.leaf))
	for n := y.size; n&1 == 1; n >>= 1 {
		h = tlog.NodeHash(y.edges[len(y.edges)-1], h)
		y.edges = y.edges[:len(y.edges)-1]
	}
	y.edges = append(y.edges, h)
	y.size++
	return nil
}

func (y *stick) act(payload, sig, key []byte) error {
	public, err := hex.DecodeString(strings.TrimPrefix(string(key), "ed25519:"))
	if err != nil {
		return err
	}
	pae := ledger.PAE(ledger.ActMedia, payload)
	sha256.Sum256(pae)
	if !ed25519.Verify(public, pae, sig) {
		return fmt.Errorf("a signature does not hold")
	}
	return nil
}

// benchOpening opens workspaces of each size in turn, several times.
func benchOpening(ctx context.Context, folders []trailFolder) error {
	walls, cpus := make([][]time.Duration, len(folders)), make([][]time.Duration, len(folders))
	for range openRepeats {
		for i, f := range folders {
			runtime.GC()
			m := start()
			w, err := workspace.Open(ctx, workspace.Options{Data: f.Data, Demo: true, Pace: -1})
			if err != nil {
				return err
			}
			r := m.stop()
			if found := w.Doubts(); len(found) > 0 {
				return fmt.Errorf("opening found: %s", found[0].Message)
			}
			if err := w.Close(); err != nil {
				return err
			}
			walls[i], cpus[i] = append(walls[i], r.wall), append(cpus[i], r.cpu)
		}
	}
	for i, f := range folders {
		row(fmt.Sprintf("opening with the check of the start, %d entries", f.Entries), millis(median(walls[i])), millis(median(cpus[i]))+" of CPU")
	}
	return nil
}
