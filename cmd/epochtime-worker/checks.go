package main

import (
	"fmt"
	"path/filepath"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/numpy"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/tfsession"
)

// parity trains the parity file's batches, each in the buffers that training
// uses, and reports the losses beside Keras's. The parent judges them.
func (w *worker) parity() error {
	var m *graph.Manifest
	read := func(opened *graph.Manifest) (*dataset.Set, error) {
		m = opened
		if err := m.Verify(); err != nil {
			return nil, err
		}
		arrays := make(map[string]string)
		for _, t := range m.DataTensors() {
			arrays[t.Name] = t.Name
		}
		set, err := numpy.Read([]string{filepath.Join(m.Dir, m.Parity.File)}, arrays)
		if err != nil {
			return nil, err
		}
		if set.Examples() != m.Parity.Steps*m.Parity.Batch || len(m.Parity.Losses) != m.Parity.Steps {
			return nil, fmt.Errorf("%w: %s holds %d examples, the manifest says %d steps of %d and has %d losses", graph.ErrDamaged,
				set.Source(), set.Examples(), m.Parity.Steps, m.Parity.Batch, len(m.Parity.Losses))
		}
		return set, nil
	}
	t, err := w.open(read, w.parityFeed)
	if err != nil {
		return err
	}
	out := &protocol.Losses{}
	for step, err := range t.Steps(w.ctx) {
		if err != nil {
			return err
		}
		out.Got = append(out.Got, record.Number(step.Loss))
		out.Want = append(out.Want, record.Number(m.Parity.Losses[step.Index]))
	}
	return w.events.Send(protocol.Event{Event: protocol.EventParity, Parity: out})
}

// parityFeed feeds as training does, except for what changes the batches.
func (w *worker) parityFeed(m *graph.Manifest) feed.Options {
	return feed.Options{Batch: m.Parity.Batch, Prefetch: w.job.Config.Prefetch, Threads: w.job.Config.FeedThreads}
}

// doctor multiplies two matrices on a graph built here.
func (w *worker) doctor() error {
	const size, runs = 512, 5
	seconds, deviation, err := tfsession.MatMul(size, runs)
	if err != nil {
		return err
	}
	return w.events.Send(protocol.Event{Event: protocol.EventDoctor, Doctor: &protocol.Health{
		MatMulSize: size, MatMulSeconds: seconds, MatMulError: deviation,
	}})
}
