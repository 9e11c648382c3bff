//go:build linux

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"epochtime/harness/launch"
	"epochtime/harness/measure"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/internal/testgraph"
)

// lab runs launches without processes. An epoch takes what seconds says.
type lab struct {
	seconds func(c record.Config, graph string, launch int) float64
	loss    func(c record.Config) float64
	stop    int // the launch, from 1, in which the session is interrupted; 0: none
	cancel  context.CancelFunc

	trained []protocol.Job
}

func (l *lab) workers(record.Config) (measure.Launcher, error) { return l, nil }

// Run implements measure.Launcher.
func (l *lab) Run(ctx context.Context, job protocol.Job, onEvent func(protocol.Event)) (*launch.Outcome, error) {
	out := &launch.Outcome{Hello: &protocol.Hello{Machine: record.Machine{CPU: "A CPU", Cores: 2, MemoryBytes: 24 << 30, OS: "Linux", Kernel: "6.1"}}}
	out.Launch = record.Launch{Status: record.OK, TensorFlow: "2.21.0", Worker: []string{"lab"}, Cold: record.Cold{Start: 0.1, Data: 0.2}}
	switch job.Kind {
	case protocol.Parity:
		out.Parity = &protocol.Losses{Got: []record.Number{3, 2, 1}, Want: []record.Number{3, 2, 1}}
		return out, nil
	case protocol.Examples:
		return out, nil
	}
	l.trained = append(l.trained, job)
	if len(l.trained) == l.stop {
		l.cancel()
		out.Launch = record.Launch{Status: record.Interrupted, Reason: "stopped before it was done", Worker: []string{"lab"}}
		return out, nil
	}
	each := l.seconds(job.Config, filepath.Base(job.Graph), len(l.trained))
	for i := range job.Config.Warmup + job.Config.Epochs {
		out.Launch.Epochs = append(out.Launch.Epochs, record.Epoch{
			Index: i, Warmup: i < job.Config.Warmup, Start: 1 + float64(i)*each, Seconds: each, Step: each,
			Steps: 32, Samples: 1000, Loss: record.Number(l.loss(job.Config) / float64(i+1)),
		})
	}
	out.Launch.Wall = 1 + each*float64(len(out.Launch.Epochs))
	return out, nil
}

// newLab returns a lab in which every epoch takes 0.1 s and all train alike.
func newLab() *lab {
	return &lab{
		seconds: func(record.Config, string, int) float64 { return 0.1 },
		loss:    func(record.Config) float64 { return 2.5 },
	}
}

// inFolder returns options that measure in a folder of the test's own, which has the
// graphs of a work and its variants.
func inFolder(t *testing.T, w work) options {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	o, err := parse([]string{"--scratch", t.TempDir(), "--launches", "6"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range contenders {
		if err := testgraph.Write(o.graphOf(w, c)); err != nil && !errors.Is(err, os.ErrExist) {
			t.Fatal(err)
		}
	}
	return o
}

// measured returns the record of a session in the lab.
func measured(t *testing.T, o options, l *lab, w work, who []contender) (*record.Record, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	l.cancel = cancel
	with := o.sessionOptions(w, who)
	with.Workers, with.Watcher = l.workers, nil
	if err := o.measure(ctx, w, who, with); err != nil {
		return nil, err
	}
	rec, err := readRecord(o.recordOf(w))
	if err != nil {
		t.Fatal(err)
	}
	return rec, nil
}

// chosen returns a work and contenders by their names.
func chosen(t *testing.T, name string, contenders ...string) (work, []contender) {
	t.Helper()
	works, err := chooseWorks([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	who, err := chooseContenders(contenders)
	if err != nil {
		t.Fatal(err)
	}
	return works[0], fitting(who, works[0])
}
