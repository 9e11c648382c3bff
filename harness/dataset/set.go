// Package dataset is where examples come from: synthetic data made from a seed,
// or files. A Set holds them as they are, in memory or mapped from a file; the
// feeder converts.
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
//
// A column of strings holds their bytes in Data, and Strings where each begins
// and the last one ends: string k is Text(k). A column of images holds one path
// an example in Files and no Data; its Shape is nil until Fit has found it.
type Column struct {
	Name    string
	DType   graph.DType
	Shape   []int
	Data    []byte // of a set from Read or Open: only inside Guard
	Offsets []int
	Strings []int    // as Data
	Files   []string // nil where the column holds no images

	mapped *mapping // that Data lies in; nil for memory
}

// InMemory tells whether Data is memory of this process's own, and not of a file
// that may become shorter.
func (c *Column) InMemory() bool { return c.mapped == nil }

// Ragged tells whether examples are sequences that differ in length.
func (c *Column) Ragged() bool { return c.Offsets != nil }

// Text is string k of a column of strings, counted over all examples.
func (c *Column) Text(k int) []byte { return c.bytes(c.Strings[k], c.Strings[k+1]) }

// RowBytes is the size of one example, or of one row of a sequence. It has no
// meaning for strings and images.
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
	first, last = c.rows(first, last)
	size := c.RowBytes()
	return first * size, last * size
}

// rows are the rows of those examples: of sequences, several an example.
func (c *Column) rows(first, last int) (int, int) {
	if c.Ragged() {
		return c.Offsets[first], c.Offsets[last]
	}
	return first, last
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
		s.Columns[i].keep(n)
	}
	return nil
}

// keep leaves the first n examples.
func (c *Column) keep(n int) {
	switch {
	case c.Files != nil:
		c.Files = c.Files[:n]
	case c.Strings != nil:
		_, last := c.rows(0, n)
		c.Strings = c.Strings[:last*elements(c.Shape)+1]
	default:
		c.Data = c.Rows(0, n)
	}
	if c.Ragged() {
		c.Offsets = c.Offsets[:n+1]
	}
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
