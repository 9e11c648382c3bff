package main

import (
	"fmt"
	"path/filepath"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/arrays"
	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/probe"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
	"epochtime/harness/train"
)

// parity trains the parity file's batches, each in the buffers that training uses, and
// the first batches of a pipeline that has the same in each pass. It reports the losses
// beside Keras's. The parent judges them.
func (w *worker) parity() error {
	m, err := w.graph()
	if err != nil {
		return err
	}
	out := &protocol.Losses{}
	if err := w.parityOn(m, out); err != nil {
		return err
	}
	if w.draws(m) && len(m.Pipeline.Losses) > 0 {
		t, err := train.OpenPipeline(m, w.options())
		if err != nil {
			return err
		}
		defer t.Close()
		if err := w.compare(t, m.Pipeline.Losses, out); err != nil {
			return err
		}
	}
	if w.job.Config.LossAtEnd() {
		if err := w.compareTotal(m, out); err != nil {
			return err
		}
	}
	return w.events.Send(protocol.Event{Event: protocol.EventParity, Parity: out})
}

// compareTotal trains an epoch on the parity file whose loss is read at its end, as the
// launches to come do, and adds it to out beside the mean of Keras's losses.
func (w *worker) compareTotal(m *graph.Manifest, out *protocol.Losses) error {
	set, err := parityData(m)
	if err != nil {
		return err
	}
	o := w.options()
	o.Feed, o.LossAtEnd = w.parityFeed(m), true
	t, err := train.Open(m, set, o)
	if err != nil {
		return err
	}
	defer t.Close()
	e, err := t.Epoch(w.ctx)
	if err != nil {
		return err
	}
	out.Got, out.Want = append(out.Got, e.Loss), append(out.Want, record.Number(m.Parity.Mean()))
	return nil
}

// parityOn compares the losses on the parity file, and then says where a step runs.
func (w *worker) parityOn(m *graph.Manifest, out *protocol.Losses) error {
	t, err := w.openOn(m, parityData, w.parityFeed)
	if err != nil {
		return err
	}
	defer t.Close()
	if err := w.compare(t, m.Parity.Losses, out); err != nil {
		return err
	}
	out.Placement = w.placement(t)
	return epoch.Stopped(w.ctx)
}

// placement traces a step and says where its operations ran, nil where TensorFlow does not
// trace it, as under the single-threaded executor: the losses are compared all the same.
func (w *worker) placement(t *train.Trainer) *trace.Placement {
	spans, _, err := t.Trace(w.ctx)
	if err != nil {
		return nil
	}
	p := trace.Placed(spans)
	return &p
}

// parityData reads the parity file of a graph that is what its manifest says.
func parityData(m *graph.Manifest) (*dataset.Set, error) {
	if err := m.Verify(); err != nil {
		return nil, err
	}
	columns := make(map[string]string)
	for _, t := range m.DataTensors() {
		columns[t.Name] = t.Name
	}
	set, err := arrays.Read([]string{filepath.Join(m.Dir, m.Parity.File)}, columns)
	if err != nil {
		return nil, err
	}
	if set.Examples() != m.Parity.Steps*m.Parity.Batch || len(m.Parity.Losses) != m.Parity.Steps {
		return nil, fmt.Errorf("%w: %s holds %d examples, the manifest says %d steps of %d and has %d losses", graph.ErrDamaged,
			set.Source(), set.Examples(), m.Parity.Steps, m.Parity.Batch, len(m.Parity.Losses))
	}
	return set, nil
}

// compare trains as many steps as there are losses of Keras, and adds both to out.
func (w *worker) compare(t *train.Trainer, want []float64, out *protocol.Losses) error {
	got := 0
	for step, err := range t.Steps(w.ctx) {
		if err != nil {
			return err
		}
		out.Got, out.Want = append(out.Got, record.Number(step.Loss)), append(out.Want, record.Number(want[step.Index]))
		if got++; got == len(want) {
			return nil
		}
	}
	return fmt.Errorf("%w: %d steps where Keras's losses are %d: export the graph again", graph.ErrDamaged, got, len(want))
}

// parityFeed feeds as training does, except for what changes the batches.
func (w *worker) parityFeed(m *graph.Manifest) feed.Options {
	return feed.Options{Batch: m.Parity.Batch, Prefetch: w.job.Config.Prefetch, Threads: w.job.Config.FeedThreads}
}

// doctor multiplies two matrices on a graph built here.
func (w *worker) doctor() error {
	const size, runs = 512, 5
	seconds, deviation, err := probe.Product(size, runs)
	if err != nil {
		return err
	}
	return w.events.Send(protocol.Event{Event: protocol.EventDoctor, Doctor: &protocol.Health{
		MatMulSize: size, MatMulSeconds: seconds, MatMulError: deviation,
	}})
}
