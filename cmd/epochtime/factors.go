package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"epochtime/harness/graph"
	"epochtime/harness/measure"
	"epochtime/harness/report"
)

// factorsFlags are the flags of 'epochtime factors'.
type factorsFlags struct {
	measureFlags
	names []string
}

func newFactors(s streams) *cobra.Command {
	f := &factorsFlags{measureFlags: newMeasureFlags(6)}
	cmd := &cobra.Command{
		Use:   "factors MODEL [--factors NAME,...]",
		Short: "Measure what each factor makes of the epoch time",
		Long: `Measures what the time of an epoch depends on: one change at a time, in random
blocks that each have one launch of the default and of every change.

` + report.Wrap("", "The factors are "+strings.Join(measure.FactorNames(), ", ")+`. The default is what the other flags say. A change that takes another form of the model, such as another precision, is exported first, and kept.`, helpWidth) + `

Prints the ratio of each change to the default, paired block by block, with
intervals that hold all at once, and a plot. A change that fails is a result, as
is one that runs out of memory. Exit codes: 0 success, 1 the default failed, or
every change.`,
		Example: `  epochtime factors cnn
  epochtime factors rnn --factors batch,threads,precision --launches 10
  epochtime factors testdata/models/functional.py:build --max-time 10m`,
		ValidArgsFunction: f.graphs.complete,
		RunE:              f.measuring(s, f.session, f.run),
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringSliceVar(&f.names, "factors", nil, "`LIST` factors to vary, separated by commas (default: all that the model has)")
	_ = cmd.RegisterFlagCompletionFunc("factors", cobra.FixedCompletions(measure.FactorNames(), cobra.ShellCompDirectiveNoFileComp))
	f.addSettingsFlag(cmd, flags, "; of the default")
	f.addMaxTime(flags, ", and the result is of the launches until then")
	f.add(flags)
	return cmd
}

// session returns the session for the command line.
func (f *factorsFlags) session(ctx context.Context, s streams, args []string, o measure.Options) (*measure.Session, error) {
	if len(args) != 1 {
		return nil, usagef("factors takes one MODEL; 'epochtime list' shows the graphs")
	}
	if err := cmp.Or(f.checkNames(), f.oneSettings("factors")); err != nil {
		return nil, err
	}
	if err := f.checkModels(args); err != nil {
		return nil, err
	}
	found, err := f.findGraph(ctx, s, args[0])
	if err != nil {
		return nil, err
	}
	base, err := f.withOneSettings(ctx, s, f.configuration(found, args[0]))
	if err != nil {
		return nil, err
	}
	list, leftOut, err := measure.Factors(base, measure.Variation{
		Names: f.names, Cores: runtime.NumCPU(), Variant: f.variants(ctx, s, base.Graph), Name: f.graphs.name,
	})
	if err != nil {
		return nil, err
	}
	if len(f.names) == 0 {
		for _, text := range leftOut {
			o.Watcher.Notice(measure.Notice, "left out: "+text)
		}
	}
	return measure.NewFactors(list, leftOut, o)
}

// checkNames reports an unknown factor, and a list of none.
func (f *factorsFlags) checkNames() error {
	known := measure.FactorNames()
	if len(f.names) == 0 && f.own.Changed("factors") {
		return usagef("--factors: it names no factor: there are %s", strings.Join(known, ", "))
	}
	for _, name := range f.names {
		if !slices.Contains(known, name) {
			hint := suggestion(name, known)
			if hint == "" {
				hint = ": there are " + strings.Join(known, ", ")
			}
			return usagef("--factors: there is no factor %q%s", name, hint)
		}
	}
	return nil
}

// variants returns a function that exports the model of a graph with another value of an
// option.
func (f *factorsFlags) variants(ctx context.Context, s streams, g *graph.Manifest) func(option, value string) (*graph.Manifest, error) {
	return func(option, value string) (*graph.Manifest, error) {
		with, err := f.exporter(ctx, s)
		if err != nil {
			return nil, err
		}
		said := f.cache.Stderr
		defer func() { f.cache.Stderr = said }()
		var why strings.Builder
		f.cache.Stderr = &why
		out, err := f.cache.Variant(ctx, with, g, option, value)
		switch text := lastLine(why.String()); {
		case err != nil && ctx.Err() != nil: // whatever the exporter says of it
			return nil, ctx.Err()
		case err != nil && text != "":
			return nil, errors.New(text)
		}
		return out, err
	}
}

// lastLine returns the last line that says something, without the name of the program.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimPrefix(lines[len(lines)-1], "epochtime: ")
}

func (f *factorsFlags) run(ctx context.Context, s streams, session *measure.Session) error {
	out, err := f.carryOut(ctx, s, session)
	f.show(out, session, err)
	if err != nil {
		return err
	}
	if err := session.CheckResults(0); err != nil {
		return err
	}
	for i := range session.Record().Runs[1:] {
		if session.CheckResults(i+1) == nil {
			return nil
		}
	}
	return fmt.Errorf("no change worked: %w", session.CheckResults(len(session.Record().Runs)-1))
}
