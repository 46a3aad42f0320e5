// Countersign is a desktop application for Salesforce admins who must prove
// that every change to their orgs was asked for, approved by the right people
// and deployed exactly as approved. Without a subcommand it opens its window.
package main

import (
	"context"
	"embed"
	"flag"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // windows and freezes of a policy are in a time zone of its own

	"countersign/app"
	"countersign/backend/terminal"
	"countersign/backend/workspace"
)

//go:embed all:frontend/dist
var dist embed.FS

//go:embed build/appicon.png
var icon []byte

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run decides between the window and the terminal and returns the exit code. A
// bundle or an evidence file as the only argument is opened in the window; the
// code is
// 2 for arguments that it does not understand. The generator of the frontend's
// bindings runs it too, so nothing is opened or written before the window is.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	opens := app.HasWindow && len(args) == 1 && workspace.Exchanged(args[0])
	if len(args) > 0 && !opens && (args[0] == "--version" || !strings.HasPrefix(args[0], "-")) {
		return inTerminal(args, stdin, stdout, stderr)
	}

	flags := flag.NewFlagSet("countersign", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {}
	data := flags.String("data", "", "folder of the workspace")
	err := flags.Parse(args)
	if err == flag.ErrHelp {
		return inTerminal([]string{"help"}, stdin, stdout, stderr)
	}
	unknown := err != nil || flags.NArg() > 1 || flags.NArg() == 1 && !workspace.Exchanged(flags.Arg(0))
	if unknown || !app.HasWindow {
		inTerminal([]string{"help"}, stdin, stderr, stderr)
	}
	if unknown {
		return 2
	}
	assets, err := fs.Sub(dist, "frontend/dist")
	if err != nil {
		panic(err) // the folder is named by the embed line above
	}
	return app.Window(app.Options{Data: *data, Open: flags.Arg(0), Version: terminal.Version, Assets: assets, Icon: icon}, stderr)
}

// inTerminal runs a subcommand. The first signal asks it to stop where it can
// be resumed, a second one ends the program.
func inTerminal(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return terminal.Run(ctx, args, stdin, stdout, stderr)
}
