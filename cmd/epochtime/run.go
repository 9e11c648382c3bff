package main

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"epochtime/harness/graph"
	"epochtime/harness/plan"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// runFlags are what 'epochtime run' takes.
type runFlags struct {
	graphs     graphFlags
	worker     workerFlags
	feed       feedFlags
	suite      string
	epochs     int
	warmup     int
	launches   int
	batch      batchFlag
	samples    int
	data       []string
	seed       uint64
	labels     []string
	json       string
	trace      string
	reparity   bool
	concurrent bool
}

func newRun(s streams) *cobra.Command {
	f := &runFlags{batch: -1}
	cmd := &cobra.Command{
		Use:   "run GRAPH... | --suite NAME",
		Short: "Measure the epochs of graphs",
		Long: `Measures how long each epoch takes. Every launch is a process of its own: it
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
  epochtime run mlp-digits --epochs 30 --launches 1
  epochtime run cnn --env TF_ENABLE_ONEDNN_OPTS=0 --intra-op 1
  epochtime run cnn --feed resident
  epochtime run cnn --trace cnn.trace.json`,
		ValidArgsFunction: f.graphs.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), s, args)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.graphs.add(flags)
	flags.StringVar(&f.suite, "suite", "", "`NAME` a named set of graphs: article")
	flags.IntVar(&f.epochs, "epochs", 0, "`N` measured epochs a launch (default: the graph's own)")
	flags.IntVar(&f.warmup, "warmup", 1, "`N` epochs before the measured ones")
	flags.IntVar(&f.launches, "launches", 6, "`N` processes for each graph; six or more give an interval")
	flags.Var(&f.batch, "batch", "examples a step, or full for all in one (default: the graph's own)")
	flags.IntVar(&f.samples, "samples", 0, "`N` examples an epoch (default: the graph's own, or all of --data)")
	flags.StringArrayVar(&f.data, "data", nil, "train on `FILE.npz`, or on NAME=FILE.npy for each input (repeatable)")
	flags.Uint64Var(&f.seed, "seed", 1, "`N` seed of synthetic data and of the order of launches")
	f.feed.add(flags)
	f.worker.add(flags)
	flags.StringArrayVar(&f.labels, "label", nil, "`KEY=VALUE` a word to keep in the record (repeatable)")
	flags.StringVar(&f.json, "json", "", "write the record to `FILE`; - is stdout")
	flags.StringVar(&f.trace, "trace", "", "write one more step, traced and not timed, to `FILE` for Perfetto and 'epochtime trace'")
	flags.BoolVar(&f.reparity, "verify-parity", false, "compare with Keras even if that was done before")
	flags.BoolVar(&f.concurrent, "allow-concurrent", false, "measure even if another measurement runs on this machine")
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error { return f.check(cmd) }
	return cmd
}

// check finds wrong values before anything is read.
func (f *runFlags) check(cmd *cobra.Command) error {
	changed := cmd.Flags().Changed
	switch {
	case changed("epochs") && f.epochs < 1:
		return usagef("--epochs %d: at least one epoch is measured", f.epochs)
	case f.warmup < 0:
		return usagef("--warmup %d is negative", f.warmup)
	case f.launches < 1:
		return usagef("--launches %d: at least one is needed", f.launches)
	case changed("samples") && f.samples < 1:
		return usagef("--samples %d: an epoch has at least one example", f.samples)
	}
	if _, err := pairs("--label", f.labels); err != nil {
		return err
	}
	if err := f.feed.check(); err != nil {
		return err
	}
	if f.feed.resident() && f.worker.executor == "single-threaded" {
		return usagef("--executor single-threaded runs a loop in the graph with other, slower kernels, so --feed resident would not show what feeding costs: leave out one of the two flags")
	}
	return f.worker.check()
}

func (f *runFlags) run(ctx context.Context, s streams, args []string) error {
	manifests, err := findGraphs(f.graphs.root, f.suite, args)
	if err != nil {
		return err
	}
	for _, g := range manifests {
		if err := f.feed.fits(g); err != nil {
			return err
		}
	}
	if err := f.checkTrace(manifests); err != nil {
		return err
	}
	data, err := sourcePaths(f.data)
	if err != nil {
		return err
	}
	m, err := f.measurement(s, manifests, data)
	if err != nil {
		return err
	}
	if m.saver, err = newSaver(f.json, s.out); err != nil {
		return err
	}
	tracing, err := newTarget("--trace", f.trace, nil)
	if err != nil {
		return err
	}
	if !f.concurrent {
		unlock, err := lockMachine()
		if err != nil {
			return err
		}
		defer unlock()
	}
	if err := m.prepare(ctx); err != nil {
		return err
	}
	err = m.launches(ctx)
	unwritten := m.saver.finish(m.rec)
	out := s.out
	if f.json == "-" {
		out = s.err
	}
	f.show(out, m, err) // also where there is no other record of it
	if unwritten != nil {
		return unwritten
	}
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
	report.Table(out, m.rec, widthOf(out))
	if f.suite == "article" {
		report.Article(out, m.rec)
	}
}

// measurement sets up what is to be measured.
func (f *runFlags) measurement(s streams, manifests []*graph.Manifest, data []string) (*measurement, error) {
	worker, err := f.worker.launcher()
	if err != nil {
		return nil, err
	}
	labels, err := pairs("--label", f.labels)
	if err != nil {
		return nil, err
	}
	rec := newRecord(labels, record.Plan{Kind: record.KindRun, Seed: f.seed, Blocks: f.launches})
	m := &measurement{worker: worker, rec: rec, notices: s.err, reparity: f.reparity}
	for _, g := range manifests {
		config, err := f.config(g, data)
		if err != nil {
			return nil, err
		}
		m.add(g, config)
		if f.feed.resident() {
			if err := g.Resident(); err != nil {
				return nil, err
			}
			config.Feed, config.Prefetch, config.FeedThreads = record.FeedResident, 0, 0
			m.add(g, config)
		}
	}
	m.plan = plan.Blocks{Configs: len(rec.Runs), Blocks: f.launches, Seed: f.seed}
	m.progress = newProgress(s.err, m)
	return m, nil
}

// config is what is asked for of one graph: flags first, then its own defaults.
func (f *runFlags) config(g *graph.Manifest, data []string) (record.Config, error) {
	env, err := f.worker.environment()
	if err != nil {
		return record.Config{}, err
	}
	c := record.Config{
		Batch: int(f.batch), Samples: f.samples, Epochs: f.epochs, Warmup: f.warmup,
		Device: f.worker.device, Seed: f.seed, Data: slices.Clone(data),
		IntraOp: f.worker.intraOp, InterOp: f.worker.interOp, Executor: f.worker.executor, Env: env,
	}
	f.feed.fill(&c)
	if c.Batch < 0 {
		c.Batch = 0
		if g.Settings.Batch != nil {
			c.Batch = *g.Settings.Batch
		}
	}
	if c.Epochs == 0 {
		c.Epochs = g.Settings.Epochs
	}
	if len(data) == 0 {
		if err := g.VerifyData(); err != nil {
			return c, err
		}
		if c.Samples == 0 {
			c.Samples = g.Settings.Samples
		}
	}
	if c.Samples > 0 {
		if _, err := g.BatchFor(c.Batch, c.Samples); err != nil {
			return c, err
		}
	}
	return c, nil
}
