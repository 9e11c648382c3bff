package graph

import (
	"errors"
	"fmt"
)

// ErrBatch: the batch size does not fit the graph or the number of examples.
var ErrBatch = errors.New("the batch does not fit")

// BatchFor returns how many examples a step takes when asked for asked of them
// (0: all) with samples examples in an epoch. A graph whose batch is fixed takes
// only that, and only where the examples divide.
func (m *Manifest) BatchFor(asked, samples int) (int, error) {
	fixed := m.Variant.Batch
	switch {
	case asked < 0 || samples < 1:
		return 0, fmt.Errorf("%w: batches of %d and %d examples were asked for", ErrBatch, asked, samples)
	case fixed == nil && asked == 0:
		return samples, nil
	case fixed == nil:
		return min(asked, samples), nil
	case asked != 0 && asked != *fixed:
		return 0, fmt.Errorf("%w: %s is exported for batches of %d, not %d: leave out --batch, or export it with --batch %d", ErrBatch, m.Name, *fixed, asked, asked)
	case samples%*fixed != 0:
		below := samples / *fixed * *fixed
		nearest := fmt.Sprintf("%d or %d", below, below+*fixed)
		if below == 0 {
			nearest = fmt.Sprint(*fixed)
		}
		return 0, fmt.Errorf("%w: %s is exported for batches of %d, and %d examples do not divide by it: use --samples %s", ErrBatch, m.Name, *fixed, samples, nearest)
	}
	return *fixed, nil
}
