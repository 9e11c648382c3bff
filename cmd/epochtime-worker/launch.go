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
	"epochtime/internal/flaghint"
)

// graph opens the graph that the job names.
func (w *worker) graph() (*graph.Manifest, error) {
	m, err := graph.Open(w.job.Graph)
	if err != nil {
		return nil, err
	}
	if w.job.SHA256 != "" && m.SHA256 != w.job.SHA256 {
		return nil, fmt.Errorf("%w: %s is not the graph that was asked for (sha256 %.12s…, not %.12s…)", graph.ErrDamaged, m.Dir, m.SHA256, w.job.SHA256)
	}
	w.relocate(m)
	return m, w.canSave(m)
}

// open opens a graph on what the job trains it on: batches of its own pipeline, or
// data that is fed as feeding says. It reports what was loaded.
func (w *worker) open(feeding func(*graph.Manifest) feed.Options) (*train.Trainer, error) {
	m, err := w.graph()
	if err != nil {
		return nil, err
	}
	if !w.draws(m) {
		return w.openOn(m, w.readData, feeding)
	}
	l := &protocol.Loaded{Seconds: w.lap.next()}
	t, err := train.OpenPipeline(m, w.options())
	if err != nil {
		return nil, err
	}
	return w.opened(m, t, l)
}

// openOn opens a graph on the data that read returns.
func (w *worker) openOn(m *graph.Manifest, read func(*graph.Manifest) (*dataset.Set, error), feeding func(*graph.Manifest) feed.Options) (*train.Trainer, error) {
	l := &protocol.Loaded{Seconds: w.lap.next()}
	set, err := read(m)
	if err != nil {
		return nil, err
	}
	l.Data, l.Warnings = w.lap.next(), set.Warnings()
	o := w.options()
	o.Feed = feeding(m)
	t, err := train.Open(m, set, o)
	if err != nil {
		return nil, err
	}
	return w.opened(m, t, l)
}

// opened gives the trainer the job's weights, and reports what was loaded: to what
// reading the data brought it adds the rest.
func (w *worker) opened(m *graph.Manifest, t *train.Trainer, l *protocol.Loaded) (*train.Trainer, error) {
	var err error
	if l.Lacking, err = w.loadWeights(t); err != nil {
		return nil, err
	}
	info := t.Info()
	l.Seconds, l.Data = l.Seconds+w.lap.next()-info.Draw.Seconds(), l.Data+info.Draw.Seconds()
	l.Devices, l.Resolved = deviceRecords(info.Devices), w.resolved(m, info)
	return t, w.events.Send(protocol.Event{Event: protocol.EventLoaded, Loaded: l})
}

// options are the job's, but for how batches are fed. Only timed training validates.
func (w *worker) options() train.Options {
	c := w.job.Config
	w.runAhead()
	return train.Options{
		Session:  sessionOptions(c),
		Resident: w.resident(), Available: machine.Available,
		LossAtEnd: c.LossAtEnd() && w.job.Kind != protocol.Parity,
		InMemory:  c.Pipeline == record.PipelineMemory && w.job.Kind != protocol.Parity,
		TrainOnly: c.Validation == record.PartNone || w.job.Kind != protocol.Train,
	}
}

// syncOnFinish is the variable by which TensorFlow does not wait for the device at the end
// of each step, where it is 0. A session reads it when it is made.
const syncOnFinish = "TF_SYNC_ON_FINISH"

// runAhead lets steps leave work on the device where their losses stay there too: else
// the host would wait for each step although it fetches nothing. A value that is set stays,
// and what is traced is waited for, or else the trace would lack it.
func (w *worker) runAhead() {
	if _, set := os.LookupEnv(syncOnFinish); w.job.Kind == protocol.Train && w.job.Config.LossAtEnd() && !set {
		os.Setenv(syncOnFinish, "0")
	}
}

// sessionOptions are those of a configuration.
func sessionOptions(c record.Config) tfsession.Options {
	return tfsession.Options{Device: c.Device, GPUMemory: c.GPUMemoryLimit, IntraOp: c.IntraOp, InterOp: c.InterOp, Executor: c.Executor}
}

// draws reports whether the job trains on the graph's own pipeline.
func (w *worker) draws(m *graph.Manifest) bool {
	return m.Pipeline != nil && len(w.job.Config.Data) == 0
}

// pipeline says in the record's word where batches come from.
func (w *worker) pipeline(m *graph.Manifest) string {
	switch {
	case !w.draws(m) || w.job.Kind == protocol.Parity:
		return ""
	case w.job.Config.Pipeline == record.PipelineMemory:
		return record.PipelineMemory
	}
	return record.PipelineScript
}

// resident reports whether the data set is to stay on the device, which is for
// timed training alone.
func (w *worker) resident() bool {
	return w.job.Kind == protocol.Train && w.job.Config.Resident()
}

// resolved is what the job's options became.
func (w *worker) resolved(m *graph.Manifest, info train.Info) record.Resolved {
	c := w.job.Config
	return record.Resolved{
		Device:   c.Device,
		Batch:    info.Batch,
		Samples:  info.Examples,
		Steps:    info.Steps,
		Prefetch: info.Prefetch,
		IntraOp:  threads(c.IntraOp),
		InterOp:  threads(c.InterOp),
		JIT:      m.Variant.JIT,
		Executor: info.Executor,
		Pipeline: w.pipeline(m),
		Env:      machine.Steering(os.Environ()),
	}
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
		return "run on a device it sees; docs/devices.md says what another one takes"
	case errors.Is(err, train.ErrRoom):
		return "lower --samples, or feed it in batches (--feed batches)"
	case errors.Is(err, train.ErrHeld):
		return "draw them inside the epoch (--pipeline script)"
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
