package main

import (
	"context"
	"fmt"
	"strconv"
)

// logRows deletes each entry of the audit trail, alone and with all after it
// moved up.
func logRows(ctx context.Context, dir string, g guards) ([]forgery, error) {
	n, err := count(ctx, dir, "log_entries")
	if err != nil {
		return nil, err
	}
	out := []forgery{}
	for i := range n {
		out = append(out, forgery{class: "a log row deleted", what: strconv.Itoa(i), codes: []string{"log_damaged", "log_rolled_back"}, do: g.statement(fmt.Sprintf("DELETE FROM log_entries WHERE idx = %d", i))})
		if i < n-1 {
			out = append(out, forgery{class: "a log row deleted and the rest moved up", what: strconv.Itoa(i), codes: []string{"log_damaged"},
				do: g.statement(fmt.Sprintf("DELETE FROM log_entries WHERE idx = %d; UPDATE log_entries SET idx = -idx WHERE idx > %d; UPDATE log_entries SET idx = -idx - 1 WHERE idx < 0", i, i))})
		}
	}
	return out, nil
}

// logSwaps swaps each two neighbours of the audit trail.
func logSwaps(ctx context.Context, dir string, g guards) ([]forgery, error) {
	rows, err := table(ctx, dir, "SELECT idx, kind || ' ' || hex(data) FROM log_entries ORDER BY idx")
	if err != nil {
		return nil, err
	}
	out := []forgery{}
	for i := range len(rows) - 1 {
		if rows[i][1] == rows[i+1][1] {
			continue // to swap them changes nothing
		}
		out = append(out, forgery{class: "two log rows swapped", what: strconv.Itoa(i), codes: []string{"log_damaged"},
			do: g.statement(fmt.Sprintf("UPDATE log_entries SET idx = -1 WHERE idx = %d; UPDATE log_entries SET idx = %d WHERE idx = %d; UPDATE log_entries SET idx = %d WHERE idx = -1", i, i, i+1, i+1))})
	}
	return out, nil
}

// storedHashAltered is what nobody notices with the planted fault.
const storedHashAltered = "a stored hash altered"

// logHashesAltered alters each stored hash.
func logHashesAltered(ctx context.Context, dir string, g guards) ([]forgery, error) {
	rows, err := table(ctx, dir, "SELECT idx, hex(hash) FROM log_hashes ORDER BY idx")
	if err != nil {
		return nil, err
	}
	out := []forgery{}
	for _, r := range rows {
		flipped := "0" + r[1][1:]
		if r[1][0] == '0' {
			flipped = "1" + r[1][1:]
		}
		out = append(out, forgery{class: storedHashAltered, what: r[0], codes: []string{"log_damaged"}, do: g.statement(fmt.Sprintf("UPDATE log_hashes SET hash = x'%s' WHERE idx = %s", flipped, r[0]))})
	}
	return out, nil
}

// logHashesDeleted deletes each stored hash.
func logHashesDeleted(ctx context.Context, dir string, g guards) ([]forgery, error) {
	n, err := count(ctx, dir, "log_hashes")
	if err != nil {
		return nil, err
	}
	out := []forgery{}
	for i := range n {
		out = append(out, forgery{class: "a stored hash deleted", what: strconv.Itoa(i), codes: []string{"log_damaged"}, do: g.statement(fmt.Sprintf("DELETE FROM log_hashes WHERE idx = %d", i))})
	}
	return out, nil
}

// logCut cuts the end of the audit trail off, as cleanly as can be: with the
// stored hashes and the acts that the rest does not name.
func logCut(ctx context.Context, dir string, g guards) ([]forgery, error) {
	n, err := count(ctx, dir, "log_entries")
	if err != nil {
		return nil, err
	}
	acts, err := table(ctx, dir, "SELECT max(idx) FROM log_entries WHERE kind = 'act'")
	if err != nil {
		return nil, err
	}
	last, err := strconv.Atoi(acts[0][0])
	if err != nil {
		return nil, err
	}
	out := []forgery{}
	for size := 1; size <= last && size < n; size++ {
		out = append(out, forgery{class: "the end of the log cut off", what: fmt.Sprintf("%d of %d left", size, n), codes: []string{"log_rolled_back"},
			do: g.statement(fmt.Sprintf(`DELETE FROM acts WHERE id IN (SELECT json_extract(CAST(data AS TEXT), '$.act') FROM log_entries WHERE kind = 'act' AND idx >= %d);
				DELETE FROM log_entries WHERE idx >= %d; DELETE FROM log_hashes WHERE idx >= %d`, size, size, storedHashes(size)))})
	}
	return out, nil
}

// storedHashes is how many hashes a log of n entries stores: one for each
// entry, and one for each whole subtree that it closes.
func storedHashes(n int) int {
	sum := 0
	for ; n > 0; n /= 2 {
		sum += n
	}
	return sum
}

func count(ctx context.Context, dir, name string) (int, error) {
	rows, err := table(ctx, dir, "SELECT count(*) FROM "+name)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(rows[0][0])
}
