package terminal

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/workspace"
)

// secondUserFile lies beside connection.json and lets the demo change an org as
// somebody else.
const secondUserFile = "second-user.json"

// demoOrg serves one demo org on loopback until it is stopped.
func demoOrg(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("demo-org", flag.ContinueOnError)
	kind := fs.String("org", "", "uat or production")
	listen := fs.String("listen", "127.0.0.1:0", "loopback address and port")
	dir := fs.String("data", "", "folder of the org")
	seed := fs.String("seed", "", "folder or zip in metadata format")
	requests := fs.Int("requests", 0, "API calls that the org answers in 24 hours; 0 is 100,000")
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	if *kind != string(demoorg.KindUAT) && *kind != string(demoorg.KindProduction) || *dir == "" {
		fmt.Fprintln(stderr, "countersign demo-org needs --org uat or --org production, and --data DIR.")
		return errUsage
	}
	folder, err := workspace.TakeFolder(*dir) // two servers on one org would lose deployments
	if err != nil {
		return err
	}
	defer folder.Close()
	l, err := listenLoopback(*listen)
	if err != nil {
		return err
	}
	org, err := demoorg.Open(*dir, demoorg.Options{Kind: demoorg.Kind(*kind), Seed: *seed, DailyRequests: *requests, Log: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		l.Close()
		return orgFault(err)
	}
	server := &http.Server{Handler: org.Handler(l.Addr().String()), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	if err := announce(org, *dir, stdout); err != nil {
		return errors.Join(err, l.Close(), org.Close())
	}
	context.AfterFunc(ctx, func() {
		soon, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(soon)
	})
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(err, org.Close())
	}
	return org.Close()
}

func listenLoopback(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil || host != "localhost" && host != "127.0.0.1" { // what salesforce.CheckURL lets through without encryption
		return nil, governance.Faultf("listen", "A demo org listens on this computer only, not on %q.", address).WithHint("Give --listen 127.0.0.1:PORT.")
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, governance.Faultf("listen", "The address %s cannot be used.", address).WithHint("Choose another port with --listen 127.0.0.1:PORT.").Because(err)
	}
	return l, nil
}

// announce writes how to reach the org: one line here, and connection.json.
func announce(org *demoorg.Org, dir string, stdout io.Writer) error {
	line, err := json.Marshal(org.Connection())
	if err != nil {
		return err
	}
	second, err := json.Marshal(org.SecondUser())
	if err != nil {
		return err
	}
	for name, b := range map[string][]byte{"connection.json": line, secondUserFile: second} {
		if err := writePrivate(filepath.Join(dir, name), append(b, '\n')); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(stdout, "%s\n", line)
	return err
}

// writePrivate replaces a file as a whole, readable by its owner alone.
func writePrivate(path string, b []byte) error {
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// orgFault shows a demo org's own error as it is.
func orgFault(err error) error {
	var e *demoorg.Error
	if errors.As(err, &e) {
		return (&governance.Fault{Code: "demo_org", Message: e.Message, Hint: e.Hint}).Because(err)
	}
	return err
}
