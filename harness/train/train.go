// Package train joins a session, a feeder and a clock: it opens an exported
// graph, trains epochs on it and says how long each took. It is what a launch
// runs, and what a Go program imports that trains a Keras-designed model itself.
//
// A Trainer is used from one goroutine.
package train

import (
	"errors"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"epochtime/harness/dataset"
	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/tfsession"
	"epochtime/harness/trace"
)

// Options say how to feed a graph and where to run it. Feed.Batch 0 is all
// examples in one step; Session.Device is cpu if it is empty.
type Options struct {
	Feed    feed.Options
	Session tfsession.Options

	// Resident takes the data set to the device once, prepared as Feed says, and
	// trains each epoch in one call. There is no shuffling, no random
	// preprocessing, and nothing to prefetch.
	Resident bool
	// Available is the memory, in bytes, that a resident set may take; false, or
	// nil, where it is not known.
	Available func() (uint64, bool)
}

// Trainer is a graph with its variables, ready to train.
type Trainer struct {
	manifest *graph.Manifest
	set      *dataset.Set
	session  *tfsession.Session
	step     *tfsession.Step
	rings    []*tfsession.Buffers
	layers   *layers // nil where the graph has no preprocess signature
	decoders []*tfsession.ImageDecoder
	feeder   *feed.Feeder
	resident *resident // nil feeds batches
	loop     epoch.Loop
	batch    int
	load     time.Duration
	next     int            // number of the next epoch
	pins     runtime.Pinner // data that steps read where it lies
}

// Open loads the graph m and makes it ready to train on set. It checks first
// that set fits (errors of package dataset, graph.ErrBatch), then loads (errors
// of package tfsession). The variables are at their start. The set stays the
// caller's, who closes it after the trainer. Errors of resident data are
// graph.ErrResident and ErrRoom.
func Open(m *graph.Manifest, set *dataset.Set, o Options) (*Trainer, error) {
	if err := set.Fit(m); err != nil {
		return nil, err
	}
	var err error
	if o.Feed.Batch, err = m.BatchFor(o.Feed.Batch, set.Examples()); err != nil {
		return nil, err
	}
	if o.Session.Device == "" {
		o.Session.Device = "cpu"
	}
	clock := epoch.NewMonotonic()
	t := &Trainer{manifest: m, set: set, batch: o.Feed.Batch}
	if o.Resident {
		o.Feed.Prefetch = 0
	}
	if t.feeder, err = feed.New(set, m, o.Feed, clock.Now); err != nil {
		return nil, fmt.Errorf("%w: %w", dataset.ErrUnfit, err)
	}
	if m.Variant.Compiled() && t.feeder.Varies() {
		return nil, fmt.Errorf("%w: %s is compiled by XLA, anew for each length that a batch is padded to: give --pad-to, such as --pad-to %d",
			dataset.ErrUnfit, m.Name, t.feeder.Longest())
	}
	if err := checkCompiled(m); err != nil {
		return nil, err
	}
	if o.Resident {
		if err := t.plan(o); err != nil {
			return nil, err
		}
	}
	t.loop = epoch.Loop{Clock: clock, Feeder: t.feeder, Stepper: t}
	if err := t.open(o.Session); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

func (t *Trainer) open(o tfsession.Options) error {
	start := time.Now()
	var err error
	if t.session, err = tfsession.Open(t.manifest, o); err != nil {
		return err
	}
	if t.step, err = t.session.Train(); err != nil {
		return err
	}
	t.load = time.Since(start)
	if t.resident != nil {
		if err := t.equip(); err != nil {
			return err
		}
		return t.openResident(o.Device)
	}
	sizes := t.feeder.BufferBytes()
	var rings [][][]byte
	for range t.feeder.Rings() {
		ring, err := t.session.NewBuffers(sizes)
		if err != nil {
			return err
		}
		t.rings, rings = append(t.rings, ring), append(rings, ring.Bytes())
	}
	if err := t.equip(); err != nil {
		return err
	}
	return t.feeder.Use(rings)
}

// Close ends the feeder's goroutines and frees session and buffers.
func (t *Trainer) Close() error {
	if t.feeder != nil {
		t.feeder.Close()
	}
	if t.step != nil {
		t.step.Free()
	}
	if t.resident != nil && t.resident.calls != nil {
		t.resident.calls.Free()
	}
	t.layers.free()
	for _, ring := range t.rings {
		ring.Free()
	}
	for _, d := range t.decoders {
		d.Close() //nolint:errcheck // it holds nothing that could be lost
	}
	defer t.pins.Unpin()
	if t.session == nil {
		return nil
	}
	return t.session.Close()
}

// First is what the first steps took, before any epoch, and found.
type First struct {
	Step    time.Duration // the first of all
	Compile time.Duration // the first of every distinct batch shape, together
	Kept    []string      // inputs that the graph keeps, so that each step copies them
	Upload  time.Duration // of a resident data set

	Borrowed []string // inputs that are read from where the data set lies, without a copy
}

// FirstSteps runs one step for each distinct batch shape, because TensorFlow
// allocates, and XLA compiles, at the first of each (shuffled sequences of many
// lengths without XLA: for the longest); then it puts the variables
// back to the start. Without it the first epoch pays for that. stop, which may
// be nil, is asked between steps (epoch.ErrStopped).
//
// With resident data it uploads that, and the first step is a whole epoch.
func (t *Trainer) FirstSteps(stop func() bool) (First, error) {
	if t.resident != nil {
		return t.firstEpoch(stop)
	}
	var out First
	for i, shape := range t.feeder.FirstShapes(t.manifest.Variant.Compiled()) {
		if stop != nil && stop() {
			return out, epoch.ErrStopped
		}
		batch, err := t.feeder.Prepare(shape)
		if err != nil {
			return out, fmt.Errorf("the first step: %w", err)
		}
		start := time.Now()
		if _, err := t.Step(batch); err != nil {
			return out, fmt.Errorf("the first step: %w", err)
		}
		took := time.Since(start)
		if i == 0 {
			out.Step = took
		}
		out.Compile += took
	}
	t.layers.drop()
	out.Kept = t.step.CheckKept(t.rings[0])
	for _, c := range t.feeder.Borrow(out.Kept) {
		t.pins.Pin(unsafe.SliceData(c.Bytes()))
		out.Borrowed = append(out.Borrowed, c.Name())
	}
	return out, t.Reset()
}

// Reset puts variables, optimizer slots and random state back to the start.
// Epochs are numbered from 0 again.
func (t *Trainer) Reset() error {
	t.next = 0
	return t.session.Reset()
}

// Epoch trains one epoch, one pass over all examples, and returns its timing
// and loss. warmup only marks it. stop, which may be nil, is asked before every
// step (epoch.ErrStopped); a loss that is not finite is epoch.ErrNonfinite. An
// epoch during which a data file changed is none (dataset.ErrChanged).
//
// With resident data, which no file can change any more, stop is asked before
// the epoch alone.
func (t *Trainer) Epoch(warmup bool, stop func() bool) (record.Epoch, error) {
	if t.resident != nil {
		e, err := t.residentEpoch(warmup, stop)
		t.next++
		return e, err
	}
	t.loop.Stop = stop
	e, err := t.loop.Epoch(t.next, warmup)
	if !errors.Is(err, epoch.ErrStopped) && !errors.Is(err, dataset.ErrChanged) {
		if changed := t.set.Unchanged(); changed != nil { // whatever else went wrong came of that
			e, err = record.Epoch{}, fmt.Errorf("epoch %d: %w", t.next, changed)
		}
	}
	t.next++
	return e, err
}

// Step trains on one batch and returns its loss. It implements epoch.Stepper.
func (t *Trainer) Step(b *feed.Batch) (float64, error) {
	if t.resident != nil {
		return 0, fmt.Errorf("%w: resident data is trained on an epoch at a time", tfsession.ErrStep)
	}
	ring := t.rings[b.Ring]
	for i := range b.Slots {
		var err error
		if s := &b.Slots[i]; s.Borrowed {
			err = t.step.Over(i, s.Bytes, s.Shape)
		} else {
			err = t.step.Shape(ring, i, s.Shape)
		}
		if err != nil {
			return 0, err
		}
	}
	if t.layers != nil {
		t.step.Made(t.layers.makers[b.Ring])
	}
	return t.step.Run()
}

// Preload prepares all batches of an epoch, each in memory of its own, for a bare
// loop that an epoch, with its feeding and timing, is measured against. Free what
// it returns before Close.
func (t *Trainer) Preload() (*tfsession.Preloaded, error) {
	if t.layers != nil {
		return nil, fmt.Errorf("%w: a bare loop does not run preprocessing layers", tfsession.ErrStep)
	}
	out := t.step.Preloaded()
	t.feeder.Start(t.next)
	for {
		b, err := t.feeder.Next()
		if err != nil {
			out.Free()
			return nil, err
		}
		if b == nil {
			return out, nil
		}
		var inputs [][]byte
		var shapes [][]int64
		for _, s := range b.Slots {
			inputs, shapes = append(inputs, s.Bytes), append(shapes, s.Shape)
		}
		if err := out.Add(inputs, shapes); err != nil {
			out.Free()
			return nil, err
		}
	}
}

// Feeder is what hands out the trainer's batches; nil once resident data is
// uploaded.
func (t *Trainer) Feeder() *feed.Feeder { return t.feeder }

// Batch is the number of examples a step takes.
func (t *Trainer) Batch() int { return t.batch }

// LoadTime is how long loading the graph took.
func (t *Trainer) LoadTime() time.Duration { return t.load }

// Devices lists what the session may run on.
func (t *Trainer) Devices() ([]tfsession.Device, error) { return t.session.Devices() }

// Traced runs the batch of the last step once more under TensorFlow's tracing.
func (t *Trainer) Traced() ([]trace.Span, error) { return t.step.RunTraced() }
