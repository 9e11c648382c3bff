package dataset

import (
	"errors"
	"slices"
	"testing"

	"epochtime/harness/graph"
)

func TestNew(t *testing.T) {
	x := Of("x", []int{2, 2}, []float32{1, 2, 3, 4, 5, 6, 7, 8})
	s, err := New("mine", x, Of("y", nil, []int64{7, 9}), Of("b", []int{1}, []bool{true, false}))
	if err != nil {
		t.Fatal(err)
	}
	if s.Examples != 2 || s.Column("x").DType != graph.Float32 || s.Column("y").DType != graph.Int64 || s.Column("b").DType != graph.Bool {
		t.Errorf("%+v", s)
	}
	if got := view[float32](s.Column("x").Rows(1, 2)); !slices.Equal(got, []float32{5, 6, 7, 8}) {
		t.Errorf("the second example is %v", got)
	}
	for name, columns := range map[string][]Column{
		"half an example": {Of("x", []int{3}, []float32{1, 2, 3, 4})},
		"no elements":     {Of("x", []int{0}, []float32{})},
		"not as many":     {x, Of("y", nil, []int64{7})},
	} {
		if _, err := New("mine", columns...); !errors.Is(err, ErrUnfit) {
			t.Errorf("%s: error %v, want ErrUnfit", name, err)
		}
	}
}
