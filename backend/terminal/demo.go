package terminal

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/salesforce"
	"countersign/backend/scan"
	"countersign/backend/workspace"
)

// A play is one run of the demonstration: the whole main job, step by step.
// What was done is in the workspace, so that a run that was stopped or killed
// is taken up again; a step can be repeated from any point inside it.
type play struct {
	*workspace.Workspace
	p       *printer
	dir     string
	orgs    *workspace.DemoOrgs
	second  map[string]demoorg.Connection // another user of an org, by environment
	sample  bool                          // the built-in orgs, so every refusal can be shown
	scratch string                        // folder for throw-away copies
	done    map[string]bool
	skips   int    // steps left out of this run
	goOn    string // what to do after a step that did not hold
}

// A scene is one step of the demonstration.
type scene struct {
	name  string // for --until
	title string
	// needsSample: the step needs what only the built-in orgs hold.
	needsSample bool
	// always: the step is done again on every run.
	always bool
	run    func(*play, context.Context) (string, error)
}

// errShown marks a scene that printed its own line.
var errShown = errors.New("shown")

type demoFlags struct{ data, until, source, target string }

func demo(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("demo", flag.ContinueOnError)
	var f demoFlags
	fs.StringVar(&f.data, "data", "", "folder to keep it in; a temporary one otherwise")
	fs.StringVar(&f.until, "until", "", "stop after this step; list names the steps")
	fs.StringVar(&f.source, "source", "", "connection.json of the source org")
	fs.StringVar(&f.target, "target", "", "connection.json of the target org")
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	if (f.source == "") != (f.target == "") {
		fmt.Fprintln(stderr, "countersign demo needs both --source and --target, or neither.")
		return errUsage
	}
	if f.until == "list" {
		for _, s := range scenes() {
			fmt.Fprintf(stdout, "%-18s %s\n", s.name, s.title)
		}
		return nil
	}
	if f.until != "" && !slices.ContainsFunc(scenes(), func(s scene) bool { return s.name == f.until }) {
		fmt.Fprintf(stderr, "The demo has no step %q. See countersign demo --until list.\n", f.until)
		return errUsage
	}
	temporary := f.data == ""
	if temporary {
		dir, err := os.MkdirTemp("", "countersign-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		f.data = dir
	}
	err := perform(ctx, f, temporary, newPrinter(stdout))
	if err != nil && ctx.Err() != nil && temporary {
		return &failure{code: exitWrong, err: governance.Faultf("stopped", "Stopped, and nothing was kept.").WithHint("With --data DIR a later run goes on from there.")}
	}
	return err
}

// perform opens the workspace and plays the scenes.
func perform(ctx context.Context, f demoFlags, temporary bool, p *printer) (err error) {
	began := time.Now()
	defer p.rest()
	pl := &play{p: p, second: map[string]demoorg.Connection{}, done: map[string]bool{}, goOn: "Run the same command again to go on from here."}
	if temporary {
		pl.goOn = "With --data DIR it can be looked at, and a later run goes on from there."
	}
	if pl.orgs, err = readOrgs(f); err != nil {
		return err
	}
	if pl.dir, err = workspace.DataDir(f.data); err != nil {
		return err
	}
	pl.Workspace, err = workspace.Open(ctx, workspace.Options{Data: pl.dir, Demo: true, Orgs: pl.orgs,
		OnUpdate: func(l governance.DeploymentLog) { p.working(progress(l)) }, OnScan: func(s scan.Progress) { p.working(scanning(s)) }})
	if err != nil {
		return orgFault(err)
	}
	defer func() { err = errors.Join(err, pl.Close()) }()
	if pl.scratch, err = os.MkdirTemp("", "countersign-copy-"); err != nil {
		return err
	}
	defer os.RemoveAll(pl.scratch)
	if err := pl.prepare(ctx, f); err != nil {
		return err
	}
	p.text(bold, "Countersign demo: from a drafted Change Request to a completed deployment")
	if err := pl.play(ctx, f.until); err != nil {
		return err
	}
	if f.until == "" {
		p.text(good, pl.summary(time.Since(began)))
	}
	if !temporary {
		p.text(faint, "Kept in "+pl.dir+". Check it with: countersign verify --data "+pl.dir)
	}
	return nil
}

func (pl *play) summary(took time.Duration) string {
	s := fmt.Sprintf("All of it held, in %.1f s.", took.Seconds())
	if pl.skips > 0 {
		s += fmt.Sprintf(" %d steps were skipped, because they need what only the built-in orgs hold.", pl.skips)
	}
	return s
}

func readOrgs(f demoFlags) (*workspace.DemoOrgs, error) {
	if f.source == "" {
		return nil, nil
	}
	source, err := workspace.ReadConnection(f.source)
	if err != nil {
		return nil, err
	}
	target, err := workspace.ReadConnection(f.target)
	if err != nil {
		return nil, err
	}
	return &workspace.DemoOrgs{Source: source, Target: target}, nil
}

// prepare finds out what these orgs allow and what was done before.
func (pl *play) prepare(ctx context.Context, f demoFlags) error {
	c, err := pl.Charter(ctx)
	if err != nil {
		return err
	}
	pl.sample = slices.Equal(c.Organizations, []string{demoorg.UATOrganizationID, demoorg.ProductionOrganizationID})
	for env, file := range map[string]string{workspace.DemoSource: f.source, workspace.DemoTarget: f.target} {
		if err := pl.findSecond(env, file); err != nil {
			return err
		}
	}
	return pl.readDone(ctx)
}

func (pl *play) findSecond(env, file string) error {
	if file != "" {
		c, err := workspace.ReadConnection(filepath.Join(filepath.Dir(file), secondUserFile))
		if err != nil {
			pl.sample = false // without a second user nothing can be moved
			return nil
		}
		pl.second[env] = c
		return nil
	}
	org, err := pl.EmbeddedOrg(env)
	if err != nil {
		return err
	}
	if org == nil { // its steps would be others than those of the first run
		return governance.Faultf("demo_orgs", "This demo was begun on orgs that countersign demo-org serves.").WithHint("Give their connection.json again with --source FILE --target FILE.")
	}
	pl.second[env] = org.SecondUser()
	return nil
}

type doneNote struct {
	At   string `json:"at"`
	Step string `json:"step"`
}

const noteKind = "demo"

func (pl *play) readDone(ctx context.Context) error {
	for from := int64(0); ; {
		entries, err := pl.Store.Entries(ctx, from, 500, noteKind)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			var n doneNote
			if json.Unmarshal(e.Data, &n) == nil {
				pl.done[n.Step] = true
			}
			from = e.Idx + 1
		}
	}
}

// play runs the scenes in order up to one.
func (pl *play) play(ctx context.Context, until string) error {
	if err := pl.resume(ctx); err != nil {
		return err
	}
	for _, s := range scenes() {
		if err := pl.scene(ctx, s); err != nil {
			return err
		}
		if s.name == until {
			return nil
		}
	}
	return nil
}

// resume verifies the whole trail of a run that is taken up again, and carries
// its unfinished attempts to their end.
func (pl *play) resume(ctx context.Context) error {
	if len(pl.done) == 0 {
		return nil
	}
	report, err := pl.VerifyWhole(ctx, nil)
	if err != nil {
		return err
	}
	for _, f := range report.Findings {
		pl.p.failed("Take up the last run", f.Message)
	}
	if len(report.Findings) > 0 {
		return &failure{code: exitWrong, err: governance.Faultf("findings", "The audit trail cannot be trusted as it is, so nothing goes on.").WithHint("Restore the last good backup of %s.", pl.dir)}
	}
	logs, err := pl.carryOn(ctx)
	if err != nil {
		return err
	}
	proof := fmt.Sprintf("the trail of %d entries is whole", report.Entries)
	for _, l := range logs {
		proof += fmt.Sprintf("; attempt %d (%s) was taken up: %s", l.Attempt, l.Kind, l.Message)
	}
	pl.p.done("Take up the last run", proof)
	return nil
}

// carryOn resumes attempts; where a person would have to press Send Again, the
// demo does.
func (pl *play) carryOn(ctx context.Context) ([]governance.DeploymentLog, error) {
	logs, err := pl.Runner.Resume(ctx)
	for i := range logs {
		for l := &logs[i]; l.Active() && err != nil && governance.FaultCode(err) == "send_again"; {
			var again *governance.DeploymentLog
			if again, err = pl.Runner.SendAgain(ctx, l.ID); again != nil {
				*l = *again
			}
		}
	}
	return logs, err
}

func (pl *play) scene(ctx context.Context, s scene) error {
	switch {
	case pl.done[s.name] && !s.always:
		pl.p.again(s.title)
		return nil
	case s.needsSample && !pl.sample:
		pl.skips++
		pl.p.skipped(s.title, "it needs what only the built-in orgs hold")
		return nil
	}
	proof, err := s.run(pl, ctx)
	if err != nil && !errors.Is(err, errShown) {
		var f *failure
		if errors.As(err, &f) || ctx.Err() != nil {
			return err
		}
		pl.p.failed(s.title, sentence(err))
		if isRefusal(err) {
			return &failure{code: exitRefused, err: governance.Faultf("demo_refused", "The gate refused at the step %q, and nothing was sent: %s", s.name, reason(err)).WithHint("%s", pl.goOn).Because(err)}
		}
		return &failure{code: exitWrong, err: governance.Faultf("demo_step", "The step %q did not hold.", s.name).WithHint("%s", pl.goOn).Because(err)}
	}
	if err := pl.Store.Note(ctx, noteKind, doneNote{At: time.Now().UTC().Format(time.RFC3339), Step: s.name}); err != nil {
		return err
	}
	if err == nil {
		pl.p.done(s.title, proof)
		return nil
	}
	pl.p.refused(s.title, proof)
	return nil
}

// reason is the first thing that the gate said, without its hint.
func reason(err error) string {
	var f *governance.Fault
	if errors.As(err, &f) {
		return f.Message
	}
	return err.Error()
}

// secondClient signs in to an org as another user.
func (pl *play) secondClient(ctx context.Context, env string) (*salesforce.Client, error) {
	c := pl.second[env]
	o := salesforce.Options{Demo: true, PollInterval: 20 * time.Millisecond}
	url := c.URL
	if pl.orgs == nil {
		org, err := pl.EmbeddedOrg(env)
		if err != nil {
			return nil, err
		}
		o.Transport, url = org.Transport(), "http://localhost"
	}
	s, err := salesforce.LoginPassword(ctx, o, url, c.Username, salesforce.NewSecret(c.Password), salesforce.Secret{})
	if err != nil {
		return nil, err
	}
	return salesforce.NewClient(s, o), nil
}

func progress(l governance.DeploymentLog) string {
	parts := []string{fmt.Sprintf("%s: %s", l.Kind, l.StatusWord())}
	if l.ComponentsTotal > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d components", l.ComponentsDone, l.ComponentsTotal))
	}
	if l.TestsTotal > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d tests", l.TestsDone+l.TestErrors, l.TestsTotal))
	}
	if l.StateDetail != "" {
		parts = append(parts, l.StateDetail)
	}
	return strings.Join(parts, ", ")
}

func scanning(s scan.Progress) string {
	name := map[string]string{workspace.DemoSource: "Demo UAT", workspace.DemoTarget: "Demo Production"}[s.Environment]
	if s.Total > 0 {
		return fmt.Sprintf("%s: %s, %d of %d %s", name, s.Phase, s.Done, s.Total, s.Detail)
	}
	return fmt.Sprintf("%s: %s %s", name, s.Phase, s.Detail)
}
