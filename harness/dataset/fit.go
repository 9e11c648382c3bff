package dataset

import (
	"fmt"
	"math"
	"slices"

	"epochtime/harness/graph"
)

// Fit checks that the set can be fed to the graph: every column's shape and
// type, that numbers are finite, and that labels and tokens are in range.
// TensorFlow itself yields NaN or crashes where they are not. Errors are ErrUnfit
// and ErrChanged.
func (s *Set) Fit(m *graph.Manifest) (err error) {
	if lost := s.Guard(func() { err = s.fit(m) }); lost != nil {
		return lost
	}
	return err
}

func (s *Set) fit(m *graph.Manifest) error {
	if s.examples < 1 {
		return fmt.Errorf("%w: %s holds no examples", ErrUnfit, s.source)
	}
	for _, t := range m.DataTensors() {
		c := s.Column(t.Name)
		if c == nil {
			return fmt.Errorf("%w: %s has nothing for %s", ErrUnfit, s.source, t.Name)
		}
		if err := c.fitTensor(m, t, s.examples); err != nil {
			return fmt.Errorf("%w: graph %s, %s: %w", ErrUnfit, m.Name, s.source, err)
		}
	}
	return nil
}

func (c *Column) fitTensor(m *graph.Manifest, t graph.Tensor, examples int) error {
	if c.files != nil {
		return c.fitImages(t)
	}
	if err := c.fitShape(m, t); err != nil {
		return err
	}
	if c.bounds != nil && t.DType == graph.String {
		return nil // any text will do
	}
	return c.fitValues(t, examples)
}

func (c *Column) fitShape(m *graph.Manifest, t graph.Tensor) error {
	want := t.Shape[1:]
	if !c.Ragged() {
		if !sameShape(c.shape, want) {
			return fmt.Errorf("an example of %s has the shape %s, the graph takes %s", t.Name, format(c.shape), formatFree(want))
		}
		return nil
	}
	pads := slices.ContainsFunc(m.Preprocess, func(p graph.Preprocess) bool { return p.Op == "pad" && p.Input == t.Name })
	if !pads || len(want) == 0 || !sameShape(c.shape, want[1:]) {
		return fmt.Errorf("%s holds sequences of different length, the graph takes %s and does not pad it", t.Name, formatFree(want))
	}
	if want[0] == nil {
		return nil
	}
	for i := range len(c.offsets) - 1 {
		if int64(c.Length(i)) > *want[0] {
			return fmt.Errorf("%s has a sequence of length %d at example %d, the graph takes %d at most", t.Name, c.Length(i), i, *want[0])
		}
	}
	return nil
}

// sameShape compares shapes; dimensions of 1 at the end do not count, so that
// 8×8 images feed an 8×8×1 input.
func sameShape(have []int, want []*int64) bool {
	for i := range max(len(have), len(want)) {
		switch {
		case i >= len(have):
			if want[i] == nil || *want[i] != 1 {
				return false
			}
		case i >= len(want):
			if have[i] != 1 {
				return false
			}
		case have[i] < 1 || want[i] != nil && int64(have[i]) != *want[i]:
			return false
		}
	}
	return true
}

func format(shape []int) string {
	free := make([]*int64, len(shape))
	for i, d := range shape {
		v := int64(d)
		free[i] = &v
	}
	return formatFree(free)
}

func formatFree(shape []*int64) string {
	if len(shape) == 0 {
		return "()"
	}
	out := ""
	for i, d := range shape {
		if i > 0 {
			out += "×"
		}
		if d == nil {
			out += "any"
		} else {
			out += fmt.Sprint(*d)
		}
	}
	return out
}

// fitBytes is how much is checked between two chances to drop what was read.
const fitBytes = 16 << 20

// fitValues checks every value. Whole numbers feed floating-point inputs, but
// not the other way round.
func (c *Column) fitValues(t graph.Tensor, examples int) error {
	switch {
	case c.dtype == graph.String:
		return fmt.Errorf("%s is text, the graph takes %s", t.Name, t.DType)
	case !feeds(c.dtype, t.DType):
		return fmt.Errorf("%s is %s, the graph takes %s: convert it with .astype(%q)", t.Name, c.dtype, t.DType, t.DType)
	}
	at, end := c.span(0, examples)
	for ; at < end; at += fitBytes {
		if err := c.fitPart(t, at, min(at+fitBytes, end)); err != nil {
			return err
		}
	}
	return nil
}

// fitPart checks the values in a part of the data.
func (c *Column) fitPart(t graph.Tensor, first, last int) error {
	data, before := c.bytes(first, last), first/c.dtype.Size()
	if c.dtype.IsFloat() {
		if k, v := firstNonfinite(c.dtype, t.DType, data); k >= 0 {
			return fmt.Errorf("%s has the value %g at example %d, the graph takes finite %s", t.Name, v, c.example(before+k), t.DType)
		}
		return nil
	}
	low, high := bounds(t)
	if k, v := firstOutside(c.dtype, data, low, high); k >= 0 {
		if t.Categories > 0 {
			return fmt.Errorf("%s has the value %s at example %d, the graph knows 0 to %d", t.Name, v, c.example(before+k), t.Categories-1)
		}
		return fmt.Errorf("%s has the value %s at example %d, which does not fit %s", t.Name, v, c.example(before+k), t.DType)
	}
	return nil
}

// example is the example that element k of the data belongs to.
func (c *Column) example(k int) int {
	k /= max(1, graph.Count(c.shape))
	if !c.Ragged() {
		return k
	}
	i, exact := slices.BinarySearch(c.offsets, k)
	if !exact {
		i--
	}
	return i
}

// feeds tells whether values of one type can be fed as another.
func feeds(from, to graph.DType) bool {
	converts := func(d graph.DType) bool {
		_, err := putter(d)
		return err == nil
	}
	return from == to || converts(from) && converts(to) && (to.IsFloat() || !from.IsFloat())
}

// bounds are the smallest and largest whole numbers an input may hold.
func bounds(t graph.Tensor) (low int64, high uint64) {
	if t.Categories > 0 {
		return 0, uint64(t.Categories) - 1
	}
	switch t.DType {
	case graph.Bool:
		return 0, 1
	case graph.Uint8, graph.Uint16, graph.Uint32, graph.Uint64:
		return 0, math.MaxUint64 >> (64 - 8*t.DType.Size())
	case graph.Int8, graph.Int16, graph.Int32, graph.Int64:
		return math.MinInt64 >> (64 - 8*t.DType.Size()), math.MaxInt64 >> (64 - 8*t.DType.Size())
	}
	return math.MinInt64, math.MaxUint64
}

// firstNonfinite finds a value that is not finite once it is converted.
func firstNonfinite(from, to graph.DType, data []byte) (int, float64) {
	find := func(n int, at func(int) float64) (int, float64) {
		for k := range n {
			v := at(k)
			converted := v
			if to == graph.Float32 {
				converted = float64(float32(v))
			}
			if math.IsNaN(converted) || math.IsInf(converted, 0) {
				return k, v
			}
		}
		return -1, 0
	}
	switch from {
	case graph.Float32:
		v := graph.View[float32](data)
		return find(len(v), func(k int) float64 { return float64(v[k]) })
	case graph.Float64:
		v := graph.View[float64](data)
		return find(len(v), func(k int) float64 { return v[k] })
	case graph.Float16:
		v := graph.View[uint16](data)
		return find(len(v), func(k int) float64 {
			if v[k]&0x7c00 == 0x7c00 { // all exponent bits: infinity or NaN
				return math.NaN()
			}
			return 0
		})
	}
	return -1, 0
}

func firstOutside(d graph.DType, data []byte, low int64, high uint64) (int, string) {
	switch d {
	case graph.Bool, graph.Uint8:
		return outside(graph.View[uint8](data), low, high)
	case graph.Int8:
		return outside(graph.View[int8](data), low, high)
	case graph.Int16:
		return outside(graph.View[int16](data), low, high)
	case graph.Uint16:
		return outside(graph.View[uint16](data), low, high)
	case graph.Int32:
		return outside(graph.View[int32](data), low, high)
	case graph.Uint32:
		return outside(graph.View[uint32](data), low, high)
	case graph.Int64:
		return outside(graph.View[int64](data), low, high)
	case graph.Uint64:
		return outside(graph.View[uint64](data), low, high)
	}
	return -1, ""
}

func outside[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](values []T, low int64, high uint64) (int, string) {
	for k, v := range values {
		if v < 0 && int64(v) < low || v > 0 && uint64(v) > high {
			return k, fmt.Sprint(v)
		}
	}
	return -1, ""
}
