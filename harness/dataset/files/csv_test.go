package files_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/dataset/files"
	"epochtime/harness/graph"
)

// A column of numbers stays one where values are missing, and one that cannot be
// read leaves the others.
func TestDescribeCSV(t *testing.T) {
	path := datatest.File(t, "d.csv", "i,f,t,u,m,n\n1,0.5,red,f\xfcr,,nan\n,NA,,b,,1\n3,2e1,red,c,NA,inf\n")
	d, err := files.Describe(t.Context(), dataset.Request{Sources: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	one, half, three, twenty := 1.0, 0.5, 3.0, 20.0
	for i, want := range []files.ColumnDescription{
		{Name: "i", DType: graph.Int64, Low: &one, High: &three, Missing: 1},
		{Name: "f", DType: graph.Float64, Low: &half, High: &twenty, Missing: 1},
		{Name: "t", DType: graph.String, Distinct: 2},
		{Name: "u", DType: graph.String},
		{Name: "m", DType: graph.String, Distinct: 2},
		{Name: "n", DType: graph.Float64, Low: &one, High: &one, NaN: 1, Infinite: 1},
	} {
		got := d.Columns[i]
		if unusable := strings.Contains(got.Unusable, "line 2: column u is not UTF-8"); unusable != (want.Name == "u") {
			t.Errorf("column %s: %q", want.Name, got.Unusable)
		}
		got.Unusable, want.Shape = "", []int{}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
}
