package main

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"epochtime/harness/measure"
	"epochtime/harness/setting"
)

// largestFlags are the flags of 'epochtime largest-batch'.
type largestFlags struct{ measureFlags }

// ofEpochs are the settings that a search for a batch does not have.
var ofEpochs = append(setting.OfFit(), "epochs", "for", "warmup", "cold", "feed", "runtime", "validation", "pipeline")

func newLargest(s streams) *cobra.Command {
	f := &largestFlags{newMeasureFlags(1)}
	cmd := &cobra.Command{
		Use:   "largest-batch MODEL",
		Short: "Find the largest batch with which a model trains here",
		Long: `Finds the largest batch that trains on this machine: it doubles the batch until
training runs out of memory, and then halves the distance between the largest
batch that trained and the smallest that did not, until that is a sixteenth of
the batch or less. Each batch is tried in a process of its own, for three steps,
with the memory that the optimizer and two batches prepared ahead take.

On a CPU the limit is --memory-limit, or the memory that is free now. Data that
a graph makes itself has as many examples as a batch needs; --samples sets the
largest batch. Running out of memory is a result. Exit codes: 0 a batch trains,
1 none does, or a launch failed in another way.`,
		Example: `  epochtime largest-batch cnn
  epochtime largest-batch lstm --memory-limit 1GiB
  epochtime largest-batch train.py --device gpu --json largest.json`,
		ValidArgsFunction: f.graphs.complete,
		RunE:              f.measuring(s, f.session, f.run),
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.maxTime = 10 * time.Minute
	f.addMaxTime(flags, ", and the result is the largest batch until then")
	f.add(flags, slices.DeleteFunc(setting.All(), func(s setting.Setting) bool { return !slices.Contains(ofEpochs, s.Name) })...)
	_ = flags.MarkHidden("launches")
	flags.Lookup("batch").Usage = "`N` the batch that is tried first (default: the graph's)"
	flags.Lookup("samples").Usage = "`N` the largest batch that is tried (default: as many examples as there are)"
	return cmd
}

// session returns the session for the command line.
func (f *largestFlags) session(ctx context.Context, s streams, args []string, o measure.Options) (*measure.Session, error) {
	if len(args) != 1 {
		return nil, usagef("largest-batch takes one MODEL; 'epochtime list' shows the graphs")
	}
	if err := f.checkModels(args); err != nil {
		return nil, err
	}
	found, err := f.findGraph(ctx, s, args[0])
	if err != nil {
		return nil, err
	}
	return measure.NewLargest(f.configuration(found, args[0]), o)
}

func (f *largestFlags) run(ctx context.Context, s streams, session *measure.Session) error {
	out, err := f.carryOut(ctx, s, session)
	f.show(out, session, err)
	if err != nil {
		return err
	}
	return session.CheckLargest()
}
