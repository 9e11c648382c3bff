package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"epochtime/harness/graph"
	"epochtime/harness/plan"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// runFlags are what 'epochtime run' takes.
type runFlags struct {
	measureFlags
	suite   string
	trace   string
	weights string
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
			args, more, err := f.recall(cmd, args, s)
			if err != nil || !more {
				return err
			}
			if err := f.check(); err != nil {
				return err
			}
			return f.run(cmd.Context(), s, args)
		},
	}
	flags := cmd.Flags()
	f.add(flags)
	flags.StringVar(&f.suite, "suite", "", "`NAME` a named set of graphs: "+suiteNames())
	flags.StringVar(&f.weights, "save-weights", "", "`DIR` for the trained weights, GRAPH.weights.h5, which Keras reads: those of the first launch that works; a file that is there is not replaced")
	flags.StringVar(&f.trace, "trace", "", "write one more step, traced and not timed, to `FILE` for Perfetto and 'epochtime trace'")
	return cmd
}

func (f *runFlags) run(ctx context.Context, s streams, args []string) error {
	manifests, err := f.findGraphs(ctx, s, f.suite, args)
	if err != nil {
		return err
	}
	for _, g := range manifests {
		if err := f.fits(g); err != nil {
			return err
		}
	}
	if err := f.checkTrace(manifests); err != nil {
		return err
	}
	m, err := f.measurement(s, manifests)
	if err != nil {
		return err
	}
	tracing, err := newTarget("--trace", f.trace, nil)
	if err != nil {
		return err
	}
	end, err := f.begin(s, m)
	if err != nil {
		return err
	}
	defer end()
	if err := m.saveWeights(f.weights); err != nil {
		return err
	}
	if err := m.prepare(ctx); err != nil {
		return err
	}
	err = m.launches(ctx)
	out, err := f.finish(s, m, err)
	f.show(out, m, err) // also where there is no other record of it
	if f.trace != "" && (err == nil || errors.Is(err, errFailed)) {
		return m.traceAfter(ctx, err, tracing, out)
	}
	return err
}

// show prints what was measured; err is how that went.
func (f *runFlags) show(out io.Writer, m *measurement, err error) {
	if !m.measured() && !errors.Is(err, errFailed) {
		return
	}
	m.rec.Plan.Suite = f.suite
	report.Record(out, m.rec, report.Options{Width: widthOf(out)})
	m.showWeights(out)
}

// measurement sets up what is to be measured.
func (f *runFlags) measurement(s streams, manifests []*graph.Manifest) (*measurement, error) {
	m, err := f.newMeasurement(s, record.KindRun)
	if err != nil {
		return nil, err
	}
	worker, err := f.worker.launcher()
	if err != nil {
		return nil, err
	}
	for _, g := range manifests {
		config, err := f.config(g)
		if err != nil {
			return nil, err
		}
		m.add(setup{manifest: g, worker: worker}, config)
		if f.feed.resident() {
			m.rec.Runs[len(m.rec.Runs)-1].Config.Feed = record.FeedBatches
			if config, err = resident(g, config); err != nil {
				return nil, err
			}
			m.add(setup{manifest: g, worker: worker}, config)
		}
	}
	m.follow(plan.Blocks{Configs: len(m.rec.Runs), Blocks: f.launches, Seed: f.seed})
	return m, nil
}
