package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"epochtime/harness/graph"
	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/internal/atomicfile"
)

// session is an estimate.
type session struct {
	model          string
	batch, samples int // the last step is a short one
	verify         int // epochs of a launch that verifies it; 0: none does
	path           string
	record         *record.Record // nil: it is not measured
}

func (o options) recordOf(model, which string) string {
	return filepath.Join(o.records, model+"-"+which+".json")
}

// load reads the record of a session, and measures what is missing of it.
func (s *session) load(ctx context.Context, o options) error {
	rec, err := read(s.path)
	switch {
	case err == nil:
		s.record = rec
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if !o.measure || rec != nil && rec.Status == record.Complete {
		return nil
	}
	if err := os.MkdirAll(o.records, 0o755); err != nil {
		return err
	}
	with := measure.Options{Launches: o.launches, Seed: 1, Watcher: told{s.path}, Save: func(r *record.Record) error {
		return atomicfile.Write(s.path, func(f *os.File) error { return r.Write(f) })
	}}
	var m *measure.Session
	if rec != nil {
		m, err = measure.Resume(rec, with)
	} else {
		m, err = s.begin(o, with)
	}
	if err != nil {
		return err
	}
	if err := m.Measure(ctx); err != nil && !errors.Is(err, measure.ErrFailed) {
		return err
	}
	s.record = m.Record()
	return nil
}

// begin returns a new session.
func (s *session) begin(o options, with measure.Options) (*measure.Session, error) {
	g, err := graph.Find(o.graphs, s.model)
	if err != nil {
		return nil, err
	}
	if _, known := rates[s.model]; !known {
		return nil, fmt.Errorf("no rate is known of %s: add it", s.model)
	}
	c := measure.Configuration{Graph: g, Config: setting.Defaults()}
	c.Config.Batch, c.Config.Epochs = s.batch, 10
	c.Config.Samples = s.samples
	worker, err := filepath.Abs(o.worker)
	if err != nil {
		return nil, err
	}
	c.Config.Worker = []string{worker}
	if c, err = measure.Configure(c); err != nil {
		return nil, err
	}
	return measure.NewEstimate(c, measure.EstimateOptions{Verify: s.verify}, with)
}

func read(path string) (*record.Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return record.Read(f)
}

// told is a measure.Watcher that writes which launch begins.
type told struct{ what string }

func (t told) Checking(graph string) { fmt.Fprintln(os.Stderr, t.what, "checking", graph) }
func (t told) Launching(p measure.Progress) {
	fmt.Fprintf(os.Stderr, "%s %d/%d %s\n", t.what, p.Launch, p.Launches, p.Title)
}
func (told) Epoch(measure.Progress, record.Epoch) {}
func (told) Tracing(string)                       {}
func (t told) Notice(_ measure.NoticeKind, text string) {
	fmt.Fprintln(os.Stderr, t.what, text)
}
func (told) Idle() {}
