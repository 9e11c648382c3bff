package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"epochtime/harness/exporter"
	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// runFlags are what 'epochtime run' takes.
type runFlags struct {
	measureFlags
	suite string
	trace string
	plot  bool
}

func newRun(s streams) *cobra.Command {
	f := &runFlags{measureFlags: newMeasureFlags(6)}
	cmd := &cobra.Command{
		Use:   "run GRAPH... | --suite NAME",
		Short: "Measure the epochs of graphs or of your own model",
		Long: `Measures how long each epoch takes. GRAPH is an exported graph by its name or
folder, or a model that is exported first: FILE.py:FUNCTION, FILE.py, FILE.keras
or keras:NAME, a function of keras.applications. A model file is a program, and
exporting it runs it. What is exported is kept, and exported anew only if the
file, what it imports, the flags or TensorFlow change.

Every launch is a process of its own: it
loads the graph, runs one untimed step for each batch shape, puts the variables
back to the start, and then times warm-up and measured epochs. With several
graphs, launches interleave in random blocks.

Before the first launch, the graph's first steps are compared with Keras's own
losses (once for each graph, worker, device and environment).

With --feed resident each graph is measured in two ways, their launches in turn:
fed in batches, and with all of its data on the device, where an epoch is one
call. The table tells what feeding costs as the difference.`,
		Example: `  epochtime run cnn
  epochtime run linear cnn rnn --launches 10 --json all.json
  epochtime run --suite article
  epochtime run testdata/models/functional.py:build --batch 64
  epochtime run keras:VGG16 --input-shape 32,32,3 --classes 10 --samples 64
  epochtime run cnn --env TF_ENABLE_ONEDNN_OPTS=0 --intra-op 1
  epochtime run cnn --feed resident
  epochtime run cnn --trace cnn.trace.json`,
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
	f.add(flags)
	flags.Lookup("feed").Usage = "`HOW` batches, or resident: measure each graph also with its data on the device and a whole epoch in one call, which shows what feeding costs"
	flags.StringVar(&f.suite, "suite", "", "`NAME` a named set of graphs: "+strings.Join(exporter.Suites(), ", "))
	f.addMaxTime(flags, "; the table is then about what there is")
	flags.Var(&f.until, "until", "launch until every interval is this narrow, as in 2% either way, or --launches is reached (then 100 unless it is given)")
	flags.BoolVar(&f.plot, "plot", false, "draw the epochs of each graph below the table")
	flags.StringVar(&f.weights, "save-weights", "", "`DIR` for the trained weights, GRAPH.weights.h5, which Keras reads: those of the first launch that works; a file that is there is not replaced")
	flags.StringVar(&f.trace, "trace", "", "write one more step, traced and not timed, to `FILE` for Perfetto and 'epochtime trace'")
	return cmd
}

// mostUntil is how many launches an interval is waited for, where nothing is said.
const mostUntil = 100

// session is what the command line asks for.
func (f *runFlags) session(ctx context.Context, s streams, args []string, o measure.Options) (*measure.Session, error) {
	found, err := f.findGraphs(ctx, s, f.suite, args)
	if err != nil {
		return nil, err
	}
	var list []measure.Configuration
	for i, g := range found {
		name := g.Name
		if len(args) > 0 {
			name = args[i]
		}
		c := f.configuration(g, name)
		resident := c.Config.Resident()
		c.Config.Feed = record.FeedBatches
		if c, err = measure.Configure(c); err != nil {
			return nil, err
		}
		configs := []measure.Configuration{c}
		if resident {
			if configs, err = measure.Resident(configs); err != nil {
				return nil, err
			}
		}
		list = append(list, configs...)
	}
	if f.until > 0 && !f.own.Changed("launches") {
		o.Launches = mostUntil
	}
	o.Suite = f.suite
	return measure.NewRun(list, o)
}

func (f *runFlags) run(ctx context.Context, s streams, session *measure.Session) error {
	tracing, err := f.openTrace(session.Record())
	if err != nil {
		return err
	}
	out, err := f.carryOut(ctx, s, session)
	f.showRun(out, session, err) // also where there is no other record of it
	if f.trace != "" && (err == nil || errors.Is(err, measure.ErrFailed)) {
		return traceAfter(ctx, s, session, err, tracing, out)
	}
	return err
}

// showRun prints what was measured; err is how that went.
func (f *runFlags) showRun(out io.Writer, session *measure.Session, err error) {
	if !session.Measured() && !errors.Is(err, measure.ErrFailed) {
		return
	}
	report.Record(out, session.Record(), report.Options{Width: widthOf(out)})
	for i, w := range session.Saved() {
		if i == 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "The trained weights of %s are in %s (%s).\n", w.Title, w.Path, report.Bytes(w.Bytes))
	}
	if len(session.Saved()) > 0 {
		fmt.Fprintln(out, "In Keras, the same model reads them by model.load_weights(FILE).")
	}
}
