//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"epochtime/harness/graph"
	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/internal/atomicfile"
)

// warmup is how many epochs come before the measured ones: in the first, each shape of
// a batch is run, and where there is a compiler compiled, for the first time.
const warmup = 2

// Labels of a record: the work as it is called, the names of the contenders in the
// order of the runs, and the epochs that were asked for.
const (
	labelWork       = "work"
	labelContenders = "contenders"
	labelEpochs     = "epochs"
)

// measureWork exports what the contenders need for a work, and measures them.
func measureWork(ctx context.Context, o options, w work, who []contender) error {
	if o.again {
		if err := o.forget(w); err != nil {
			return err
		}
	}
	if err := o.prepare(ctx, w, who); err != nil {
		return err
	}
	return o.measure(ctx, w, who, o.sessionOptions(w, who))
}

// measure measures the contenders with one work in one session, or goes on with the
// session whose record there is.
func (o options) measure(ctx context.Context, w work, who []contender, with measure.Options) error {
	if err := os.MkdirAll(filepath.Dir(o.recordOf(w)), 0o755); err != nil {
		return err
	}
	before, err := readRecord(o.recordOf(w))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return o.begin(ctx, w, who, with)
	case err != nil:
		return err
	case !sameSession(before, with):
		return fmt.Errorf("%s was measured with other options: give the same ones, or --again", o.recordOf(w))
	case before.Status == record.Complete:
		return nil
	}
	s, err := measure.Resume(before, with)
	if err != nil {
		return err
	}
	return carryOut(ctx, s)
}

// begin measures in a new session.
func (o options) begin(ctx context.Context, w work, who []contender, with measure.Options) error {
	list, err := o.configurations(w, who)
	if err != nil {
		return err
	}
	s, err := measure.NewRun(list, with)
	if err != nil {
		return err
	}
	return carryOut(ctx, s)
}

// carryOut measures. Launches that fail are results of the page.
func carryOut(ctx context.Context, s *measure.Session) error {
	if err := s.Measure(ctx); !errors.Is(err, measure.ErrFailed) {
		return err
	}
	return nil
}

// configurations returns a configuration for each contender.
func (o options) configurations(w work, who []contender) ([]measure.Configuration, error) {
	var out []measure.Configuration
	for _, c := range who {
		g, err := graph.Open(o.graphOf(w, c))
		if err != nil {
			return nil, err
		}
		made, err := o.configuration(w, c, g)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		out = append(out, made)
	}
	return out, nil
}

// configuration returns the configuration of a contender with a graph.
func (o options) configuration(w work, c contender, g *graph.Manifest) (measure.Configuration, error) {
	config := setting.Defaults()
	config.Warmup, config.Epochs, config.Seed = warmup, o.epochs, 1
	if w.batch > 0 {
		config.Batch = w.batch
	}
	config.Samples = w.samples
	config.Worker = o.workerOf(c, w)
	if config.Worker != nil {
		config.Runtime = record.RuntimePeer
	}
	for _, s := range c.settings {
		if err := setting.Change(&config, s[0], s[1]); err != nil {
			return measure.Configuration{}, err
		}
	}
	return measure.Configure(measure.Configuration{Graph: g, Config: config, Label: c.name})
}

// sessionOptions returns the options of a work's session.
func (o options) sessionOptions(w work, who []contender) measure.Options {
	var names []string
	for _, c := range who {
		names = append(names, c.name)
	}
	return measure.Options{
		Launches: o.launches, Seed: o.seed, Argv: append([]string{"internal/peers"}, os.Args[1:]...),
		Labels: map[string]string{
			labelWork: w.title(), labelContenders: strings.Join(names, " "), labelEpochs: fmt.Sprint(o.epochs),
		},
		Save: func(rec *record.Record) error {
			return atomicfile.Write(o.recordOf(w), func(f *os.File) error { return rec.Write(f) })
		},
		Watcher: &watcher{out: os.Stderr, work: w.title()},
		Workers: o.workers,
	}
}

// workers is measure.Workers with the programs of this place.
func (o options) workers(c record.Config) (measure.Launcher, error) {
	if c.OfGraph() && len(c.Worker) == 0 {
		c.Worker = []string{o.worker()}
	}
	return measure.WorkersOf(o.python)(c)
}

// sameSession reports whether a record is of a session with these options.
func sameSession(rec *record.Record, o measure.Options) bool {
	for name, value := range o.Labels {
		if rec.Labels[name] != value {
			return false
		}
	}
	return rec.Plan.Blocks == o.Launches && rec.Plan.Seed == o.Seed
}

// readRecord reads a record. The error is fs.ErrNotExist if there is none.
func readRecord(path string) (*record.Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rec, err := record.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rec, nil
}
