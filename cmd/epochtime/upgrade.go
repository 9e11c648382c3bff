package main

import (
	"context"

	"github.com/spf13/cobra"

	"epochtime/harness/compare"
	"epochtime/harness/explain"
	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// upgradeFlags are the flags of 'epochtime upgrade-check'.
type upgradeFlags struct {
	measureFlags
	from, to string
}

func newUpgrade(s streams) *cobra.Command {
	f := &upgradeFlags{measureFlags: newMeasureFlags(10)}
	cmd := &cobra.Command{
		Use:   "upgrade-check GRAPH --from WORKER --to WORKER",
		Short: "Compare two builds of TensorFlow",
		Long: `Measures a script, a model or a graph under two builds of TensorFlow in one
interleaved session: the graph alone and Keras's fit, whose bill says which part
became longer. The builds are named workers, which 'make setup TF=... NAME=...'
makes and 'epochtime doctor' lists.

The verdict is on both: slower if the graph or fit is slower (exit code 3), else
inconclusive if either is (4), else 0.`,
		Example: `  epochtime upgrade-check mlp --from tf220 --to tf221
  epochtime upgrade-check train.py --from tf220 --to tf221 --launches 20`,
		ValidArgsFunction: f.graphs.complete,
		RunE:              f.measuring(s, f.session, f.run),
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.from, "from", "", "`WORKER` that is used now, by its name")
	flags.StringVar(&f.to, "to", "", "`WORKER` to change to, by its name")
	flags.Var(&f.threshold, "threshold", "smallest change that matters, such as 5% or 0.05")
	f.addMaxTime(flags, ", and the verdict is on the launches until then")
	worker, _ := setting.Find("worker")
	f.add(flags, worker)
	return cmd
}

// session returns the session for the command line.
func (f *upgradeFlags) session(ctx context.Context, s streams, args []string, o measure.Options) (*measure.Session, error) {
	switch {
	case len(args) != 1:
		return nil, usagef("upgrade-check takes one GRAPH: a script, a model or a graph")
	case f.from == "" || f.to == "":
		return nil, usagef("name two workers, such as --from tf220 --to tf221; 'epochtime doctor' lists them")
	case f.from == f.to:
		return nil, usagef("--from and --to are the same worker, %s", f.from)
	}
	found, err := f.findGraphs(ctx, s, "", args)
	if err != nil {
		return nil, err
	}
	var list []measure.Configuration
	var sides []string
	for _, g := range found {
		base := f.configuration(g.Manifest, g.name)
		for _, config := range explain.Variants(g.Manifest, base.Config) {
			for i, worker := range []string{f.from, f.to} {
				c := base
				c.Config = config
				if err := setting.Change(&c.Config, "worker", worker); err != nil {
					return nil, err
				}
				if c, err = measure.Configure(c); err != nil {
					return nil, err
				}
				list, sides = append(list, c), append(sides, []string{"A", "B"}[i])
			}
		}
	}
	return measure.NewExplain(list, sides, o)
}

func (f *upgradeFlags) run(ctx context.Context, s streams, session *measure.Session) error {
	out, err := f.carryOut(ctx, s, session)
	f.show(out, session, err)
	if err != nil {
		return err
	}
	return buildsVerdict(session.Record())
}

// buildsVerdict returns the error of the verdict on two builds.
func buildsVerdict(rec *record.Record) error {
	c, err := compare.Builds(rec, compare.Options{Threshold: rec.Plan.Threshold})
	if err != nil {
		return err
	}
	if c.Failed() {
		return errFailed
	}
	return verdictError(c.Verdict())
}
