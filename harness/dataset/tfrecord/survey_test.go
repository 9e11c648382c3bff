package tfrecord_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// A feature that not all records have alike is of no use by itself; the others are
// described.
func TestDescribeTFRecord(t *testing.T) {
	good := []string{"x", floatFeature(1, 2), "n", intFeature(7)}
	for _, c := range []struct {
		name          string
		first, second []string
		says          string
	}{
		{"another kind", []string{"odd", intFeature(1)}, []string{"odd", floatFeature(2)}, "record 1: feature odd holds floating-point numbers, and integers in the records before"},
		{"bytes", []string{"odd", floatFeature(1)}, []string{"odd", bytesFeature("a")}, "record 1: feature odd holds bytes, and floating-point numbers in the records before"},
		{"never a value", []string{"odd", floatFeature()}, []string{"odd", ""}, "has no value in the first 2 records"},
		{"twice", []string{"odd", intFeature(1)}, []string{"odd", intFeature(1), "odd", intFeature(1)}, "record 1: feature odd is there twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := datatest.Columns(t, "d.tfrecord", framed(example(append(c.first, good...)...), example(append(c.second, good...)...)))
			if odd, ok := got["odd"]; !ok || !strings.Contains(odd.Unusable, c.says) {
				t.Errorf("odd is described as %+v, want that it %s", odd, c.says)
			}
			if x := got["x"]; x.Unusable != "" || x.DType != graph.Float32 || !cmp.Equal(x.Shape, []int{2}) {
				t.Errorf("x is described as %+v", x)
			}
			if n := got["n"]; n.Unusable != "" || n.DType != graph.Int64 || *n.Low != 7 {
				t.Errorf("n is described as %+v", n)
			}
		})
	}
}

// Records without a value are counted, and the others described.
func TestDescribeMissing(t *testing.T) {
	for name, c := range map[string]struct{ first, second []string }{
		"missing":                 {[]string{"odd", floatFeature(5)}, nil},
		"missing at first":        {nil, []string{"odd", floatFeature(5)}},
		"empty later":             {[]string{"odd", floatFeature(5)}, []string{"odd", floatFeature()}},
		"empty at first":          {[]string{"odd", floatFeature()}, []string{"odd", floatFeature(5)}},
		"without a list at first": {[]string{"odd", ""}, []string{"odd", floatFeature(5)}},
		"integers":                {[]string{"odd", intFeature(5)}, []string{"odd", intFeature()}},
	} {
		t.Run(name, func(t *testing.T) {
			n := []string{"n", intFeature(7)}
			got := datatest.Columns(t, "d.tfrecord", framed(example(append(c.first, n...)...), example(append(c.second, n...)...)))
			if odd := got["odd"]; odd.Unusable != "" || odd.Missing != 1 || odd.Examples != 0 || *odd.Low != 5 || *odd.High != 5 {
				t.Errorf("odd is described as %+v", odd)
			}
			if n := got["n"]; n.Missing != 0 || n.Examples != 0 || *n.Low != 7 {
				t.Errorf("n is described as %+v", n)
			}
		})
	}
}

// What is wrong with a feature does not keep others from being fed.
func TestOtherFeaturesAreFed(t *testing.T) {
	s := datatest.MustOpen(t, "d.tfrecord", framed(example("x", floatFeature(1), "odd", intFeature(1)), example("x", floatFeature(2))), testgraph.Tensor("x", graph.Float32))
	if d := cmp.Diff([]float32{1, 2}, datatest.Values[float32](s, "x")); d != "" {
		t.Error(d)
	}
}
