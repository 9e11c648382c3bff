package dataset

import (
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"epochtime/harness/graph"
)

// New makes a set of columns from Go slices. It returns ErrUnfit if there are no
// columns or no examples, if two columns have the same name, if columns differ in
// the number of their examples, or if a column was made wrongly.
func New(source string, columns ...Column) (*Set, error) {
	s := &Set{source: source}
	if len(columns) == 0 {
		return nil, fmt.Errorf("%w: %s has no columns", ErrUnfit, source)
	}
	for _, c := range columns {
		if err := s.add(c); err != nil {
			return nil, err
		}
	}
	if s.examples == 0 {
		return nil, noExamples(source)
	}
	return s, nil
}

// Of makes a column of numbers. The values are the examples one after the other,
// each of the given shape, in row-major order; a nil shape is a scalar. New returns
// an error if they do not divide into examples.
//
// The values are used in place, not copied, and must not be changed afterwards:
// training may read them at any time, and they are checked only once.
func Of[T graph.Number](name string, shape []int, values []T) Column {
	return raw(name, graph.DTypeOf[T](), shape, graph.Bytes(values))
}

// Raw makes a column of elements of any type but strings from their bytes,
// little-endian. They are used in place where they are aligned for the type, and
// must not be changed afterwards, as with Of.
func Raw(name string, d graph.DType, shape []int, data []byte) Column {
	if size := d.Size(); size > 0 && uintptr(unsafe.Pointer(unsafe.SliceData(data)))%uintptr(size) != 0 {
		aligned := graph.Allocate(len(data))
		copy(aligned, data)
		data = aligned
	}
	return raw(name, d, shape, data)
}

func raw(name string, d graph.DType, shape []int, data []byte) Column {
	c := Column{name: name, dtype: d, shape: slices.Clone(shape), data: data}
	n := graph.Count(shape)
	switch {
	case d.Size() == 0 || d == graph.String:
		c.err = fmt.Errorf("elements of type %q cannot be given as numbers", d)
	case n < 1:
		c.err = fmt.Errorf("an example cannot have the shape %v", shape)
	case len(data)%c.RowBytes() != 0:
		c.err = fmt.Errorf("%d elements do not divide into examples of %d", len(data)/d.Size(), n)
	default:
		c.examples = len(data) / c.RowBytes()
	}
	return c
}

// Texts makes a column of strings, which are copied.
func Texts(name string, shape []int, values []string) Column {
	c := Column{name: name, dtype: graph.String, shape: slices.Clone(shape), bounds: []int{0}}
	for _, v := range values {
		c.data = append(c.data, v...)
		c.bounds = append(c.bounds, len(c.data))
	}
	switch n := graph.Count(shape); {
	case n < 1:
		c.err = fmt.Errorf("an example cannot have the shape %v", shape)
	case len(values)%n != 0:
		c.err = fmt.Errorf("%d strings do not divide into examples of %d", len(values), n)
	default:
		c.examples = len(values) / n
	}
	return c
}

// Images makes a column of image files, one for each example. They are decoded to
// the type d, float32 or uint8, and resized to shape, which is height, width and
// channels. A nil shape stands for that of the graph.
func Images(name string, d graph.DType, shape []int, files []string) Column {
	c := Column{name: name, dtype: d, shape: slices.Clone(shape), files: append([]string{}, files...), examples: len(files)}
	switch {
	case d != graph.Float32 && d != graph.Uint8:
		c.err = fmt.Errorf("images are decoded to float32 or uint8, not %q", d)
	case shape != nil && (len(shape) != 3 || graph.Count(shape) < 1):
		c.err = fmt.Errorf("images cannot have the shape %v: it is height, width and channels", shape)
	}
	return c
}

// Ragged joins the examples of a column to sequences: example i of the new column
// has lengths[i] rows, which are examples of the column rows. New returns an error
// if a length is less than 1 or the lengths do not add up to all rows.
func Ragged(rows Column, lengths []int) Column {
	if rows.err != nil {
		return rows
	}
	if rows.files != nil || rows.offsets != nil {
		rows.err = errors.New("a sequence is made of rows of numbers or strings")
		return rows
	}
	offsets := make([]int, len(lengths)+1)
	for i, n := range lengths {
		if n < 1 || n > rows.examples-offsets[i] {
			rows.err = fmt.Errorf("sequence %d has the length %d, with %d rows left", i, n, rows.examples-offsets[i])
			return rows
		}
		offsets[i+1] = offsets[i] + n
	}
	if last := offsets[len(lengths)]; last != rows.examples {
		rows.err = fmt.Errorf("the lengths of the sequences add up to %d, there are %d rows", last, rows.examples)
		return rows
	}
	rows.offsets, rows.examples = offsets, len(lengths)
	return rows
}

// Windows cuts the examples of a column into new ones of length rows each, which
// follow one another without overlap, from row first on. Rows that are left at the
// end are not used. The new column shares the bytes of the other.
func Windows(rows Column, first, length int) Column {
	if rows.err != nil {
		return rows
	}
	if rows.files != nil || rows.offsets != nil || rows.bounds != nil || first < 0 || first > rows.examples || length < 1 {
		rows.err = fmt.Errorf("windows of %d rows cannot be cut from row %d of %d", length, first, rows.examples)
		return rows
	}
	n, size := (rows.examples-first)/length, rows.RowBytes()
	rows.data = rows.data[first*size:][:n*length*size]
	rows.shape, rows.examples = append([]int{length}, rows.shape...), n
	return rows
}

// First returns a column of the first n examples of another, whose bytes it shares.
func First(c Column, n int) Column {
	switch {
	case c.err != nil:
	case n < 0 || n > c.examples:
		c.err = fmt.Errorf("there are %d examples, not %d", c.examples, n)
	default:
		c.keep(n)
	}
	return c
}
