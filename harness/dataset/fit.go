package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"epochtime/harness/graph"
)

// Fit checks that the set can be fed to the graph: the shape and type of every
// column, that numbers are finite or, in some targets, missing (NaN), and that
// labels and tokens are in range.
// TensorFlow itself yields NaN or crashes where they are not. Errors are ErrUnfit
// and ErrChanged.
//
// What fits need not be the same. Columns that the graph does not take are ignored.
// Dimensions of 1 at the end do not count: 28×28×1 feeds 28×28 and the reverse, and
// targets of shape 1 feed scalars. Numbers are converted when they are fed:
//
//   - integers and booleans to any number type, if each value is in its range;
//   - floating-point numbers to each other, rounded, if each value stays finite;
//   - floating-point numbers to integers, if each value is whole and in their range.
//
// bfloat16 and strings feed only their own type, and nothing else feeds bfloat16.
func (s *Set) Fit(m *graph.Manifest) error { return s.FitContext(context.Background(), m) }

// FitContext is Fit, and returns the error of ctx once it is done.
func (s *Set) FitContext(ctx context.Context, m *graph.Manifest) (err error) {
	if m == nil {
		return fmt.Errorf("%w: there is no graph", ErrUnfit)
	}
	ctx = cmp.Or(ctx, context.Background())
	if lost := s.Guard(func() { err = s.fit(ctx, m) }); lost != nil {
		return lost
	}
	return err
}

func (s *Set) fit(ctx context.Context, m *graph.Manifest) error {
	if s.Examples() < 1 {
		return noExamples(s.Source())
	}
	for _, t := range m.DataTensors() {
		c := s.Column(t.Name)
		if c == nil {
			return Errorf(ErrUnfit, []error{ErrColumn}, "%s has nothing for %s", s.source, t.Name)
		}
		err := c.fitTensor(ctx, m, t)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrImageSize):
			return Errorf(ErrUnfit, []error{ErrImageSize}, "graph %s, %s: %w", m.Name, s.source, err)
		default:
			return fmt.Errorf("%w: graph %s, %s: %w", ErrUnfit, m.Name, s.source, err)
		}
	}
	return nil
}

func (c *Column) fitTensor(ctx context.Context, m *graph.Manifest, t graph.Tensor) error {
	if c.files != nil {
		return c.fitImages(t)
	}
	if err := c.fitShape(m, t); err != nil {
		return err
	}
	if c.bounds != nil && t.DType == graph.String {
		return nil // any text will do
	}
	return c.fitValues(ctx, t)
}

func (c *Column) fitShape(m *graph.Manifest, t graph.Tensor) error {
	want := dimensions(t)
	if !c.Ragged() {
		if !sameShape(c.shape, want) {
			return fmt.Errorf("an example of %s has the shape %s, the graph takes %s", t.Name, format(c.shape), formatFree(t.Shape))
		}
		return nil
	}
	pads := slices.ContainsFunc(m.Preprocess, func(p graph.Preprocess) bool { return p.Op == "pad" && p.Input == t.Name })
	if !pads || len(want) == 0 || !sameShape(c.shape, want[1:]) {
		return fmt.Errorf("%s holds sequences of different length, the graph takes %s and does not pad it", t.Name, formatFree(t.Shape))
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

// fitBytes is how much is checked between two chances to drop what was read, and
// to stop.
const fitBytes = 16 << 20

// fitValues checks every value.
func (c *Column) fitValues(ctx context.Context, t graph.Tensor) error {
	switch {
	case c.dtype == graph.String:
		return fmt.Errorf("%s is text, the graph takes %s", t.Name, t.DType)
	case !feeds(c.dtype, t.DType):
		return fmt.Errorf("%s is %s, the graph takes %s: give it as %s", t.Name, c.dtype, t.DType, t.DType)
	}
	at, end := c.span(0, c.examples)
	for ; at < end; at += fitBytes {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.fitPart(t, at, min(at+fitBytes, end)); err != nil {
			return err
		}
	}
	return nil
}

// fitPart checks the values in a part of the data.
func (c *Column) fitPart(t graph.Tensor, first, last int) error {
	data, before, elements := c.bytes(first, last), first/c.dtype.Size(), c.dtype.Elements()
	switch {
	case elements == nil: // only copied
		return nil
	case c.dtype.IsFloat() && t.DType.IsFloat():
		if k, v := elements.Nonfinite(data, t.DType, t.NaN); k >= 0 {
			return fmt.Errorf("%s has the value %g at example %d, the graph takes finite %s", t.Name, v, c.example(before+k), t.DType)
		}
		return nil
	}
	low, high := bounds(t)
	k, v := -1, ""
	if c.dtype.IsFloat() {
		var wide float64
		if k, wide = elements.Unwhole(data, low, high); k >= 0 && wide != math.Trunc(wide) {
			return fmt.Errorf("%s has the value %g at example %d, the graph takes %s", t.Name, wide, c.example(before+k), t.DType)
		}
		v = strconv.FormatFloat(wide, 'f', -1, 64)
	} else {
		k, v = elements.Outside(data, low, high)
	}
	if k >= 0 {
		if t.Categories > 0 {
			return fmt.Errorf("%s has the value %s at example %d, the graph knows 0 to %d", t.Name, v, c.example(before+k), t.Categories-1)
		}
		return fmt.Errorf("%s has the value %s at example %d, which does not fit %s", t.Name, v, c.example(before+k), t.DType)
	}
	return nil
}

// example is the example that element k of the data is part of.
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

// feeds reports whether values of one type can be fed as another.
func feeds(from, to graph.DType) bool {
	return from == to || from.Elements() != nil && to.Elements() != nil
}

// bounds are the smallest and largest integers that an input may hold.
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

// fitImages finds the size that images are resized to: the one asked for, which
// must be the graph's, or the graph's.
func (c *Column) fitImages(t graph.Tensor) error {
	want := dimensions(t)
	switch {
	case len(want) != 3 || t.DType != c.dtype && !(t.DType.IsFloat() && c.dtype == graph.Float32):
		return fmt.Errorf("images feed height×width×channels of float32 or uint8, %s is %s of %s", t.Name, formatFree(t.Shape), t.DType)
	case want[2] != nil && *want[2] != 1 && *want[2] != 3:
		return fmt.Errorf("images have 1 or 3 channels, %s takes %s", t.Name, formatFree(t.Shape))
	case c.shape != nil && !sameShape(c.shape, want):
		return Mark(fmt.Errorf("images are resized to %s, and %s takes %s: leave the size to the graph", format(c.shape), t.Name, formatFree(t.Shape)), ErrImageSize)
	case c.shape != nil:
		return nil
	case want[0] == nil || want[1] == nil:
		return Mark(fmt.Errorf("%s takes images of any size: say which, as in 224x224", t.Name), ErrImageSize)
	}
	channels := 3
	if want[2] != nil {
		channels = int(*want[2])
	}
	c.shape = []int{int(*want[0]), int(*want[1]), channels}
	return nil
}
