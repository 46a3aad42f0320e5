package ledger

import (
	"crypto/sha256"
	"maps"
	"runtime"
	"sync"

	"countersign/backend/governance"
)

// A Verifier assembles histories and remembers which acts it has verified, so
// that the next time only new ones cost a signature check. Columns, chains and
// the charter are looked at every time. It is safe for concurrent use.
type Verifier struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]*opened // by hash of payload and signature

	revisions read
}

// A read remembers large revisions by digest, so that thousands of names are
// not read anew for every page. Its caller has hashed the bytes: what has the
// digest is what was read. Nobody changes a revision that is in a History.
type read struct {
	mu   sync.Mutex
	by   map[string]any
	size int
}

const (
	largeRevision  = 16 << 10 // below, reading takes no time
	mostRemembered = 32 << 20 // bytes; then all are let go
)

func (r *read) recall(digest string) any {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.by[digest]
}

func (r *read) keep(digest string, revision any, size int) {
	if size < largeRevision {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil || r.size+size > mostRemembered {
		r.by, r.size = map[string]any{}, 0
	}
	r.by[digest] = revision
	r.size += size
}

// NewVerifier returns a Verifier that has seen nothing.
func NewVerifier() *Verifier { return &Verifier{known: map[[sha256.Size]byte]*opened{}} }

// Forget lets go of all acts but those about the charter: for looking at all of
// a workspace once, part by part, whatever its size.
func (v *Verifier) Forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	maps.DeleteFunc(v.known, func(_ [sha256.Size]byte, o *opened) bool { return o.st.Subj != governance.GovernanceSubject })
}

// openAll opens rows on all processors; results and errors are in the order of
// the rows.
func (v *Verifier) openAll(rows []SignedAct) ([]*opened, []error) {
	out, errs := make([]*opened, len(rows)), make([]error, len(rows))
	InParallel(len(rows), func(i int) { out[i], errs[i] = v.open(&rows[i]) })
	return out, errs
}

// InParallel does something for each of n on all processors, and returns when
// all of it is done.
func InParallel(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n/16+1)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				do(i)
			}
		})
	}
	wg.Wait()
}

// Warm verifies acts that are needed later. What does not verify is not
// remembered.
func (v *Verifier) Warm(rows []SignedAct) { v.openAll(rows) }

func (v *Verifier) open(row *SignedAct) (*opened, error) {
	sum := fingerprint(row)
	v.mu.Lock()
	o := v.known[sum]
	v.mu.Unlock()
	if o != nil {
		return o, row.sameColumns(columns(o.id, o.st))
	}
	st, err := row.Verify()
	if err != nil {
		return nil, err
	}
	o = &opened{id: row.ID, st: st}
	if o.body, err = decodeBody(st.Type, st.Subj, st.Key, st.Body); err != nil {
		o.why = err.Error()
	}
	v.mu.Lock()
	v.known[sum] = o
	v.mu.Unlock()
	return o, nil
}

// Check verifies an act, as SignedAct.Verify does, unless it did so before.
func (v *Verifier) Check(row *SignedAct) (Statement, error) {
	o, err := v.open(row)
	if err != nil {
		return Statement{}, err
	}
	return o.st, nil
}

// fingerprint hashes payload and signature; the signature's hash has a fixed
// length, which keeps the two apart.
func fingerprint(row *SignedAct) [sha256.Size]byte {
	sig := sha256.Sum256(row.Sig)
	h := sha256.New()
	_, _ = h.Write(sig[:])
	_, _ = h.Write(row.Payload)
	return [sha256.Size]byte(h.Sum(sig[:0]))
}
