package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"epochtime/harness/exporter"
	"epochtime/harness/measure"
	"epochtime/harness/report"
	"epochtime/harness/setting"
)

// abFlags are the flags of 'epochtime ab'.
type abFlags struct {
	measureFlags
	a, b  []string
	trace string
	plot  bool
}

func newAB(s streams) *cobra.Command {
	f := &abFlags{measureFlags: newMeasureFlags(10)}
	f.sides = f.namedBySides
	cmd := &cobra.Command{
		Use:   "ab [GRAPH] --a KEY=VALUE... --b KEY=VALUE...",
		Short: "Compare two settings in one interleaved session",
		Long: `Compares side B with side A. Their launches are interleaved in random order, and
drift of the machine affects both sides alike. Each block has one launch of each
side, and gives one ratio.

` + report.Wrap("", "--a and --b each change one setting of their side, and can be repeated. The keys are "+strings.Join(slices.Concat([]string{graphKey, settingsKey}, setting.Names(setting.All())), ", ")+
			"; for a model that is exported first, also "+strings.Join(append(exporter.Settings(), fitKey), ", ")+
			" and arg.NAME. args are those of a script, as a shell reads them, and fit is which of its calls that train. GRAPH is the graph or model of each side that does not set graph. All other flags apply to both sides.", helpWidth) + `

The verdict is on the ratio B/A of the time per epoch, or per example if the
numbers of samples differ: slower (exit code 3), faster or same (0), or
inconclusive (4). It is same if the whole interval is within the threshold. Next
to it is the smallest slowdown that these launches would have called slower,
with a probability of 95 %. If any launch of either side fails, the comparison
fails (1), whatever the others say; so it does if the time was too short for a
launch of each side.`,
		Example: `  epochtime ab linear --a executor=thread-pool --b executor=caller-thread
  epochtime ab --a graph=cnn --b graph=cnn-jit --launches 20
  epochtime ab cnn --b env.TF_ENABLE_ONEDNN_OPTS=0 --threshold 2%
  epochtime ab cnn --a batch=32 --b batch=64 --max-time 5m --json ab.json
  epochtime ab cnn --a worker=old/worker --b worker=new/worker
  epochtime ab train.py --a runtime=fit --b runtime=go
  epochtime ab --a graph=cnn --b graph=cnn-jit --trace ab.trace.json
  epochtime ab testdata/models/functional.py:build --b arg.width=128`,
		ValidArgsFunction: f.graphs.complete,
		RunE:              f.measuring(s, f.session, f.run),
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVarP(&f.a, "a", "a", nil, "`KEY=VALUE` setting of side A (repeatable)")
	flags.StringArrayVarP(&f.b, "b", "b", nil, "`KEY=VALUE` setting of side B (repeatable)")
	for _, side := range []string{"a", "b"} {
		_ = cmd.RegisterFlagCompletionFunc(side, f.graphs.completeAssignment)
	}
	flags.Var(&f.threshold, "threshold", "smallest change that matters, such as 5% or 0.05")
	f.addSettingsFlag(cmd, flags, "; of both sides, and --b settings=best of one")
	f.addMaxTime(flags, ", and the verdict is on the launches until then")
	f.add(flags)
	flags.BoolVar(&f.plot, "plot", false, "draw the launches and epochs of both sides on one axis, below the verdict")
	flags.StringVar(&f.trace, "trace", "", "`FILE` trace one more step of each side, which is not timed, and show by which operations they differ; the traces of ab.json are in ab.a.json and ab.b.json")
	return cmd
}

// assignment is one setting of a side.
type assignment struct{ key, value string }

// graphKey is the key of a side's graph.
const graphKey = "graph"

// abKeys returns all keys of assignments.
func abKeys() []string {
	return slices.Concat([]string{graphKey, settingsKey}, setting.Names(setting.All()), exporter.Settings(), []string{fitKey, "arg.NAME"})
}

// parseAssignments parses the settings of a side.
func parseAssignments(flag string, list []string) ([]assignment, error) {
	var out []assignment
	for _, item := range list {
		key, value, ok := strings.Cut(item, "=")
		_, known := setting.Find(key)
		switch {
		case !ok:
			return nil, usagef("%s %q is not KEY=VALUE", flag, item)
		case key == "env":
			return nil, usagef("%s %q: name the variable in the key, such as env.TF_ENABLE_ONEDNN_OPTS=0", flag, item)
		case !known && key != graphKey && key != settingsKey && !isModelSetting(key):
			hint := suggestion(key, abKeys())
			if hint == "" {
				hint = ": there are " + strings.Join(abKeys(), ", ")
			}
			return nil, usagef("%s %q: there is no setting %q%s", flag, item, key, hint)
		case slices.ContainsFunc(out, func(a assignment) bool { return a.key == key }):
			return nil, usagef("%s sets %s twice", flag, key)
		}
		out = append(out, assignment{key, value})
	}
	return out, nil
}

// graphOf returns the graph of a side: that of its assignments, or else the argument.
func graphOf(assignments []assignment, args []string) (string, bool) {
	for _, a := range assignments {
		if a.key == graphKey {
			return a.value, true
		}
	}
	if len(args) == 1 {
		return args[0], true
	}
	return "", false
}

// namedBySides returns the graphs that the sides name.
func (f *abFlags) namedBySides() []string {
	var out []string
	for _, item := range slices.Concat(f.a, f.b) {
		if name, ok := strings.CutPrefix(item, graphKey+"="); ok {
			out = append(out, name)
		}
	}
	return out
}

// session returns the session for the command line.
func (f *abFlags) session(ctx context.Context, s streams, args []string, o measure.Options) (*measure.Session, error) {
	switch {
	case len(args) > 1:
		return nil, usagef("ab takes at most one GRAPH; use --a graph=NAME or --b graph=NAME for that of one side")
	case len(f.a)+len(f.b) == 0:
		return nil, usagef("name a setting in which the sides differ, such as --b executor=caller-thread")
	}
	if err := f.oneSettings("a side"); err != nil {
		return nil, err
	}
	if err := f.checkModels(slices.Concat(args, f.namedBySides())); err != nil {
		return nil, err
	}
	a, err := f.side(ctx, s, "A", f.a, args)
	if err != nil {
		return nil, err
	}
	b, err := f.side(ctx, s, "B", f.b, args)
	if err != nil {
		return nil, err
	}
	return measure.NewAB(a, b, o)
}

// side returns the configuration of a side.
func (f *abFlags) side(ctx context.Context, s streams, name string, list, args []string) (measure.Configuration, error) {
	flag := "--" + strings.ToLower(name)
	assignments, err := parseAssignments(flag, list)
	if err != nil {
		return measure.Configuration{}, err
	}
	named, ok := graphOf(assignments, args)
	if !ok {
		return measure.Configuration{}, usagef("side %s has no graph: give GRAPH, or %s graph=NAME", name, flag)
	}
	if i := slices.IndexFunc(assignments, func(a assignment) bool { return isModelSetting(a.key) }); i >= 0 && !exporter.IsModel(f.graphs.root, named) {
		return measure.Configuration{}, usagef("%s %s=… is for a model (FILE.py, FILE.keras or keras:NAME), and %s is an exported graph", flag, assignments[i].key, named)
	}
	flags, err := f.with(name, assignments)
	if err != nil {
		return measure.Configuration{}, err
	}
	g, err := flags.findGraph(ctx, s, named)
	if err != nil {
		return measure.Configuration{}, err
	}
	c, err := flags.withOneSettings(ctx, s, flags.configuration(g, named))
	if err != nil {
		return c, fmt.Errorf("side %s: %w", name, err)
	}
	c.Label = "side " + name
	if c, err = measure.Configure(c); err != nil {
		return c, fmt.Errorf("side %s: %w", name, err)
	}
	return c, nil
}

func (f *abFlags) run(ctx context.Context, s streams, session *measure.Session) error {
	tracing, err := f.openTraces(session.Record())
	if err != nil {
		return err
	}
	out, err := f.carryOut(ctx, s, session)
	f.show(out, session, err)
	if f.plot && f.worthShowing(session, err) {
		report.Dots(out, session.Record(), widthOf(out))
	}
	if tracing != nil && (err == nil || errors.Is(err, measure.ErrFailed)) {
		if failed := traceSides(ctx, s, session, tracing, out); failed != nil {
			return failed
		}
	}
	if err != nil && !errors.Is(err, measure.ErrFailed) {
		return err
	}
	if missing := session.CheckResults(0, 1); missing != nil { // it says more than that launches failed
		return missing
	}
	if err != nil {
		return err
	}
	return verdictError(session.Verdict())
}
