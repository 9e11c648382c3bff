package graph

import (
	"errors"
	"fmt"
)

// ErrBatch: the batch size does not fit the graph or the number of examples. The
// errors that wrap one of the finer ones wrap it too.
var (
	ErrBatch = errors.New("the batch does not fit")
	// ErrFixedBatch: the graph is exported for another batch size.
	ErrFixedBatch error = &batchError{"its size is fixed"}
	// ErrDivide: the examples do not divide into batches of the fixed size.
	ErrDivide error = &batchError{"the examples do not divide"}
	// ErrSplit: a whole batch does not divide by the replicas of the graph.
	ErrSplit error = &batchError{"it does not divide by the replicas"}
)

// batchError is an ErrBatch with a reason, which its text leaves to the message.
type batchError struct{ reason string }

func (*batchError) Error() string { return ErrBatch.Error() }
func (*batchError) Unwrap() error { return ErrBatch }

// BatchFor returns the number of examples per step if asked for asked of them (0:
// all) with samples examples per epoch. A graph whose batch is fixed takes only
// that, and only if the examples divide by it.
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
		return 0, fmt.Errorf("%w: %s is exported for batches of %d, not %d", ErrFixedBatch, m.Name, *fixed, asked)
	case *fixed < 1:
		return 0, fmt.Errorf("%w: %s is exported for batches of %d", ErrBatch, m.Name, *fixed)
	case samples%*fixed != 0:
		below := samples / *fixed * *fixed
		nearest := fmt.Sprintf("%d or %d", below, below+*fixed)
		if below == 0 {
			nearest = fmt.Sprint(*fixed)
		}
		return 0, fmt.Errorf("%w: %s is exported for batches of %d, and there are %d examples: take %s", ErrDivide, m.Name, *fixed, samples, nearest)
	}
	return *fixed, nil
}

// Idle returns how many replicas get no example of a batch: each takes as many as the
// next, rounded up, as long as there are any.
func (m *Manifest) Idle(batch int) int {
	if m == nil || batch < 1 {
		return 0
	}
	n := m.Variant.Devices()
	each := (batch + n - 1) / n
	return n - (batch+each-1)/each
}

// CheckSplit returns ErrSplit unless whole batches of so many examples divide by the
// graph's replicas. The last batch of an epoch, which may be short, need not.
func (m *Manifest) CheckSplit(batch int) error {
	if m == nil {
		return errNil
	}
	n := m.Variant.Devices()
	if batch%n == 0 {
		return nil
	}
	below := batch / n * n
	nearest := fmt.Sprintf("%d or %d", below, below+n)
	if below == 0 {
		nearest = fmt.Sprint(n)
	}
	return fmt.Errorf("%w: %s splits each batch evenly over %d replicas, and %d does not divide: take %s", ErrSplit, m.Name, n, batch, nearest)
}
