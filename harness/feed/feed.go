// Package feed prepares batches: it gathers examples, converts and preprocesses
// them into byte buffers that the caller owns.
package feed

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// Batch is what one step is fed. It is valid until the next call to Next or
// Prepare.
type Batch struct {
	Examples int
	Slots    []Slot // one for each input and target, in the manifest's order
}

// Slot is one input of a step: its bytes, little-endian, in a buffer of the
// caller's, and its shape, the batch first.
type Slot struct {
	Bytes []byte
	Shape []int64
}

// Feeder prepares the batches of an epoch one after the other, each inside the
// call to Next: nothing is prepared ahead.
type Feeder struct {
	set     *dataset.Set
	batch   int
	columns []*column
	buffers [][]byte
	now     func() time.Duration

	next int
	out  Batch
	work time.Duration
}

// New makes a feeder of set for the graph m, batch examples a step, the last
// step of an epoch short where they do not divide. now is a monotonic clock.
// The set must fit the graph (dataset.Set.Fit).
func New(set *dataset.Set, m *graph.Manifest, batch int, now func() time.Duration) (*Feeder, error) {
	if batch < 1 || set.Examples < 1 {
		return nil, fmt.Errorf("feed: batches of %d out of %d examples", batch, set.Examples)
	}
	f := &Feeder{set: set, batch: min(batch, set.Examples), now: now}
	for _, t := range m.Tensors() {
		c, err := newColumn(set.Column(t.Name), t, m.Preprocess)
		if err != nil {
			return nil, err
		}
		f.columns = append(f.columns, c)
		f.out.Slots = append(f.out.Slots, Slot{Shape: make([]int64, len(t.Shape))})
	}
	return f, nil
}

// BufferBytes is the size of the buffer that each slot needs.
func (f *Feeder) BufferBytes() []int {
	sizes := make([]int, len(f.columns))
	for i, c := range f.columns {
		for k := range f.Steps() {
			first, last := f.bounds(k)
			sizes[i] = max(sizes[i], c.size(first, last))
		}
	}
	return sizes
}

// Use gives the feeder the buffers it fills, one a slot, each at least as large
// as BufferBytes says.
func (f *Feeder) Use(buffers [][]byte) error {
	for i, size := range f.BufferBytes() {
		if i >= len(buffers) || len(buffers[i]) < size {
			return fmt.Errorf("feed: the buffer of slot %d is smaller than %d bytes", i, size)
		}
	}
	f.buffers = buffers
	return nil
}

// Steps is the number of batches in an epoch.
func (f *Feeder) Steps() int { return (f.set.Examples + f.batch - 1) / f.batch }

// Examples is the number of examples in an epoch.
func (f *Feeder) Examples() int { return f.set.Examples }

// Distinct returns the index of the first batch of every distinct shape.
func (f *Feeder) Distinct() []int {
	seen := make(map[string]bool)
	var out []int
	for k := range f.Steps() {
		first, last := f.bounds(k)
		var key []byte
		for _, c := range f.columns {
			for _, d := range c.shape(nil, first, last) {
				key = binary.AppendVarint(key, d)
			}
		}
		if !seen[string(key)] {
			seen[string(key)] = true
			out = append(out, k)
		}
	}
	return out
}

// Start begins an epoch.
func (f *Feeder) Start() { f.next, f.work = 0, 0 }

// Next prepares the epoch's next batch; nil says that the epoch is over.
func (f *Feeder) Next() *Batch {
	if f.next == f.Steps() {
		return nil
	}
	begin := f.now()
	b := f.Prepare(f.next)
	f.work += f.now() - begin
	f.next++
	return b
}

// Work is the time spent preparing batches since Start.
func (f *Feeder) Work() time.Duration { return f.work }

// Prepare fills the buffers with batch k, outside any epoch.
func (f *Feeder) Prepare(k int) *Batch {
	first, last := f.bounds(k)
	f.out.Examples = last - first
	for i, c := range f.columns {
		s := &f.out.Slots[i]
		s.Shape = c.shape(s.Shape[:0], first, last)
		s.Bytes = f.buffers[i][:c.size(first, last)]
		c.fill(s.Bytes, first, last)
	}
	return &f.out
}

func (f *Feeder) bounds(k int) (first, last int) {
	return k * f.batch, min((k+1)*f.batch, f.set.Examples)
}

// column turns examples of one column into one slot.
type column struct {
	data    *dataset.Column
	convert converter
	size1   int     // bytes of one converted example, or of one row of a sequence
	tail    []int64 // shape behind the batch; behind batch and length for sequences
	fixed   int     // the length every batch of sequences is padded to; 0: its longest
	pad     []byte  // converted padding, enough for any sequence
}

func newColumn(data *dataset.Column, t graph.Tensor, steps []graph.Preprocess) (*column, error) {
	c := &column{data: data}
	padding, factor, padFactor := 0.0, 1.0, 1.0
	for _, p := range steps {
		if p.Input != t.Name {
			continue
		}
		switch p.Op {
		case "pad":
			padding, padFactor = p.Value, 1
		case "scale": // also of the padding, if that comes first
			factor, padFactor = p.Factor, p.Factor
		}
	}
	convert, err := newConverter(t.DType, data.DType, factor)
	if err != nil {
		return nil, fmt.Errorf("feeding %s: %w", t.Name, err)
	}
	c.convert = convert
	for i, d := range t.Shape[1:] {
		switch {
		case i == 0 && data.Ragged():
			if d != nil {
				c.fixed = int(*d)
			}
		case d == nil:
			c.tail = append(c.tail, int64(data.Shape[i-lead(data)]))
		default:
			c.tail = append(c.tail, *d)
		}
	}
	c.size1 = data.RowBytes() / data.DType.Size() * t.DType.Size()
	if data.Ragged() {
		elements := c.length(0, len(data.Offsets)-1) * c.size1 / t.DType.Size()
		if c.pad, err = constant(t.DType, padding, padFactor, elements); err != nil {
			return nil, fmt.Errorf("padding %s: %w", t.Name, err)
		}
	}
	return c, nil
}

// lead is the number of free dimensions that a row's shape leaves out.
func lead(c *dataset.Column) int {
	if c.Ragged() {
		return 1
	}
	return 0
}

// length is what a batch of sequences is padded to.
func (c *column) length(first, last int) int {
	if c.fixed > 0 {
		return c.fixed
	}
	longest := 0
	for i := first; i < last; i++ {
		longest = max(longest, c.data.Length(i))
	}
	return longest
}

func (c *column) size(first, last int) int {
	if c.data.Ragged() {
		return (last - first) * c.length(first, last) * c.size1
	}
	return (last - first) * c.size1
}

func (c *column) shape(shape []int64, first, last int) []int64 {
	shape = append(shape, int64(last-first))
	if c.data.Ragged() {
		shape = append(shape, int64(c.length(first, last)))
	}
	return append(shape, c.tail...)
}

func (c *column) fill(dst []byte, first, last int) {
	if !c.data.Ragged() {
		c.convert(dst, c.data.Rows(first, last))
		return
	}
	row := c.length(first, last) * c.size1
	for i := first; i < last; i++ {
		used := c.data.Length(i) * c.size1
		c.convert(dst[:used], c.data.Rows(i, i+1))
		copy(dst[used:row], c.pad)
		dst = dst[row:]
	}
}

// constant is n elements of the value v, multiplied by factor.
func constant(d graph.DType, v, factor float64, n int) ([]byte, error) {
	if v == 0 { // no bit of it is set, in any type
		return make([]byte, n*d.Size()), nil
	}
	convert, err := newConverter(d, graph.Float64, factor)
	if err != nil {
		return nil, err
	}
	src, one := []float64{v}, make([]uint64, 1) // so that both are aligned
	dst := bytesOf(one)[:d.Size()]
	convert(dst, bytesOf(src))
	return slices.Repeat(dst, n), nil
}
