package main

import (
	"slices"
	"strconv"

	"github.com/spf13/pflag"

	"epochtime/harness/exporter"
	"epochtime/harness/graph"
	"epochtime/harness/record"
)

// measureFlags are what every verb that measures takes.
type measureFlags struct {
	graphs     graphFlags
	worker     workerFlags
	feed       feedFlags
	epochs     int
	warmup     int
	launches   int
	batch      batchFlag
	samples    int
	data       dataFlags
	seed       uint64
	labels     []string
	json       string
	history    historyFlags
	resume     string
	reparity   bool
	concurrent bool
	models     modelFlags
	cache      *exporter.Cache // of models that are exported

	own     *pflag.FlagSet // the flags as they were added
	earlier *record.Record // that --resume goes on with
}

func newMeasureFlags(launches int) measureFlags {
	return measureFlags{batch: -1, launches: launches, cache: new(exporter.Cache)}
}

func (f *measureFlags) add(flags *pflag.FlagSet) {
	f.own = flags
	flags.SortFlags = false
	f.graphs.add(flags)
	flags.IntVar(&f.epochs, "epochs", 0, "`N` measured epochs a launch (default: the graph's own)")
	flags.IntVar(&f.warmup, "warmup", 1, "`N` epochs before the measured ones")
	flags.IntVar(&f.launches, "launches", f.launches, "`N` processes for each configuration; six or more give an interval")
	flags.Var(&f.batch, "batch", "examples a step, or full for all in one (default: the graph's own)")
	flags.IntVar(&f.samples, "samples", 0, "`N` examples an epoch (default: the graph's own, or all of --data)")
	f.data.add(flags)
	flags.Uint64Var(&f.seed, "seed", 1, "`N` seed of synthetic data and of the order of launches")
	f.feed.add(flags)
	f.worker.add(flags)
	f.worker.addMemory(flags)
	flags.StringArrayVar(&f.labels, "label", nil, "`KEY=VALUE` a word to keep in the record (repeatable)")
	flags.StringVar(&f.json, "json", "", "write the record to `FILE`; - is stdout")
	f.history.add(flags)
	flags.StringVar(&f.resume, "resume", "", "`FILE` go on with an interrupted record, and take all settings from it")
	flags.BoolVar(&f.reparity, "verify-parity", false, "compare with Keras even if that was done before")
	flags.BoolVar(&f.concurrent, "allow-concurrent", false, "measure even if another measurement runs on this machine")
	f.models.add(flags)
}

// addSingle adds the flags for a verb that measures each configuration in one way.
func (f *measureFlags) addSingle(flags *pflag.FlagSet) {
	f.add(flags)
	flags.Lookup("feed").Usage = "`HOW` batches, or resident: the data stays on the device, and an epoch is one call"
}

// check finds wrong values before anything is read.
func (f *measureFlags) check() error {
	changed := func(name string) bool { return f.own.Lookup(name).Changed } // a verb may have another of that name
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
	if err := f.data.check(changed); err != nil {
		return err
	}
	return f.checkValues()
}

// checkValues finds wrong values of what can differ between configurations.
func (f *measureFlags) checkValues() error {
	if err := f.feed.check(); err != nil {
		return err
	}
	if f.feed.resident() && f.worker.executor == "single-threaded" {
		return usagef("--executor single-threaded runs a loop in the graph with other, slower kernels, so --feed resident would not show what feeding costs: leave out one of the two flags")
	}
	return f.worker.check()
}

// setting is one thing in which configurations differ.
type setting struct{ key, value string }

// settable are the keys of a setting, beside env.NAME and those of models.
var settable = []string{"graph", "worker", "batch", "samples", "device", "intra-op", "inter-op", "prefetch", "executor", "feed"}

// with is a copy of the flags in which settings are changed. A graph among them
// is not the flags' matter.
func (f *measureFlags) with(settings []setting) (*measureFlags, error) {
	out := *f
	out.worker.env = slices.Clone(f.worker.env)
	for _, s := range settings {
		if err := out.set(s.key, s.value); err != nil {
			return nil, err
		}
	}
	if out.feed.resident() { // a set that stays on the device is prepared once
		out.feed.prefetch, out.feed.threads = 0, 1
	}
	return &out, out.checkValues()
}

// set changes one setting.
func (f *measureFlags) set(key, value string) (err error) {
	number := func(to *int, least int) {
		n, wrong := strconv.Atoi(value)
		if *to = n; wrong != nil || n < least {
			err = usagef("%s=%s: that is no whole number from %d on", key, value, least)
		}
	}
	switch key {
	case "graph":
	case "worker":
		f.worker.worker = value
	case "batch":
		if wrong := f.batch.Set(value); wrong != nil {
			err = usagef("%s=%s: %w", key, value, wrong)
		}
	case "samples":
		number(&f.samples, 1)
	case "device":
		f.worker.device = value
	case "intra-op":
		number(&f.worker.intraOp, 0)
	case "inter-op":
		number(&f.worker.interOp, 0)
	case "prefetch":
		number(&f.feed.prefetch, 0)
	case "executor":
		if f.worker.executor = value; value == "default" {
			f.worker.executor = ""
		}
	case "feed":
		f.feed.feed = value
	default: // the parser of settings has checked that there is such a key
		if exporter.IsSetting(key) {
			f.models, err = f.models.with(key, value)
			return err
		}
		f.worker.env = append(f.worker.env, key[len("env."):]+"="+value)
	}
	return err
}

// config is what is asked for of one graph: flags first, then its own defaults.
func (f *measureFlags) config(g *graph.Manifest) (record.Config, error) {
	env, err := f.worker.environment()
	if err != nil {
		return record.Config{}, err
	}
	c := record.Config{
		Batch: int(f.batch), Samples: f.samples, Epochs: f.epochs, Warmup: f.warmup,
		Device: f.worker.device, Seed: f.seed,
		IntraOp: f.worker.intraOp, InterOp: f.worker.interOp, Executor: f.worker.executor, Env: env,
	}
	if err := f.data.fill(&c); err != nil {
		return c, err
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
	if len(c.Data) == 0 {
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

// fits finds what a graph cannot be trained with, before anything is launched.
func (f *measureFlags) fits(g *graph.Manifest) error {
	if err := f.data.fits(g); err != nil {
		return err
	}
	return f.feed.fits(g)
}

// resident is a configuration with its data on the device.
func resident(g *graph.Manifest, c record.Config) (record.Config, error) {
	c.Feed, c.Prefetch, c.FeedThreads = record.FeedResident, 0, 0
	return c, g.Resident()
}
