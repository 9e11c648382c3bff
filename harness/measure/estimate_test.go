package measure

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"epochtime/harness/estimate"
	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// rate is what an epoch of a configuration takes in the tests of estimates.
func rate(c record.Config, _ string) float64 {
	batch := c.Batch
	if batch == 0 {
		batch = c.Samples
	}
	return 0.001 + 0.0005*float64((c.Samples+batch-1)/batch) + 1e-5*float64(c.Samples)
}

// resolve completes a launch as a worker does.
func resolve(l *record.Launch, c record.Config) {
	batch := c.Batch
	if batch == 0 {
		batch = c.Samples
	}
	l.Resolved = record.Resolved{Batch: min(batch, c.Samples), Samples: c.Samples, Steps: (c.Samples + batch - 1) / batch}
	for i := range l.Epochs {
		l.Epochs[i].Steps, l.Epochs[i].Samples = l.Resolved.Steps, c.Samples
	}
}

// rated is a lab in which epochs take what rate says.
func rated() *lab {
	l := newLab()
	l.seconds, l.resolves = rate, true
	return l
}

func estimating(t *testing.T, l *lab, e EstimateOptions, settings ...string) (*Session, error) {
	t.Helper()
	o := l.options()
	o.Launches = 3
	return NewEstimate(configured(t, makeGraph(t, "cnn"), settings...), e, o)
}

func TestEstimate(t *testing.T) {
	l := rated()
	s, err := estimating(t, l, EstimateOptions{Verify: 2}, "samples=120000", "batch=64", "epochs=90")
	rec := measured(t, s, err)
	e := rec.Estimate
	want := rate(record.Config{Batch: 64, Samples: 120000}, "")
	if e.Reason != "" || math.Abs(e.Epoch.Median/want-1) > 0.01 || !e.Epoch.Known() {
		t.Fatalf("%+v, want %g s", e, want)
	}
	if e.Measured == nil || e.Measured.Launches != 3 || !e.Measured.Within || math.Abs(e.Measured.Error) > 0.01 {
		t.Errorf("measured: %+v", e.Measured)
	}
	if len(rec.Runs) != 6 || len(rec.Runs[0].Launches) != 1 || rec.Runs[1].Config.Samples != 120000 || rec.Runs[1].Config.Epochs != 2 {
		t.Errorf("%d runs: %d launches of the pilot, then %+v", len(rec.Runs), len(rec.Runs[0].Launches), rec.Runs[1].Config)
	}
	for _, r := range rec.Runs[2:] {
		if len(r.Launches) != 3 || r.Config.Samples > 20000 || r.Config.Epochs != estimate.Epochs {
			t.Errorf("a probe of %d examples and %d epochs with %d launches", r.Config.Samples, r.Config.Epochs, len(r.Launches))
		}
	}
}

// A session that is interrupted, in the pilot or a probe, goes on where it stopped.
func TestEstimateResumed(t *testing.T) {
	whole := rated()
	s, err := estimating(t, whole, EstimateOptions{Verify: 1}, "samples=120000", "batch=64")
	want := measured(t, s, err)
	for _, after := range []int{1, 2, 7} {
		l := rated()
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		l.fail = func(int, protocol.Job) *launch.Outcome {
			if n++; n == after {
				cancel()
				return failing(record.Interrupted, "")
			}
			return nil
		}
		s, err := estimating(t, l, EstimateOptions{Verify: 1}, "samples=120000", "batch=64")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Measure(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("interrupted in launch %d: %v", after, err)
		}
		o := rated()
		again, err := Resume(s.Record(), o.options())
		got := measured(t, again, err)
		if len(got.Runs) != len(want.Runs) || got.Estimate.Epoch.Median != want.Estimate.Epoch.Median || got.Status != record.Complete {
			t.Errorf("interrupted in launch %d: %d runs, want %d; %v, want %v", after, len(got.Runs), len(want.Runs), got.Estimate.Epoch, want.Estimate.Epoch)
		}
		for i, r := range got.Runs {
			worked := 0
			for _, l := range r.Launches {
				if l.Status == record.OK {
					worked++
				}
			}
			if worked != len(want.Runs[i].Launches) {
				t.Errorf("interrupted in launch %d: run %d worked %d times, want %d", after, i, worked, len(want.Runs[i].Launches))
			}
		}
	}
}

// What cannot be estimated is refused before anything is launched.
func TestEstimateRefuses(t *testing.T) {
	for want, settings := range map[string][]string{
		"samples is 2000000000000000": {"samples=2000000000000000", "batch=64"},
		"epochs is 9000000000000000":  {"samples=100", "epochs=9000000000000000"},
	} {
		l := rated()
		if _, err := estimating(t, l, EstimateOptions{}, settings...); !errors.Is(err, estimate.ErrAsked) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", settings, err)
		}
	}
	g := makeGraph(t, "cnn", "fixed=32")
	c := Configuration{Graph: g, Config: setting.Defaults()}
	c.Config.Samples = 1000
	if _, err := Configure(c); !errors.Is(err, graph.ErrDivide) {
		t.Errorf("1,000 examples in batches of 32: %v", err)
	}
	if _, err := estimating(t, rated(), EstimateOptions{Verify: -1}, "samples=100"); !errors.Is(err, ErrOptions) {
		t.Error(err)
	}
}

// A graph of a fixed batch is probed at that batch alone.
func TestEstimateFixedBatch(t *testing.T) {
	l := rated()
	o := l.options()
	s, err := NewEstimate(configured(t, makeGraph(t, "cnn", "fixed=32"), "samples=320000"), EstimateOptions{}, o)
	rec := measured(t, s, err)
	for _, r := range rec.Runs {
		if r.Config.Batch != 32 || r.Config.Samples%32 != 0 {
			t.Errorf("a probe of %d examples at batch %d", r.Config.Samples, r.Config.Batch)
		}
	}
	if e := rec.Estimate; e.Reason != "" || math.Abs(e.Epoch.Median/rate(record.Config{Batch: 32, Samples: 320000}, "")-1) > 0.01 {
		t.Errorf("%+v", e)
	}
}

// One launch of each probe has an answer without an interval.
func TestEstimateOneLaunch(t *testing.T) {
	l := rated()
	o := l.options()
	o.Launches = 1
	s, err := NewEstimate(configured(t, makeGraph(t, "cnn"), "samples=120000"), EstimateOptions{}, o)
	rec := measured(t, s, err)
	if e := rec.Estimate; e.Reason != "" || e.Epoch.Known() || e.Total.Known() || len(e.Notes) == 0 || !strings.Contains(e.Notes[0], "the times have no interval") {
		t.Errorf("%+v", e)
	}
}

// A pilot that fails ends a session; probes that fail leave what the others tell.
func TestEstimateFailures(t *testing.T) {
	for name, c := range map[string]struct {
		fails       func(n int, job protocol.Job) bool
		setup       bool
		err         error
		says        string
		answers     bool
		mostLaunces int
	}{
		"the model cannot be launched": {fails: func(int, protocol.Job) bool { return true }, setup: true, says: "no such device", mostLaunces: 1},
		"the pilot fails":              {fails: func(int, protocol.Job) bool { return true }, err: ErrFailed, says: "a launch failed", mostLaunces: 1},
		"a batch does not fit": {
			fails: func(_ int, j protocol.Job) bool { return j.Config.Batch == 64 }, err: ErrFailed, mostLaunces: 1,
		},
		"all launches of the other batch fail": {
			fails: func(_ int, j protocol.Job) bool { return j.Config.Batch == 16 }, err: ErrFailed, answers: true, mostLaunces: 99,
		},
		"all long probes fail": {
			fails: func(_ int, j protocol.Job) bool { return j.Config.Samples > 1000 }, err: ErrFailed, answers: true, mostLaunces: 99,
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := rated()
			l.fail = func(n int, job protocol.Job) *launch.Outcome {
				if !c.fails(n, job) {
					return nil
				}
				out := failing(record.OOM, "no such device")
				out.Setup, out.Launch.Setup = c.setup, c.setup
				return out
			}
			s, err := estimating(t, l, EstimateOptions{}, "samples=120000", "batch=64")
			if err != nil {
				t.Fatal(err)
			}
			err = s.Measure(t.Context())
			if err == nil || c.err != nil && !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
			if n := s.Launched(); n > c.mostLaunces {
				t.Errorf("%d launches", n)
			}
			if e := s.Record().Estimate; (e.Reason == "") != c.answers {
				t.Errorf("%+v", e)
			}
		})
	}
}
