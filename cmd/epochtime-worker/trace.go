package main

import (
	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/protocol"
)

// trace runs one step under TensorFlow's tracing, once it is warm, on the first
// batch of an epoch, and sends what ran.
func (w *worker) trace() error {
	t, err := w.open(w.readData, w.traceFeed)
	if err != nil {
		return err
	}
	if _, err := t.FirstSteps(w.ended.Load); err != nil {
		return err
	}
	t.Feeder().Start(0)
	batch, err := t.Feeder().Next()
	if err != nil {
		return err
	}
	if _, err := t.Step(batch); err != nil {
		return err
	}
	if w.ended.Load() {
		return epoch.ErrStopped
	}
	spans, err := t.Traced() // on the batch of the step before
	if err != nil {
		return err
	}
	parts, err := protocol.SplitTrace(spans)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := w.events.Send(part); err != nil {
			return err
		}
	}
	return nil
}

// traceFeed feeds as training does, but nothing ahead: that would run beside the
// step that is traced.
func (w *worker) traceFeed(m *graph.Manifest) feed.Options {
	o := w.trainFeed(m)
	o.Prefetch = 0
	return o
}
