//go:build linux && cgo

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"epochtime/harness/dataset"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/harness/train"
	"epochtime/internal/atomicfile"
	"epochtime/internal/scripted"
	"epochtime/internal/testgraph"
)

// stepsPerEpoch is the number of examples, each of which is a batch.
const stepsPerEpoch = 1000

// trainSteps trains the graph linear in this process.
func trainSteps(ctx context.Context, w *watch, graphs string, steps int) error {
	m, err := graph.Find(graphs, "linear")
	if err != nil {
		return err
	}
	set, err := dataset.Synthetic(m, stepsPerEpoch, 1)
	if err != nil {
		return err
	}
	defer set.Close()
	t, err := train.Open(m, set, train.Options{Feed: feed.Options{Batch: 1, Prefetch: 2, Shuffle: true}})
	if err != nil {
		return err
	}
	defer t.Close()
	if _, err := t.FirstSteps(ctx); err != nil {
		return err
	}
	epochs := (steps + stepsPerEpoch - 1) / stepsPerEpoch
	every := max(1, epochs/100)
	for e, err := range t.Epochs(ctx, epochs) {
		if err != nil {
			return err
		}
		if e.Index%every == 0 {
			if err := w.look(); err != nil {
				return err
			}
		}
	}
	return nil
}

// realLaunches measures the graph linear with the real worker.
func realLaunches(ctx context.Context, w *watch, graphs, worker string, n int) error {
	g, err := graph.Find(graphs, "linear")
	if err != nil {
		return err
	}
	worker, err = filepath.Abs(worker)
	if err != nil {
		return err
	}
	return launches(ctx, w, g, []string{worker}, n)
}

// scriptedLaunches measures a graph that nothing can train, with a worker that says it
// did.
func scriptedLaunches(ctx context.Context, w *watch, n int) error {
	dir, err := os.MkdirTemp("", "epochtime-soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	worker, script := filepath.Join(dir, scripted.Name), filepath.Join(dir, "script")
	if err := os.Symlink(self, worker); err != nil {
		return err
	}
	// The process has run for longer than these epochs say.
	if err := os.WriteFile(script, []byte("job\nhello\n[parity]\nparity\n[train]\nswift\ntrain 0.0002\n[any]\ndone\n"), 0o644); err != nil {
		return err
	}
	if err := testgraph.Write(filepath.Join(dir, "one")); err != nil {
		return err
	}
	g, err := graph.Find(dir, "one")
	if err != nil {
		return err
	}
	return launches(ctx, w, g, []string{worker, script}, n)
}

// launches measures a graph in one session, and looks at this process after each launch
// in a hundred, or more often.
func launches(ctx context.Context, w *watch, g *graph.Manifest, worker []string, n int) error {
	c := measure.Configuration{Graph: g, Config: setting.Defaults()}
	c.Config.Worker = worker
	c, err := measure.Configure(c)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "epochtime-soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	every, done := max(1, n/100), 0
	session, err := measure.NewRun([]measure.Configuration{c}, measure.Options{
		Launches: n, Recheck: true,
		Save: func(rec *record.Record) error {
			if done++; done%every == 0 {
				if err := w.look(); err != nil {
					return err
				}
			}
			return atomicfile.Write(filepath.Join(dir, "record.json"), func(f *os.File) error { return rec.Write(f) })
		},
	})
	if err != nil {
		return err
	}
	if err := session.Measure(ctx); err != nil {
		return err
	}
	for _, l := range session.Record().Runs[0].Launches {
		if l.Status != record.OK {
			return fmt.Errorf("a launch ended as %s: %s", l.Status, l.Reason)
		}
	}
	if got := len(session.Record().Runs[0].Launches); got != n {
		return fmt.Errorf("%d launches were kept, want %d", got, n)
	}
	return nil
}
