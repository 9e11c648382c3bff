package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"epochtime/harness/compare"
	"epochtime/harness/plan"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// tuneFlags are what 'epochtime tune' takes.
type tuneFlags struct {
	measureFlags
	budget    time.Duration
	threshold percentFlag
	chosen    map[string]bool // flags that were given
}

// searchShare is the part of the budget that the search may take; the rest is
// for the confirmation.
const searchShare = 2.0 / 3

func newTune(s streams) *cobra.Command {
	f := &tuneFlags{measureFlags: newMeasureFlags(20), threshold: compare.DefaultThreshold}
	cmd := &cobra.Command{
		Use:   "tune MODEL --budget 3m",
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
		Example: `  epochtime tune cnn --budget 3m
  epochtime tune lstm --budget 10m --batch 64 --json tune.json
  epochtime tune cnn --env TF_ENABLE_ONEDNN_OPTS=1 --budget 2m`,
		ValidArgsFunction: f.graphs.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			args, more, err := f.recall(cmd, args, s)
			if err != nil || !more {
				return err
			}
			switch {
			case len(args) != 1:
				return usagef("tune takes one MODEL, a graph that is exported; 'epochtime list' shows them")
			case f.budget <= 0:
				return usagef("--budget %v: give the time that all launches may take, as in 3m", f.budget)
			}
			if err := f.check(); err != nil {
				return err
			}
			f.chosen = given(cmd.Flags())
			return f.run(cmd.Context(), s, args[0])
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.DurationVar(&f.budget, "budget", 3*time.Minute, "`TIME` that all launches may take")
	flags.Var(&f.threshold, "threshold", "the change that matters, as in 5% or 0.05")
	f.addSingle(flags)
	flags.Lookup("launches").Usage = "`N` launches a side, at most, to confirm the winner"
	return cmd
}

func (f *tuneFlags) run(ctx context.Context, s streams, model string) error {
	m, err := f.newMeasurement(s, record.KindTune)
	if err != nil {
		return err
	}
	m.rec.Plan.Blocks = 0 // as many as the time allows
	candidates, err := f.candidates(ctx, s, m, model)
	if err != nil {
		return err
	}
	search := plan.Search{Configs: len(candidates), Seed: f.seed, Budget: time.Duration(searchShare * float64(f.budget))}
	m.follow(search)
	end, err := f.begin(s, m)
	if err != nil {
		return err
	}
	defer end()
	if err := m.prepare(ctx); err != nil {
		return err
	}
	err = m.launches(ctx)
	ranking := search.Ranking(m.done)
	var pair *compare.Pair
	if winner := ranking[0]; err == nil && winner.Config != 0 && winner.Seconds > 0 && m.sidesWork(0) == nil {
		pair, err = f.confirm(ctx, m, candidates, winner.Config)
	}
	out, err := f.finish(s, m, err)
	if m.measured() {
		report.Record(out, m.rec, report.Options{Width: widthOf(out), Threshold: float64(f.threshold)})
	}
	if err != nil {
		return err
	}
	return f.conclude(out, m, candidates, ranking[0], pair)
}

// confirm compares the winner with the default anew, since the best of many
// measurements looks better than it is.
func (f *tuneFlags) confirm(ctx context.Context, m *measurement, candidates []candidate, winner int) (*compare.Pair, error) {
	done := m.done
	var spent time.Duration
	block := 0
	for _, r := range done {
		spent, block = spent+r.Took, max(block, r.Block+1)
	}
	m.first = len(m.rec.Runs)
	for _, side := range []struct {
		name      string
		candidate int
	}{{"A", 0}, {"B", winner}} {
		c := candidates[side.candidate]
		if err := c.flags.addTo(m, c.graph, side.name, "side "+side.name+", "+c.graph.Name); err != nil {
			return nil, err
		}
	}
	if err := m.adopt(f.earlier, m.first); err != nil {
		return nil, fmt.Errorf("--resume %s: %w", f.resume, err)
	}
	m.follow(plan.Blocks{
		Configs: 2, Blocks: f.launches, Seed: f.seed, First: block, Together: true,
		Limit: max(f.budget-spent, time.Nanosecond),
	})
	if err := m.prepare(ctx); err != nil {
		return nil, err
	}
	if err := m.launches(ctx); err != nil {
		return nil, err
	}
	pair := compare.Sides(&m.rec.Runs[m.first], &m.rec.Runs[m.first+1], compare.Options{Threshold: float64(f.threshold)})
	return &pair, nil
}

// conclude says what the search has come to.
func (f *tuneFlags) conclude(out io.Writer, m *measurement, candidates []candidate, winner plan.Standing, pair *compare.Pair) error {
	say := func(text string) { fmt.Fprintf(out, "\n%s\n", report.Wrap("", text, widthOf(out))) }
	if winner.Seconds <= 0 {
		return fmt.Errorf("no candidate worked: %w", m.sidesWork(0))
	}
	command := f.command(candidates[winner.Config])
	switch {
	case winner.Config == 0:
		say("Nothing beats the default:")
		fmt.Fprintln(out, "  "+command)
		return nil
	case pair == nil:
		say(fmt.Sprintf("The default does not work here: %v. The fastest that does:", m.sidesWork(0)))
		fmt.Fprintln(out, "  "+command)
		return nil
	}
	say("Confirmation in a fresh comparison; A is the default, B the winner of the search:")
	fmt.Fprintln(out)
	if err := m.sidesWork(m.first, m.first+1); err != nil {
		return err
	}
	switch pair.Verdict {
	case compare.Faster:
		say("Run it with:")
		fmt.Fprintln(out, "  "+command)
	case compare.Inconclusive:
		say(fmt.Sprintf("Not confirmed: the budget of %v is too short to tell it from the default. To look closer:", f.budget))
		fmt.Fprintln(out, "  "+command)
		return errInconclusive
	default:
		say("Nothing beats the default:")
		fmt.Fprintln(out, "  "+f.command(candidates[0]))
	}
	return nil
}
