// Package terminal holds Countersign's subcommands: the whole main job as a
// demonstration, a demo org on loopback, and the offline verifier. They go
// through package workspace, as the window does.
package terminal

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"

	"countersign/backend/governance"
)

// Version is set by the linker for releases.
var Version = "development"

// Exit codes: 0 all held, 1 something is wrong or in doubt, 2 arguments that
// were not understood, 3 the gate refused.
const (
	exitOK      = 0
	exitWrong   = 1
	exitUsage   = 2
	exitRefused = 3
)

const usage = `Countersign: every change to your Salesforce orgs asked for, approved, and
deployed exactly as approved.

  countersign [--data DIR]            the window
  countersign demo                    the whole main job on two demo orgs, here
      [--data DIR]                    keep it in DIR, and resume it from there
      [--until STEP]                  stop after a step (--until list names them)
      [--source FILE --target FILE]   on two running demo orgs instead of the
                                      embedded ones, by their connection.json
  countersign demo-org --org uat|production --listen 127.0.0.1:PORT --data DIR
      [--seed DIR or ZIP] [--requests N]  one demo org on loopback
  countersign verify --data DIR       check a workspace's audit trail, offline
  countersign verify FILE             check a bundle or an evidence file, offline
      [--passphrase-file FILE]        of a bundle that is encrypted
  countersign version

Exit codes: 0 all held, 1 something is wrong or in doubt, 2 arguments not
understood, 3 the gate refused a deployment.
`

// Run runs a subcommand and returns its exit code.
func Run(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stdout, usage)
		return exitOK
	}
	commands := map[string]func(context.Context, []string, io.Writer, io.Writer) error{"demo": demo, "demo-org": demoOrg, "verify": verify}
	switch args[0] {
	case "help", "-h", "--help":
		fmt.Fprint(stdout, usage)
		return exitOK
	case "version", "--version":
		fmt.Fprintln(stdout, "countersign", version())
		return exitOK
	}
	run, ok := commands[args[0]]
	if !ok {
		fmt.Fprintf(stderr, "countersign has no subcommand %q.\n\n%s", args[0], usage)
		return exitUsage
	}
	return report(ctx, run(ctx, args[1:], stdout, stderr), stderr)
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && Version == "development" && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return Version
}

// errUsage marks a mistake in the arguments; flag has printed it already.
var errUsage = errors.New("usage")

// A failure is an error with an exit code of its own.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// report is the one place where errors are printed.
func report(ctx context.Context, err error, stderr io.Writer) int {
	var f *failure
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.As(err, &f):
		fmt.Fprintln(stderr, sentence(f.err))
		return f.code
	case ctx.Err() != nil: // whatever was interrupted calls it by its own name
		fmt.Fprintln(stderr, "Stopped. Run the same command again to go on.")
		return exitWrong
	}
	fmt.Fprintln(stderr, sentence(err))
	return exitWrong
}

// sentence is what a person reads of an error.
func sentence(err error) string {
	var f *governance.Fault
	if errors.As(err, &f) {
		return f.Error()
	}
	return "Something went wrong: " + err.Error() + "."
}

// parse reads flags and refuses what is left over.
func parse(fs *flag.FlagSet, args []string, stderr io.Writer) error {
	fs.SetOutput(stderr)
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	if fs.NArg() > 0 {
		fmt.Fprintf(stderr, "countersign %s does not understand %q.\n", fs.Name(), fs.Arg(0))
		return errUsage
	}
	return nil
}
