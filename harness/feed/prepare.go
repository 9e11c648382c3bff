package feed

import (
	"errors"
	"fmt"
)

// Prepare fills the first ring with a batch of that shape, outside any epoch: the
// first examples, cut to its lengths. It ends an epoch that was left early. Errors
// are those of Next.
func (f *Feeder) Prepare(shape Shape) (*Batch, error) {
	if !f.made() || f.closed || f.rings == nil {
		return nil, ErrNoEpoch
	}
	if err := f.prepares(shape); err != nil {
		return nil, err
	}
	if f.ahead != nil {
		f.ahead.rest()
	}
	f.next = f.Steps()
	b := &f.batches[0]
	b.Examples = shape.Examples
	var err error
	lost := f.set.Guard(func() {
		for i, c := range f.columns {
			f.slot(b, i, shape.Examples, shape.Lengths[i])
			err = errors.Join(err, c.fill(b.Slots[i].Bytes, nil, 0, shape.Examples, shape.Lengths[i]))
		}
	})
	if lost != nil {
		err = lost
	}
	if err == nil && f.layers != nil {
		err = f.layers.Make(b)
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

// prepares returns an error for a shape that is larger than any batch.
func (f *Feeder) prepares(shape Shape) error {
	fits := len(shape.Lengths) == len(f.columns) && shape.Examples > 0 && shape.Examples <= f.options.Batch
	for i, c := range f.columns {
		fits = fits && shape.Lengths[i] >= 0 && c.size(shape.Examples, shape.Lengths[i])+c.room <= len(f.rings[0][i])
	}
	if !fits {
		return fmt.Errorf("feed: no batch has the shape %+v", shape)
	}
	return nil
}
