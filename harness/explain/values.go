package explain

import (
	"math"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Values of a launch's measured epochs, in seconds per epoch. Training is the median
// epoch's. Validation may follow only some epochs, and is their mean.

func training(measured []record.Epoch) float64 {
	return stats.MedianOf(measured, func(e record.Epoch) float64 { return e.Seconds })
}

func wholeEpoch(measured []record.Epoch) float64 {
	validation := 0.0
	for _, e := range measured {
		validation += e.Validation
	}
	return training(measured) + validation/float64(len(measured))
}

// inStep is the time inside the steps' calls.
func inStep(measured []record.Epoch) float64 {
	return stats.MedianOf(measured, func(e record.Epoch) float64 { return e.Step })
}

// outsideSteps is the time that belongs to no step and no callback.
func outsideSteps(measured []record.Epoch) float64 {
	return stats.MedianOf(measured, func(e record.Epoch) float64 { return e.Other + e.Wait })
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

// minus and plus are of the blocks that both have.
func minus(a, b blocks) blocks {
	out := blocks{}
	for block, v := range a {
		if w, both := b[block]; both {
			out[block] = v - w
		}
	}
	return out
}

// plus returns b where it is the first.
func plus(a, b blocks, first bool) blocks {
	if first {
		return b
	}
	out := blocks{}
	for block, v := range a {
		if w, both := b[block]; both {
			out[block] = v + w
		}
	}
	return out
}

func interval(of blocks) record.Interval {
	if len(of) == 0 {
		return unknown()
	}
	var list []float64
	for _, v := range of {
		list = append(list, v)
	}
	return stats.MedianInterval(list)
}

// unknown is an interval without a value: 0, because a record holds finite numbers.
func unknown() record.Interval {
	return record.Interval{Low: record.Number(math.NaN()), High: record.Number(math.NaN())}
}

// ratioOf returns the ratio of b over a, block by block.
func ratioOf(a, b blocks) record.Interval {
	list := func(of blocks) (out []stats.BlockValue) {
		for block, v := range of {
			if v > 0 {
				out = append(out, stats.BlockValue{Block: block, Seconds: v})
			}
		}
		return out
	}
	r := stats.RatioByBlocks(list(a), list(b), stats.Confidence)
	if math.IsNaN(r.Median) {
		return unknown()
	}
	return record.Interval{Median: r.Median, Low: record.Number(r.Low), High: record.Number(r.High), Confidence: r.Confidence}
}

func share(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}

func lower(a record.Number, b float64) record.Number  { return record.Number(math.Min(float64(a), b)) }
func higher(a record.Number, b float64) record.Number { return record.Number(math.Max(float64(a), b)) }
