package train

import (
	"errors"

	"epochtime/harness/tfsession"
)

// Preload prepares all batches of an epoch, each in memory of its own, for a bare
// loop that an epoch, with its feeding and timing, is measured against.
func Preload(t *Trainer) (*tfsession.Preloaded, error) {
	out, err := t.step.Preloaded()
	if err != nil {
		return nil, err
	}
	t.feeder.Start(int(t.next.Load()))
	for {
		b, err := t.feeder.Next()
		if err != nil {
			return nil, errors.Join(err, out.Close())
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
			return nil, errors.Join(err, out.Close())
		}
	}
}

// HoldsData reports whether the trainer still refers to its data set.
func HoldsData(t *Trainer) bool { return t.feeder != nil || t.set != nil }

// Bare trains on a pass of the trainer's pipeline in one C call, and returns how many
// seconds and steps that took.
func Bare(t *Trainer) (seconds float64, steps int, err error) {
	start := t.clock.Now()
	steps, err = t.pipeline.calls.Bare(t.step)
	t.pipeline.over = true
	return (t.clock.Now() - start).Seconds(), steps, err
}
