package files_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// several writes files of these names and contents, in turn, in one folder.
func several(t *testing.T, entries ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(entries); i += 2 {
		datatest.WriteIn(t, dir, entries[i], entries[i+1])
	}
	return dir
}

// Files of a glob come in order of their names, columns by name in each.
func TestGlob(t *testing.T) {
	dir := several(t, "b.csv", "y,x\n1,2\n", "a.csv", "x,y\n0,0\n1,0\n", "c.txt", "no")
	s, err := datatest.Read(t, dataset.Request{Sources: []string{filepath.Join(dir, "*.csv")}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int64), testgraph.Tensor("y", graph.Int64)}})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int64{0, 1, 2}, datatest.Values[int64](s, "x")); d != "" {
		t.Error(d)
	}
}

func TestBadSources(t *testing.T) {
	dir := several(t, "a.csv", "x\n1\n", "b.csv", "z\n1\n", "c.tfrecord", "")
	x := []graph.Tensor{testgraph.Tensor("x", graph.Int64)}
	for _, c := range []struct {
		sources []string
		columns map[string]string
		kind    error
		words   []string
	}{
		{nil, nil, dataset.ErrUnreadable, []string{"no file"}},
		{[]string{"nothing-*.csv"}, nil, dataset.ErrUnreadable, []string{"no file matches", "nothing-*.csv"}},
		{[]string{"a.csv", "c.tfrecord"}, nil, dataset.ErrUnreadable, []string{"files of one kind"}},
		{[]string{"a.csv", "b.csv"}, nil, dataset.ErrUnfit, []string{`b.csv has no column "x", which the files before it have`}},
		{[]string{"none.csv"}, nil, dataset.ErrUnreadable, []string{"none.csv"}},
		{[]string{"a.csv"}, map[string]string{"x": "q"}, dataset.ErrUnfit, []string{`no column "q"; it holds x`}},
		{[]string{"b.csv"}, map[string]string{"x": "x"}, dataset.ErrUnfit, []string{`no column "x"; it holds z`}},
		{[]string{"a.csv"}, map[string]string{"x": "x,q"}, dataset.ErrUnfit, []string{`no column "q"`}},
	} {
		t.Run(fmt.Sprint(c.sources), func(t *testing.T) {
			var sources []string
			for _, s := range c.sources {
				sources = append(sources, filepath.Join(dir, s))
			}
			_, err := datatest.Read(t, dataset.Request{Sources: sources, Tensors: x, Columns: c.columns})
			datatest.WantError(t, err, c.kind, c.words...)
		})
	}
}

// So many examples are drawn, the same for a seed, each with its own label.
func TestDraw(t *testing.T) {
	content := "x,s,y\n"
	for i := range 1000 {
		content += fmt.Sprintf("%d,text %d,%d\n", i, i, 2*i)
	}
	path := datatest.File(t, "d.csv", content)
	draw := func(seed uint64) []int64 {
		s, err := datatest.Read(t, dataset.Request{Sources: []string{path}, Take: 100, Seed: seed,
			Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int64), testgraph.Tensor("s", graph.String), testgraph.Tensor("y", graph.Int64)}})
		if err != nil {
			t.Fatal(err)
		}
		x, y := datatest.Values[int64](s, "x"), datatest.Values[int64](s, "y")
		for i := range x {
			if y[i] != 2*x[i] || string(s.Column("s").Text(i)) != fmt.Sprint("text ", x[i]) || i > 0 && x[i] <= x[i-1] {
				t.Fatalf("example %d is %d, %d, %s", i, x[i], y[i], s.Column("s").Text(i))
			}
		}
		if s.Examples() != 100 || len(x) != 100 {
			t.Fatalf("%d examples", s.Examples())
		}
		return x
	}
	if d := cmp.Diff(draw(1), draw(1)); d != "" {
		t.Error(d)
	}
	if cmp.Equal(draw(1), draw(2)) {
		t.Error("two seeds draw the same")
	}
	_, err := datatest.Read(t, dataset.Request{Sources: []string{path}, Take: 1001, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int64)}})
	datatest.WantError(t, err, dataset.ErrTake, "1001 examples", "holds 1000")
}
