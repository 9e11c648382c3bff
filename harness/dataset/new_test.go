package dataset

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/graph"
)

func TestNew(t *testing.T) {
	x := Of("x", []int{2, 2}, []float32{1, 2, 3, 4, 5, 6, 7, 8})
	s, err := New("mine", x, Of("y", nil, []int64{7, 9}), Of("b", []int{1}, []bool{true, false}),
		Texts("t", []int{2}, []string{"a", "b", "", "d"}), Images("i", graph.Uint8, nil, []string{"1.png", "2.png"}),
		Ragged(Of("r", []int{2}, []int32{1, 2, 3, 4, 5, 6}), []int{1, 2}), Ragged(Texts("w", nil, []string{"x", "y", "z"}), []int{2, 1}))
	if err != nil {
		t.Fatal(err)
	}
	if s.Examples() != 2 || s.Source() != "mine" || len(s.Columns()) != 7 {
		t.Errorf("%d examples of %s in %d columns", s.Examples(), s.Source(), len(s.Columns()))
	}
	for name, want := range map[string]graph.DType{"x": graph.Float32, "y": graph.Int64, "b": graph.Bool, "t": graph.String, "i": graph.Uint8} {
		if got := s.Column(name).DType(); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if got := graph.View[float32](s.Column("x").Rows(1, 2)); !slices.Equal(got, []float32{5, 6, 7, 8}) {
		t.Errorf("the second example is %v", got)
	}
	if got := graph.View[int32](s.Column("r").Rows(1, 2)); !slices.Equal(got, []int32{3, 4, 5, 6}) || s.Column("r").Length(1) != 2 {
		t.Errorf("the second sequence is %v", got)
	}
	if got := string(s.Column("t").Text(3)); got != "d" || s.Column("i").File(1) != "2.png" {
		t.Errorf("text %q, file %s", got, s.Column("i").File(1))
	}
}

func TestNewRefuses(t *testing.T) {
	x := Of("x", nil, []float32{1, 2, 3})
	for says, columns := range map[string][]Column{
		"has no columns":        nil,
		"holds no examples":     {Of("x", nil, []float32{})},
		"do not divide":         {Of("x", []int{2}, []float32{1, 2, 3})},
		"the shape [0]":         {Of("x", []int{0}, []float32{})},
		"the shape [-1]":        {Of("x", []int{-1}, []float32{1})},
		"1 examples of y but 3": {x, Of("y", nil, []int64{7})},
		"two columns called":    {x, x},
		"without a name":        {Of("", nil, []float32{1})},
		"column \"\"":           {{}, Raw("", "", nil, nil)},
		"elements of type":      {Raw("x", "complex64", nil, make([]byte, 8))},
		"given as numbers":      {Raw("x", graph.String, nil, make([]byte, 24))},
		"3 strings do not":      {Texts("x", []int{2}, []string{"a", "b", "c"})},
		"shape [2 2]":           {Images("x", graph.Float32, []int{2, 2}, []string{"a"})},
		"not \"int32\"":         {Images("x", graph.Int32, nil, []string{"a"})},
		"add up to 2":           {Ragged(x, []int{1, 1})},
		"length 3, with 2":      {Ragged(x, []int{1, 3})},
		"length 0":              {Ragged(x, []int{0, 3})},
		"length -1":             {Ragged(x, []int{-1, 4})},
		"rows of numbers":       {Ragged(Ragged(x, []int{3}), []int{1})},
		"of numbers or strings": {Ragged(Images("x", graph.Float32, nil, []string{"a"}), []int{1})},
		"cannot have":           {Ragged(Of("x", []int{0}, []float32{1}), []int{1})},
	} {
		if says == "column \"\"" {
			columns = columns[1:]
		}
		if _, err := New("mine", columns...); !errors.Is(err, ErrUnfit) || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want ErrUnfit that says %q", err, says)
		}
	}
}

// Bytes may begin anywhere; a column's are aligned.
func TestRawAligns(t *testing.T) {
	b := graph.Allocate(17)
	copy(b[1:], graph.Bytes([]float64{1, 2}))
	s, err := New("mine", Raw("x", graph.Float64, nil, b[1:]))
	if err != nil {
		t.Fatal(err)
	}
	if got := graph.View[float64](s.Column("x").Rows(0, 2)); !slices.Equal(got, []float64{1, 2}) {
		t.Errorf("the values are %v", got)
	}
}
