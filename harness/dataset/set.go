// Package dataset is where examples come from: synthetic data made from a seed,
// or NumPy files. A Set holds them as they are, in memory or mapped from their
// file; the feeder converts.
package dataset

import (
	"errors"
	"fmt"
	"math"
	"unsafe"

	"epochtime/harness/graph"
)

// Errors that say what is wrong with data. Test with errors.Is.
var (
	// ErrUnreadable: the file is missing, damaged, or of a kind not read here.
	ErrUnreadable = errors.New("cannot read the data")
	// ErrUnfit: the data does not fit the graph or the settings.
	ErrUnfit = errors.New("the data does not fit")
)

// Set is a number of examples, held column by column.
type Set struct {
	Source   string // a file, or "synthetic", for messages
	Examples int
	Columns  []Column

	files    []*file    // that it was read from
	mappings []*mapping // that columns lie in
}

// Column holds one input or target of all examples, laid end to end in Data,
// little-endian. Shape is the shape of one example; where Offsets is not nil,
// examples are sequences of different length: example i holds the rows
// Offsets[i] to Offsets[i+1] and Shape is the shape of one row.
type Column struct {
	Name    string
	DType   graph.DType
	Shape   []int
	Data    []byte // of a set from Read: only inside Guard
	Offsets []int

	mapped *mapping // that Data lies in; nil for memory
}

// InMemory tells whether Data is memory of this process's own, and not of a file
// that may become shorter.
func (c *Column) InMemory() bool { return c.mapped == nil }

// Ragged tells whether examples are sequences that differ in length.
func (c *Column) Ragged() bool { return c.Offsets != nil }

// RowBytes is the size of one example, or of one row of a sequence.
func (c *Column) RowBytes() int { return elements(c.Shape) * c.DType.Size() }

// Length is the number of rows of sequence i.
func (c *Column) Length(i int) int { return c.Offsets[i+1] - c.Offsets[i] }

// Rows returns the bytes of the examples from first to before last. It is how
// data is read, a part at a time: from a large file it now and then drops what
// was read before, so that memory stays bounded.
func (c *Column) Rows(first, last int) []byte {
	first, last = c.span(first, last)
	return c.bytes(first, last)
}

// span is where those examples begin and end in Data.
func (c *Column) span(first, last int) (int, int) {
	size := c.RowBytes()
	if c.Ragged() {
		first, last = c.Offsets[first], c.Offsets[last]
	}
	return first * size, last * size
}

func (c *Column) bytes(first, last int) []byte {
	c.mapped.touch(first, last-first)
	return c.Data[first:last]
}

// Column returns the column of that name, or nil.
func (s *Set) Column(name string) *Column {
	for i := range s.Columns {
		if s.Columns[i].Name == name {
			return &s.Columns[i]
		}
	}
	return nil
}

// Take keeps the first n examples; n = 0 keeps all.
func (s *Set) Take(n int) error {
	switch {
	case n == 0 || n == s.Examples:
		return nil
	case n < 0 || n > s.Examples:
		return fmt.Errorf("%w: %d examples were asked for, %s holds %d: lower --samples", ErrUnfit, n, s.Source, s.Examples)
	}
	s.Examples = n
	for i := range s.Columns {
		c := &s.Columns[i]
		c.Data = c.Rows(0, n)
		if c.Ragged() {
			c.Offsets = c.Offsets[:n+1]
		}
	}
	return nil
}

// elements is the number of elements of a shape; -1 where it overflows.
func elements(shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 || (d > 0 && n > math.MaxInt/d) {
			return -1
		}
		n *= d
	}
	return n
}

// allocate returns n zero bytes at an address that suits every element type.
func allocate(n int) []byte {
	if n == 0 {
		return nil
	}
	words := make([]uint64, (n+7)/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), n)
}
