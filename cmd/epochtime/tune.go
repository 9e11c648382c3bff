package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"epochtime/harness/compare"
	"epochtime/harness/graph"
	"epochtime/harness/measure"
)

// tuneFlags are what 'epochtime tune' takes.
type tuneFlags struct{ measureFlags }

func newTune(s streams) *cobra.Command {
	f := &tuneFlags{measureFlags: newMeasureFlags(20)}
	cmd := &cobra.Command{
		Use:   "tune MODEL --max-time 3m",
		Short: "Search the fastest settings of a model",
		Long: `Searches the settings in which a model trains fastest here: the exported
variants of MODEL (plain, compiled, fused ...), oneDNN on and off, executor,
threads and batches prepared ahead. A setting that is given as a flag is kept.

The search is successive halving: all candidates are launched in random blocks,
the slower half is out, and those that are left get more launches. It takes two
thirds of the budget. The winner then meets the default in a fresh comparison,
in at most --launches launches a side. Checks against Keras come on top.

Prints a ranking, and the command line that runs the winner if it is confirmed
to be faster. Exit codes: 0 done, 4 the budget was too short to confirm it.`,
		Example: `  epochtime tune cnn --max-time 3m
  epochtime tune lstm --max-time 10m --batch 64 --json tune.json
  epochtime tune cnn --env TF_ENABLE_ONEDNN_OPTS=1 --max-time 2m`,
		ValidArgsFunction: f.graphs.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			session, err := f.begin(cmd, args, s, func(o measure.Options) (*measure.Session, error) {
				return f.session(cmd.Context(), s, args, o)
			})
			if err != nil || session == nil {
				return err
			}
			return f.run(cmd.Context(), s, session)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.maxTime = 3 * time.Minute
	f.addMaxTime(flags, ": two thirds of it for the search, the rest for the confirmation")
	flags.Var(&f.threshold, "threshold", "the change that matters, as in 5% or 0.05")
	f.add(flags)
	flags.Lookup("launches").Usage = "`N` launches a side, at most, to confirm the winner"
	return cmd
}

// session is what the command line asks for.
func (f *tuneFlags) session(ctx context.Context, s streams, args []string, o measure.Options) (*measure.Session, error) {
	switch {
	case len(args) != 1:
		return nil, usagef("tune takes one MODEL; 'epochtime list' shows the graphs there are")
	case f.maxTime == 0:
		return nil, usagef("--max-time %v: give the time that all launches may take, as in 3m", f.maxTime)
	}
	found, err := f.findGraphs(ctx, s, "", args)
	if err != nil {
		return nil, err
	}
	all, _, err := graph.List(f.graphs.root) // broken ones are none of this model's
	if err != nil {
		return nil, err
	}
	list, err := measure.Candidates(f.configuration(found[0], args[0]), all, f.own.Changed, f.graphs.name,
		func(text string) { o.Watcher.Notice(measure.Notice, text) })
	if err != nil {
		return nil, err
	}
	return measure.NewTune(list, o)
}

func (f *tuneFlags) run(ctx context.Context, s streams, session *measure.Session) error {
	out, err := f.carryOut(ctx, s, session)
	f.show(out, session)
	if err != nil {
		return err
	}
	found := compare.SearchOf(session.Record(), compare.Options{Threshold: session.Record().Plan.Threshold})
	switch {
	case found.Winner < 0:
		return fmt.Errorf("no candidate worked: %w", session.Works(0))
	case found.Pair == nil:
		return nil
	}
	n := len(session.Record().Runs)
	if err := session.Works(n-2, n-1); err != nil {
		return err
	}
	if found.Pair.Verdict == compare.Inconclusive {
		return errInconclusive
	}
	return nil
}
