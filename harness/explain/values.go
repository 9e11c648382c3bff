package explain

import (
	"maps"
	"math"
	"slices"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Values of a launch's measured epochs, in seconds per epoch. Training is the median
// epoch's. Validation may follow only some epochs, and is their mean.

func training(measured []record.Epoch) float64 {
	return stats.MedianOf(measured, func(e record.Epoch) float64 { return e.Seconds })
}

func wholeEpoch(measured []record.Epoch) float64 { return training(measured) + validation(measured) }

func validation(measured []record.Epoch) float64 {
	sum := 0.0
	for _, e := range measured {
		sum += e.Validation
	}
	return sum / float64(len(measured))
}

// inStep is the time inside the steps' calls.
func inStep(measured []record.Epoch) float64 {
	return stats.MedianOf(measured, func(e record.Epoch) float64 { return e.Step })
}

// outsideSteps is all but the steps: of stamped steps also what else their calls take, and
// Keras's own callbacks.
func outsideSteps(measured []record.Epoch) float64 {
	return stats.MedianOf(measured, func(e record.Epoch) float64 { return e.Seconds - e.Step })
}

// outsideCalls is the time in no call of the train function and no callback.
func outsideCalls(measured []record.Epoch) float64 {
	return stats.MedianOf(measured, func(e record.Epoch) float64 { return e.Other })
}

// values returns a value of each launch that worked; of a nil value, its first epoch. The
// last launch of a block counts.
func values(r *record.Run, value func([]record.Epoch) float64) blocks {
	out := blocks{}
	if r == nil {
		return out
	}
	for _, l := range r.Launches {
		measured := stats.Measured(l)
		if l.Status != record.OK || len(measured) == 0 {
			continue
		}
		if value != nil {
			out[l.Block] = value(measured)
		} else if first, ok := stats.FirstEpoch(r.Config, l); ok {
			out[l.Block] = first
		}
	}
	return out
}

// stepsOf returns the steps of an epoch, 0 where none was measured.
func stepsOf(r *record.Run) int {
	if r == nil {
		return 0
	}
	for _, l := range r.Launches {
		if measured := stats.Measured(l); len(measured) > 0 {
			return measured[0].Steps
		}
	}
	return 0
}

// minus is of the blocks that both have.
func minus(a, b blocks) blocks {
	out := blocks{}
	for block, v := range a {
		if w, both := b[block]; both {
			out[block] = v - w
		}
	}
	return out
}

// both returns a without the blocks that b lacks.
func both(a, b blocks) blocks {
	out := blocks{}
	for block, v := range a {
		if _, there := b[block]; there {
			out[block] = v
		}
	}
	return out
}

func medianOf(of blocks) record.Interval {
	if len(of) == 0 {
		return none()
	}
	return stats.MedianInterval(slices.Collect(maps.Values(of)))
}

// sharesOf returns the mean share of a part in the whole, over the blocks that have both.
func sharesOf(part, whole blocks) record.Interval {
	var shares []float64
	for block, v := range part {
		if w := whole[block]; w > 0 {
			shares = append(shares, v/w)
		}
	}
	return stats.MeanInterval(shares)
}

// none is an interval without a value: 0, because a record holds finite numbers.
func none() record.Interval {
	return record.Interval{Low: record.Number(math.NaN()), High: record.Number(math.NaN())}
}
