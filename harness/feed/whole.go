package feed

import (
	"fmt"
	"math"
)

// Whole is the data set as one batch of all examples, for a device that cuts
// the batches itself.
type Whole struct {
	Shapes  [][]int64 // one for each slot: all examples, sequences as long as the longest of any batch
	Lengths [][]int32 // for each slot, how long its rows are in every batch; nil where they are scalars
	Bytes   []int     // that each slot takes
}

// Whole describes the data set in its own order.
func (f *Feeder) Whole() Whole {
	var w Whole
	if !f.made() {
		return w
	}
	for _, c := range f.columns {
		longest := c.longest(nil, 0, f.set.Examples())
		shape := c.shape(nil, f.set.Examples(), longest)
		var lengths []int32
		for k := 0; len(shape) > 1 && k < f.Steps(); k++ {
			length := int(shape[1])
			if first, last := f.bounds(k); c.data.Ragged() {
				length = c.longest(nil, first, last)
			}
			lengths = append(lengths, int32(min(length, math.MaxInt32)))
		}
		w.Shapes, w.Lengths, w.Bytes = append(w.Shapes, shape), append(w.Lengths, lengths), append(w.Bytes, c.size(f.set.Examples(), longest))
	}
	return w
}

// Fill prepares batch k of the data set at its place in dst, which has a buffer
// for each slot, as large as w.Bytes says. What a batch holds is what Next would
// hand out in epoch 0 without shuffling; longer rows go on with the padding. It
// returns errors as Next does.
func (f *Feeder) Fill(w Whole, dst [][]byte, k int) (err error) {
	if !f.made() || f.closed {
		return ErrNoEpoch
	}
	if k < 0 || k >= f.Steps() || len(dst) != len(f.columns) || len(w.Shapes) != len(f.columns) || len(w.Bytes) != len(f.columns) {
		return fmt.Errorf("feed: %d buffers for %d inputs of batch %d of %d", len(dst), len(f.columns), k, f.Steps())
	}
	for i, buffer := range dst {
		if len(buffer) < w.Bytes[i] {
			return fmt.Errorf("feed: the buffer of slot %d is smaller than %d bytes", i, w.Bytes[i])
		}
	}
	first, last := f.bounds(k)
	lost := f.set.Guard(func() {
		for i, c := range f.columns {
			length := 0
			if c.data.Ragged() {
				length = int(w.Shapes[i][1])
			}
			row := c.size(1, length)
			part := dst[i][first*row : last*row]
			if err = c.fill(part, nil, first, last, length); err != nil {
				return
			}
			c.augment(part, f.random(i), nil, first, last, length, &f.scratch[0])
		}
	})
	if lost != nil {
		return lost
	}
	return err
}
