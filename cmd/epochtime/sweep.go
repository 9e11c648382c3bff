package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"epochtime/harness/graph"
	"epochtime/harness/plan"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// sweepFlags are what 'epochtime sweep' takes.
type sweepFlags struct {
	measureFlags
	lists   map[string]*string // of gridKeys, as they are given
	maxTime time.Duration
}

func newSweep(s streams) *cobra.Command {
	f := &sweepFlags{measureFlags: newMeasureFlags(6), lists: map[string]*string{}}
	cmd := &cobra.Command{
		Use:   "sweep GRAPH --batch 1..4096 [--intra-op 1,2 ...]",
		Short: "Measure a graph over a grid of settings",
		Long: `Measures every combination of the values that are given, in random blocks that
hold each of them once. Values stand between commas; A..B is A, its doubles
below B, and B. The best throughput is marked.

A point that runs out of memory is a result: it is not tried again, the others
go on, and the exit code is 0. --memory-limit keeps it from taking memory that
something else needs.`,
		Example: `  epochtime sweep cnn --batch 1..1024
  epochtime sweep cnn --batch 32,64,full --intra-op 1,2 --launches 3
  epochtime sweep lstm --samples 4096 --batch 1..4096 --memory-limit 2GiB
  epochtime sweep linear --executor default,caller-thread --json sweep.json`,
		ValidArgsFunction: f.graphs.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			args, more, err := f.recall(cmd, args, s)
			if err != nil || !more {
				return err
			}
			if len(args) != 1 {
				return usagef("sweep takes one GRAPH; 'epochtime list' shows the graphs there are")
			}
			if f.maxTime < 0 {
				return usagef("--max-time %v is negative", f.maxTime)
			}
			if err := f.check(); err != nil {
				return err
			}
			return f.run(cmd.Context(), s, args[0])
		},
	}
	f.addLists(cmd.Flags())
	return cmd
}

// addLists adds the flags, those of the grid as lists.
func (f *sweepFlags) addLists(flags *pflag.FlagSet) {
	flags.SortFlags = false
	for _, key := range gridKeys {
		f.lists[key] = flags.String(key, "", "`LIST` values of "+key+", as in "+map[string]string{
			"samples": "1000,4000", "batch": "1..4096 or 32,64,full", "intra-op": "1,2", "inter-op": "1,2",
			"prefetch": "0,2", "executor": "default,caller-thread",
		}[key])
	}
	flags.DurationVar(&f.maxTime, "max-time", 0, "`TIME` that all launches may take; then the table is about what there is (default: no limit)")
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.addSingle(all)
	all.VisitAll(func(flag *pflag.Flag) {
		if f.lists[flag.Name] == nil {
			flags.AddFlag(flag)
		}
	})
}

func (f *sweepFlags) run(ctx context.Context, s streams, name string) error {
	m, err := f.newMeasurement(s, record.KindSweep)
	if err != nil {
		return err
	}
	found, err := f.findGraphs(ctx, s, "", []string{name})
	if err != nil {
		return err
	}
	if err := f.addPoints(m, found[0]); err != nil {
		return err
	}
	m.follow(plan.Blocks{Configs: len(m.rec.Runs), Blocks: f.launches, Seed: f.seed, Limit: f.maxTime})
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
	if m.launched() > 0 {
		report.Record(out, m.rec, report.Options{Width: widthOf(out)})
	}
	return err
}

// addPoints makes every point of the grid a configuration, but those that train
// the same batches as one before.
func (f *sweepFlags) addPoints(m *measurement, g *graph.Manifest) error {
	points, varied, err := f.points()
	if err != nil {
		return err
	}
	known := map[string]string{}
	for _, point := range points {
		flags, err := f.with(point)
		if err != nil {
			return err
		}
		label := g.Name
		for _, s := range point {
			if varied[s.key] {
				label += ", " + strings.TrimSpace(s.key+" "+s.value)
			}
		}
		if err := flags.addTo(m, g, "", label); err != nil {
			return err
		}
		last := len(m.rec.Runs) - 1
		same := effective(g, m.rec.Runs[last].Config)
		if as, twice := known[same]; twice {
			fmt.Fprintf(m.notices, "notice: %s has the same batches as %s, and is left out\n", label, as)
			m.rec.Runs, m.setups = m.rec.Runs[:last], m.setups[:last]
			continue
		}
		known[same] = label
	}
	return nil
}

// points is the grid, and which settings have several values.
func (f *sweepFlags) points() ([][]setting, map[string]bool, error) {
	var keys []string
	values, varied, n := map[string][]string{}, map[string]bool{}, 1
	for _, key := range gridKeys {
		if *f.lists[key] == "" {
			continue
		}
		list, err := parseList(key, *f.lists[key])
		if err != nil {
			return nil, nil, err
		}
		keys, values[key], varied[key] = append(keys, key), list, len(list) > 1
		if n *= len(list); n > mostPoints {
			return nil, nil, usagef("the grid has more than %d points: give fewer values", mostPoints)
		}
	}
	if len(keys) == 0 {
		return nil, nil, usagef("say what to sweep, as in --batch 1..4096")
	}
	return product(keys, values), varied, nil
}

// effective is the same for configurations that train the same batches.
func effective(g *graph.Manifest, c record.Config) string {
	if batch, err := g.BatchFor(c.Batch, c.Samples); err == nil { // where the number of examples is known
		c.Batch = batch
	}
	return fmt.Sprintf("%#v", c)
}
