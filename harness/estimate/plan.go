package estimate

import (
	"errors"
	"math"

	"epochtime/harness/record"
)

// Size is an amount of data to probe with.
type Size struct{ Batch, Samples int }

// Constants of the plan of probes.
const (
	// Epochs and Warmup are the epochs of a probe that are measured, and those before.
	Epochs, Warmup = 3, 1

	pilotSteps = 4
	apart      = 2 // at least, between the long probe and the short one, in steps
	otherBatch = 4 // between the two batches

	// Seconds of an epoch. Below the first, reading the clock and waking threads is much of
	// it. The long probe has to last longer than what disturbs a machine for moments, or it
	// escapes that, as a long epoch does not.
	shortest, enough, plenty = 5e-3, 0.15, 0.5

	share = 0.04 // of the time of the epoch that is asked, for all probes together, if that is plenty

	mostData = 512 << 20 // bytes of a probe's data
)

// Pilot returns the first probe, which finds how long a step takes: a few steps of the
// batch that is asked. The errors are those of Check.
func Pilot(e record.Estimate) (Size, error) {
	if err := Check(e.Asked); err != nil {
		return Size{}, err
	}
	b := batchOf(e.Asked)
	return Size{b, limit(e, b, pilotSteps)}, nil
}

// limit returns the examples of so many full steps of a batch, or fewer: as many as there is
// data for, or as are asked for, of which then none is left out.
func limit(e record.Estimate, batch, steps int) int {
	most := float64(e.Samples)
	if e.Most > 0 {
		most = min(most, float64(e.Most))
	}
	if e.Data > 0 {
		most = min(most, max(mostData/float64(e.Data), float64(batch)))
	}
	n := int(most)
	switch {
	case steps <= n/batch:
		return batch * steps
	case n < e.Samples && n > batch:
		return n - n%batch
	}
	return n
}

// Probes returns the sizes to probe with in every block of a session, given the launch of
// the pilot: a short and a long epoch of the batch that is asked and, unless fixed, of
// another one. Of an epoch that takes long, the long ones get longer. The errors are
// ErrProbes where the pilot has no epoch, and those of Check.
func Probes(e record.Estimate, pilot record.Launch, blocks int, fixed bool) ([]Size, error) {
	if err := Check(e.Asked); err != nil {
		return nil, err
	}
	seen, ok := launchOf(pilot)
	steps := pilot.Epochs
	if !ok || len(steps) == 0 || steps[0].Steps < 1 {
		return nil, errors.Join(ErrProbes, errors.New("the first launch has no epoch that took time"))
	}
	b := batchOf(e.Asked)
	step := seen.epoch / float64(steps[0].Steps)
	budget := share * step * float64(e.Samples) / float64(b) / float64(2*max(1, blocks)*(Epochs+Warmup)) // for an epoch of a long probe
	short := max(pilotSteps, int(math.Ceil(shortest/step)))
	long := max(apart*short, int(math.Ceil(min(plenty, max(enough, budget))/step)))
	var out []Size
	add := func(s Size) {
		for _, have := range out {
			if have == s {
				return
			}
		}
		out = append(out, s)
	}
	add(Size{b, limit(e, b, short)})
	add(Size{b, limit(e, b, long)})
	if other := otherOf(b, e); !fixed && other > 0 {
		add(Size{other, limit(e, other, short)})
		add(Size{other, limit(e, other, long)})
	}
	return out, nil
}

// otherOf returns another batch to probe, 0 where there is none: a smaller one, which
// needs less memory, and is nearer to a short last batch.
func otherOf(batch int, e record.Estimate) int {
	switch {
	case batch >= otherBatch:
		return batch / otherBatch
	case otherBatch*batch <= e.Samples:
		return otherBatch * batch
	case batch > 1:
		return 1
	}
	return 0
}
