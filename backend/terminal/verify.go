package terminal

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/workspace"
)

// verify checks a file, or workspaces without changing them, without a network.
func verify(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		return verifyFile(ctx, args[0], args[1:], stdout, stderr)
	}
	fs := flag.NewFlagSet("verify", flag.ContinueOnError)
	given := fs.String("data", "", "data folder, or the folder of one workspace")
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	data, err := workspace.DataDir(*given)
	if err != nil {
		return err
	}
	folders, err := workspace.Folders(data)
	if err != nil {
		return err
	}
	if len(folders) == 0 {
		return governance.Faultf("no_workspace", "There is no workspace in %s.", data).WithHint("Give the folder with --data DIR.")
	}
	p := newPrinter(stdout)
	wrong := 0
	for _, f := range folders {
		n, err := verifyOne(ctx, p, f)
		if err != nil {
			p.failed(filepath.Base(f), sentence(err))
			n = 1
		}
		wrong += n
	}
	if wrong > 0 {
		return &failure{code: exitWrong, err: governance.Faultf("findings", "The audit trail cannot be trusted as it is.").WithHint("Put the newest good copy back, and find out who changed it.")}
	}
	return nil
}

func verifyOne(ctx context.Context, p *printer, dir string) (int, error) {
	report, anchored, err := workspace.VerifyFolder(ctx, dir, keychain.System(workspace.Service), func(done, total int64) {
		p.working(fmt.Sprintf("verifying %d of %d entries", done, total))
	})
	if err != nil {
		return 0, err
	}
	name := filepath.Base(dir)
	for _, f := range report.Findings {
		p.failed(name, f.Message)
	}
	if len(report.Findings) > 0 {
		return len(report.Findings), nil
	}
	p.done(name, fmt.Sprintf("%s, %s, %s, %s and %s are whole", count(report.Entries, "entry", "entries"), count(report.Acts, "signed act", "signed acts"),
		count(report.Requests, "change request", "change requests"), count(report.Records, "deployment record", "deployment records"), count(report.Blobs, "stored file", "stored files")))
	p.text(plain, "  Proved: each act was signed by the key that it names and is unchanged; each status is what the acts say; nothing in the trail was altered, dropped or put in.")
	p.text(plain, "  Head: "+report.Head.String())
	if anchored {
		p.text(plain, "  The trail extends the head that the keychain remembers: no older copy was put back.")
	} else {
		p.text(warn, "  Not proved: that this is the newest copy. The keychain of this computer remembers no head of it.")
	}
	p.text(plain, "  Not provable by any file: when something happened, and who held a key.")
	return 0, nil
}

// verifyFile checks a bundle or an evidence file by itself: no workspace, no
// keychain. Any doubt makes the exit code 1.
func verifyFile(ctx context.Context, path string, args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("verify", flag.ContinueOnError)
	from := fs.String("passphrase-file", "", "file whose first line is the passphrase")
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	passphrase, err := firstLine(*from)
	if err != nil {
		return err
	}
	rep, err := workspace.VerifyFile(ctx, path, passphrase)
	if err != nil {
		return err
	}
	p, name := newPrinter(stdout), filepath.Base(path)
	what := map[string]string{workspace.KindBundle: "bundle", workspace.KindEvidence: "evidence file"}[rep.Kind]
	for _, d := range rep.Doubts {
		p.failed(name, d.Text)
	}
	if len(rep.Doubts) > 0 {
		return &failure{code: exitWrong, err: governance.Faultf("findings", "This %s does not prove what it should.", what).WithHint("Ask for it again, from somebody who has the whole of it.")}
	}
	p.done(name, "a whole "+what)
	p.text(plain, "  "+rep.Summary.Text)
	p.list("Proved", plain, rep.Proved)
	p.list("Not proved", warn, rep.NotProved)
	return nil
}

// list writes sentences under a heading.
func (p *printer) list(heading, as string, all []workspace.Said) {
	p.text(as, "  "+heading)
	for _, s := range all {
		p.item(s.Text)
	}
}

func firstLine(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", governance.Faultf("file_unreadable", "The file %s cannot be read.", path).WithHint("Give a file whose first line is the passphrase.").Because(err)
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSuffix(line, "\r"), nil
}
