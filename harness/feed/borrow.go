package feed

import (
	"unsafe"

	"epochtime/harness/dataset"
)

// alignment is what TensorFlow needs of memory that it reads in place
// (EIGEN_MAX_ALIGN_BYTES).
const alignment = 64

// borrowBytes is the least size of a batch that is borrowed. To copy less takes no
// longer than to make a tensor over it.
const borrowBytes = 8 << 10

// Borrow feeds columns from the data itself, without a copy, where batches are in
// memory as they are fed: in order, of the input's type, with nothing to do to
// them, aligned. kept names inputs that are copied all the same, because the graph
// keeps them and may change them in place. Call Borrow outside an epoch. The caller
// pins the memory of the columns that it returns until the last step is done.
func (f *Feeder) Borrow(kept []string) []*dataset.Column {
	if !f.made() {
		return nil
	}
	if f.ahead != nil {
		f.ahead.rest()
	}
	var out []*dataset.Column
	for _, c := range f.columns {
		c.borrowed = c.borrowable
		for _, name := range kept {
			c.borrowed = c.borrowed && name != c.data.Name()
		}
		if c.borrowed {
			out = append(out, c.data)
		}
	}
	return out
}

// fedInPlace reports whether batches of so many examples can be read in the data
// itself.
func (c *column) fedInPlace(batch int) bool {
	if !c.data.InMemory() || c.data.Ragged() || !c.same || len(c.steps) > 0 || len(c.data.Bytes()) == 0 {
		return false
	}
	if batch*c.size1 < borrowBytes {
		return false
	}
	return uintptr(unsafe.Pointer(unsafe.SliceData(c.data.Bytes())))%alignment == 0 && batch*c.size1%alignment == 0
}

// borrow points slot i at the examples from first to before last.
func (f *Feeder) borrow(b *Batch, i, first, last int) {
	c, s := f.columns[i], &b.Slots[i]
	s.Shape = c.shape(s.Shape[:0], last-first, 0)
	s.Bytes, s.Borrowed = c.data.Rows(first, last), true
}
