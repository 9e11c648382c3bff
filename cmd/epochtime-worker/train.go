package main

import (
	"fmt"
	"math"

	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/machine"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/train"
)

// train measures one launch, in the order that docs/design.md gives.
func (w *worker) train() error {
	if f := w.job.Config.Feed; f != "" && f != record.FeedBatches && f != record.FeedResident {
		return protocol.Fail(protocol.CodeJob, fmt.Errorf("the feed %q is not resident or batches", f), "")
	}
	t, err := w.open(w.trainFeed)
	if err != nil {
		return err
	}
	if err := w.firstSteps(t); err != nil {
		return err
	}
	disturbance, err := w.epochs(t)
	if flushed := w.events.Flush(); err == nil {
		err = flushed
	}
	if err != nil {
		return err
	}
	memory := machine.PeakMemory()
	memory.Devices = w.reserved()
	if err := w.events.Send(protocol.Event{Event: protocol.EventMemory, Memory: &protocol.Usage{
		Memory:      memory,
		Disturbance: disturbance,
	}}); err != nil {
		return err
	}
	return w.saveWeights(t)
}

// firstSteps pays for what happens once, except in a cold launch: there the first epoch
// does.
func (w *worker) firstSteps(t *train.Trainer) error {
	if w.job.Config.Cold {
		return nil
	}
	first, err := t.FirstSteps(w.ctx)
	if err != nil {
		return err
	}
	return w.events.Send(protocol.Event{Event: protocol.EventFirstStep, FirstStep: &protocol.FirstStep{
		Seconds: first.Step.Seconds(), Compile: first.Compile.Seconds(), Kept: first.Kept, Borrowed: first.Borrowed, Upload: first.Upload.Seconds(),
		All: first.All.Seconds(), Reset: first.Reset.Seconds(),
	}})
}

// trainFeed feeds as the job says.
func (w *worker) trainFeed(*graph.Manifest) feed.Options {
	c := w.job.Config
	return feed.Options{
		Batch: c.Batch, Prefetch: c.Prefetch, Threads: c.FeedThreads, Shuffle: c.Shuffles(), Seed: c.Seed, PadTo: c.PadTo,
	}
}

// lookAtMemory is the shortest epoch, in seconds, after which memory is looked at: the
// look takes some 50 µs, and evicts what the next epoch has in the caches.
const lookAtMemory = 0.02

// epochs runs warm-up and measured epochs, and returns what disturbed the measured
// ones.
func (w *worker) epochs(t *train.Trainer) (record.Disturbance, error) {
	c := w.job.Config
	before, begin := machine.Count(), 0.0
	for e, err := range t.Epochs(w.ctx, math.MaxInt) {
		if err != nil {
			return record.Disturbance{}, err
		}
		e.Warmup = e.Index < c.Warmup
		if e.Seconds >= lookAtMemory {
			e.RSS = machine.Resident()
		}
		if err := w.events.Hold(protocol.Event{Event: protocol.EventEpoch, Epoch: &e}); err != nil {
			return record.Disturbance{}, err
		}
		measured := e.Index + 1 - c.Warmup
		switch measured {
		case 0:
			before = machine.Count()
		case 1:
			begin = e.Start
		}
		if c.Enough(measured, e.Start+e.Seconds+e.Validation-begin) {
			break
		}
	}
	return machine.Count().Since(before), nil
}
