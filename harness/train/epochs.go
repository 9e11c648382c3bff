package train

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
	"unsafe"

	"epochtime/harness/dataset"
	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/record"
	"epochtime/harness/tfsession"
	"epochtime/harness/trace"
)

// First is what the first steps took, before any epoch, and found.
type First struct {
	Step    time.Duration // the first of all
	Compile time.Duration // the first of every distinct batch shape, together
	Kept    []string      // inputs that the graph keeps: each step copies them
	Upload  time.Duration // of a resident data set
	All     time.Duration // all of it: the steps, what prepares them, and validation's
	Reset   time.Duration // to put the variables back, which is not in All

	Borrowed []string // inputs that steps read in the data set itself, without a copy
}

// FirstSteps runs one step for each distinct batch shape, then puts the variables
// back to the start, or to what they were if weights were loaded. TensorFlow allocates, and XLA compiles, at the first step of
// each shape; without FirstSteps that is part of the first epoch. Shuffled
// sequences of many lengths get one step, at the longest, unless XLA compiles the
// graph.
//
// With resident data it uploads the data, and the first step is a whole epoch. Of
// a stream it takes the first batch of pass 0, which epoch 0 then begins again;
// the shapes of later batches get their first steps when epochs meet them, and
// those epochs say so in NewShapes. Of the graph's own pipeline it takes the first
// batch, and fills it into the other shapes that were met at the export; the pipeline
// then is as it was at the start. Validation gets such first steps too, which are in no
// figure.
//
// ctx is looked at between steps. Errors are those of Epoch.
func (t *Trainer) FirstSteps(ctx context.Context) (First, error) {
	if err := epoch.Stopped(ctx); err != nil {
		return First{}, err
	}
	if err := t.enter(); err != nil {
		return First{}, err
	}
	defer t.mu.Unlock()
	t.begun++
	begin := time.Now()
	out, err := t.firstSteps(ctx)
	out.Reset = t.returned
	out.All = time.Since(begin) - out.Reset
	return out, err
}

// firstSteps is FirstSteps on a trainer that is locked.
func (t *Trainer) firstSteps(ctx context.Context) (First, error) {
	if err := t.validation.first(ctx, t); err != nil {
		return First{}, fmt.Errorf("the first steps: validation: %w", err)
	}
	switch {
	case t.resident != nil:
		return t.firstEpoch(ctx)
	case t.stream != nil:
		return t.firstOfStream(ctx)
	case t.pipeline != nil:
		out, err := t.firstOfPipeline(ctx)
		return out, wrapped("the first steps", err)
	}
	var out First
	before, err := t.keep()
	if err != nil {
		return out, fmt.Errorf("the first steps: %w", err)
	}
	for i, shape := range t.feeder.FirstShapes(t.manifest.Variant.Compiled()) {
		if err := epoch.Stopped(ctx); err != nil {
			return out, fmt.Errorf("the first steps: %w", err)
		}
		batch, err := t.feeder.Prepare(shape)
		if err != nil {
			return out, fmt.Errorf("the first steps: %w", err)
		}
		took, err := stepper{t}.first(batch)
		if err != nil {
			return out, fmt.Errorf("the first steps: %w", err)
		}
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
	return out, t.returnTo(before)
}

// Epoch trains one epoch, one pass over all examples, and returns its timing and
// loss. It looks at ctx before every step; the error is then ctx.Err() and the
// cause of the cancellation. A loss that is not finite is epoch.ErrNonfinite. If
// a data file changed meanwhile, no Epoch is returned and the error is
// dataset.ErrChanged.
//
// Once begun, an epoch uses up its number, and its steps stay trained, even if it
// is cancelled or fails: the next call trains the epoch after it, from the first
// example. A ctx that is done before the call uses up nothing. Info.NextEpoch is the
// number of the next epoch, and Reset goes back to the first.
//
// With resident data, which no file can change any more, ctx is looked at before
// the epoch alone.
func (t *Trainer) Epoch(ctx context.Context) (Epoch, error) {
	if err := epoch.Stopped(ctx); err != nil {
		return Epoch{}, err
	}
	if err := t.enter(); err != nil {
		return Epoch{}, err
	}
	defer t.mu.Unlock()
	index := int(t.next.Add(1)) - 1
	t.begun++
	return t.whole(ctx, index, func() (Epoch, error) { return t.trainEpoch(ctx, index) })
}

// trainEpoch is the training of an epoch.
func (t *Trainer) trainEpoch(ctx context.Context, index int) (Epoch, error) {
	switch {
	case t.resident != nil:
		return t.residentEpoch(ctx, index)
	case t.stream != nil:
		return t.streamEpoch(ctx, index)
	case t.pipeline != nil:
		return t.pipelineEpoch(ctx, index)
	}
	e, err := t.loop(t.feeder).Epoch(ctx, index)
	if err != nil && (ctx.Err() != nil || t.closed.Load() || errors.Is(err, dataset.ErrChanged)) {
		return Epoch{}, err
	}
	if changed := t.set.Unchanged(); changed != nil { // whatever else went wrong came of that
		return Epoch{}, fmt.Errorf("epoch %d: %w", index, changed)
	}
	return e, err
}

// Epochs trains n epochs, one after the other, and yields each. It ends after the
// first error, which it yields with a zero Epoch. As with Epoch, an epoch that is
// cancelled uses up its number, and its steps stay trained. To leave the loop early
// loses nothing: each epoch is whole before it is yielded.
func (t *Trainer) Epochs(ctx context.Context, n int) iter.Seq2[Epoch, error] {
	return func(yield func(Epoch, error) bool) {
		for range n {
			e, err := t.Epoch(ctx)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Step is one training step.
type Step struct {
	Index    int // in its epoch
	Examples int
	Loss     float64 // may be NaN or infinite
}

// Steps trains one epoch and yields each step once it is done, for programs that
// look at single losses; it measures nothing. It looks at ctx before each step,
// and ends after the first error. To leave the loop early ends the epoch: it has
// used up its number, and the steps so far stay trained. The next epoch begins with
// the first example again, under the next number (Info.NextEpoch).
//
// Resident data has no single steps, and with Options.LossAtEnd they have no losses: the
// error is tfsession.ErrStep.
func (t *Trainer) Steps(ctx context.Context) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		begun, err := 0, t.lossless()
		if err == nil {
			begun, err = t.begin(ctx)
		}
		for i := 0; ; i++ {
			var s Step
			var more bool
			if err == nil {
				s, more, err = t.nextStep(ctx, begun)
			}
			if err != nil {
				yield(Step{}, err)
				return
			}
			if s.Index = i; !more || !yield(s, nil) {
				return
			}
		}
	}
}

// begin starts the feeder for an epoch of single steps, and numbers it.
func (t *Trainer) begin(ctx context.Context) (begun int, err error) {
	if err := epoch.Stopped(ctx); err != nil {
		return 0, err
	}
	if err := t.enter(); err != nil {
		return 0, err
	}
	defer t.mu.Unlock()
	if t.resident != nil {
		return 0, fmt.Errorf("%w: resident data is trained on an epoch at a time", tfsession.ErrStep)
	}
	index := int(t.next.Add(1)) - 1
	switch {
	case t.stream != nil:
		t.stream.streamer.Start(t.stream.until(ctx), index)
	case t.pipeline != nil:
		t.pipeline.Start(index)
	default:
		t.feeder.Start(index)
	}
	t.begun++
	return t.begun, nil
}

// nextStep trains one step of the epoch of that number; false says it is over.
func (t *Trainer) nextStep(ctx context.Context, begun int) (Step, bool, error) {
	if err := t.enter(); err != nil {
		return Step{}, false, err
	}
	defer t.mu.Unlock()
	return t.stepOn(ctx, begun)
}

// stepOn is nextStep of a locked trainer.
func (t *Trainer) stepOn(ctx context.Context, begun int) (Step, bool, error) {
	if t.begun != begun {
		return Step{}, false, fmt.Errorf("%w: another epoch has begun", tfsession.ErrStep)
	}
	b, err := t.nextBatch()
	if stopped := t.stopped(ctx); stopped != nil {
		return Step{}, false, stopped
	}
	if err != nil || b == nil {
		return Step{}, false, err
	}
	loss, err := stepper{t}.Step(b)
	return Step{Examples: b.Examples, Loss: loss}, true, err
}

// nextBatch is the next batch of the epoch that begin has started.
func (t *Trainer) nextBatch() (*feed.Batch, error) {
	switch {
	case t.stream != nil:
		return t.stream.streamer.Next()
	case t.pipeline != nil:
		return t.pipeline.Next()
	}
	return t.feeder.Next()
}

// Trace trains two steps on the first batch of an epoch, the second under
// TensorFlow's tracing, and returns the operations that it ran. It uses up the
// number of that epoch, and both steps stay trained. A traced step
// takes up to nine times as long as another. After FirstSteps, the trace shows a
// step as epochs run it; with Feed.Prefetch 0, nothing runs beside it.
func (t *Trainer) Trace(ctx context.Context) ([]trace.Span, []record.DeviceMemory, error) {
	begun, err := t.begin(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := t.enter(); err != nil {
		return nil, nil, err
	}
	defer t.mu.Unlock()
	if _, _, err := t.stepOn(ctx, begun); err != nil {
		return nil, nil, err
	}
	if err := epoch.Stopped(ctx); err != nil {
		return nil, nil, err
	}
	return t.step.RunTraced()
}
