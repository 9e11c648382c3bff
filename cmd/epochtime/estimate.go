package main

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"epochtime/harness/dataset"
	datafiles "epochtime/harness/dataset/files"
	"epochtime/harness/estimate"
	"epochtime/harness/graph"
	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/setting"
)

// estimateFlags are the flags of 'epochtime estimate'.
type estimateFlags struct {
	measureFlags
	verify bool
	from   string
}

// verifyEpochs is how many epochs a launch measures that verifies an estimate.
const verifyEpochs = 2

func newEstimate(s streams) *cobra.Command {
	f := &estimateFlags{measureFlags: newMeasureFlags(4)}
	cmd := &cobra.Command{
		Use:   "estimate MODEL --samples N --batch B --epochs E",
		Short: "Predict what training takes on data that is not there yet",
		Long: `Predicts how long an epoch takes, and a whole training with its cold start, from
launches of a few steps each. It trains on examples that are made up as the
graph describes them, or on those of --data; examples beyond these are taken to
be like them. MODEL is a graph or a model, as for 'epochtime run'.

The first launch finds how long a step takes. The others, the probes, train
short and longer epochs at the asked batch and at a smaller one, interleaved.
In 9 of 10 cases one more launch takes a time within the interval.

With --verify, launches between the probes train on as many examples as are
asked, and the answer is compared with them. With --from, the probes are those
of a record: what 'epochtime estimate --json FILE' wrote on another machine, or
a sweep of batches and samples. No machine is predicted that nothing was
measured on: published predictors of unseen machines err by 2 to 30 %.`,
		Example: `  epochtime estimate cnn --samples 1200000 --batch 256 --epochs 90
  epochtime estimate lstm --samples 20000 --batch 32 --epochs 5 --verify
  epochtime estimate mlp --samples 1200000 --batch 256 --json mlp.json
  epochtime estimate mlp --samples 60000 --batch 128 --from mlp.json`,
		ValidArgsFunction: f.graphs.complete,
	}
	measuring := f.measuring(s, f.session, f.run)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if f.from == "" {
			return measuring(cmd, args)
		}
		return f.answer(cmd, s, args)
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	timed, _ := setting.Find("for")
	f.add(flags, timed) // which epochs a probe has is not asked for
	f.addSettingsFlag(cmd, flags, "")
	flags.BoolVar(&f.verify, "verify", false, "also measure epochs of what is asked, and compare")
	flags.StringVar(&f.from, "from", "", "`FILE` predict from the probes in this record, of this machine or another; @RECORD is one of the history")
	f.addMaxTime(flags, ", and the answer is from the launches until then")
	flags.Lookup("samples").Usage = "`N` examples of an epoch"
	flags.Lookup("epochs").Usage = "`N` epochs of the whole training (default: the graph's own)"
	flags.Lookup("launches").Usage = "`N` processes per probe; an interval takes two or more"
	_ = cmd.RegisterFlagCompletionFunc("from", completeRecords(&f.history, 0))
	return cmd
}

// asked returns the configuration that is asked about.
func (f *estimateFlags) asked(ctx context.Context, s streams, args []string) (measure.Configuration, error) {
	switch {
	case len(args) != 1:
		return measure.Configuration{}, usagef("estimate takes one MODEL; 'epochtime list' shows the graphs")
	case f.config.Samples == 0:
		return measure.Configuration{}, usagef("give the examples of an epoch, such as --samples 1200000")
	}
	if err := f.checkModels(args); err != nil {
		return measure.Configuration{}, err
	}
	found, err := f.findGraph(ctx, s, args[0])
	if err != nil {
		return measure.Configuration{}, err
	}
	c := f.configuration(found, args[0])
	c.Command[0] = "estimate" // a probe alone is no answer
	if c, err = f.withOneSettings(ctx, s, c); err != nil {
		return c, err
	}
	return measure.Configure(c)
}

// session returns the session for the command line.
func (f *estimateFlags) session(ctx context.Context, s streams, args []string, o measure.Options) (*measure.Session, error) {
	if err := f.oneSettings("estimate"); err != nil {
		return nil, err
	}
	c, err := f.asked(ctx, s, args)
	if err != nil {
		return nil, err
	}
	with := measure.EstimateOptions{}
	if with.Most, err = examplesOf(ctx, c); err != nil {
		return nil, err
	}
	if f.verify {
		with.Verify = verifyEpochs
		if with.Most > 0 && c.Config.Samples > with.Most {
			return nil, usagef("--verify trains on all examples, and the data holds %d: lower --samples, or leave out --verify", with.Most)
		}
	}
	return measure.NewEstimate(c, with, o)
}

// examplesOf returns how many examples the files hold that a configuration trains on; 0
// where its examples are made.
func examplesOf(ctx context.Context, c measure.Configuration) (int, error) {
	if len(c.Config.Data) == 0 && c.Graph.Data.Kind != "file" {
		return 0, nil
	}
	g, err := graph.Open(c.Graph.Dir) // a request adds to it
	if err != nil {
		return 0, err
	}
	w := c.Config
	q, err := dataset.Choice{
		Sources: w.Data, Inputs: w.Inputs, Take: w.Take, Seed: w.Seed, Header: w.Header, Tokens: w.Tokens, Window: w.Window,
		ImageSize: w.ImageSize, Preprocess: w.Preprocess,
	}.Request(g)
	if err != nil {
		return 0, err
	}
	set, err := datafiles.Open(ctx, q)
	if err != nil {
		return 0, input(err)
	}
	return set.Examples(), set.Close()
}

func (f *estimateFlags) run(ctx context.Context, s streams, session *measure.Session) error {
	out, err := f.carryOut(ctx, s, session)
	f.show(out, session, err)
	if e := session.Record().Estimate; err == nil && e != nil && e.Reason != "" {
		return toldError{errors.New(e.Reason)}
	}
	return err
}

// checkFrom refuses flags of measuring, which --from takes from its record.
func (f *estimateFlags) checkFrom(flags *pflag.FlagSet) (err error) {
	flags.Visit(func(flag *pflag.Flag) {
		_, setting := setting.Find(flag.Name)
		switch {
		case slices.Contains([]string{"samples", "batch", "epochs"}, flag.Name):
		case setting, flag.Name == settingsKey:
			err = usagef("--from takes this setting from its record: leave out --%s", flag.Name)
		case slices.Contains([]string{"verify", "resume", "launches", "max-time", "label", "verify-parity"}, flag.Name):
			err = usagef("--from measures nothing: leave out --%s", flag.Name)
		}
	})
	return err
}

// answer answers from the probes of a record. It measures nothing.
func (f *estimateFlags) answer(cmd *cobra.Command, s streams, args []string) error {
	if err := f.checkFrom(cmd.Flags()); err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	args, err := f.names(cmd, args)
	if err != nil {
		return err
	}
	c, err := f.asked(cmd.Context(), s, args)
	if err != nil {
		return err
	}
	price, err := f.price.of(newProgress(s.err))
	if err != nil {
		return err
	}
	probed, err := f.history.record(f.from)
	if err != nil {
		return err
	}
	for i, m := range probed.Machines {
		if price != nil {
			probed.Machines[i].Price = cmp.Or(price(m), m.Price)
		}
	}
	a := record.Asked{Samples: c.Config.Samples, Batch: c.Config.Batch, Epochs: c.Config.Epochs}
	rec, err := estimate.From(probed, c.Graph.SHA256, a)
	if err != nil {
		return fromError{err, f.from}
	}
	return f.write(s, rec)
}

// write writes an answer to the file of --json, if there is one, and shows it.
func (f *estimateFlags) write(s streams, rec *record.Record) error {
	to, err := openRecord("--json", f.json, s.out, f.from)
	if err == nil && to.IsFile() && !f.force {
		err = checkOverwriting(f.json)
	}
	if err != nil {
		return err
	}
	if f.json != "" {
		if err := to.Fill(rec.Write); err != nil {
			return err
		}
	}
	out := s.out
	if f.json == "-" {
		out = s.err
	}
	report.Record(out, rec, report.Options{Width: widthOf(out)})
	return nil
}

// fromError is an error of a record that does not answer what is asked.
type fromError struct {
	error
	record string
}

func (e fromError) Error() string { return "--from " + e.record + ": " + e.error.Error() }
func (e fromError) Unwrap() error { return e.error }
