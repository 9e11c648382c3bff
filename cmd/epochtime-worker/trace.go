package main

import (
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/machine"
	"epochtime/harness/protocol"
)

// trace traces one step, once it is warm, and sends the operations that ran and the peak
// of memory.
func (w *worker) trace() error {
	t, err := w.open(w.traceFeed)
	if err != nil {
		return err
	}
	if _, err := t.FirstSteps(w.ctx); err != nil {
		return err
	}
	spans, devices, err := t.Trace(w.ctx)
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
	memory := machine.PeakMemory()
	memory.Devices = devices
	return w.events.Send(protocol.Event{Event: protocol.EventMemory, Memory: &protocol.Usage{Memory: memory}})
}

// traceFeed feeds as training does, but nothing ahead: that would run beside the
// step that is traced.
func (w *worker) traceFeed(m *graph.Manifest) feed.Options {
	o := w.trainFeed(m)
	o.Prefetch = 0
	return o
}
