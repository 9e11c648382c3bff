package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"epochtime/harness/measure"
	"epochtime/harness/report"
	"epochtime/harness/setting"
)

// sweepFlags are the flags of 'epochtime sweep'.
type sweepFlags struct {
	measureFlags
	lists map[string]*string // unparsed lists of values, by axis
	plot  bool
}

func newSweep(s streams) *cobra.Command {
	f := &sweepFlags{measureFlags: newMeasureFlags(6), lists: map[string]*string{}}
	cmd := &cobra.Command{
		Use:   "sweep GRAPH --batch 1..4096 [--intra-op 1,2 ...]",
		Short: "Measure a graph over a grid of settings",
		Long: `Measures every combination of the given values, in random blocks with one launch
of each. Values are separated by commas. A..B stands for A, its doubles below B,
and B. The highest throughput is marked. On a terminal, or with --plot, each
point has a bar below the table.

A point that runs out of memory is a result: it is not launched again, and the
exit code is 0. Use --memory-limit to protect the memory of other programs.`,
		Example: `  epochtime sweep cnn --batch 1..1024
  epochtime sweep cnn --batch 32,64,full --intra-op 1,2 --launches 3
  epochtime sweep lstm --samples 4096 --batch 1..4096 --memory-limit 2GiB
  epochtime sweep cnn --runtime go,fit,tf-function
  epochtime sweep linear --executor thread-pool,caller-thread --json sweep.json`,
		ValidArgsFunction: f.graphs.complete,
		RunE:              f.measuring(s, f.session, f.run),
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	for _, axis := range setting.Axes() {
		f.lists[axis.Name] = flags.String(axis.Name, "", "`LIST` values of "+axis.Name+", such as "+axis.Axis)
	}
	f.addSettingsFlag(cmd, flags, "")
	f.addMaxTime(flags, ", and the table has the launches until then")
	flags.BoolVar(&f.plot, "plot", false, "draw the throughput of every point below the table (default: on a terminal)")
	f.add(flags, setting.Axes()...)
	return cmd
}

// session returns the session for the command line.
func (f *sweepFlags) session(ctx context.Context, s streams, args []string, o measure.Options) (*measure.Session, error) {
	if len(args) != 1 {
		return nil, usagef("sweep takes one GRAPH; 'epochtime list' shows the graphs")
	}
	if err := f.oneSettings("sweep"); err != nil {
		return nil, err
	}
	if err := f.checkModels(args); err != nil {
		return nil, err
	}
	found, err := f.findGraph(ctx, s, args[0])
	if err != nil {
		return nil, err
	}
	axes, err := f.axes()
	if err != nil {
		return nil, err
	}
	base, err := f.withOneSettings(ctx, s, f.configuration(found, args[0]))
	if err != nil {
		return nil, err
	}
	points, err := measure.Grid(base, axes)
	if errors.Is(err, measure.ErrGrid) {
		return nil, usagef("%w", err)
	}
	if err != nil {
		return nil, err
	}
	return measure.NewSweep(points, o)
}

// axes returns the axes of the grid.
func (f *sweepFlags) axes() ([]measure.Axis, error) {
	var out []measure.Axis
	for _, axis := range setting.Axes() {
		list := *f.lists[axis.Name]
		if list == "" {
			continue
		}
		values, err := parseList(axis, list)
		if err != nil {
			return nil, err
		}
		out = append(out, measure.Axis{Name: axis.Name, Values: values})
	}
	if len(out) == 0 {
		return nil, usagef("name a setting to sweep, such as --batch 1..4096")
	}
	return out, nil
}

// plots reports whether throughput is drawn: as the flag says, or else on a terminal.
func (f *sweepFlags) plots(out io.Writer) bool {
	if f.own.Changed("plot") {
		return f.plot
	}
	_, yes := isTerminal(out)
	return yes
}

func (f *sweepFlags) run(ctx context.Context, s streams, session *measure.Session) error {
	out, err := f.carryOut(ctx, s, session)
	f.show(out, session, err)
	if f.worthShowing(session, err) && f.plots(out) {
		report.Bars(out, session.Record(), widthOf(out))
	}
	return err
}
