package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"epochtime/harness/baseline"
	"epochtime/harness/compare"
	"epochtime/harness/exporter"
	"epochtime/harness/graph"
	"epochtime/harness/measure"
	"epochtime/harness/nightly"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/runtimes"
	"epochtime/harness/stats"
	"epochtime/internal/interrupt"
	"epochtime/internal/process"
)

// nightlyFlags are the flags of 'epochtime nightly'.
type nightlyFlags struct {
	graphs      graphFlags
	dir         string
	build       string
	worker      string
	commit      string
	launches    int
	threshold   percentFlag
	maxTime     time.Duration
	machine     string
	anchor      bool
	strict      bool
	accept, pin bool
	history     historyFlags
	concurrent  bool
}

func newNightly(s streams) *cobra.Command {
	f := &nightlyFlags{threshold: compare.DefaultThreshold}
	cmd := &cobra.Command{
		Use:   "nightly [GRAPH...]",
		Short: "Compare tonight's build with the last good one",
		Long: `Compares tonight's worker and graphs with the last good ones, graph by graph, in
interleaved sessions. What looks slower is measured in a second session; only
what is slower in both is a regression (exit code 3). A graph that is no slower,
and whose launches were all ok, is promoted: tonight's build is its good one.

Nothing passes for lack of evidence. A graph without a good build, a good build
that is missing or altered, and a launch that fails end with exit code 1.
--accept measures a build against itself and makes it the good one. Once a week
each graph is also compared with its anchor, the build that was accepted last:
many small slowdowns would each pass.

Without GRAPH, these are measured: ` + strings.Join(articleGraphs(), ", ") + `. docs/nightly.md
says how to read the report. In a checkout, setup/nightly builds first.`,
		Example: `  epochtime nightly --accept
  epochtime nightly cnn lstm --launches 20 --threshold 3%
  epochtime nightly --build 'make -s graphs build' --max-time 20m --strict
  epochtime nightly --anchor`,
		ValidArgsFunction: f.graphs.complete,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.dir, "dir", "nightly", "`DIR` folder of the good builds and the reports")
	flags.BoolVar(&f.accept, "accept", false, "make the build that was measured last the good one and the anchor, after measuring it against itself; without one, tonight's build")
	flags.BoolVar(&f.pin, "pin", false, "measure nothing; make the good build of every graph its anchor, such as at a release")
	flags.BoolVar(&f.anchor, "anchor", false, "compare with the anchors too, however long ago that was done")
	flags.StringVar(&f.build, "build", "", "`COMMAND` of a shell that makes tonight's build first")
	flags.StringVar(&f.worker, "worker", "", "`FILE` tonight's worker, or the name of one (default: epochtime-worker beside this program)")
	flags.StringVar(&f.commit, "commit", "", "`NAME` of tonight's build in reports (default: git's HEAD)")
	flags.IntVar(&f.launches, "launches", 10, "`N` processes per side")
	flags.Var(&f.threshold, "threshold", "smallest change that matters, such as 5% or 0.05")
	flags.DurationVar(&f.maxTime, "max-time", 20*time.Minute, "`TIME` time limit of each session")
	flags.StringVar(&f.machine, "machine-name", "", "`NAME` name of this machine in reports (default: its host name)")
	flags.BoolVar(&f.strict, "strict", false, "end with exit code 4 if a graph is undecided")
	f.graphs.add(flags)
	f.history.add(flags)
	flags.BoolVar(&f.concurrent, "allow-concurrent", false, "measure even while another measurement runs on this machine")
	return cmd
}

// articleGraphs are the graphs of a night that names none.
func articleGraphs() []string {
	names, err := exporter.SuiteGraphs("article")
	if err != nil {
		return nil
	}
	return names
}

// check returns the names of the graphs, or wrong use.
func (f *nightlyFlags) check(args []string) ([]string, error) {
	names := args
	if len(names) == 0 {
		names = articleGraphs()
	}
	switch {
	case len(names) == 0:
		return nil, usagef("name a graph")
	case f.launches < stats.MinLaunches:
		return nil, usagef("--launches %d: a verdict takes at least %d", f.launches, stats.MinLaunches)
	case f.accept && f.pin:
		return nil, usagef("use --accept or --pin, not both")
	case f.pin && len(args) > 0:
		return nil, usagef("--pin is for every graph: leave out %s", args[0])
	case strings.TrimSpace(f.dir) == "":
		return nil, usagef("--dir is empty: name a folder")
	}
	if err := checkMaxTime(f.maxTime); err != nil {
		return nil, err
	}
	if err := measure.CheckMachineName(f.machine); err != nil {
		return nil, usagef("--machine-name: %w", err)
	}
	for i, name := range names {
		switch {
		case strings.TrimSpace(name) == "":
			return nil, usagef("the name of a graph is empty")
		case filepath.Base(name) != name || strings.HasPrefix(name, "."):
			return nil, usagef("%q is not the name of a graph in %s", name, f.graphs.root)
		case slices.Contains(names[:i], name):
			return nil, usagef("graph %s is named twice", name)
		}
	}
	return names, nil
}

func (f *nightlyFlags) run(ctx context.Context, s streams, args []string) error {
	names, err := f.check(args)
	if err != nil {
		return err
	}
	f.dir = absolute(f.dir)
	interrupt.Hold(ctx)
	unlock, err := baseline.Lock(f.dir)
	if err != nil {
		return err
	}
	defer unlock()
	if f.pin {
		return f.pinAll(s)
	}
	night := &nightly.Night{Started: time.Now(), Commit: f.commitName(), Accepting: f.accept}
	files, err := newNightFiles(f.dir, night)
	if err != nil {
		return err
	}
	err = f.carryOut(ctx, s, night, files, names)
	if err != nil && ctx.Err() == nil {
		night.Problem = inFlags(err) + hint(err)
	}
	night.Interrupted = night.Interrupted || ctx.Err() != nil
	f.addHistory(night, names)
	if unwritten := files.write(night); unwritten != nil {
		fmt.Fprintf(s.err, "warning: the report is not complete: %v\n", unwritten)
		err = errors.Join(err, told(unwritten))
	}
	report.Night(s.out, night, widthOf(s.out))
	fmt.Fprintf(s.err, "notice: the report is %s\n", files.path("report.md"))
	return f.verdict(ctx, night, err)
}

// verdict returns the error for the exit code of a night. A regression counts
// whatever else failed.
func (f *nightlyFlags) verdict(ctx context.Context, n *nightly.Night, err error) error {
	switch n.Result() {
	case nightly.Regression:
		return errRegression
	case nightly.Passed:
		return err
	case nightly.Undecided:
		if f.strict && err == nil {
			return errInconclusive
		}
		return err
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return told(err)
	}
	return errFailed
}

// carryOut builds, and measures every graph.
func (f *nightlyFlags) carryOut(ctx context.Context, s streams, night *nightly.Night, files *nightFiles, names []string) error {
	unlock, err := lockMachine(f.concurrent)
	if err != nil {
		return err
	}
	defer unlock()
	store, err := f.open(night)
	if err != nil {
		return err
	}
	graphs, worker, err := f.builds(ctx, s, store, names)
	if err != nil {
		return err
	}
	tool, err := os.Executable()
	if err != nil {
		return err
	}
	o := nightly.Options{
		Store: store, Graphs: graphs, Worker: worker, Tool: tool, Commit: night.Commit,
		Launches: f.launches, Threshold: float64(f.threshold), MaxTime: f.maxTime, Anchor: f.anchor, MachineName: f.machine,
		Watcher: newProgress(s.err), Save: files.saveRecord, Changed: files.write,
		Measured: f.keeper(s),
	}
	if f.accept {
		return nightly.Accept(ctx, night, o)
	}
	return nightly.Measure(ctx, night, o)
}

// open opens the baselines. Accepting starts over where they are damaged.
func (f *nightlyFlags) open(n *nightly.Night) (*baseline.Store, error) {
	if !f.accept {
		return baseline.Open(f.dir)
	}
	store, moved, err := baseline.Restart(f.dir)
	if moved != "" {
		n.Notes = append(n.Notes, fmt.Sprintf("The ledger of good builds was damaged: it is now %s. What it said after the damage is lost; graphs without a good build have to be accepted.", moved))
	}
	return store, err
}

// builds makes tonight's build, opens its graphs and finds its worker. A build that
// was measured is accepted as it is.
func (f *nightlyFlags) builds(ctx context.Context, s streams, store *baseline.Store, names []string) (out []nightly.Graph, worker string, err error) {
	for _, name := range names {
		out = append(out, nightly.Graph{Name: name})
	}
	if f.accept && f.measured(s, store, names) {
		return out, "", nil
	}
	if err := f.makeBuild(ctx, s); err != nil {
		return nil, "", err
	}
	for i := range out {
		m, err := graph.Find(f.graphs.root, out[i].Name)
		if err == nil {
			err = m.Verify()
		}
		if err != nil {
			return nil, "", err
		}
		out[i].Manifest = m
	}
	worker, err = f.workerFile()
	return out, worker, err
}

// measured reports whether the store has a build of each graph that was measured last.
func (f *nightlyFlags) measured(s streams, store *baseline.Store, names []string) bool {
	all := true
	for _, name := range names {
		_, err := store.Find(baseline.Tonight, name)
		if err != nil && !errors.Is(err, baseline.ErrNever) {
			fmt.Fprintf(s.err, "warning: the build of %s that was measured last cannot be accepted, and one is made: %v\n", name, err)
		}
		all = all && err == nil
	}
	return all
}

// makeBuild runs the command of --build.
func (f *nightlyFlags) makeBuild(ctx context.Context, s streams) error {
	if strings.TrimSpace(f.build) == "" {
		return nil
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", f.build)
	cmd.Stdout, cmd.Stderr = s.err, s.err
	cmd.Cancel = func() error { return process.Interrupt(cmd) }
	cmd.WaitDelay = 10 * time.Second
	err := process.Run(ctx, cmd)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && !errors.Is(err, exec.ErrWaitDelay): // that is a server which the build started, and which holds its output
		return buildError{fmt.Errorf("tonight's build failed: '%s': %w", f.build, err)}
	}
	return nil
}

// buildError hides the exit status of the command from exitCode.
type buildError struct{ error }

// workerFile returns the path of tonight's worker: a file, or the program that its name
// means.
func (f *nightlyFlags) workerFile() (string, error) {
	name := cmp.Or(f.worker, runtimes.DefaultWorker())
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		name = absolute(name) // not to be looked up on PATH
	} else if f.worker != "" {
		command, err := runtimes.Find(record.Config{Worker: []string{name}}, "")
		if err != nil {
			return "", fmt.Errorf("tonight's worker: %w", err)
		}
		name = command.Argv[0]
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("tonight's worker: %w: build it with 'make build', or name it with --worker", err)
	}
	return filepath.Abs(path)
}

// commitName returns the name of tonight's build.
func (f *nightlyFlags) commitName() string {
	if f.commit != "" {
		return f.commit
	}
	out, err := exec.Command("git", "rev-parse", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// pinAll makes the good builds the anchors.
func (f *nightlyFlags) pinAll(s streams) error {
	store, err := baseline.Open(f.dir)
	if err != nil {
		return err
	}
	graphs, err := nightly.Pin(store, time.Now())
	if err != nil {
		return err
	}
	if len(graphs) == 0 {
		return fmt.Errorf("there is no good build in %s yet: 'epochtime nightly --accept' makes one", f.dir)
	}
	_, err = fmt.Fprintf(s.out, "The good build is now the anchor of %s.\n", strings.Join(graphs, ", "))
	return err
}
