package dataset

import (
	"slices"

	"epochtime/harness/graph"
)

// Column holds one input or target of all examples, contiguous and
// little-endian. Its examples have one shape; or they are sequences of different
// lengths (Ragged), made of rows of one shape. The elements are numbers, strings,
// or images in files, which are decoded when they are fed.
//
// Make one with Of, Raw, Texts, Images and Ragged. The methods return zero values
// for a nil or zero Column and for examples that it does not hold.
type Column struct {
	name     string
	dtype    graph.DType
	shape    []int // of an example, or of one row of a sequence; images: nil until Fit has found it
	examples int
	missing  int      // examples that a survey left out
	data     []byte   // of a set that was opened: read only within Guard
	offsets  []int    // sequences: example i has the rows offsets[i] to offsets[i+1]
	bounds   []int    // strings: string k is data[bounds[k]:bounds[k+1]]
	files    []string // images: a path for each example

	mapped *mapping // that data is in; nil for memory
	err    error    // why the column could not be made, which New returns
}

// Name returns the column's name.
func (c *Column) Name() string {
	if c == nil {
		return ""
	}
	return c.name
}

// DType returns the type of the elements.
func (c *Column) DType() graph.DType {
	if c == nil {
		return ""
	}
	return c.dtype
}

// Shape returns the shape of an example or, of sequences, of one row.
func (c *Column) Shape() []int {
	if c == nil {
		return nil
	}
	return slices.Clone(c.shape)
}

// Examples returns the number of examples.
func (c *Column) Examples() int {
	if c == nil {
		return 0
	}
	return c.examples
}

// Missing returns the number of examples without a value, which are not among
// Examples: a survey leaves them out.
func (c *Column) Missing() int {
	if c == nil {
		return 0
	}
	return c.missing
}

// Bytes returns the bytes of all examples, or of all strings. They must not be
// changed, and are valid only within Guard unless InMemory.
func (c *Column) Bytes() []byte {
	if c == nil {
		return nil
	}
	return c.data
}

// InMemory reports whether the bytes are in the process's own memory, and not in
// a mapped file, which may become shorter.
func (c *Column) InMemory() bool { return c == nil || c.mapped == nil }

// Ragged reports whether examples are sequences of different lengths.
func (c *Column) Ragged() bool { return c != nil && c.offsets != nil }

// Images reports whether the column holds the paths of image files.
func (c *Column) Images() bool { return c != nil && c.files != nil }

// File returns the path of the image of example i.
func (c *Column) File(i int) string {
	if c == nil || i < 0 || i >= len(c.files) {
		return ""
	}
	return c.files[i]
}

// Text returns string k, counted over all examples.
func (c *Column) Text(k int) []byte {
	if c == nil || k < 0 || k > len(c.bounds)-2 {
		return nil
	}
	return c.bytes(c.bounds[k], c.bounds[k+1])
}

// Strings returns the number of strings of all examples.
func (c *Column) Strings() int {
	if c == nil {
		return 0
	}
	return max(0, len(c.bounds)-1)
}

// TextSize returns the length of string k in bytes.
func (c *Column) TextSize(k int) int {
	if c == nil || k < 0 || k > len(c.bounds)-2 {
		return 0
	}
	return c.bounds[k+1] - c.bounds[k]
}

// RowBytes returns the size of an example or, of sequences, of one row. It has no
// meaning for strings and images.
func (c *Column) RowBytes() int {
	if c == nil {
		return 0
	}
	return max(0, graph.Count(c.shape)*c.dtype.Size())
}

// Length returns the number of rows of sequence i.
func (c *Column) Length(i int) int {
	if c == nil || i < 0 || i > len(c.offsets)-2 {
		return 0
	}
	return c.offsets[i+1] - c.offsets[i]
}

// RowRange returns the first row of example first, and the row after the last one
// of example last-1. Examples that are not sequences are one row each.
func (c *Column) RowRange(first, last int) (from, to int) {
	if !c.holds(first, last) {
		return 0, 0
	}
	return c.rows(first, last)
}

// Rows returns the bytes of the examples from first to before last. Read a large
// column through it, part by part: it drops earlier parts of a mapped file now
// and then, which bounds the memory of the process.
func (c *Column) Rows(first, last int) []byte {
	if !c.holds(first, last) || c.files != nil || c.bounds != nil {
		return nil
	}
	first, last = c.span(first, last)
	return c.bytes(first, last)
}

func (c *Column) holds(first, last int) bool {
	return c != nil && first >= 0 && first <= last && last <= c.examples
}

// span returns where those examples begin and end in data.
func (c *Column) span(first, last int) (int, int) {
	first, last = c.rows(first, last)
	size := c.RowBytes()
	return first * size, last * size
}

func (c *Column) rows(first, last int) (int, int) {
	if c.offsets != nil {
		return c.offsets[first], c.offsets[last]
	}
	return first, last
}

func (c *Column) bytes(first, last int) []byte {
	if last > len(c.data) { // the set is closed
		return nil
	}
	c.mapped.touch(first, last-first)
	return c.data[first:last]
}

// keep leaves the first n examples.
func (c *Column) keep(n int) {
	switch {
	case c.files != nil:
		c.files = c.files[:n]
	case c.bounds != nil:
		_, last := c.rows(0, n)
		c.bounds = c.bounds[:last*graph.Count(c.shape)+1]
	default:
		c.data = c.Rows(0, n)
	}
	if c.offsets != nil {
		c.offsets = c.offsets[:n+1]
	}
	c.examples = n
}
