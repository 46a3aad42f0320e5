package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"countersign/backend/workspace"
)

// look opens a copy's database for reading, past the store. The driver is the
// store's.
func look(file string) (*sql.DB, error) {
	path := (&url.URL{Path: filepath.ToSlash(file)}).EscapedPath()
	return sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: path, RawQuery: "mode=ro&immutable=1"}).String())
}

// table reads the columns of all rows as text; a BLOB comes in hexadecimal.
func table(ctx context.Context, dir, query string) ([][]string, error) {
	db, err := look(filepath.Join(dir, "workspace.db"))
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	out := [][]string{}
	for rows.Next() {
		line, into := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range line {
			into[i] = &line[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		text := make([]string, len(line))
		for i := range line {
			text[i] = line[i].String
		}
		out = append(out, text)
	}
	return out, rows.Err()
}

// guards are the triggers of a copy, as SQL that makes them.
type guards map[string]string

func guardsOf(ctx context.Context, dir string) (guards, error) {
	rows, err := table(ctx, dir, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
	if err != nil {
		return nil, err
	}
	g := guards{}
	for _, r := range rows {
		g[r[0]] = r[1]
	}
	if len(g) == 0 {
		return nil, fmt.Errorf("the database in %s has no triggers to get past", dir)
	}
	return g, nil
}

// past wraps a statement as a careful forger would: checks and triggers are out
// of the way while it runs and are there again afterwards, so that it has to be
// found by what it did.
func (g guards) past(statement string) string {
	var b strings.Builder
	b.WriteString("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;\n")
	for name := range g {
		fmt.Fprintf(&b, "DROP TRIGGER %s;\n", name)
	}
	b.WriteString(strings.TrimRight(statement, "; \n") + ";\n")
	for _, create := range g {
		b.WriteString(strings.TrimRight(create, "; \n") + ";\n")
	}
	return b.String()
}

// statement is a forgery in SQL.
func (g guards) statement(sql string) func(context.Context, *bench) error {
	return func(ctx context.Context, b *bench) error { return workspace.Forge(ctx, b.dir, g.past(sql)) }
}

// quoted is a text in SQL.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
