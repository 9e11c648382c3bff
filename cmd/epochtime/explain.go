package main

import (
	"context"

	"github.com/spf13/cobra"

	"epochtime/harness/explain"
	"epochtime/harness/measure"
	"epochtime/harness/record"
)

// explainFlags are the flags of 'epochtime explain'.
type explainFlags struct{ measureFlags }

func newExplain(s streams) *cobra.Command {
	f := &explainFlags{newMeasureFlags(6)}
	f.config.Runtime = record.RuntimeFit
	cmd := &cobra.Command{
		Use:   "explain GRAPH",
		Short: "Say what an epoch of Keras's fit is made of",
		Long: `Measures what an epoch takes in Keras's own fit, and what it is made of: the
step as TensorFlow runs it, the wait for the input pipeline, validation,
metrics, callbacks, fit's own cost, and what none of these explains.

Lines come from interleaved launches that differ in one part: fit as it is, fit
without the part, and the graph alone, which Go trains. Validation is what fit's
own clock has for it. GRAPH is a script, a model or an exported graph, as for
'epochtime run'. Of a script, each of its calls that train has a bill of its
own; --fit chooses one.

Fit runs the script with its callbacks, which may write files.`,
		Example: `  epochtime explain mlp
  epochtime explain train.py
  epochtime explain train.py --fit 2 --json bill.json -- --width 64`,
		ValidArgsFunction: f.graphs.complete,
		RunE:              f.measuring(s, f.session, f.run),
	}
	flags := cmd.Flags()
	f.add(flags, selectSettings("runtime", "step")...)
	f.addMaxTime(flags, ", and the bill is of the launches until then")
	return cmd
}

// session returns the session for the command line.
func (f *explainFlags) session(ctx context.Context, s streams, args []string, o measure.Options) (*measure.Session, error) {
	if len(args) != 1 {
		return nil, usagef("explain takes one GRAPH: a script, a model or a graph")
	}
	found, err := f.findGraphs(ctx, s, "", args)
	if err != nil {
		return nil, err
	}
	var list []measure.Configuration
	for _, g := range found {
		base := f.configuration(g.Manifest, g.name)
		for _, config := range explain.Variants(g.Manifest, base.Config) {
			c := base
			c.Config = config
			if c, err = measure.Configure(c); err != nil {
				return nil, err
			}
			list = append(list, c)
		}
	}
	return measure.NewExplain(list, nil, o)
}

func (f *explainFlags) run(ctx context.Context, s streams, session *measure.Session) error {
	out, err := f.carryOut(ctx, s, session)
	f.show(out, session, err)
	return err
}
