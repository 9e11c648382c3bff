package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"al.essio.dev/pkg/shellescape"
	"github.com/spf13/cobra"

	"epochtime/harness/compare"
	"epochtime/harness/graph"
	"epochtime/harness/measure"
	"epochtime/harness/plan"
	"epochtime/harness/report"
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
	ranking := session.Ranking()
	if session.Measured() {
		report.Ranking(out, session.Record().Runs[:len(ranking)], ranks(ranking), widthOf(out))
	}
	if err != nil {
		return err
	}
	return f.conclude(out, session, ranking[0])
}

// conclude says what the search has come to.
func (f *tuneFlags) conclude(out io.Writer, session *measure.Session, winner plan.Standing) error {
	say := func(text string) { fmt.Fprintf(out, "\n%s\n", report.Wrap("", text, widthOf(out))) }
	if winner.Seconds <= 0 {
		return fmt.Errorf("no candidate worked: %w", session.Works(0))
	}
	runs := session.Record().Runs
	command := func(i int) { fmt.Fprintln(out, "  "+commandLine(runs[i].Command)) }
	pair, compared := session.Pair()
	switch {
	case winner.Config == 0:
		say("Nothing beats the default:")
		command(0)
		return nil
	case !compared:
		say(fmt.Sprintf("The default does not work here: %v. The fastest that does:", session.Works(0)))
		command(winner.Config)
		return nil
	}
	say("Confirmation in a fresh comparison; A is the default, B the winner of the search:")
	fmt.Fprintln(out)
	report.Sides(out, session.Record(), pair, session.Record().Plan.Threshold, widthOf(out))
	if err := session.Works(len(runs)-2, len(runs)-1); err != nil {
		return err
	}
	switch pair.Verdict {
	case compare.Faster:
		say("Run it with:")
		command(winner.Config)
	case compare.Inconclusive:
		say("Not confirmed: the time is too short to tell it from the default. To look closer:")
		command(winner.Config)
		return errInconclusive
	default:
		say("Nothing beats the default:")
		command(0)
	}
	return nil
}

// commandLine is a command of this program for a shell.
func commandLine(words []string) string {
	return shellescape.QuoteCommand(append([]string{"epochtime"}, words...))
}

// ranks are the places of a ranking, as the report takes them.
func ranks(ranking []plan.Standing) []report.Rank {
	var out []report.Rank
	for _, s := range ranking {
		out = append(out, report.Rank{Run: s.Config, Seconds: s.Seconds, Failed: s.Failed, Tried: s.Tried})
	}
	return out
}
