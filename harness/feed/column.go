package feed

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// column turns examples of one column into one slot.
type column struct {
	data    *dataset.Column
	convert graph.Converter
	size1   int         // bytes of one converted example, or of one row of a sequence
	dtype   graph.DType // of the slot
	room    int         // of strings, in a batch, behind their records
	decoder Decoder     // of image files
	tail    []int64     // shape behind the batch; behind batch and length for sequences
	fixed   int         // the length every batch of sequences is padded to; 0: its longest
	padTo   int         // sequences are padded to a multiple of this
	pad     []byte      // converted padding, enough for any sequence
	factor  float64     // that convert multiplies by
	steps   []step      // what is done to each converted example
	lengths []int       // that a batch of sequences may be padded to, rising; none for others

	same       bool // nothing is converted
	borrowable bool // batches lie in the data as they are fed
	borrowed   bool // and are fed from there
}

// step changes one converted example in place.
type step func(example []byte, s *scratch)

// scratch is what one goroutine needs beside the batch.
type scratch struct {
	image []float32
	rng   rand.PCG // at the start of the example's own stream
	skip  int      // examples of the epoch in batches before, where the data is a batch
}

func newColumn(data *dataset.Column, t graph.Tensor, all []graph.Preprocess, padTo int) (*column, error) {
	if data == nil {
		return nil, fmt.Errorf("feeding %s: the data has no such column", t.Name)
	}
	c := &column{data: data, padTo: padTo, dtype: t.DType}
	var own []graph.Preprocess
	for _, p := range all {
		if p.Input == t.Name {
			own = append(own, p)
		}
	}
	if err := c.converters(t, own); err != nil {
		return nil, fmt.Errorf("feeding %s: %w", t.Name, err)
	}
	shape := data.Shape()
	for i, d := range t.Shape[1:] {
		switch {
		case i == 0 && data.Ragged():
			if d != nil {
				c.fixed = int(*d)
			}
		case d == nil && i-lead(data) >= len(shape):
			return nil, fmt.Errorf("feeding %s: its examples have the shape %v", t.Name, shape)
		case d == nil:
			c.tail = append(c.tail, int64(shape[i-lead(data)]))
		default:
			c.tail = append(c.tail, *d)
		}
	}
	c.size1 = t.DType.Size()
	for _, d := range c.tail {
		c.size1 *= int(d)
	}
	if data.Ragged() {
		c.lengths = c.possible()
		return c, c.padding(t, own)
	}
	if data.Images() {
		return c, c.imageInput(t)
	}
	return c, nil
}

// converters sorts the preprocessing into one conversion and the steps after it.
// Scaling first of all is part of the conversion; making labels one-hot is one.
func (c *column) converters(t graph.Tensor, own []graph.Preprocess) error {
	c.factor = 1
	onehot := slices.ContainsFunc(own, func(p graph.Preprocess) bool { return p.Op == "one_hot" })
	for _, p := range own {
		switch {
		case p.Op == "pad", p.Op == "one_hot":
		case p.Op == "scale" && len(c.steps) == 0 && !onehot && !c.data.Images():
			c.factor = p.Factor
		default:
			s, err := newStep(p, t)
			if err != nil {
				return err
			}
			c.steps = append(c.steps, s)
		}
	}
	var err error
	if c.data.Images() {
		return nil // the decoder converts
	}
	if onehot {
		c.convert, err = newOneHot(t, c.data.DType())
		return err
	}
	c.same = t.DType == c.data.DType() && c.factor == 1 && t.DType != graph.String
	c.convert, err = graph.NewConverter(t.DType, c.data.DType(), c.factor)
	return err
}

// padding makes what fills the end of short sequences. Scaling that comes after
// the padding in the manifest applies to it too, as the later steps do.
func (c *column) padding(t graph.Tensor, own []graph.Preprocess) error {
	value, factor := 0.0, 1.0
	for _, p := range own {
		switch p.Op {
		case "pad":
			value, factor = p.Value, 1
		case "scale":
			factor = c.factor
		}
	}
	elements := slices.Max(c.lengths) * c.size1 / t.DType.Size()
	var err error
	if c.pad, err = constant(t.DType, value, factor, elements); err != nil {
		return fmt.Errorf("padding %s: %w", t.Name, err)
	}
	return nil
}

// lead is the number of free dimensions that a row's shape leaves out.
func lead(c *dataset.Column) int {
	if c.Ragged() {
		return 1
	}
	return 0
}

// free reports whether the column is padded to lengths that differ by batch.
func (c *column) free() bool { return c.data.Ragged() && c.fixed == 0 }

// longest is what the sequences of a batch are padded to; 0 for other columns.
func (c *column) longest(order []int32, first, last int) int {
	if !c.data.Ragged() {
		return 0
	}
	if c.fixed > 0 {
		return c.fixed
	}
	longest := 0
	for i := first; i < last; i++ {
		longest = max(longest, c.data.Length(at(order, i)))
	}
	return c.multiple(longest)
}

func (c *column) multiple(n int) int { return (n + c.padTo - 1) / c.padTo * c.padTo }

// possible are all lengths that a batch of sequences may be padded to, rising.
func (c *column) possible() []int {
	if c.fixed > 0 {
		return []int{c.fixed}
	}
	seen := make(map[int]bool)
	for i := range c.data.Examples() {
		seen[c.multiple(c.data.Length(i))] = true
	}
	var out []int
	for n := range seen {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

func (c *column) size(examples, length int) int {
	if c.data.Ragged() {
		return examples * length * c.size1
	}
	return examples * c.size1
}

func (c *column) shape(shape []int64, examples, length int) []int64 {
	shape = append(shape, int64(examples))
	if c.data.Ragged() {
		shape = append(shape, int64(length))
	}
	return append(shape, c.tail...)
}

// at is the example at position i of the order; nil is the data's own.
func at(order []int32, i int) int {
	if order == nil {
		return i
	}
	return int(order[i])
}

// errGone: the set holds less than when the feeder was made.
var errGone = fmt.Errorf("feed: %w: the set was closed or cut", dataset.ErrChanged)

// fill writes the converted examples from first to before last into dst.
func (c *column) fill(dst []byte, order []int32, first, last, length int) error {
	switch {
	case c.data.Images():
		return c.decode(dst, order, first, last)
	case c.dtype == graph.String:
		c.texts(dst, order, first, last, length)
	case c.data.Ragged():
		return c.sequences(dst, order, first, last, length)
	case order == nil:
		rows := c.data.Rows(first, last)
		if rows == nil {
			return errGone
		}
		c.convert(dst, rows)
	default:
		for i := first; i < last; i++ {
			k := int(order[i])
			rows := c.data.Rows(k, k+1)
			if rows == nil {
				return errGone
			}
			c.convert(dst[(i-first)*c.size1:][:c.size1], rows)
		}
	}
	return nil
}

// augment does the column's steps on converted examples. Each example has a random
// stream of its own, so that batches do not depend on who prepares them, or in
// what order.
func (c *column) augment(dst []byte, seed uint64, order []int32, first, last, length int, s *scratch) {
	if len(c.steps) == 0 {
		return
	}
	size := c.size(1, length)
	for k := first; k < last; k++ {
		s.rng.Seed(seed, uint64(s.skip+at(order, k)))
		for _, do := range c.steps {
			do(dst[(k-first)*size:][:size], s)
		}
	}
}

// sequences writes each example and pads it; one longer than length is cut,
// which only Prepare asks for.
func (c *column) sequences(dst []byte, order []int32, first, last, length int) error {
	row, size := length*c.size1, c.data.RowBytes()
	for i := first; i < last; i++ {
		k := at(order, i)
		used, rows := min(c.data.Length(k), length), c.data.Rows(k, k+1)
		if rows == nil {
			return errGone
		}
		c.convert(dst[:used*c.size1], rows[:used*size])
		copy(dst[used*c.size1:row], c.pad)
		dst = dst[row:]
	}
	return nil
}

// constant is n elements of the value v, multiplied by factor.
func constant(d graph.DType, v, factor float64, n int) ([]byte, error) {
	if v == 0 { // no bit of it is set, in any type
		return make([]byte, n*d.Size()), nil
	}
	convert, err := graph.NewConverter(d, graph.Float64, factor)
	if err != nil {
		return nil, err
	}
	src, one := []float64{v}, make([]uint64, 1) // so that both are aligned
	dst := graph.Bytes(one)[:d.Size()]
	convert(dst, graph.Bytes(src))
	return slices.Repeat(dst, n), nil
}
