// Package epoch is the clock: it drives a feeder and a stepper through one epoch
// and measures where the time goes. It knows nothing of TensorFlow.
package epoch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"epochtime/harness/feed"
	"epochtime/harness/record"
)

// Stepper runs one training step and returns its loss. It returns only when
// the loss is on the host, so that no device work is left in flight. One whose losses
// are in Totals returns 0, and may leave work in flight.
type Stepper interface {
	Step(b *feed.Batch) (loss float64, err error)
}

// Totals adds up the losses of steps that do not return them.
type Totals interface {
	// Clear forgets the steps so far.
	Clear() error
	// Read returns the mean loss of the steps since Clear, weighted by their examples,
	// and how many those are, once both are on the host and no device work is in flight.
	Read() (loss float64, examples int, err error)
}

// Feeder hands out an epoch's batches. Start begins the epoch of that number.
// Next returns nil when the epoch is over. Work is the time spent preparing
// batches since Start.
type Feeder interface {
	Start(epoch int)
	Next() (*feed.Batch, error)
	Work() time.Duration
}

// Clock is monotonic time since some start.
type Clock interface {
	Now() time.Duration
}

// Errors that end an epoch. Test with errors.Is.
var (
	// ErrNonfinite: a step's loss is NaN or infinite.
	ErrNonfinite = errors.New("the loss is not finite")
	// ErrTotals: the device added up the losses of other steps than were run.
	ErrTotals = errors.New("the losses are not those of the steps")
	// ErrEmpty: the epoch has no examples.
	ErrEmpty = errors.New("the epoch has no examples")
)

// Loop runs epochs.
type Loop struct {
	Clock   Clock
	Feeder  Feeder
	Stepper Stepper
	Totals  Totals // nil: each step returns its loss
}

// Epoch runs the epoch of that number: one pass over all examples. It looks at
// ctx before each step; a whole epoch is returned even if ctx is done by then.
// With an error it returns no epoch. Errors are ErrNonfinite, ErrTotals, ErrEmpty, those of
// Stopped, feeder, stepper and totals.
//
// With Totals, they are cleared before the clock starts, and the clock stops once the
// mean loss is read, which is part of the time in steps.
func (l *Loop) Epoch(ctx context.Context, index int) (record.Epoch, error) {
	if err := l.begin(ctx, index); err != nil {
		return record.Epoch{}, err
	}
	e := record.Epoch{Index: index}
	// Each reading of the clock ends one part and begins the next, so that no time
	// is lost between them or counted twice.
	var wait, step, other time.Duration
	var losses float64

	start := l.Clock.Now()
	l.Feeder.Start(index) // shuffling is preparation
	mark := l.Clock.Now()
	turn := Turn{Since: start}
	wait += mark - start
	for {
		batch, err := l.Feeder.Next()
		now := l.Clock.Now()
		wait, mark = wait+now-mark, now
		if err != nil {
			return record.Epoch{}, fmt.Errorf("epoch %d, batch %d: %w", index, e.Steps, err)
		}
		if batch == nil {
			break
		}
		// Here, so that an epoch whose last step is done is whole.
		if ctx.Err() != nil {
			return record.Epoch{}, fmt.Errorf("epoch %d, step %d: %w", index, e.Steps, Stopped(ctx))
		}
		now = l.Clock.Now()
		other, mark = other+now-mark, now
		loss, err := l.Stepper.Step(batch)
		now = l.Clock.Now()
		step, mark = step+now-mark, now
		if err != nil {
			return record.Epoch{}, fmt.Errorf("epoch %d, step %d: %w", index, e.Steps, err)
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return record.Epoch{}, fmt.Errorf("epoch %d, step %d: %w (%g)", index, e.Steps, ErrNonfinite, loss)
		}
		losses += loss * float64(batch.Examples)
		e.Steps++
		e.Samples += batch.Examples
		turn.Yield(now)
		now = l.Clock.Now()
		other, mark = other+now-mark, now
	}
	mean, err := l.mean(losses, e.Samples)
	if err != nil {
		return record.Epoch{}, fmt.Errorf("epoch %d: %w", index, err)
	}
	if l.Totals != nil { // the host has waited for them
		now := l.Clock.Now()
		step, mark = step+now-mark, now
	}
	e.Start = start.Seconds()
	e.Seconds = (mark - start).Seconds()
	e.Wait, e.Step, e.Other = wait.Seconds(), step.Seconds(), other.Seconds()
	e.Preprocess = l.Feeder.Work().Seconds()
	e.Loss = record.Number(mean)
	return e, nil
}

// begin checks that the loop is whole, and clears its totals, where there are any.
func (l *Loop) begin(ctx context.Context, index int) error {
	if l == nil || l.Clock == nil || l.Feeder == nil || l.Stepper == nil {
		return errors.New("epoch: the loop lacks its clock, feeder or stepper")
	}
	if ctx == nil {
		return errNoContext
	}
	if l.Totals == nil {
		return nil
	}
	if err := l.Totals.Clear(); err != nil {
		return fmt.Errorf("epoch %d: %w", index, err)
	}
	return nil
}

// mean returns the mean loss of an epoch of so many examples: of the losses that its steps
// returned, times their examples, or as the totals have it.
func (l *Loop) mean(losses float64, samples int) (float64, error) {
	if samples == 0 {
		return 0, ErrEmpty
	}
	if l.Totals == nil {
		return losses / float64(samples), nil
	}
	mean, examples, err := l.Totals.Read()
	switch {
	case err != nil:
		return 0, err
	case examples != samples:
		return 0, fmt.Errorf("%w: the device counted %d examples, and %d were fed", ErrTotals, examples, samples)
	case math.IsNaN(mean) || math.IsInf(mean, 0):
		return 0, fmt.Errorf("%w at one of its steps (their mean is %g)", ErrNonfinite, mean)
	}
	return mean, nil
}

var errNoContext = errors.New("the context is nil")

// Stopped returns nil until ctx is done. Then it returns an error that is both
// ctx.Err() and the cause of the cancellation.
func Stopped(ctx context.Context) error {
	if ctx == nil {
		return errNoContext
	}
	err := ctx.Err()
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); !errors.Is(cause, err) {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return context.Cause(ctx)
}

// Monotonic is the system's monotonic clock, from the moment it is made.
type Monotonic struct{ start time.Time }

// NewMonotonic starts a clock.
func NewMonotonic() Monotonic { return Monotonic{time.Now()} }

// Now returns the time since the clock was made.
func (m Monotonic) Now() time.Duration { return time.Since(m.start) }
