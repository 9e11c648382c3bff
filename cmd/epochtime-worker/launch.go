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

// open opens the graph that the job names on the data that read returns, fed as
// feeding says, and reports what was loaded.
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
	lacking, err := w.loadWeights(t)
	if err != nil {
		return nil, err
	}
	return t, w.loaded(m, t.Info(), reading, lacking)
}

// resident reports whether the data set is to stay on the device, which is for
// timed training alone.
func (w *worker) resident() bool {
	return w.job.Kind == protocol.Train && w.job.Config.Resident()
}

// loaded reports what was loaded, how long reading the data took, how the job's
// options were resolved, and which variables the job's weights lack.
func (w *worker) loaded(m *graph.Manifest, info train.Info, reading time.Duration, lacking []string) error {
	c := w.job.Config
	return w.events.Send(protocol.Event{Event: protocol.EventLoaded, Loaded: &protocol.Loaded{
		Seconds: info.Load.Seconds(),
		Data:    reading.Seconds(),
		Devices: deviceRecords(info.Devices),
		Resolved: record.Resolved{
			Device:   c.Device,
			Batch:    info.Batch,
			Samples:  info.Examples,
			Steps:    info.Steps,
			Prefetch: info.Prefetch,
			IntraOp:  threads(c.IntraOp),
			InterOp:  threads(c.InterOp),
			JIT:      m.Variant.JIT,
			Env:      machine.Steering(os.Environ()),
		},
		Lacking: lacking,
	}})
}

// threads is TensorFlow's choice where none was made: one a core.
func threads(asked int) int {
	if asked > 0 {
		return asked
	}
	return runtime.NumCPU()
}

// hint says what to do about an error that a launch meets at its start, in terms
// of the command line.
func hint(err error) string {
	var lengths *train.LengthsError
	switch {
	case errors.Is(err, tfsession.ErrDevice):
		return "run on a device it sees, or link a build that sees it (make setup TF=gpu)"
	case errors.Is(err, train.ErrRoom):
		return "lower --samples, or feed it in batches (--feed batches)"
	case errors.Is(err, errExamples):
		return "lower --samples"
	case errors.Is(err, tfsession.ErrOOM):
		return "lower --batch"
	case errors.As(err, &lengths):
		return fmt.Sprintf("give --pad-to, such as --pad-to %d", lengths.Longest)
	case errors.Is(err, train.ErrCompiled):
		return "export it without --jit"
	case errors.Is(err, graph.ErrResident):
		return "leave out --shuffle and --executor, or feed it in batches (--feed batches)"
	}
	return flaghint.For(err)
}
