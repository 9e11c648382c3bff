package dataset

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"epochtime/harness/graph"
)

// Sink is a column that is decoded: the tensor that it feeds, and the fields of
// the file that it is made of. Several fields hold one element of the tensor each.
type Sink struct {
	tensor graph.Tensor // Shape is nil where any will do
	held   graph.DType
	fields []string
	into   *tape // of the column that is being built
}

// NewSink returns a sink for a tensor, whose column is made of those fields. A
// tensor without a shape takes examples of any.
func NewSink(t graph.Tensor, fields ...string) *Sink {
	held := t.DType
	if held.Elements() == nil && held != graph.String {
		held = graph.Float32
	}
	if len(fields) == 0 {
		fields = []string{t.Name}
	}
	return &Sink{tensor: t, held: held, fields: fields}
}

// Name returns the name of the tensor.
func (s *Sink) Name() string {
	if s == nil {
		return ""
	}
	return s.tensor.Name
}

// DType returns the type of the column's elements: the tensor's or, where that is
// only copied, float32.
func (s *Sink) DType() graph.DType {
	if s == nil {
		return ""
	}
	return s.held
}

// Wants returns the type that the tensor takes, for messages.
func (s *Sink) Wants() graph.DType {
	if s == nil {
		return ""
	}
	return s.tensor.DType
}

// Fields returns the names of the fields, at least one.
func (s *Sink) Fields() []string {
	if s == nil {
		return nil
	}
	return s.fields
}

// Surveys reports whether the column is only described: then its examples without a
// value are left out and counted, as Part.Missing.
func (s *Sink) Surveys() bool { return s != nil && s.into != nil && s.into.b.survey }

// Reserve makes room in the column's memory for the numbers of the next rows, or
// returns nil if there is none. A Part that is Placed holds the next of it.
func (s *Sink) Reserve(rows int) []byte {
	if s == nil || s.Surveys() { // parts may be shorter
		return nil
	}
	return s.into.reserve(rows, len(s.fields)*s.held.Size())
}

// String names the column in messages.
func (s *Sink) String() string {
	if s == nil {
		return ""
	}
	if len(s.fields) == 1 && s.fields[0] != s.tensor.Name {
		return fmt.Sprintf("%s (column %s)", s.tensor.Name, s.fields[0])
	}
	return s.tensor.Name
}

// dimensions are those of an example; nil where one is free.
func (s *Sink) dimensions() []int {
	var out []int
	for i, d := range s.tensor.Shape {
		switch {
		case i == 0:
		case d == nil:
			return nil
		default:
			out = append(out, int(*d))
		}
	}
	return out
}

// row is the shape of one row of a sequence.
func (s *Sink) row() []int {
	var out []int
	for i, d := range s.tensor.Shape {
		if i > 1 && d == nil {
			return nil
		}
		if i > 1 {
			out = append(out, int(*d))
		}
	}
	return out
}

// width is the number of elements of a row.
func (s *Sink) width() int { return max(1, graph.Count(s.row())) }

// shape returns that of examples with that many rows or, if rows is negative, of a
// row.
func (s *Sink) shape(rows int) []int {
	all := s.dimensions()
	switch {
	case rows < 0:
		return s.row()
	case len(all) > 0 && graph.Count(all) == rows*s.width():
		return all
	case rows == 1 && len(s.tensor.Shape) < 2:
		return nil
	}
	return append([]int{rows}, s.row()...)
}

// size is the number of fields of one value each that an example takes.
func (s *Sink) size() int { return graph.Count(s.dimensions()) }

// A setter writes element i of a part's data. Its error says what is wrong with
// the value, to follow the name of its place.
type (
	IntSetter   func(data []byte, i int, v int64) error
	FloatSetter func(data []byte, i int, v float64) error
)

// Range returns the smallest and the largest integer that the column may hold.
func (s *Sink) Range() (low int64, high uint64) {
	if s == nil {
		return 0, 0
	}
	return bounds(graph.Tensor{DType: s.held, Categories: s.tensor.Categories})
}

// OutOfRange is the error of an integer, written out, that is not in Range. place
// is where it is, as in " in row 7", or empty.
func (s *Sink) OutOfRange(value, place string) error {
	switch {
	case s == nil:
		return errNoSink
	case s.tensor.Categories > 0:
		return fmt.Errorf("has the value %s%s, the graph knows 0 to %d", value, place, s.tensor.Categories-1)
	}
	return fmt.Errorf("has the value %s%s, which does not fit %s", value, place, s.held)
}

var errNoSink = fmt.Errorf("%w: it feeds nothing", ErrUnfit)

// Ints returns what stores integers.
func (s *Sink) Ints() IntSetter {
	elements := s.DType().Elements()
	if elements == nil {
		return func([]byte, int, int64) error { return errNoSink }
	}
	low, high := s.Range()
	return func(data []byte, i int, v int64) error {
		if v < low || v > 0 && uint64(v) > high {
			return s.OutOfRange(strconv.FormatInt(v, 10), "")
		}
		elements.PutInt(data, i, v)
		return nil
	}
}

// Floats returns what stores floating-point numbers: in a column of integers, those
// that are whole. It is nil for strings.
func (s *Sink) Floats() FloatSetter {
	switch d := s.DType(); {
	case d == graph.Float64:
		return func(data []byte, i int, v float64) error {
			binary.LittleEndian.PutUint64(data[8*i:], math.Float64bits(v))
			return s.Fits(v)
		}
	case d == graph.Float32:
		return func(data []byte, i int, v float64) error {
			binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(float32(v)))
			return s.Fits(float64(float32(v)))
		}
	case d == graph.Float16:
		return func(data []byte, i int, v float64) error {
			d.Elements().Put(data, i, v)
			return s.Fits(d.Elements().Get(data, i))
		}
	case d.Elements() != nil:
		return s.wholes()
	}
	return nil
}

// wholes stores whole numbers as integers.
func (s *Sink) wholes() FloatSetter {
	elements := s.DType().Elements()
	low, high := s.Range()
	return func(data []byte, i int, v float64) error {
		switch {
		case v != math.Trunc(v) || math.IsInf(v, 0): // NaN too
			return fmt.Errorf("has the value %g, the graph takes %s", v, s.Wants())
		case v < float64(low) || v >= float64(high)+1:
			return s.OutOfRange(strconv.FormatFloat(v, 'f', -1, 64), "")
		}
		elements.Put(data, i, v)
		return nil
	}
}

// Fits returns an error if v is infinite, or not a number where the tensor holds
// none.
func (s *Sink) Fits(v float64) error {
	if v-v == 0 { // neither infinite nor NaN; small enough to be inlined
		return nil
	}
	return s.notFinite(v)
}

func (s *Sink) notFinite(v float64) error {
	if v != v && s != nil && s.tensor.NaN {
		return nil
	}
	return fmt.Errorf("has the value %g, the graph takes finite numbers", v)
}
