package main

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
)

func TestRead(t *testing.T) {
	path := datatest.File(t, "table.csv", "big,part,name,gap\n9223372036854775807,0.1,a,1\n-9223372036854775808,1e-300,,\n")
	got := read(t.Context(), path)
	if len(got.Columns) != 4 || !strings.Contains(got.Columns[3].Refused, "line 3") {
		t.Fatalf("a column with a gap: %+v", got)
	}
	want := []column{
		{Name: "big", DType: "int64", Each: 1, Rows: 2, Numbers: "9223372036854775807 -9223372036854775808"},
		{Name: "part", DType: "float64", Each: 1, Rows: 2, Numbers: "0.1 1e-300"},
		{Name: "name", DType: "string", Each: 1, Rows: 2, Texts: [][]byte{[]byte("a"), {}}},
	}
	if diff := cmp.Diff(want, got.Columns[:3]); diff != "" {
		t.Error(diff)
	}
}

func TestReadRefusesWhole(t *testing.T) {
	path := datatest.File(t, "short.csv", "a,b\n1,2\n3\n")
	got := read(t.Context(), path)
	if got.Columns != nil || !strings.Contains(got.Refused, path+" line 3") {
		t.Errorf("a table with a short line: %+v", got)
	}
}

func TestFill(t *testing.T) {
	inf := math.Inf(1)
	set, err := dataset.New("values",
		dataset.Of("bytes", []int{2}, []uint8{0, 255, 1, 2}),
		dataset.Of("wide", nil, []uint64{math.MaxUint64, 1 << 53}),
		dataset.Of("single", nil, []float32{0.1, float32(math.NaN())}),
		dataset.Of("ends", nil, []float64{inf, -inf}),
		dataset.Ragged(dataset.Of("lists", []int{2}, []int32{1, 2, 3, 4, 5, 6}), []int{2, 1}),
		dataset.Ragged(dataset.Texts("texts", nil, []string{"a", "b\xff"}), []int{1, 1}))
	if err != nil {
		t.Fatal(err)
	}
	want := []column{
		{Name: "bytes", DType: "uint8", Each: 2, Rows: 2, Numbers: "0 255 1 2"},
		{Name: "wide", DType: "uint64", Each: 1, Rows: 2, Numbers: "18446744073709551615 9007199254740992"},
		{Name: "single", DType: "float32", Each: 1, Rows: 2, Numbers: "0.10000000149011612 NaN"},
		{Name: "ends", DType: "float64", Each: 1, Rows: 2, Numbers: "+Inf -Inf"},
		{Name: "lists", DType: "int32", Each: 2, Lengths: []int{4, 2}, Rows: 2, Numbers: "1 2 3 4 5 6"},
		{Name: "texts", DType: "string", Each: 1, Lengths: []int{1, 1}, Rows: 2, Texts: [][]byte{[]byte("a"), []byte("b\xff")}},
	}
	for i, c := range set.Columns() {
		got := column{Name: c.Name()}
		got.fill(c)
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("%s: %s", c.Name(), diff)
		}
	}
}
