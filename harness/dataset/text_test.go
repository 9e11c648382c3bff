package dataset

import (
	"fmt"
	"testing"

	"epochtime/harness/graph"
)

// What is printed of data is its shape, never its values, however it is passed.
func TestString(t *testing.T) {
	pictures := Of("x", []int{2, 3}, make([]float32, 12))
	labels := Of("y", nil, []int32{7, 8})
	s, err := New("mine", pictures, labels)
	if err != nil {
		t.Fatal(err)
	}
	for want, v := range map[string]any{
		"x: 2 × 2×3 float32":                         pictures,
		"[x: 2 × 2×3 float32]":                       []Column{pictures},
		"[x: 2 × 2×3 float32 y: 2 int32]":            s.Columns(),
		"mine: 2 examples of x 2×3 float32, y int32": s,
		"y: 2 int32":                                     s.Column("y"),
		"t: 1 × 2 string":                                Texts("t", []int{2}, []string{"a", "b"}),
		"r: 2 × any int32":                               Ragged(Of("r", nil, []int32{1, 2, 3}), []int{1, 2}),
		"r: 2 × any×2 int32":                             Ragged(Of("r", []int{2}, []int32{1, 2, 3, 4, 5, 6}), []int{1, 2}),
		"i: 1 uint8 images":                              Images("i", graph.Uint8, nil, []string{"1.png"}),
		"i: 1 × 8×8×3 uint8 images":                      Images("i", graph.Uint8, []int{8, 8, 3}, []string{"1.png"}),
		"x: 3 elements do not divide into examples of 2": Of("x", []int{2}, []int8{1, 2, 3}),
		": 0":          Column{},
		": 0 examples": &Set{},
		"<nil>":        s.Column("none"),
		"no set":       (*Set)(nil).String(),
	} {
		if got := fmt.Sprint(v); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
