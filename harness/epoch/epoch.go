// Package epoch is the clock: it drives a feeder and a stepper through one
// epoch and says where the time went. It knows nothing of TensorFlow.
package epoch

import (
	"errors"
	"fmt"
	"math"
	"time"

	"epochtime/harness/feed"
	"epochtime/harness/record"
)

// Stepper runs one training step and returns its loss. It returns only when
// the loss is on the host, so that no device work is left in flight.
type Stepper interface {
	Step(b *feed.Batch) (loss float64, err error)
}

// Feeder hands out an epoch's batches. Start begins the epoch of that number;
// Next returns nil when it is over; Work is the time spent preparing batches
// since Start.
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
	// ErrStopped: Loop.Stop said so; the epoch is not whole.
	ErrStopped = errors.New("stopped")
	// ErrNonfinite: a step's loss is NaN or infinite.
	ErrNonfinite = errors.New("the loss is not finite")
)

// Loop runs epochs.
type Loop struct {
	Clock   Clock
	Feeder  Feeder
	Stepper Stepper
	Stop    func() bool // asked before every step; nil never stops
}

// Epoch runs one epoch: one pass over all examples. An epoch that fails is not
// a measurement, so none comes back with an error.
func (l *Loop) Epoch(index int, warmup bool) (record.Epoch, error) {
	e := record.Epoch{Index: index, Warmup: warmup}
	var wait, step time.Duration
	var losses float64

	start := l.Clock.Now()
	l.Feeder.Start(index) // shuffling is preparation
	wait += l.Clock.Now() - start
	for {
		asked := l.Clock.Now()
		batch, err := l.Feeder.Next()
		ready := l.Clock.Now()
		wait += ready - asked
		if err != nil {
			return record.Epoch{}, fmt.Errorf("epoch %d, batch %d: %w", index, e.Steps, err)
		}
		if batch == nil {
			break
		}
		// Asked here, so that an epoch whose last step is done is whole.
		if l.Stop != nil && l.Stop() {
			return record.Epoch{}, ErrStopped
		}
		begin := l.Clock.Now()
		loss, err := l.Stepper.Step(batch)
		step += l.Clock.Now() - begin
		if err != nil {
			return record.Epoch{}, fmt.Errorf("epoch %d, step %d: %w", index, e.Steps, err)
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return record.Epoch{}, fmt.Errorf("epoch %d, step %d: %w (%g)", index, e.Steps, ErrNonfinite, loss)
		}
		losses += loss * float64(batch.Examples)
		e.Steps++
		e.Samples += batch.Examples
	}
	total := l.Clock.Now() - start

	e.Start = start.Seconds()
	e.Seconds = total.Seconds()
	e.Wait = wait.Seconds()
	e.Step = step.Seconds()
	e.Other = (total - wait - step).Seconds()
	e.Preprocess = l.Feeder.Work().Seconds()
	e.Loss = record.Number(losses / float64(e.Samples))
	return e, nil
}

// Monotonic is the system's monotonic clock, from the moment it is made.
type Monotonic struct{ start time.Time }

// NewMonotonic starts a clock.
func NewMonotonic() Monotonic { return Monotonic{time.Now()} }

// Now is the time since the clock was made.
func (m Monotonic) Now() time.Duration { return time.Since(m.start) }
