package jsonl_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
)

func TestDescribe(t *testing.T) {
	columns := datatest.Columns(t, "d.jsonl", `{"n":1,"f":1,"s":"a","l":[1,2],"in":{"a":true}}`+"\n"+`{"n":-3,"f":2.5,"s":"b","l":[3,4],"in":{"a":false}}`)
	low := func(v float64) *float64 { return &v }
	want := map[string]datatest.Column{
		"n":    {Name: "n", DType: graph.Int64, Shape: []int{}, Low: low(-3), High: low(1)},
		"f":    {Name: "f", DType: graph.Float64, Shape: []int{}, Low: low(1), High: low(2.5)},
		"s":    {Name: "s", DType: graph.String, Shape: []int{}, Distinct: 2},
		"l":    {Name: "l", DType: graph.Int64, Shape: []int{2}, Low: low(1), High: low(4)},
		"in.a": {Name: "in.a", DType: graph.Int64, Shape: []int{}, Low: low(0), High: low(1)},
	}
	if d := cmp.Diff(want, columns); d != "" {
		t.Error(d)
	}
}

// What is wrong with a key makes that column useless, and says why; the others are
// described.
func TestDescribeOdd(t *testing.T) {
	for _, c := range []struct{ name, first, second, says string }{
		{"only null", `null`, `[]`, "has no value in the first 2 lines"},
		{"of another kind", `1`, `"a"`, `line 2: column odd holds text, "a", and a number before`},
		{"lists of lists", `[[1],[2]]`, `[[1],[2]]`, "holds lists of lists: write them flat"},
		{"objects in lists", `[{"a":1}]`, `[]`, "holds objects in a list: write a list for each of their keys"},
		{"a list in some", `[1]`, `1`, "line 2: column odd is a list in some lines"},
	} {
		t.Run(c.name, func(t *testing.T) {
			line := func(value string) string {
				if value == "" {
					return `{"x":1}`
				}
				return `{"x":1,"odd":` + value + `}`
			}
			columns := datatest.Columns(t, "d.jsonl", line(c.first)+"\n"+line(c.second))
			if len(columns) != 2 || columns["x"].Unusable != "" || columns["x"].DType != graph.Int64 {
				t.Fatalf("described is %+v", columns)
			}
			if odd := columns["odd"]; odd.Name != "odd" || !strings.Contains(odd.Unusable, c.says) {
				t.Errorf("odd is described as %+v, want that it %s", odd, c.says)
			}
		})
	}
	if columns := datatest.Columns(t, "d.jsonl", `{"":1,"x":2}`); !strings.Contains(columns[""].Unusable, "has no name") || columns["x"].Unusable != "" {
		t.Errorf("a key without a name is described as %+v", columns)
	}
}

// Examples without a value are counted, and the others described.
func TestDescribeMissing(t *testing.T) {
	columns := datatest.Columns(t, "d.jsonl", `{"x":1,"n":null,"l":[1,2]}`+"\n"+`{"x":2,"n":7,"s":"a"}`+"\n"+`{"x":3,"n":9,"s":null,"l":null}`)
	for name, want := range map[string]struct {
		missing   int
		low, high float64
	}{"x": {0, 1, 3}, "n": {1, 7, 9}, "l": {2, 1, 2}} {
		if c := columns[name]; c.Missing != want.missing || c.Unusable != "" || c.Examples != 0 || *c.Low != want.low || *c.High != want.high {
			t.Errorf("%s is described as %+v, want %+v", name, c, want)
		}
	}
	if s := columns["s"]; s.Missing != 2 || s.Distinct != 1 {
		t.Errorf("s is described as %+v", s)
	}
}

// NaN is counted, as in other formats.
func TestDescribeNaN(t *testing.T) {
	columns := datatest.Columns(t, "d.jsonl", "{\"x\":1.5}\n{\"x\":NaN}\n{\"x\":-Infinity}")
	if x := columns["x"]; x.NaN != 1 || x.Infinite != 1 || *x.Low != 1.5 || x.DType != graph.Float64 {
		t.Errorf("x is described as %+v", x)
	}
}

// One name for two keys is an error: neither is meant more than the other.
func TestOneNameForTwoKeys(t *testing.T) {
	_, err := datatest.Describe(t, datatest.File(t, "d.jsonl", `{"a.b":1,"a":{"b":2}}`))
	datatest.WantError(t, err, dataset.ErrUnreadable, `two columns called "a.b"`)
}
