package graph

import (
	"errors"
	"fmt"
)

// ErrBatch: the batch size does not fit the graph or the number of examples.
var ErrBatch = errors.New("the batch does not fit")

// BatchFor returns how many examples a step takes where asked are wanted (0: all)
// and an epoch has samples. A graph whose batch is fixed takes only that, and
// only examples that divide by it. Errors are ErrBatch.
func (m *Manifest) BatchFor(asked, samples int) (int, error) {
	if m == nil {
		return 0, errNil
	}
	fixed := m.Variant.Batch
	switch {
	case asked < 0 || samples < 1:
		return 0, fmt.Errorf("%w: batches of %d out of %d examples", ErrBatch, asked, samples)
	case fixed == nil && asked == 0:
		return samples, nil
	case fixed == nil:
		return min(asked, samples), nil
	case asked != 0 && asked != *fixed:
		return 0, fmt.Errorf("%w: %s is exported for batches of %d, not %d: train on batches of %d, or export it for batches of %d", ErrBatch, m.Name, *fixed, asked, *fixed, asked)
	case *fixed < 1:
		return 0, fmt.Errorf("%w: %s is exported for batches of %d", ErrBatch, m.Name, *fixed)
	case samples%*fixed != 0:
		below := samples / *fixed * *fixed
		nearest := fmt.Sprintf("%d or %d", below, below+*fixed)
		if below == 0 {
			nearest = fmt.Sprint(*fixed)
		}
		return 0, fmt.Errorf("%w: %s is exported for batches of %d, and %d examples do not divide by it: use %s", ErrBatch, m.Name, *fixed, samples, nearest)
	}
	return *fixed, nil
}
