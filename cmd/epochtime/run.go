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
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// runFlags are the flags of 'epochtime run'.
type runFlags struct {
	measureFlags
	suite    string
	trace    string
	markdown string
	csv      string
	plot     bool
}

func newRun(s streams) *cobra.Command {
	f := &runFlags{measureFlags: newMeasureFlags(6)}
	cmd := &cobra.Command{
		Use:   "run GRAPH... | --suite NAME",
		Short: "Measure the epoch times of graphs or models",
		Long: `Measures how long each epoch of training takes.

GRAPH is the name or folder of an exported graph, or a model to export first: a
script FILE.py, -m MODULE or FILE.ipynb, a function FILE.py:FUNCTION that
returns a model, a saved model FILE.keras or FILE.h5, or keras:NAME for a
function of keras.applications. A model file is a program, and exporting runs
it. Exported models are kept. They are exported again when a file that they
read, the arguments, the flags, the folder or TensorFlow change.

A script runs as python runs it, with the arguments behind --. Each of its calls
that train is measured as a graph of its own; --fit chooses one.

Each launch is a new process. It loads the graph, runs one untimed step for each
batch shape, resets the variables, and then times warm-up and measured epochs.
The launches of several graphs are interleaved in random blocks.

Before the first launch, the losses of the graph's first steps are compared with
Keras's. This is done once for each graph, worker, device and environment.

With --for, one launch of each graph trains epochs until the time is up, and the
text shows whether the machine holds its speed, with its clock and temperature.

On a GPU, each graph is measured in two ways, in interleaved launches, unless
--fetch says how: with the loss of each step on the host before the next, as in
Keras's fit, and with losses that stay on the device until the epoch ends.

With --feed resident, each graph is measured in two ways, in interleaved
launches: fed in batches, and with all of its data on the device, where an epoch
is one call. The table shows the difference, which is the cost of feeding.`,
		Example: `  epochtime run cnn
  epochtime run linear cnn rnn --launches 10 --json all.json
  epochtime run --suite article
  epochtime run testdata/models/functional.py:build --batch 64
  epochtime run train.py --fit 2 -- --width 64
  epochtime run keras:VGG16 --input-shape 32,32,3 --classes 10 --samples 64
  epochtime run cnn --env TF_ENABLE_ONEDNN_OPTS=0 --intra-op 1
  epochtime run cnn --until 2% --max-time 10m
  epochtime run cnn --feed resident
  epochtime run cnn --for 30m --plot
  epochtime run train.py --runtime fit
  epochtime run cnn --plot --csv cnn.csv
  epochtime run cnn --trace cnn.trace.json`,
		ValidArgsFunction: f.graphs.complete,
		RunE:              f.measuring(s, f.session, f.run),
	}
	flags := cmd.Flags()
	f.add(flags)
	flags.Lookup("feed").Usage = "`HOW` batches; or resident: also measure each graph with its data on the device and an epoch in one call, which shows the cost of feeding"
	flags.StringVar(&f.suite, "suite", "", "`NAME` measure a set of graphs: "+strings.Join(exporter.Suites(), ", "))
	f.addMaxTime(flags, ", and the table has the launches until then")
	flags.Var(&f.until, "until", "launch until every interval is within this share of its median, such as 2%, or up to --launches (default 100 with --until)")
	flags.StringVar(&f.markdown, "markdown", "", "write the tables to `FILE` in Markdown, as 'epochtime report' does; - is stdout")
	flags.StringVar(&f.csv, "csv", "", "write a row per launch to `FILE` as CSV, as 'epochtime report' does; - is stdout")
	flags.BoolVar(&f.plot, "plot", false, "draw the epoch times of each graph, launch by launch, below the table")
	f.addSettingsFlag(cmd, flags, "; default,best measures both, interleaved")
	flags.StringVar(&f.weights, "save-weights", "", "save the trained weights of the first launch that works in `DIR`, as GRAPH.weights.h5, which Keras reads; existing files are not replaced")
	flags.StringVar(&f.trace, "trace", "", "trace one more step, which is not timed, into `FILE` for Perfetto and 'epochtime trace'")
	return cmd
}

// mostUntil is the default number of launches with --until.
const mostUntil = 100

// session returns the session for the command line.
func (f *runFlags) session(ctx context.Context, s streams, args []string, o measure.Options) (*measure.Session, error) {
	found, err := f.findGraphs(ctx, s, f.suite, args)
	if err != nil {
		return nil, err
	}
	var list []measure.Configuration
	for _, g := range found {
		configs, err := f.configurations(ctx, s, g)
		if err != nil {
			return nil, err
		}
		list = append(list, configs...)
	}
	switch {
	case f.config.Timed() && f.until > 0:
		return nil, usagef("--until: it adds launches, and --for measures one long one: use one of the two")
	case f.config.Timed() && !f.own.Changed("launches"):
		o.Launches = 1
	case f.until > 0 && !f.own.Changed("launches"):
		o.Launches = mostUntil
	case f.until > 0 && o.Launches < stats.MinLaunches:
		return nil, usagef("--until: an interval takes %d launches, and --launches is %d", stats.MinLaunches, o.Launches)
	}
	o.Suite = f.suite
	return measure.NewRun(list, o)
}

// configurations returns what is measured of a graph: with each of the known settings that
// are asked for, fed in batches and with resident data.
func (f *runFlags) configurations(ctx context.Context, s streams, g namedGraph) ([]measure.Configuration, error) {
	c := f.configuration(g.Manifest, g.name)
	resident := c.Config.Resident()
	c.Config.Feed = record.FeedBatches
	configs, err := f.withSettings(ctx, s, c)
	if err != nil {
		return nil, err
	}
	for i := range configs {
		if configs[i], err = measure.Configure(configs[i]); err != nil {
			return nil, err
		}
	}
	if resident {
		configs, err = measure.WithResident(configs)
	}
	if c.Config.OnGPU() && c.Config.OfGraph() && !f.own.Changed("fetch") {
		var leftOut []string
		configs, leftOut = measure.WithLossAtEnd(configs)
		for _, text := range leftOut {
			fmt.Fprintln(s.err, "notice: "+harmless.Hanging(text))
		}
	}
	return configs, err
}

func (f *runFlags) run(ctx context.Context, s streams, session *measure.Session) error {
	if err := f.checkOutputs(); err != nil {
		return err
	}
	tracing, err := f.openTrace(session.Record())
	if err != nil {
		return err
	}
	copies, err := f.openCopies(s.out)
	if err != nil {
		return err
	}
	out, err := f.carryOut(ctx, s, session)
	if f.markdown == "-" || f.csv == "-" {
		out = s.err
	}
	if f.worthShowing(session, err) {
		f.showRun(out, session) // first: a copy may fail
		if unwritten := writeCopies(copies, session.Record()); unwritten != nil && ctx.Err() == nil {
			return unwritten
		}
	}
	for i := 0; i < len(session.Record().Runs) && err == nil; i++ { // the time limit may have left one out
		err = session.CheckResults(i)
	}
	if f.trace != "" && (err == nil || errors.Is(err, measure.ErrFailed)) {
		return traceAfter(ctx, s, session, err, tracing, out)
	}
	return err
}

// checkOutputs refuses two flags that name the same file.
func (f *runFlags) checkOutputs() error {
	taken := map[string]string{}
	for _, to := range []struct{ flag, path string }{{"--json", f.json}, {"--markdown", f.markdown}, {"--csv", f.csv}, {"--trace", f.trace}} {
		path := absolute(to.path)
		if other := taken[path]; to.path != "" && other != "" {
			return usagef("%s and %s name the same file", other, to.flag)
		}
		taken[path] = to.flag
	}
	return nil
}

// showRun prints what was measured.
func (f *runFlags) showRun(out io.Writer, session *measure.Session) {
	report.Record(out, session.Record(), report.Options{Width: widthOf(out)})
	if f.plot {
		report.Strip(out, session.Record(), widthOf(out))
	}
	for i, w := range session.Saved() {
		if i == 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "The trained weights of %s are in %s (%s).\n", harmless.Text(w.Title), harmless.Text(w.Path), report.Bytes(w.Bytes))
	}
	if len(session.Saved()) > 0 {
		fmt.Fprintln(out, "In Keras, the same model reads them by model.load_weights(FILE).")
	}
}
