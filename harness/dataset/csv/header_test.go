package csv_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/csv"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// columns returns the names of the columns of a file of that content.
func columns(t *testing.T, content, header string) (string, error) {
	t.Helper()
	fields, err := csv.Format.Fields(dataset.NewBuilder(t.Context(), "d.csv", 0), dataset.Request{Header: header}, []string{datatest.File(t, "d.csv", content)})
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return strings.Join(names, ","), err
}

// A first line names the columns unless it could as well be data.
func TestHeaderInDoubt(t *testing.T) {
	for _, c := range []struct {
		content string
		names   string // empty: in doubt
	}{
		{"5.1,3.5,1.4,0.2,0\n4.9,3.0,1.3,0.1,1\n", ""},
		{"5.1,3.5,1.4,0.2,setosa\n4.9,3.0,1.3,0.1,virginica\n", ""},
		{"1,cat\n2,dog\n", ""},
		{"39, State-gov, 77516\n50, Private, 83311\n", ""},
		{"1;2\n3;4\n", ""},
		{"7\n8\n9\n", ""},
		{"1,2\n", ""},
		{"0,1\n0.5,0.7\n", ""},
		{"-1,a\n,b\n", ""},
		{"1e3,\"a\nb\"\n1,c\n", ""},
		{",3.5,a\n1,2,b\n", ""},
		{"a,b\n1,2\n", "a,b"},
		{"a,b\nc,d\n", "a,b"},
		{"x,0.5\n1,2\n", "x,0.5"},
		{"400.5,401.0,kind\n1,2,3\n", "400.5,401.0,kind"},
		{"word,0,1,2\na,3,4,5\n", "word,0,1,2"},
		{"country,2019,2020\nPeru,1,2\n", "country,2019,2020"},
		{",0,1,2\n0,5,6,7\n1,5,6,7\n", "Unnamed: 0,0,1,2"},
		{",x,y\n0,1,2\n", "Unnamed: 0,x,y"},
		{"x,,y\n0,1,2\n", "x,Unnamed: 1,y"},
		{"nan,inf\n1,2\n", "nan,inf"},
	} {
		got, err := columns(t, c.content, "")
		if got != c.names || (c.names == "") != errors.Is(err, dataset.ErrHeader) {
			t.Errorf("%q has the columns %q, want %q: %v", c.content, got, c.names, err)
		}
	}
}

func TestHeaderMessage(t *testing.T) {
	_, err := columns(t, "\n5.1,"+strings.Repeat("3.5,", 30)+"setosa\r\n4.9,"+strings.Repeat("3.0,", 30)+"setosa\r\n", "")
	datatest.WantError(t, err, dataset.ErrUnreadable, "d.csv line 2, ", `"5.1,3.5,3.5,3.5`, "…\"", "may be data or the names of columns: say which")
}

// What a person says of the first line holds.
func TestHeaderIsSaid(t *testing.T) {
	for _, c := range []struct {
		content, header, names string
		examples               int
	}{
		{"5.1,0\n4.9,1\n", dataset.HeaderNone, "0,1", 2},
		{"5.1,0\n4.9,1\n", dataset.HeaderFirst, "5.1,0", 1},
		{"a,b\nc,d\n", dataset.HeaderNone, "0,1", 2},
		{"0;0\r0;0", dataset.HeaderNone, "0,1", 2},
		{"\ufeff1,,2", dataset.HeaderNone, "0,1,2", 1},
	} {
		names, err := columns(t, c.content, c.header)
		if err != nil || names != c.names {
			t.Errorf("%q, header %s: %q, %v, want %q", c.content, c.header, names, err, c.names)
		}
		first, _, _ := strings.Cut(c.names, ",")
		s := datatest.MustRead(t, dataset.Request{
			Sources: []string{datatest.File(t, "d.csv", c.content)}, Header: c.header, Columns: map[string]string{"s": first},
			Tensors: []graph.Tensor{testgraph.Tensor("s", graph.String)},
		})
		if s.Examples() != c.examples {
			t.Errorf("%q, header %s: %d examples, want %d", c.content, c.header, s.Examples(), c.examples)
		}
	}
	s := datatest.MustRead(t, dataset.Request{
		Sources: []string{datatest.File(t, "d.csv", "5.5,1\n4.5,0\n")}, Header: dataset.HeaderNone, Columns: map[string]string{"y": "1"},
		Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float32), datatest.Label("y", 2)},
	})
	if d := cmp.Diff([]float32{5.5, 4.5}, datatest.Values[float32](s, "x")); d != "" {
		t.Error(d)
	}
}

// What a first line cannot be is no reason to guess.
func TestUnknownHeader(t *testing.T) {
	_, err := datatest.Read(t, dataset.Request{
		Sources: []string{datatest.File(t, "d.csv", "x\n1\n")}, Header: "second", Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float32)},
	})
	datatest.WantError(t, err, dataset.ErrHeader, `cannot be "second": it is one of first, none`)
}

// An index numbers rows by whatever names pandas reads it, also where it was written
// again and again.
func TestIndexesThatPandasWrites(t *testing.T) {
	for header, want := range map[string]string{
		",a":                          "[Unnamed: 0] a",
		"Unnamed: 0,a":                "[Unnamed: 0] a",
		",Unnamed: 0,a":               "[Unnamed: 0.1] [Unnamed: 0] a",
		",Unnamed: 0,Unnamed: 0.1,a":  "[Unnamed: 0.2] [Unnamed: 0] [Unnamed: 0.1] a",
		",,a":                         "[Unnamed: 0] [Unnamed: 1] a",
		"a,,Unnamed: 1,Unnamed: 01,b": "a Unnamed: 1.1 Unnamed: 1 Unnamed: 01 b",
		",":                           "[Unnamed: 0] Unnamed: 1",
	} {
		content := header + "\n" + strings.Repeat("1,", strings.Count(header, ",")) + "1\n"
		fields, err := csv.Format.Fields(dataset.NewBuilder(t.Context(), "d.csv", 0), dataset.Request{}, []string{datatest.File(t, "d.csv", content)})
		if err != nil {
			t.Fatalf("%q: %v", header, err)
		}
		var got []string
		for _, f := range fields {
			if f.RowNumbers {
				f.Name = "[" + f.Name + "]"
			}
			got = append(got, f.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: the columns are %q, want %q", header, got, want)
		}
	}
}

// The index that pandas writes feeds only what names it.
func TestRowNumbersFeedNothing(t *testing.T) {
	const content = ",x,y\n0,5,2\n1,6,3\n"
	s := datatest.MustOpen(t, "d.csv", content, testgraph.Tensor("a", graph.Float32), datatest.Label("y", 9))
	if d := cmp.Diff([]float32{5, 6}, datatest.Values[float32](s, "a")); d != "" {
		t.Error(d)
	}
	s = datatest.MustRead(t, dataset.Request{
		Sources: []string{datatest.File(t, "d.csv", content)}, Columns: map[string]string{"a": "Unnamed: 0"}, Tensors: []graph.Tensor{testgraph.Tensor("a", graph.Int32)},
	})
	if d := cmp.Diff([]int32{0, 1}, datatest.Values[int32](s, "a")); d != "" {
		t.Error(d)
	}
}
