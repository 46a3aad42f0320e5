package store

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"gorm.io/gorm"
)

// The rows that are nobody else's concept.
type (
	meta struct {
		Key   string `gorm:"primaryKey"`
		Value string
	}
	revision struct {
		Digest  string `gorm:"primaryKey"`
		Subject string
		Body    []byte
	}
	blob struct {
		SHA256    string `gorm:"primaryKey;column:sha256"`
		Size      int64
		CreatedAt time.Time `gorm:"autoCreateTime:false"`
	}
	logHash struct {
		Idx  int64 `gorm:"primaryKey;autoIncrement:false"`
		Hash []byte
	}
	checkpoint struct {
		Size int64  `gorm:"primaryKey;autoIncrement:false"`
		By   string `gorm:"primaryKey"`
		Note string
		At   time.Time
	}
)

func (meta) TableName() string { return "meta" }

// A guarded table is one whose rows must be as the last log entry about them
// says. Columns are those that the digest covers, by form: a migration that
// adds a column adds a form, and entries of older forms stay true. Status,
// round and revision are not among them, since the acts say what they must be,
// nor is updated_at, which is for sorting only.
type guarded struct {
	table string
	word  string
	forms [][]string
}

var (
	requestRows = guarded{"change_requests", "change request", [][]string{{
		"id", "number", "name", "overview", "type", "supporting_text", "external_link", "external_number", "attachments",
		"change_sets", "manifests", "customizations", "authors", "parents", "created_at"}, {
		"id", "number", "name", "overview", "type", "supporting_text", "external_link", "external_number", "attachments",
		"change_sets", "manifests", "customizations", "authors", "parents", "created_at", "emergency_reason", "incident", "additional_approvers"}}}
	recordRows = guarded{"deployment_records", "deployment record", [][]string{{
		"id", "number", "request_id", "kind", "name", "source_id", "target_id", "source_org", "target_org", "target_kind", "whole",
		"customizations", "options", "api_version", "deployer", "request_digest", "package", "base", "source_normal", "reverse",
		"normal_form", "package_blob", "base_blob", "reverse_blob", "scanned_at", "authors", "parents", "created_at"}}}
	logRows = guarded{"deployment_logs", "deployment log", [][]string{{
		"id", "record_id", "request_id", "kind", "attempt", "progress", "result", "by", "target_org", "revision", "package", "marker",
		"zip_sha256", "async_id", "validation_id", "start_act", "result_act", "cancel_wanted", "status", "state_detail",
		"components_total", "components_done", "component_errors", "tests_total", "tests_done", "test_errors", "message", "outcome",
		"raw_blob", "started_at", "server_before", "sent_at", "last_contact", "completed_at", "server_completed"}}}
	environmentRows = guarded{"environments", "environment", [][]string{{
		"id", "name", "kind", "url", "sign_in", "username", "organization_id", "organization_name", "api_version", "tested_at",
		"created_at", "updated_at"}, {
		"id", "name", "kind", "url", "sign_in", "username", "organization_id", "organization_name", "api_version", "tested_at",
		"created_at", "updated_at", "deploy_by"}, {
		"id", "name", "kind", "url", "sign_in", "username", "organization_id", "organization_name", "api_version", "tested_at",
		"created_at", "updated_at", "deploy_by", "consumer_key"}}}
)

func guardedTables() []guarded {
	return []guarded{requestRows, recordRows, logRows, environmentRows}
}

// form is the newest form's number.
func (g guarded) form() int64 { return int64(len(g.forms)) }

// selection asks for the id and the columns of a form as they are stored,
// without SQLite or the driver turning them into something else.
func (g guarded) selection(form int64) (string, error) {
	if form < 1 || form > g.form() {
		return "", fmt.Errorf("the content of a %s has no form %d", g.word, form)
	}
	var b strings.Builder
	b.WriteString("SELECT CAST(id AS BLOB)")
	for _, c := range g.forms[form-1] {
		fmt.Fprintf(&b, `, CAST("%s" AS BLOB)`, c)
	}
	return b.String() + " FROM " + g.table, nil
}

// digest is the hash of a row's content in a form; it returns "" when there is
// no such row.
func (g guarded) digest(db *gorm.DB, id string, form int64) (string, error) {
	q, err := g.selection(form)
	if err != nil {
		return "", err
	}
	digest := ""
	err = g.each(db, q+" WHERE id = ?", form, func(_, d string) { digest = d }, id)
	return digest, err
}

// each streams ids and digests of rows.
func (g guarded) each(db *gorm.DB, q string, form int64, do func(id, digest string), args ...any) error {
	values := make([]sql.RawBytes, 1+len(g.forms[form-1]))
	into := make([]any, len(values))
	for i := range values {
		into[i] = &values[i]
	}
	h := sha256.New()
	return eachRow(db.Raw(q, args...), func(scan scanner) error {
		if err := scan(into...); err != nil {
			return err
		}
		h.Reset()
		fmt.Fprintf(h, "%s/%d", g.table, form)
		for _, v := range values[1:] {
			feed(h, v)
		}
		do(string(values[0]), hex.EncodeToString(h.Sum(nil)))
		return nil
	})
}

// A scanner copies the columns of a row.
type scanner = func(into ...any) error

// eachRow gives what a query finds row by row, until an error. It goes past
// GORM: there can be thousands, and reflecting on each takes longer than SQLite
// does. No other query can run meanwhile on the connection of a transaction.
func eachRow(q *gorm.DB, take func(scan scanner) error) error {
	rows, err := q.Rows()
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

// feed hashes a value with its length in front, so that no text can pass for
// two.
func feed(h hash.Hash, v []byte) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(v)))
	_, _ = h.Write(n[:])
	_, _ = h.Write(v)
}

// rowKinds are the log entries that say what a row's content is. The text is
// that of the partial index log_entries_row, which SQLite uses only for the
// very same condition.
const (
	rowKinds   = "kind IN ('draft', 'delete', 'attempt', 'environment', 'rebuild')"
	rowSubject = "json_extract(CAST(data AS TEXT), '$.subject')"
)

// A rowEntry is what every entry about a row carries, whatever its kind.
type rowEntry struct {
	Digest  string `json:"digest"` // empty after a deletion
	Form    int64  `json:"form"`
	Subject string `json:"subject"`
}

func readRowEntry(e ledger.Entry) (rowEntry, error) {
	var r rowEntry
	if err := json.Unmarshal(e.Data, &r); err != nil {
		return r, fmt.Errorf("read log entry %d: %w", e.Idx, err)
	}
	return r, nil
}

// quickRowEntry is readRowEntry for entries in the form in which they are
// written: one object of texts, whole numbers and truths without an escape, each
// named once. Any other is for readRowEntry to judge.
func quickRowEntry(e ledger.Entry) (rowEntry, error) {
	var r rowEntry
	var seen [3]bool
	b, ok := bytes.CutPrefix(e.Data, []byte("{"))
	for ok {
		var name, value []byte
		if name, b, ok = quickText(b); !ok || len(b) == 0 || b[0] != ':' {
			break
		}
		b = b[1:]
		isText := len(b) > 0 && b[0] == '"'
		if isText {
			value, b, ok = quickText(b)
		} else {
			value, b, ok = quickPlain(b)
		}
		if !ok || len(b) == 0 {
			break
		}
		field := -1
		switch string(name) {
		case "digest":
			field, r.Digest = 0, string(value)
		case "subject":
			field, r.Subject = 1, string(value)
		case "form":
			field = 2
			var err error
			if r.Form, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return readRowEntry(e)
			}
		default:
			// encoding/json would take a name in another case for one of these.
			if len(name) <= len("subject") && (bytes.EqualFold(name, []byte("digest")) || bytes.EqualFold(name, []byte("subject")) || bytes.EqualFold(name, []byte("form"))) {
				return readRowEntry(e)
			}
		}
		if field >= 0 {
			if seen[field] || isText != (field < 2) {
				return readRowEntry(e)
			}
			seen[field] = true
		}
		end := b[0]
		if b = b[1:]; end == '}' && len(b) == 0 {
			return r, nil
		}
		ok = end == ','
	}
	return readRowEntry(e)
}

// quickText reads a text without escapes.
func quickText(b []byte) (text, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return nil, nil, false
	}
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return b[1:i], b[i+1:], true
		case c == '\\' || c < ' ' || c >= utf8.RuneSelf:
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// quickPlain reads a whole number without a sign, or a truth.
func quickPlain(b []byte) (value, rest []byte, ok bool) {
	for _, word := range []string{"true", "false"} {
		if bytes.HasPrefix(b, []byte(word)) {
			return b[:len(word)], b[len(word):], true
		}
	}
	n := 0
	for n < len(b) && n < 18 && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	return b[:n], b[n:], n == 1 || n > 1 && b[0] != '0'
}

// lastRowEntry is the last log entry about a row, nil if there is none.
func lastRowEntry(db *gorm.DB, id string) (*rowEntry, error) {
	var e ledger.Entry
	err := db.Raw("SELECT idx, kind, data FROM log_entries WHERE "+rowKinds+" AND "+rowSubject+" = ? ORDER BY idx DESC LIMIT 1", id).Scan(&e).Error
	if err != nil || e.Kind == "" {
		return nil, err
	}
	r, err := readRowEntry(e)
	return &r, err
}

// altered says what was done to a row outside Countersign, or "".
func (g guarded) altered(db *gorm.DB, id, label string) (string, error) {
	last, err := lastRowEntry(db, id)
	if err != nil {
		return "", err
	}
	if last == nil || last.Digest == "" {
		return fmt.Sprintf("The %s %s was added outside Countersign.", g.word, label), nil
	}
	now, err := g.digest(db, id, last.Form)
	if err != nil || now == last.Digest {
		return "", err
	}
	return fmt.Sprintf("The %s %s was changed outside Countersign.", g.word, label), nil
}

// unaltered refuses to build on a row that was changed by hand: a person first
// says, with a trace, that it shall stand.
func (d *door) unaltered(g guarded, id, label string) error { return unaltered(d.db, g, id, label) }

func unaltered(db *gorm.DB, g guarded, id, label string) error {
	why, err := g.altered(db, id, label)
	if err != nil || why == "" {
		return err
	}
	return governance.Faultf("row_altered", "%s", why).WithHint("Run countersign verify, then rebuild the workspace from its acts.")
}

// load reads a row by id, or returns the fault not_found.
func load[T any](db *gorm.DB, word, id string) (*T, error) {
	var v T
	err := db.Where("id = ?", id).Take(&v).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, notFound(word, id)
	}
	if err != nil {
		return nil, fmt.Errorf("read the %s %s: %w", word, id, err)
	}
	return &v, nil
}

// newID is random 128-bit text.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}

// next counts up a number of this machine that is never used twice, even when
// a draft was deleted.
func (d *door) next(counter string) (int64, error) {
	var n int64
	err := d.db.Raw("INSERT INTO meta (key, value) VALUES (?, '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1 RETURNING CAST(value AS INTEGER)", counter).Scan(&n).Error
	return n, err
}

// upTo sees to it that the next number is larger than n.
func (d *door) upTo(counter string, n int64) error {
	return d.db.Exec("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))", counter, strconv.FormatInt(n, 10)).Error
}

// copyOf returns a deep copy by way of JSON, which every record has anyway.
func copyOf[T any](v *T) (*T, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var c T
	return &c, json.Unmarshal(b, &c)
}

func sameContent[T any](a, b *T) (bool, error) {
	x, err := json.Marshal(a)
	if err != nil {
		return false, err
	}
	y, err := json.Marshal(b)
	return string(x) == string(y), err
}
