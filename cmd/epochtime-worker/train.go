package main

import (
	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/machine"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// train measures one launch, in the order that docs/design.md gives.
func (w *worker) train() error {
	l, err := w.open(w.readData, w.trainFeed)
	if err != nil {
		return protocol.Fail(codeOf(err), err, hint(err))
	}
	first, err := l.firstSteps(w.ended.Load)
	if err != nil {
		return protocol.Fail(codeOf(err), err, hint(err))
	}
	if err := w.events.Send(protocol.Event{Event: protocol.EventFirstStep, FirstStep: first}); err != nil {
		return err
	}
	disturbance, err := w.epochs(l)
	if flushed := w.events.Flush(); err == nil {
		err = flushed
	}
	if err != nil {
		return protocol.Fail(codeOf(err), err, hint(err))
	}
	return w.events.Send(protocol.Event{Event: protocol.EventMemory, Memory: &protocol.Usage{
		Memory:      machine.PeakMemory(),
		Disturbance: disturbance,
	}})
}

// trainFeed feeds as the job says.
func (w *worker) trainFeed(*graph.Manifest) feed.Options {
	c := w.job.Config
	return feed.Options{
		Batch: c.Batch, Prefetch: c.Prefetch, Threads: c.FeedThreads, Shuffle: c.Shuffle, Seed: c.Seed, PadTo: c.PadTo,
	}
}

// epochs runs warm-up and measured epochs, and says what disturbed the measured ones.
func (w *worker) epochs(l *joined) (record.Disturbance, error) {
	c := w.job.Config
	loop := &epoch.Loop{Clock: l.clock, Feeder: l.feeder, Stepper: l, Stop: w.ended.Load}
	before := machine.Count()
	for i := range c.Warmup + c.Epochs {
		if i == c.Warmup {
			before = machine.Count()
		}
		e, err := loop.Epoch(i, i < c.Warmup)
		if err != nil {
			return record.Disturbance{}, err
		}
		if err := w.events.Hold(protocol.Event{Event: protocol.EventEpoch, Epoch: &e}); err != nil {
			return record.Disturbance{}, err
		}
	}
	return machine.Count().Since(before), nil
}
