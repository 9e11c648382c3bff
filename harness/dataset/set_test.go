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
		if err := s.Take(n); err != nil || s.Examples != 3 || len(s.Column("x").Data) != 48 {
			t.Errorf("Take(%d): %v, %d examples", n, err, s.Examples)
		}
	}
	s := mustRead(t, "testdata/ragged.npz", "x", "y")
	if err := s.Take(2); err != nil {
		t.Fatal(err)
	}
	x, y := s.Column("x"), s.Column("y")
	if s.Examples != 2 || !reflect.DeepEqual(x.Offsets, []int{0, 1, 4}) || len(x.Data) != 4*8 || len(y.Data) != 2*8 {
		t.Errorf("%d examples, x of %v with %d bytes, y with %d", s.Examples, x.Offsets, len(x.Data), len(y.Data))
	}
	if err := s.Take(1); err != nil || len(s.Column("x").Data) != 8 {
		t.Errorf("taking again: %v, x has %d bytes", err, len(s.Column("x").Data))
	}
	for _, n := range []int{2, -1} {
		wantError(t, s.Take(n), ErrUnfit, "ragged.npz holds 1", "lower --samples")
		if s.Examples != 1 {
			t.Errorf("Take(%d) left %d examples", n, s.Examples)
		}
	}
}

func TestColumn(t *testing.T) {
	s := mustRead(t, "testdata/ragged.npz", "x", "y")
	if s.Column("x").Name != "x" || s.Column("z") != nil {
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
		if got := elements(c.shape); got != c.want {
			t.Errorf("elements(%v) = %d, want %d", c.shape, got, c.want)
		}
	}
}

func TestAllocate(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 1000} {
		b := allocate(n)
		if len(b) != n {
			t.Errorf("allocate(%d) gives %d bytes", n, len(b))
		}
		if n > 0 && uintptr(unsafe.Pointer(&b[0]))%8 != 0 {
			t.Errorf("allocate(%d) is not aligned", n)
		}
	}
	if got := view[float64](nil); got != nil {
		t.Errorf("a view of nothing is %v", got)
	}
}

func TestPutterRefuses(t *testing.T) {
	_, err := putter(graph.Float16)
	wantError(t, err, ErrUnfit, "float16")
}
