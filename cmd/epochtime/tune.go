package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"epochtime/harness/compare"
	"epochtime/harness/graph"
	"epochtime/harness/measure"
)

// tuneFlags are the flags of 'epochtime tune'.
type tuneFlags struct{ measureFlags }

func newTune(s streams) *cobra.Command {
	f := &tuneFlags{measureFlags: newMeasureFlags(20)}
	cmd := &cobra.Command{
		Use:   "tune MODEL --max-time 3m",
		Short: "Search for the fastest settings of a model",
		Long: `Searches for the settings with which a model trains fastest on this machine: the
exported variants of MODEL (plain, compiled, fused ...), oneDNN on and off, the
executor, threads, and batches prepared ahead. A setting that is given as a flag
does not vary.

The search is successive halving. All candidates are launched in random blocks,
the slower half is dropped, and the rest get more launches. The search takes two
thirds of --max-time. The winner is then compared with the default in new
launches, at most --launches per side.

Prints a ranking, and the command line of the winner if it is confirmed to be
faster. Exit codes: 0 success, 1 a launch of the confirmation failed, 4 the time
was too short to confirm the winner.`,
		Example: `  epochtime tune cnn --max-time 3m
  epochtime tune lstm --max-time 10m --batch 64 --json tune.json
  epochtime tune cnn --env TF_ENABLE_ONEDNN_OPTS=1 --max-time 2m`,
		ValidArgsFunction: f.graphs.complete,
		RunE:              f.measuring(s, f.session, f.run),
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.maxTime = 3 * time.Minute
	f.addMaxTime(flags, ": two thirds for the search, the rest for the confirmation")
	flags.Var(&f.threshold, "threshold", "smallest change that matters, such as 5% or 0.05")
	f.add(flags)
	flags.Lookup("launches").Usage = "confirm the winner with at most `N` launches per side"
	return cmd
}

// session returns the session for the command line.
func (f *tuneFlags) session(ctx context.Context, s streams, args []string, o measure.Options) (*measure.Session, error) {
	switch {
	case len(args) != 1:
		return nil, usagef("tune takes one MODEL; 'epochtime list' shows the graphs")
	case f.maxTime == 0:
		return nil, usagef("--max-time %v: give the time for all launches, such as 3m", f.maxTime)
	}
	if err := f.checkModels(args); err != nil {
		return nil, err
	}
	found, err := f.findGraph(ctx, s, args[0])
	if err != nil {
		return nil, err
	}
	all, _, err := graph.List(f.graphs.root) // broken ones are not variants
	if err != nil {
		return nil, err
	}
	list, err := measure.Candidates(f.configuration(found, args[0]), all, f.own.Changed, f.graphs.name,
		func(text string) { o.Watcher.Notice(measure.Notice, text) })
	if err != nil {
		return nil, err
	}
	return measure.NewTune(list, o)
}

func (f *tuneFlags) run(ctx context.Context, s streams, session *measure.Session) error {
	out, err := f.carryOut(ctx, s, session)
	f.show(out, session, err)
	if err != nil {
		return err
	}
	found := compare.SearchOf(session.Record(), compare.Options{Threshold: session.Record().Plan.Threshold})
	switch {
	case found.Winner < 0:
		return fmt.Errorf("no candidate worked: %w", session.CheckResults(0))
	case found.Pair == nil && found.Winner > 0 && found.Candidates[0].Summary != nil: // there was no time to compare the two
		return errInconclusive
	case found.Pair == nil:
		return nil
	case found.Pair.Failures != nil:
		n := len(session.Record().Runs)
		return cmp.Or(session.CheckResults(n-2, n-1), errFailed)
	case found.Pair.Verdict == compare.Inconclusive:
		return errInconclusive
	}
	return nil
}
