package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"countersign/backend/ledger"
)

// Rows that the life made, in the order in which they name each other, with the
// columns that their digest does not cover and the newest form of it.
var livedTables = []struct {
	name      string
	uncovered []string
	form      int
}{
	{"change_requests", []string{"status", "round", "revision", "updated_at"}, 2},
	{"deployment_records", []string{"status", "round", "revision", "updated_at"}, 1},
	{"deployment_logs", nil, 1},
}

type livedRow struct {
	table  int
	values []any
	kinds  []string // how SQLite keeps each
}

type livedRevision struct {
	digest, subject, body, media string
}

type livedAct struct {
	st               ledger.Statement
	received, source any
}

// A repeater writes the life again and again.
type repeater struct {
	life      life
	db        *sql.DB
	tx        *sql.Tx
	entries   []ledger.Entry
	acts      map[string]livedAct
	rows      []livedRow
	columns   [][]string
	revisions []livedRevision
	ids       []string    // of the rows: what is new in each life
	closing   map[int]int // entry -> row whose last entry it is
	seq       map[string]int64
	prev      map[string]string
	number    int64 // of the last request and of its record
	hashes    ledger.StoredHashes
	size      int64
	last      ledger.Link
	waiting   map[string]*waitingRows
}

const livesAtOnce = 500

// repeatLife appends whole lives until the trail has that many entries, and
// returns its head and the last act of the one who deploys.
func repeatLife(ctx context.Context, l life, entries int64) (head ledger.Head, last ledger.Link, err error) {
	path := (&url.URL{Path: filepath.Join(l.dir, "workspace.db")}).EscapedPath()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: path, RawQuery: "_pragma=synchronous(OFF)&_pragma=cache_size(-65536)"}).String())
	if err != nil {
		return head, last, err
	}
	db.SetMaxOpenConns(1)
	defer db.Close()
	r := &repeater{life: l, db: db, acts: map[string]livedAct{}, closing: map[int]int{}, seq: map[string]int64{}, prev: map[string]string{}, waiting: map[string]*waitingRows{}}
	if err := r.read(ctx); err != nil {
		return head, last, fmt.Errorf("read it: %w", err)
	}
	err = r.withoutTriggers(ctx, func() error {
		for r.size < entries {
			if err := r.someLives(ctx, entries); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return head, last, err
	}
	if _, err := db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return head, last, err
	}
	head, err = ledger.HeadAt(r.size, r.hashes)
	return head, r.last, err
}

func (r *repeater) each(ctx context.Context, take func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := r.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (r *repeater) read(ctx context.Context) error {
	for _, read := range []func(context.Context) error{r.readLog, r.readActs, r.readRows, r.readRevisions} {
		if err := read(ctx); err != nil {
			return err
		}
	}
	return r.findClosing()
}

func (r *repeater) readLog(ctx context.Context) error {
	err := r.each(ctx, func(scan func(...any) error) error {
		var e ledger.Entry
		err := scan(&e.Idx, &e.Kind, &e.Data)
		if r.size = e.Idx + 1; e.Idx >= r.life.first {
			r.entries = append(r.entries, e)
		}
		return err
	}, "SELECT idx, kind, data FROM log_entries ORDER BY idx")
	if err != nil {
		return err
	}
	return r.each(ctx, func(scan func(...any) error) error {
		var b []byte
		err := scan(&b)
		r.hashes = append(r.hashes, tlog.Hash(b))
		return err
	}, "SELECT hash FROM log_hashes ORDER BY idx")
}

func (r *repeater) readActs(ctx context.Context) error {
	return r.each(ctx, func(scan func(...any) error) error {
		var id string
		var payload, sig []byte
		var received, source any
		if err := scan(&id, &payload, &sig, &received, &source); err != nil {
			return err
		}
		_, st, err := ledger.Open(payload, sig)
		if err != nil {
			return err
		}
		r.acts[id] = livedAct{st, received, source}
		if st.Seq >= r.seq[st.Key] {
			r.seq[st.Key], r.prev[st.Key] = st.Seq+1, id
		}
		return nil
	}, "SELECT id, payload, sig, received_at, source FROM acts")
}

func (r *repeater) readRows(ctx context.Context) error {
	r.columns = make([][]string, len(livedTables))
	for i, t := range livedTables {
		err := r.each(ctx, func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			r.columns[i] = append(r.columns[i], name)
			return err
		}, "SELECT name FROM pragma_table_info(?) ORDER BY cid", t.name)
		if err != nil {
			return err
		}
		n := len(r.columns[i])
		ask := make([]string, 0, 2*n)
		for _, c := range r.columns[i] {
			ask = append(ask, `CAST("`+c+`" AS TEXT)`)
		}
		for _, c := range r.columns[i] {
			ask = append(ask, `typeof("`+c+`")`)
		}
		err = r.each(ctx, func(scan func(...any) error) error {
			row := livedRow{table: i, values: make([]any, n), kinds: make([]string, n)}
			text, into := make([]string, n), make([]any, 2*n)
			for c := range n {
				into[c], into[n+c] = &text[c], &row.kinds[c]
			}
			if err := scan(into...); err != nil {
				return err
			}
			for c := range n {
				row.values[c] = text[c]
				if row.kinds[c] == "integer" {
					v, err := strconv.ParseInt(text[c], 10, 64)
					if err != nil {
						return err
					}
					row.values[c] = v
				}
			}
			r.rows, r.ids = append(r.rows, row), append(r.ids, text[0])
			return nil
		}, "SELECT "+strings.Join(ask, ", ")+" FROM "+t.name+" ORDER BY rowid")
		if err != nil {
			return err
		}
	}
	r.number = 1
	return nil
}

func (r *repeater) readRevisions(ctx context.Context) error {
	return r.each(ctx, func(scan func(...any) error) error {
		var v livedRevision
		var body []byte
		if err := scan(&v.digest, &v.subject, &body); err != nil {
			return err
		}
		v.body = string(body)
		for _, v.media = range []string{ledger.RequestMedia, ledger.RecordMedia} {
			if ledger.Digest(v.media, body) == v.digest {
				r.revisions = append(r.revisions, v)
				return nil
			}
		}
		return fmt.Errorf("the revision %s has another digest", v.digest)
	}, "SELECT digest, subject, body FROM revisions ORDER BY rowid")
}

// findClosing notes which entry says last what a row holds: its digest is made
// anew with the row.
func (r *repeater) findClosing() error {
	at := map[string]int{}
	for i, e := range r.entries {
		var said struct{ Subject, Digest string }
		if json.Unmarshal(e.Data, &said) == nil && said.Digest != "" {
			at[said.Subject] = i
		}
	}
	for i, id := range r.ids {
		entry, said := at[id]
		if !said {
			return fmt.Errorf("no entry says what the row %s of %s holds", id, livedTables[r.rows[i].table].name)
		}
		r.closing[entry] = i
	}
	return nil
}

// someLives writes many lives in one transaction.
func (r *repeater) someLives(ctx context.Context, entries int64) (err error) {
	if r.tx, err = r.db.BeginTx(ctx, nil); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.tx.Rollback())
		}
	}()
	for i := 0; i < livesAtOnce && r.size < entries; i++ {
		if err := r.liveAgain(ctx); err != nil {
			return err
		}
	}
	for table := range r.waiting {
		if err := r.flush(ctx, table); err != nil {
			return err
		}
	}
	if _, err := r.tx.ExecContext(ctx, "UPDATE meta SET value = ? WHERE key IN ('change_requests', 'deployment_records')", strconv.FormatInt(r.number, 10)); err != nil {
		return err
	}
	return r.tx.Commit()
}

// rowsAtOnce go into a table with one statement: the driver reads each anew.
const rowsAtOnce = 100

type waitingRows struct {
	values []any
	rows   int
}

func (r *repeater) put(ctx context.Context, table string, values ...any) error {
	w := r.waiting[table]
	if w == nil {
		w = &waitingRows{}
		r.waiting[table] = w
	}
	w.values, w.rows = append(w.values, values...), w.rows+1
	if w.rows < rowsAtOnce {
		return nil
	}
	return r.flush(ctx, table)
}

func (r *repeater) flush(ctx context.Context, table string) error {
	w := r.waiting[table]
	if w.rows == 0 {
		return nil
	}
	one := "(?" + strings.Repeat(", ?", len(w.values)/w.rows-1) + ")"
	_, err := r.tx.ExecContext(ctx, "INSERT INTO "+table+" VALUES "+one+strings.Repeat(", "+one, w.rows-1), w.values...)
	w.values, w.rows = w.values[:0], 0
	return err
}

// withoutTriggers lets rows be put in without the triggers that hold tables
// append-only, and puts these back as they were.
func (r *repeater) withoutTriggers(ctx context.Context, do func() error) error {
	made := map[string]string{}
	err := r.each(ctx, func(scan func(...any) error) error {
		var name, statement string
		err := scan(&name, &statement)
		made[name] = statement
		return err
	}, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
	if err != nil {
		return err
	}
	for name := range made {
		if _, err := r.db.ExecContext(ctx, "DROP TRIGGER "+name); err != nil {
			return err
		}
	}
	if err := do(); err != nil {
		return err
	}
	for _, statement := range made {
		if _, err := r.db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// A retelling is one more life: what each id of the first one is called in it.
type retelling struct {
	*repeater
	pairs []string
	names *strings.Replacer
}

func (t *retelling) call(old, now string) {
	t.pairs, t.names = append(t.pairs, old, now), nil
}

func (t *retelling) tell(s string) string {
	if t.names == nil {
		t.names = strings.NewReplacer(t.pairs...)
	}
	return t.names.Replace(s)
}

func (r *repeater) liveAgain(ctx context.Context) error {
	t := &retelling{repeater: r}
	r.number++
	for _, id := range r.ids {
		t.call(id, newID())
	}
	if err := t.tellRevisions(ctx); err != nil {
		return err
	}
	for i, e := range r.entries {
		var err error
		if row, closes := r.closing[i]; closes {
			err = t.tellRow(ctx, e, r.rows[row])
		} else if e.Kind == "act" {
			err = t.tellAct(ctx, e)
		} else {
			err = t.append(ctx, e.Kind, t.tell(string(e.Data)))
		}
		if err != nil {
			return fmt.Errorf("entry %d: %w", e.Idx, err)
		}
	}
	return nil
}

func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}

func (t *retelling) tellRevisions(ctx context.Context) error {
	for _, v := range t.revisions {
		body := t.tell(v.body)
		digest := ledger.Digest(v.media, []byte(body))
		t.call(v.digest, digest)
		if err := t.put(ctx, "revisions", digest, t.tell(v.subject), []byte(body)); err != nil {
			return err
		}
	}
	return nil
}

// tellAct signs the act again, where the chains and the log stand now.
func (t *retelling) tellAct(ctx context.Context, e ledger.Entry) error {
	var named struct{ Act string }
	if err := json.Unmarshal(e.Data, &named); err != nil {
		return err
	}
	old, st := t.acts[named.Act], t.acts[named.Act].st
	head, err := ledger.HeadAt(t.size, t.hashes)
	if err != nil {
		return err
	}
	st.Body, st.Subj, st.Log = json.RawMessage(t.tell(string(old.st.Body))), t.tell(st.Subj), head.String()
	st.Seq, st.Prev = t.seq[st.Key], t.prev[st.Key]
	seen := make([]string, len(st.Seen))
	for i, s := range st.Seen {
		seen[i] = t.tell(s)
	}
	slices.Sort(seen)
	st.Seen = seen
	payload, err := ledger.Canonical(st)
	if err != nil {
		return err
	}
	sig := ed25519.Sign(ed25519.NewKeyFromSeed(t.life.keys[st.Key].Seed()), ledger.PAE(ledger.ActMedia, payload))
	id := ledger.Digest(ledger.ActMedia, payload)
	t.call(named.Act, id)
	t.seq[st.Key], t.prev[st.Key] = st.Seq+1, id
	t.last = ledger.Link{ID: id, Key: st.Key, Prev: st.Prev, Seq: st.Seq}
	err = t.put(ctx, "acts", id, t.life.workspace, st.Subj, st.Type, st.Key, st.Seq, st.Prev, payload, sig, old.received, old.source)
	if err != nil {
		return err
	}
	return t.append(ctx, "act", `{"act":"`+id+`"}`)
}

// tellRow puts a row in with the entry that says what it holds.
func (t *retelling) tellRow(ctx context.Context, e ledger.Entry, row livedRow) error {
	table := livedTables[row.table]
	h, n := sha256.New(), [8]byte{}
	fmt.Fprintf(h, "%s/%d", table.name, table.form)
	values := make([]any, len(row.values))
	for c, v := range row.values {
		name := t.columns[row.table][c]
		if s, text := v.(string); text {
			v = t.tell(s)
		} else if name == "number" {
			v = t.number
		}
		values[c] = v
		if slices.Contains(table.uncovered, name) {
			continue
		}
		b := fmt.Append(nil, v)
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		_, _ = h.Write(n[:])
		_, _ = h.Write(b)
	}
	if err := t.put(ctx, table.name, values...); err != nil {
		return err
	}
	var said struct{ Digest string }
	if err := json.Unmarshal(e.Data, &said); err != nil {
		return err
	}
	data := strings.Replace(t.tell(string(e.Data)), said.Digest, hex.EncodeToString(h.Sum(nil)), 1)
	return t.append(ctx, e.Kind, data)
}

func (t *retelling) append(ctx context.Context, kind, data string) error {
	if err := t.put(ctx, "log_entries", t.size, kind, []byte(data)); err != nil {
		return err
	}
	first, hashes, err := ledger.AppendHashes(t.size, kind, []byte(data), t.hashes)
	if err != nil {
		return err
	}
	for i, h := range hashes {
		if err := t.put(ctx, "log_hashes", first+int64(i), h[:]); err != nil {
			return err
		}
	}
	t.hashes = append(t.hashes, hashes...)
	t.size++
	return nil
}
