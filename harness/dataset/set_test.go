package dataset

import (
	"reflect"
	"testing"
)

// ragged3 holds three sequences of 1, 3 and 2 pairs, and a number each.
func ragged3(t *testing.T) *Set {
	t.Helper()
	x := make([]int32, 12)
	s, err := New("ragged.npz", Ragged(Of("x", []int{2}, x), []int{1, 3, 2}), Of("y", nil, []int64{0, 1, 2}), Texts("s", nil, []string{"a", "bc", "d"}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTake(t *testing.T) {
	for _, n := range []int{0, 3} {
		s := ragged3(t)
		if err := s.Take(n); err != nil || s.examples != 3 || len(s.Column("x").data) != 48 {
			t.Errorf("Take(%d): %v, %d examples", n, err, s.examples)
		}
	}
	s := ragged3(t)
	if err := s.Take(2); err != nil {
		t.Fatal(err)
	}
	x, y := s.Column("x"), s.Column("y")
	if s.examples != 2 || !reflect.DeepEqual(x.offsets, []int{0, 1, 4}) || len(x.data) != 4*8 || len(y.data) != 2*8 || s.Column("s").Strings() != 2 {
		t.Errorf("%d examples, x of %v with %d bytes, y with %d", s.examples, x.offsets, len(x.data), len(y.data))
	}
	if err := s.Take(1); err != nil || len(s.Column("x").data) != 8 {
		t.Errorf("taking again: %v, x has %d bytes", err, len(s.Column("x").data))
	}
	for _, n := range []int{2, -1} {
		err := s.Take(n)
		wantError(t, err, ErrUnfit)
		wantError(t, err, ErrSamples, "ragged.npz holds 1")
		if s.examples != 1 {
			t.Errorf("Take(%d) left %d examples", n, s.examples)
		}
	}
}

func TestColumn(t *testing.T) {
	s := ragged3(t)
	if s.Column("x").Name() != "x" || s.Column("z") != nil {
		t.Errorf("x is %v, z is %v", s.Column("x"), s.Column("z"))
	}
	if got := s.Column("y").Rows(1, 1); len(got) != 0 {
		t.Errorf("no examples hold %d bytes", len(got))
	}
	if got := s.Column("x").Rows(0, 3); len(got) != 48 {
		t.Errorf("all examples hold %d bytes, want 48", len(got))
	}
}
