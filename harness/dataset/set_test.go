package dataset

import (
	"math"
	"reflect"
	"testing"
	"unsafe"

	"epochtime/harness/graph"
)

func TestTake(t *testing.T) {
	for _, n := range []int{0, 3} {
		s := mustRead(t, "testdata/ragged.npz", "x", "y")
		if err := s.Take(n); err != nil || s.examples != 3 || len(s.Column("x").data) != 48 {
			t.Errorf("Take(%d): %v, %d examples", n, err, s.examples)
		}
	}
	s := mustRead(t, "testdata/ragged.npz", "x", "y")
	if err := s.Take(2); err != nil {
		t.Fatal(err)
	}
	x, y := s.Column("x"), s.Column("y")
	if s.examples != 2 || !reflect.DeepEqual(x.offsets, []int{0, 1, 4}) || len(x.data) != 4*8 || len(y.data) != 2*8 {
		t.Errorf("%d examples, x of %v with %d bytes, y with %d", s.examples, x.offsets, len(x.data), len(y.data))
	}
	if err := s.Take(1); err != nil || len(s.Column("x").data) != 8 {
		t.Errorf("taking again: %v, x has %d bytes", err, len(s.Column("x").data))
	}
	for _, n := range []int{2, -1} {
		wantError(t, s.Take(n), ErrSamples, "ragged.npz holds 1")
		if s.examples != 1 {
			t.Errorf("Take(%d) left %d examples", n, s.examples)
		}
	}
}

func TestColumn(t *testing.T) {
	s := mustRead(t, "testdata/ragged.npz", "x", "y")
	if s.Column("x").name != "x" || s.Column("z") != nil {
		t.Errorf("x is %v, z is %v", s.Column("x"), s.Column("z"))
	}
	if got := s.Column("y").Rows(1, 1); len(got) != 0 {
		t.Errorf("no examples hold %d bytes", len(got))
	}
	if got := s.Column("x").Rows(0, 3); len(got) != 48 {
		t.Errorf("all examples hold %d bytes, want 48", len(got))
	}
}

func TestElements(t *testing.T) {
	for _, c := range []struct {
		shape []int
		want  int
	}{
		{nil, 1}, {[]int{3}, 3}, {[]int{3, 4, 5}, 60}, {[]int{3, 0}, 0}, {[]int{0, math.MaxInt}, 0}, {[]int{math.MaxInt}, math.MaxInt},
		{[]int{-1}, -1}, {[]int{-1, -1}, -1}, {[]int{2, -3, 0}, -1}, {[]int{1 << 62, 2}, -1}, {[]int{1 << 32, 1 << 32}, -1},
	} {
		if got := graph.Count(c.shape); got != c.want {
			t.Errorf("graph.Count(%v) = %d, want %d", c.shape, got, c.want)
		}
	}
}

func TestAllocate(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 1000} {
		b := graph.Allocate(n)
		if len(b) != n {
			t.Errorf("graph.Allocate(%d) gives %d bytes", n, len(b))
		}
		if n > 0 && uintptr(unsafe.Pointer(&b[0]))%8 != 0 {
			t.Errorf("graph.Allocate(%d) is not aligned", n)
		}
	}
	if got := graph.View[float64](nil); got != nil {
		t.Errorf("a view of nothing is %v", got)
	}
}

func TestPutterRefuses(t *testing.T) {
	_, err := putter(graph.Float16)
	wantError(t, err, ErrUnfit, "float16")
}
