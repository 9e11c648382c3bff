package train

import (
	"fmt"
	"time"

	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/tfsession"
)

// openStep resolves the step, and where its losses stay on the device the total, which
// begins here.
func (t *Trainer) openStep() error {
	var err error
	if !t.options.LossAtEnd {
		t.step, err = t.session.Train()
		return err
	}
	if t.step, err = t.session.Accumulate(); err != nil {
		return err
	}
	if t.total, err = t.session.Total(); err != nil {
		return err
	}
	return t.total.Clear()
}

// finish waits for the device, where a step leaves work on it.
func (t *Trainer) finish() error {
	if t.total == nil {
		return nil
	}
	return t.total.Clear()
}

// first trains on one batch, of the first steps, and returns how long that took.
func (s stepper) first(b *feed.Batch) (time.Duration, error) {
	start := time.Now()
	if _, err := s.Step(b); err != nil {
		return 0, err
	}
	err := s.finish()
	return time.Since(start), err
}

// loop trains an epoch on the batches of a feeder.
func (t *Trainer) loop(feeder epoch.Feeder) *epoch.Loop {
	l := &epoch.Loop{Clock: t.clock, Feeder: feeder, Stepper: stepper{t}}
	if t.total != nil {
		l.Totals = t.total
	}
	return l
}

// lossless returns an error where single steps return no loss.
func (t *Trainer) lossless() error {
	if t != nil && t.options.LossAtEnd {
		return fmt.Errorf("%w: with Options.LossAtEnd the loss is that of an epoch", tfsession.ErrStep)
	}
	return nil
}
