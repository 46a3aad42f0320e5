package ledger

import (
	"crypto/sha256"
	"runtime"
	"sync"
)

// A Verifier assembles histories and remembers which acts it has verified, so
// that the next time only new ones cost a signature check. Columns, chains and
// the charter are looked at every time. It is safe for concurrent use.
type Verifier struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]*opened // by hash of payload and signature
}

// NewVerifier returns a Verifier that has seen nothing.
func NewVerifier() *Verifier { return &Verifier{known: map[[sha256.Size]byte]*opened{}} }

// openAll opens rows on all processors; results and errors are in the order of
// the rows.
func (v *Verifier) openAll(rows []SignedAct) ([]*opened, []error) {
	out, errs := make([]*opened, len(rows)), make([]error, len(rows))
	workers := min(runtime.GOMAXPROCS(0), len(rows)/16+1)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(rows); i += workers {
				out[i], errs[i] = v.open(&rows[i])
			}
		})
	}
	wg.Wait()
	return out, errs
}

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
	if o.body, err = decodeBody(st.Type, st.Subj, st.Body); err != nil {
		o.why = err.Error()
	}
	v.mu.Lock()
	v.known[sum] = o
	v.mu.Unlock()
	return o, nil
}

// fingerprint hashes payload and signature; the signature's hash has a fixed
// length, which keeps the two apart.
func fingerprint(row *SignedAct) [sha256.Size]byte {
	sig := sha256.Sum256(row.Sig)
	return sha256.Sum256(append(sig[:], row.Payload...))
}
