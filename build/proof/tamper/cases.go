package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"countersign/backend/governance"
)

// controls show that what is refused below is refused because it was forged:
// an untouched copy verifies, and deploys.
func (l *loop) controls(ctx context.Context, k *keeping) error {
	for _, from := range []string{k.ready, k.ended} {
		b, err := newBench(from, l.path("control"))
		if err != nil {
			return err
		}
		codes, err := b.verify(ctx)
		if err != nil {
			return err
		}
		if !l.score.Check(len(codes) == 0, "an untouched copy does not verify: %v", codes) {
			return errors.New("no forgery can be told from an untouched copy")
		}
		if from != k.ready {
			continue
		}
		before, err := realDeployments(b.dir)
		if err != nil {
			return err
		}
		said := b.deploy(ctx)
		after, err := realDeployments(b.dir)
		if err != nil {
			return err
		}
		if !l.score.Check(said.err == nil && after == before+1, "an untouched copy does not deploy: %s", said) {
			return errors.New("no refusal can be told from what happens anyway")
		}
	}
	return nil
}

// ready forges in the workspace that could deploy next.
func (l *loop) ready(ctx context.Context, k *keeping) error {
	dir := k.ready
	g, err := guardsOf(ctx, dir)
	if err != nil {
		return err
	}
	all, err := l.singleBytes(ctx, dir)
	if err != nil {
		return err
	}
	for _, class := range []func(context.Context, string, guards) ([]forgery, error){actColumns, statusColumns, lockedContent, rowsGone, schema} {
		more, err := class(ctx, dir, g)
		if err != nil {
			return err
		}
		all = append(all, l.some(more, l.few())...)
	}
	for _, class := range []func(context.Context, string, guards) ([]forgery, error){logRows, logSwaps, logHashesAltered, logHashesDeleted, logCut} {
		more, err := class(ctx, dir, g)
		if err != nil {
			return err
		}
		more = l.some(more, l.few())
		for i := range more {
			more[i].deploy = i%9 == 0 // odd: two classes come by turns
		}
		all = append(all, more...)
	}
	files, err := blobs(dir)
	if err != nil {
		return err
	}
	return l.try(ctx, dir, append(all, l.some(files, l.few())...))
}

// ended forges in the workspace whose deployment has ended: what is set back by
// hand must not be sent again.
func (l *loop) ended(ctx context.Context, k *keeping) error {
	g, err := guardsOf(ctx, k.ended)
	if err != nil {
		return err
	}
	all, err := statusColumns(ctx, k.ended, g)
	if err != nil {
		return err
	}
	again, err := sentAgain(ctx, k.ended, g)
	if err != nil {
		return err
	}
	for i := range all {
		all[i].class += ", all ended"
	}
	return l.try(ctx, k.ended, append(l.some(all, l.few()), l.some(again, l.few())...))
}

// sentAgain makes ended attempts look as if they had never been sent.
func sentAgain(ctx context.Context, dir string, g guards) ([]forgery, error) {
	rows, err := table(ctx, dir, "SELECT id, kind FROM deployment_logs WHERE kind IN ('deploy', 'quick')")
	if err != nil {
		return nil, err
	}
	out := []forgery{}
	for _, r := range rows {
		for _, p := range []governance.Progress{governance.ProgressIntent, governance.ProgressSending, governance.ProgressUnknown, governance.ProgressRunning} {
			for _, async := range []string{"", ", async_id = ''"} {
				out = append(out, forgery{class: "an ended deployment set back by hand", what: string(p) + async, codes: []string{"row_altered"}, deploy: true,
					do: g.statement("UPDATE deployment_logs SET progress = " + quoted(string(p)) + ", result = '', result_act = '', started_at = strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')" + async + " WHERE id = " + quoted(r[0]))})
			}
		}
	}
	return out, nil
}

// actColumns changes what a row repeats of its act.
func actColumns(ctx context.Context, dir string, g guards) ([]forgery, error) {
	rows, err := table(ctx, dir, "SELECT id, type FROM acts")
	if err != nil {
		return nil, err
	}
	out := []forgery{}
	for i, r := range rows {
		for _, set := range []string{"id = 'x' || substr(id, 2)", "workspace = 'x' || substr(workspace, 2)", "subject = subject || 'x'", "type = 'dr.approve' || substr(type, 1, 0 * rowid)",
			"key = 'x' || substr(key, 2)", "seq = seq + 1", "prev = 'x' || substr(prev, 2)"} {
			if strings.HasPrefix(set, "type") && r[1] == "dr.approve" {
				set = "type = 'dr.reject'"
			}
			column, _, _ := strings.Cut(set, " ")
			out = append(out, forgery{class: "a column of an act", what: r[1] + " " + column, codes: []string{"act", "act_missing", "act_unlogged"}, deploy: i%8 == 0,
				do: g.statement("UPDATE acts SET " + set + " WHERE id = " + quoted(r[0]))})
		}
	}
	return out, nil
}

// A setting is a column and the values that it is given.
type setting struct {
	table, column string
	values        []string // in SQL; the column's own value is left out
	codes         []string
}

// statusColumns sets every status column of every row to every other value.
func statusColumns(ctx context.Context, dir string, g guards) ([]forgery, error) {
	statuses := []string{quoted("Deployed"), "''"}
	for _, s := range governance.Statuses() {
		statuses = append(statuses, quoted(string(s)))
	}
	revisions, err := table(ctx, dir, "SELECT digest FROM revisions")
	if err != nil {
		return nil, err
	}
	digests := []string{"''", quoted(strings.Repeat("0", 64))}
	for _, r := range revisions {
		digests = append(digests, quoted(r[0]))
	}
	numbers := []string{"0", "1", "2", "3", "4", "99"}
	status, row := []string{"status"}, []string{"row_altered"}
	settings := []setting{
		{"deployment_logs", "progress", quotedAll("intent", "sending", "unknown", "running", "done", "gone"), row},
		{"deployment_logs", "result", quotedAll("", "succeeded", "partially", "failed", "canceled", "not-sent", "good"), row},
		{"deployment_logs", "status", quotedAll("", "Pending", "InProgress", "Succeeded", "Failed", "Canceled"), row},
		{"deployment_logs", "async_id", quotedAll("", "0Af000000000001AAA"), row},
		{"deployment_logs", "package", quotedAll("", "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), row},
		{"deployment_logs", "result_act", quotedAll("", "x"), row},
		{"environments", "kind", quotedAll("production", "sandbox", "scratch", "demo"), row},
		{"environments", "organization_id", quotedAll("", "00D000000000001AAA", "00D5e000000UAT1EAO", "00D5f000000PRD1EAO"), row},
		{"environments", "url", quotedAll("demo:uat", "demo:production", "http://127.0.0.1:9"), row},
	}
	for _, t := range []string{"change_requests", "deployment_records"} {
		settings = append(settings, setting{t, "status", statuses, status}, setting{t, "round", numbers, status}, setting{t, "revision", digests, status})
	}
	out := []forgery{}
	for _, s := range settings {
		rows, err := table(ctx, dir, fmt.Sprintf("SELECT id, %s FROM %s", s.column, s.table))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			for _, v := range s.values {
				if v == r[1] || v == quoted(r[1]) {
					continue
				}
				out = append(out, forgery{class: "a status column set by hand", what: fmt.Sprintf("%s.%s of %.8s = %s", s.table, s.column, r[0], v), codes: s.codes,
					deploy: s.table != "deployment_logs" || s.column == "progress" || s.column == "result",
					do:     g.statement(fmt.Sprintf("UPDATE %s SET %s = %s WHERE id = %s", s.table, s.column, v, quoted(r[0])))})
			}
		}
	}
	return out, nil
}

func quotedAll(values ...string) []string {
	out := []string{}
	for _, v := range values {
		out = append(out, quoted(v))
	}
	return out
}

// lockedContent edits what was approved.
func lockedContent(_ context.Context, _ string, g guards) ([]forgery, error) {
	const one = `json('[{"action":"add","name":"Backdoor","type":"ApexClass"}]')`
	out := []forgery{}
	for table, sets := range map[string][]string{
		"change_requests": {"name = name || '!'", "overview = ''", "type = CASE type WHEN 'Major' THEN 'Minor' ELSE 'Major' END", "supporting_text = 'x'", "external_link = 'https://example.org'", "external_number = 'X-1'",
			"customizations = " + one, "customizations = json_remove(customizations, '$[0]')", "authors = json('[]')", `authors = json('["bo"]')`,
			`attachments = json('[{"name":"x","sha256":"","size":1}]')`, `change_sets = json('["x"]')`, "number = number + 1", `parents = json('[]')`},
		"deployment_records": {"package = base", "package = ''", "base = package", "reverse = package", "source_normal = base", `options = json_set(options, '$.testLevel', 'NoTestRun')`,
			`options = json_set(options, '$.rollbackOnError', json('false'))`, "target_id = source_id", "source_id = target_id", "target_org = source_org", "target_kind = 'sandbox'", "deployer = 'ana'",
			"deployer = ''", "customizations = " + one, "whole = 1 - whole", "api_version = '60.0'", "request_digest = ''", "package_blob = base_blob", "package_blob = ''", "base_blob = package_blob",
			"reverse_blob = package_blob", "normal_form = normal_form + 1", "authors = json('[]')", "kind = 'rollback'", "name = 'x'"},
	} {
		for _, set := range sets {
			out = append(out, forgery{class: "locked content edited by hand", what: table + ": " + set, codes: []string{"content", "row_altered"}, deploy: true, do: g.statement("UPDATE " + table + " SET " + set)})
		}
	}
	return out, nil
}

// environmentGone is not deployed from: opening the demo workspace makes its two
// environments again, through a door, as its charter names them.
const environmentGone = "an environment deleted"

// rowsGone deletes rows, and puts in some that nobody made.
func rowsGone(ctx context.Context, dir string, g guards) ([]forgery, error) {
	out := []forgery{}
	for _, t := range []struct {
		class, table, key string
		codes             []string
	}{
		{"an act deleted", "acts", "id", []string{"act_missing"}},
		{"a deployment log deleted", "deployment_logs", "id", []string{"row_missing"}},
		{"a record deleted", "deployment_records", "id", []string{"row_missing"}},
		{"a request deleted", "change_requests", "id", []string{"row_missing"}},
		{environmentGone, "environments", "id", []string{"row_missing"}},
		{"an approved content deleted", "revisions", "digest", []string{"revision", "act"}},
	} {
		rows, err := table(ctx, dir, fmt.Sprintf("SELECT %s FROM %s", t.key, t.table))
		if err != nil {
			return nil, err
		}
		for i, r := range rows {
			out = append(out, forgery{class: t.class, what: fmt.Sprintf("%.12s", r[0]), codes: t.codes, deploy: i%4 == 0 && t.class != environmentGone,
				do: g.statement(fmt.Sprintf("DELETE FROM %s WHERE %s = %s", t.table, t.key, quoted(r[0])))})
		}
	}
	revisions, err := table(ctx, dir, "SELECT digest, hex(body) FROM revisions")
	if err != nil {
		return nil, err
	}
	for i, r := range revisions {
		out = append(out, forgery{class: "an approved content altered", what: fmt.Sprintf("%.12s", r[0]), codes: []string{"revision", "act"}, deploy: i%4 == 0,
			do: g.statement("UPDATE revisions SET body = CAST(replace(CAST(body AS TEXT), 'a', 'e') AS BLOB) WHERE digest = " + quoted(r[0]))})
	}
	return append(out,
		forgery{class: "an act put in", what: "a copy under another id", codes: []string{"act", "act_unlogged"}, deploy: true,
			do: g.statement("INSERT INTO acts SELECT iif(id LIKE 'f%', 'e', 'f') || substr(id, 2), workspace, subject, type, key, seq, prev, payload, sig, received_at, source FROM acts WHERE type = 'dr.approve' LIMIT 1")},
		forgery{class: "an attempt put in", what: "a deployment to take up", codes: []string{"row_added"}, deploy: true,
			do: g.statement(`INSERT INTO deployment_logs SELECT 'forged', record_id, request_id, 'deploy', attempt + 100, 'intent', '', "by", target_org, revision, package, marker, zip_sha256, '', '', start_act, '', 0, '', '', 0, 0, 0, 0, 0, 0, '', outcome, '',
				strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'), server_before, sent_at, last_contact, completed_at, server_completed FROM deployment_logs WHERE kind = 'validate' ORDER BY attempt DESC LIMIT 1`)},
	), nil
}

// schema plants what does not belong in the database, and takes out what does.
func schema(_ context.Context, _ string, g guards) ([]forgery, error) {
	out := []forgery{}
	plant := func(what, sql string) {
		out = append(out, forgery{class: "the schema changed", what: what, codes: []string{"schema"}, deploy: true, do: func(ctx context.Context, b *bench) error { return forgeBare(ctx, b, sql) }})
	}
	plant("a trigger that approves", "CREATE TRIGGER planted AFTER UPDATE ON deployment_records BEGIN UPDATE deployment_records SET status = 'Approved' WHERE id = NEW.id; END")
	plant("a trigger on opening", "CREATE TRIGGER planted AFTER UPDATE ON meta BEGIN DELETE FROM deployment_logs; END")
	plant("a view", "CREATE VIEW planted AS SELECT * FROM acts")
	plant("a table", "CREATE TABLE planted (x)")
	plant("an index", "CREATE INDEX planted ON acts (type)")
	plant("a column", "ALTER TABLE acts ADD COLUMN planted TEXT")
	plant("an index dropped", "DROP INDEX deployment_logs_one_active")
	for name := range g {
		plant("the trigger "+name+" dropped", "DROP TRIGGER "+name)
	}
	return out, nil
}

// blobs alters, cuts off, empties, exchanges and removes each stored file.
func blobs(dir string) ([]forgery, error) {
	files, err := filepath.Glob(filepath.Join(dir, "blobs", "??", "*"))
	if err != nil {
		return nil, err
	}
	if len(files) < 2 {
		return nil, fmt.Errorf("%s holds too few files to forge", dir)
	}
	out := []forgery{}
	for i, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		other, err := os.ReadFile(files[(i+1)%len(files)])
		if err != nil {
			return nil, err
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(file)[:12]
		undo := func(b *bench) error { return os.WriteFile(filepath.Join(b.dir, rel), content, 0o600) }
		write := func(what string, forged []byte) {
			out = append(out, forgery{class: "a stored file altered", what: name + " " + what, codes: []string{"blob_altered"}, undo: undo, deploy: what == "middle byte",
				do: func(_ context.Context, b *bench) error {
					return os.WriteFile(filepath.Join(b.dir, rel), forged, 0o600)
				}})
		}
		for what, at := range map[string]int{"first byte": 0, "middle byte": len(content) / 2, "last byte": len(content) - 1} {
			forged := slices.Clone(content)
			forged[at] ^= 1
			write(what, forged)
		}
		write("cut off", content[:len(content)-1])
		write("longer", append(slices.Clone(content), 0))
		write("empty", nil)
		write("exchanged", other)
		out = append(out, forgery{class: "a stored file missing", what: name, codes: []string{"blob_missing"}, undo: undo, deploy: true,
			do: func(_ context.Context, b *bench) error { return os.Remove(filepath.Join(b.dir, rel)) }})
	}
	return out, nil
}
