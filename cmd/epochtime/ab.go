package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"epochtime/harness/compare"
	"epochtime/harness/graph"
	"epochtime/harness/plan"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// abFlags are what 'epochtime ab' takes.
type abFlags struct {
	measureFlags
	a, b      []string
	threshold percentFlag
	maxTime   time.Duration
}

func newAB(s streams) *cobra.Command {
	f := &abFlags{measureFlags: newMeasureFlags(10), threshold: compare.DefaultThreshold}
	cmd := &cobra.Command{
		Use:   "ab [GRAPH] --a KEY=VALUE... --b KEY=VALUE...",
		Short: "Compare two settings in one interleaved session",
		Long: `Compares side B with side A. Their launches take turns in random order, so that
what the machine drifts falls on both, and each pair of a block gives a ratio.

` + report.Wrap("", "--a and --b change one setting of their side each, and may be repeated: "+strings.Join(settable, ", ")+
			", env.NAME; for a model that is exported first, also "+strings.Join(modelSettings, ", ")+
			", arg.NAME. GRAPH is the graph or model of a side that names none. All other flags are for both.", helpWidth) + `

The verdict is about the ratio B over A, of seconds an epoch, or an example
where samples differ: slower (exit code 3), faster or same (0), inconclusive
(4). It is "same" if the whole interval lies within the threshold. A side of
which no launch works is an error (1).`,
		Example: `  epochtime ab linear --a executor= --b executor=caller-thread
  epochtime ab --a graph=cnn --b graph=cnn-jit --launches 20
  epochtime ab cnn --b env.TF_ENABLE_ONEDNN_OPTS=0 --threshold 2%
  epochtime ab cnn --a batch=32 --b batch=64 --max-time 5m --json ab.json
  epochtime ab cnn --a worker=old/worker --b worker=new/worker
  epochtime ab testdata/models/functional.py:build --b arg.width=128`,
		ValidArgsFunction: f.graphs.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			args, more, err := f.recall(cmd, args, s)
			if err != nil || !more {
				return err
			}
			if err := f.checkAB(args); err != nil {
				return err
			}
			return f.run(cmd.Context(), s, args)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&f.a, "a", nil, "`KEY=VALUE` a setting of side A (repeatable)")
	flags.StringArrayVar(&f.b, "b", nil, "`KEY=VALUE` a setting of side B (repeatable)")
	flags.Var(&f.threshold, "threshold", "the change that matters, as in 5% or 0.05")
	flags.DurationVar(&f.maxTime, "max-time", 0, "`TIME` that all launches may take; the verdict is then about what there is (default: no limit)")
	f.addSingle(flags)
	return cmd
}

func (f *abFlags) checkAB(args []string) error {
	switch {
	case len(args) > 1:
		return usagef("ab takes one GRAPH, for a side that names none; a side's own is --a graph=NAME or --b graph=NAME")
	case len(f.a)+len(f.b) == 0:
		return usagef("say what differs, as in --a executor= --b executor=caller-thread")
	case f.maxTime < 0:
		return usagef("--max-time %v is negative", f.maxTime)
	}
	return f.check()
}

// parseSettings reads the settings of a side.
func parseSettings(flag string, list []string) ([]setting, error) {
	var out []setting
	for _, item := range list {
		key, value, ok := strings.Cut(item, "=")
		name, variable := strings.CutPrefix(key, "env.")
		switch {
		case !ok:
			return nil, usagef("%s %q is not KEY=VALUE", flag, item)
		case variable && name == "":
			return nil, usagef("%s %q names no variable, as in env.TF_ENABLE_ONEDNN_OPTS=0", flag, item)
		case !variable && !slices.Contains(settable, key) && !isModelSetting(key):
			all := slices.Concat(settable, modelSettings)
			return nil, usagef("%s %q: there is no setting %q%s: there are %s, env.NAME, arg.NAME", flag, item, key, suggestion(key, all), strings.Join(all, ", "))
		case slices.ContainsFunc(out, func(s setting) bool { return s.key == key }):
			return nil, usagef("%s sets %s twice", flag, key)
		}
		out = append(out, setting{key, value})
	}
	return out, nil
}

// graphOf is the graph that settings name, or the one that is given for all.
func graphOf(settings []setting, args []string) (string, bool) {
	for _, s := range settings {
		if s.key == "graph" {
			return s.value, true
		}
	}
	if len(args) == 1 {
		return args[0], true
	}
	return "", false
}

// named are the graphs of both sides.
func (f *abFlags) named(args []string) []string {
	for _, item := range slices.Concat(f.a, f.b) {
		if name, ok := strings.CutPrefix(item, "graph="); ok {
			args = append(args, name)
		}
	}
	return args
}

func (f *abFlags) run(ctx context.Context, s streams, args []string) error {
	if err := f.checkModels(f.named(args)); err != nil {
		return err
	}
	m, err := f.newMeasurement(s, record.KindAB)
	if err != nil {
		return err
	}
	for _, side := range []struct {
		name, flag string
		list       []string
	}{{"A", "--a", f.a}, {"B", "--b", f.b}} {
		if err := f.addSide(ctx, s, m, side.name, side.flag, side.list, args); err != nil {
			return err
		}
	}
	m.follow(plan.Blocks{Configs: 2, Blocks: f.launches, Seed: f.seed, Limit: f.maxTime, Together: true})
	end, err := f.begin(s, m)
	if err != nil {
		return err
	}
	defer end()
	if err := m.prepare(ctx); err != nil {
		return err
	}
	err = m.launches(ctx)
	out, err := f.finish(s, m, err)
	pair := compare.Sides(&m.rec.Runs[0], &m.rec.Runs[1], compare.Options{Threshold: float64(f.threshold)})
	if m.measured() {
		report.Record(out, m.rec, report.Options{Width: widthOf(out), Threshold: float64(f.threshold)})
	}
	if err != nil {
		return err
	}
	if err := m.sidesWork(0, 1); err != nil {
		return err
	}
	return verdictError(pair.Verdict)
}

// addSide makes a side a configuration of the measurement.
func (f *abFlags) addSide(ctx context.Context, s streams, m *measurement, name, flag string, list, args []string) error {
	settings, err := parseSettings(flag, list)
	if err != nil {
		return err
	}
	named, ok := graphOf(settings, args)
	if !ok {
		return usagef("side %s has no graph: give GRAPH, or %s graph=NAME", name, flag)
	}
	if i := slices.IndexFunc(settings, func(s setting) bool { return isModelSetting(s.key) }); i >= 0 && !isModel(f.graphs.root, named) {
		return usagef("%s %s=… is for a model given as FILE.py, FILE.keras or keras:NAME, and %s is exported already", flag, settings[i].key, named)
	}
	flags, err := f.with(settings)
	if err != nil {
		return fmt.Errorf("side %s: %w", name, err)
	}
	g, err := flags.findGraph(ctx, s, named)
	if err != nil {
		return err
	}
	return flags.addTo(m, g, name, "side "+name)
}

// addTo makes what the flags ask for of a graph a configuration of the
// measurement: one that feeds batches, or one with resident data.
func (f *measureFlags) addTo(m *measurement, g *graph.Manifest, side, label string) error {
	if err := f.fits(g); err != nil {
		return err
	}
	worker, err := f.worker.launcher()
	if err != nil {
		return err
	}
	c, err := f.config(g)
	if err != nil {
		return err
	}
	if f.feed.resident() {
		if c, err = resident(g, c); err != nil {
			return err
		}
	}
	m.add(setup{manifest: g, worker: worker, label: label}, c)
	m.rec.Runs[len(m.rec.Runs)-1].Side = side
	return nil
}

// sidesWork is an error where no launch of a side worked.
func (m *measurement) sidesWork(sides ...int) error {
	for _, i := range sides {
		run := m.rec.Runs[i]
		if run.Summary != nil {
			continue
		}
		if len(run.Launches) == 0 {
			return fmt.Errorf("%s was not launched", m.title(i))
		}
		return fmt.Errorf("no launch of %s worked: %w", m.title(i), errors.New(run.Launches[len(run.Launches)-1].Reason))
	}
	return nil
}
