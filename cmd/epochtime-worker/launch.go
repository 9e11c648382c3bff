package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"epochtime/harness/dataset"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/machine"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/tfsession"
	"epochtime/harness/train"
	"epochtime/internal/flaghint"
)

// open reads the graph that the job names, and its data by way of read, makes
// them ready to train, and reports what was loaded. feeding says how to feed it.
func (w *worker) open(read func(*graph.Manifest) (*dataset.Set, error), feeding func(*graph.Manifest) feed.Options) (*train.Trainer, error) {
	m, err := graph.Open(w.job.Graph)
	if err != nil {
		return nil, err
	}
	if w.job.SHA256 != "" && m.SHA256 != w.job.SHA256 {
		return nil, fmt.Errorf("%w: %s is not the graph that was asked for (sha256 %.12s…, not %.12s…)", graph.ErrDamaged, m.Dir, m.SHA256, w.job.SHA256)
	}
	if err := w.canSave(m); err != nil {
		return nil, err
	}
	begin := time.Now()
	set, err := read(m)
	if err != nil {
		return nil, err
	}
	reading := time.Since(begin)
	c := w.job.Config
	t, err := train.Open(m, set, train.Options{
		Feed:    feeding(m),
		Session: tfsession.Options{Device: c.Device, IntraOp: c.IntraOp, InterOp: c.InterOp, Executor: c.Executor},

		Resident: w.resident(), Available: machine.Available,
	})
	if err != nil {
		return nil, err
	}
	w.trainer = t
	return t, w.loaded(m, t, reading)
}

// resident tells whether the data set is to stay on the device. Only timed
// training does that.
func (w *worker) resident() bool {
	return w.job.Kind == protocol.Train && w.job.Config.Resident()
}

// loaded says what was loaded, how long reading the data took, and how the job's
// options were resolved.
func (w *worker) loaded(m *graph.Manifest, t *train.Trainer, reading time.Duration) error {
	devices, err := t.Devices()
	if err != nil {
		return err
	}
	c, feeder := w.job.Config, t.Feeder()
	return w.events.Send(protocol.Event{Event: protocol.EventLoaded, Loaded: &protocol.Loaded{
		Seconds: t.LoadTime().Seconds(),
		Data:    reading.Seconds(),
		Devices: deviceRecords(devices),
		Resolved: record.Resolved{
			Device:   c.Device,
			Batch:    t.Batch(),
			Samples:  feeder.Examples(),
			Steps:    feeder.Steps(),
			Prefetch: feeder.Prefetch(),
			IntraOp:  threads(c.IntraOp),
			InterOp:  threads(c.InterOp),
			JIT:      m.Variant.JIT,
			Env:      machine.Steering(os.Environ()),
		},
	}})
}

// threads is TensorFlow's choice where none was made: one a core.
func threads(asked int) int {
	if asked > 0 {
		return asked
	}
	return runtime.NumCPU()
}

// hint says what to do about an error that a launch meets at its start.
func hint(err error) string {
	switch {
	case errors.Is(err, tfsession.ErrDevice):
		return "run on a device it sees, or link a build that sees it (make setup TF=gpu)"
	case errors.Is(err, train.ErrRoom):
		return "lower --samples, or feed it in batches (--feed batches)"
	case errors.Is(err, train.ErrExamples):
		return "lower --samples"
	case errors.Is(err, tfsession.ErrOOM):
		return "lower --batch"
	}
	return flaghint.For(err)
}
