package dataset

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"epochtime/harness/graph"
)

// wanted is a column to decode: the tensor that it feeds, and the fields of the
// file that it is made of. Several hold one element of the tensor each.
type wanted struct {
	tensor graph.Tensor // Shape is nil where any will do
	held   graph.DType
	fields []string
	into   *tape // of the column that is being built
}

func (w *wanted) String() string {
	if len(w.fields) == 1 && w.fields[0] != w.tensor.Name {
		return fmt.Sprintf("%s (column %s)", w.tensor.Name, w.fields[0])
	}
	return w.tensor.Name
}

// holds is the type in which values for a tensor are kept.
func holds(t graph.Tensor) graph.DType {
	if _, err := putter(t.DType); err == nil || t.DType == graph.String {
		return t.DType
	}
	return graph.Float32
}

// dimensions are those of an example; nil where one is free.
func (w *wanted) dimensions() []int {
	var out []int
	for i, d := range w.tensor.Shape {
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
func (w *wanted) row() []int {
	var out []int
	for i, d := range w.tensor.Shape {
		if i > 1 && d == nil {
			return nil
		}
		if i > 1 {
			out = append(out, int(*d))
		}
	}
	return out
}

// width is how many elements a row has.
func (w *wanted) width() int { return graph.Count(w.row()) }

// shape is that of examples of so many rows, or of a row where they differ.
func (w *wanted) shape(rows int) []int {
	all := w.dimensions()
	switch {
	case rows < 0:
		return w.row()
	case len(all) > 0 && graph.Count(all) == rows*w.width():
		return all
	case rows == 1 && len(w.tensor.Shape) < 2:
		return nil
	}
	return append([]int{rows}, w.row()...)
}

// size is how many fields of one value each an example takes.
func (w *wanted) size() int { return graph.Count(w.dimensions()) }

// setter writes element i of a part's data. It returns what the value lacks.
type (
	intSetter   func(data []byte, i int, v int64) error
	floatSetter func(data []byte, i int, v float64) error
)

// whole returns what stores whole numbers of the column.
func (w *wanted) whole() intSetter {
	low, high := bounds(graph.Tensor{DType: w.held, Categories: w.tensor.Categories})
	outside := func(v int64) bool { return v < low || v > 0 && uint64(v) > high }
	fails := func(v int64) error {
		if w.tensor.Categories > 0 {
			return fmt.Errorf("has the value %d, the graph knows 0 to %d", v, w.tensor.Categories-1)
		}
		return fmt.Errorf("has the value %d, which does not fit %s", v, w.held)
	}
	switch w.held {
	case graph.Int64:
		return checked(outside, fails, func(v int64) int64 { return v })
	case graph.Uint64:
		return checked(outside, fails, func(v int64) uint64 { return uint64(v) })
	case graph.Int32:
		return checked(outside, fails, func(v int64) int32 { return int32(v) })
	case graph.Uint32:
		return checked(outside, fails, func(v int64) uint32 { return uint32(v) })
	case graph.Int16:
		return checked(outside, fails, func(v int64) int16 { return int16(v) })
	case graph.Uint16:
		return checked(outside, fails, func(v int64) uint16 { return uint16(v) })
	case graph.Int8:
		return checked(outside, fails, func(v int64) int8 { return int8(v) })
	case graph.Uint8, graph.Bool:
		return checked(outside, fails, func(v int64) uint8 { return uint8(v) })
	case graph.Float64:
		return checked(outside, fails, func(v int64) float64 { return float64(v) })
	}
	return checked(outside, fails, func(v int64) float32 { return float32(v) })
}

func checked[T any](outside func(int64) bool, fails func(int64) error, convert func(int64) T) intSetter {
	return func(data []byte, i int, v int64) error {
		if outside(v) {
			return fails(v)
		}
		graph.View[T](data)[i] = convert(v)
		return nil
	}
}

// fractional returns what stores floating-point numbers of the column; nil where
// it holds whole numbers.
func (w *wanted) fractional() floatSetter {
	switch w.held {
	case graph.Float64:
		return func(data []byte, i int, v float64) error {
			graph.View[float64](data)[i] = v
			return finite(v)
		}
	case graph.Float32:
		return func(data []byte, i int, v float64) error {
			graph.View[float32](data)[i] = float32(v)
			return finite(float64(float32(v)))
		}
	}
	return nil
}

func finite(v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("has the value %g, the graph takes finite numbers", v)
	}
	return nil
}

// truths are written forms of 0 and 1, in turn.
var truths = []string{"false", "true", "False", "True", "FALSE", "TRUE"}

// text stores a number that is written out.
func (w *wanted) text() func(data []byte, i int, s string) error {
	whole, fractional := w.whole(), w.fractional()
	bits := 8 * w.held.Size()
	return func(data []byte, i int, s string) error {
		if fractional != nil {
			if v, err := strconv.ParseFloat(s, bits); err == nil {
				return fractional(data, i, v)
			}
		} else if v, err := strconv.ParseInt(s, 10, 64); err == nil {
			return whole(data, i, v)
		}
		if k := slices.Index(truths, s); k >= 0 {
			return whole(data, i, int64(k%2))
		}
		return w.unlike(s)
	}
}

// unlike says why a text is not what the graph takes.
func (w *wanted) unlike(s string) error {
	const most = 40
	if len(s) > most {
		s = s[:most] + "…"
	}
	v, err := strconv.ParseFloat(s, 64)
	switch {
	case s == "":
		return fmt.Errorf("has no value: fill it in, or leave such rows out")
	case err == nil || math.IsInf(v, 0):
		return fmt.Errorf("has the value %s, the graph takes %s", s, w.tensor.DType)
	}
	return fmt.Errorf("holds text, %q, the graph takes %s: make it numbers, or export the graph with a StringLookup in preprocess()", s, w.tensor.DType)
}
