package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"epochtime/harness/dataset"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/machine"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/tfsession"
	"epochtime/harness/train"
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
	set, err := read(m)
	if err != nil {
		return nil, err
	}
	c := w.job.Config
	t, err := train.Open(m, set, train.Options{
		Feed:    feeding(m),
		Session: tfsession.Options{Device: c.Device, IntraOp: c.IntraOp, InterOp: c.InterOp, Executor: c.Executor},

		Resident: w.resident(), Available: machine.Available,
	})
	if err != nil {
		return nil, err
	}
	return t, w.loaded(m, t)
}

// resident tells whether the data set is to stay on the device. Only timed
// training does that.
func (w *worker) resident() bool {
	return w.job.Kind == protocol.Train && w.job.Config.Resident()
}

// loaded says what was loaded, and how the job's options were resolved.
func (w *worker) loaded(m *graph.Manifest, t *train.Trainer) error {
	devices, err := t.Devices()
	if err != nil {
		return err
	}
	c, feeder := w.job.Config, t.Feeder()
	return w.events.Send(protocol.Event{Event: protocol.EventLoaded, Loaded: &protocol.Loaded{
		Seconds: t.LoadTime().Seconds(),
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

// readData reads what the job says, otherwise the graph's default data, and
// adds the job's preprocessing to the graph's.
func (w *worker) readData(m *graph.Manifest) (*dataset.Set, error) {
	c := w.job.Config
	var steps []graph.Preprocess
	for _, text := range c.Preprocess {
		p, err := graph.ParsePreprocess(text)
		if err != nil {
			return nil, fmt.Errorf("%w: preprocessing: %w", dataset.ErrUnfit, err)
		}
		steps = append(steps, p)
	}
	if err := m.Add(steps); err != nil {
		return nil, fmt.Errorf("%w: preprocessing of %s: %w", dataset.ErrUnfit, m.Name, err)
	}
	var set *dataset.Set
	var err error
	switch {
	case len(c.Data) > 0:
		set, err = dataset.Read(c.Data, m.ArrayNames())
	case m.Data.Kind == "file":
		set, err = dataset.Read([]string{m.DataPath()}, m.ArrayNames())
	default:
		n := c.Samples
		if n == 0 {
			n = m.Settings.Samples
		}
		if err := w.checkRoom(m, n); err != nil {
			return nil, err
		}
		return dataset.Synthetic(m, n, c.Seed)
	}
	if err != nil {
		return nil, err
	}
	return set, set.Take(c.Samples)
}

// checkRoom finds, before synthetic data is made, that it would not fit in memory,
// with its resident form if there is one: the worker would die of it.
func (w *worker) checkRoom(m *graph.Manifest, samples int) error {
	if !w.resident() {
		return train.CheckExamples(m, samples, machine.Available)
	}
	bytes, err := train.SyntheticBytes(m, samples)
	if err != nil {
		return err
	}
	return train.CheckRoom(bytes, machine.Available)
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
	return ""
}
