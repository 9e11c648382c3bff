package dataset

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/graph"
)

// several writes files of these names and contents, in turn, in one folder.
func several(t *testing.T, entries ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(entries); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, entries[i]), []byte(entries[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Files of a glob come in order of their names, columns by name in each.
func TestGlob(t *testing.T) {
	dir := several(t, "b.csv", "y,x\n1,2\n", "a.csv", "x,y\n0,0\n1,0\n", "c.txt", "no")
	s, err := Open(Request{Sources: []string{filepath.Join(dir, "*.csv")}, Tensors: []graph.Tensor{tensor("x", graph.Int64), tensor("y", graph.Int64)}})
	if err != nil {
		t.Fatal(err)
	}
	closing(t, s)
	if d := cmp.Diff([]int64{0, 1, 2}, graph.View[int64](s.Column("x").data)); d != "" {
		t.Error(d)
	}
}

func TestBadSources(t *testing.T) {
	dir := several(t, "a.csv", "x\n1\n", "b.csv", "z\n1\n", "c.tfrecord", "")
	x := []graph.Tensor{tensor("x", graph.Int64)}
	for _, c := range []struct {
		sources []string
		columns map[string]string
		kind    error
		words   []string
	}{
		{nil, nil, ErrUnreadable, []string{"no file"}},
		{[]string{"nothing-*.csv"}, nil, ErrUnreadable, []string{"no file matches", "nothing-*.csv"}},
		{[]string{"a.csv", "c.tfrecord"}, nil, ErrUnreadable, []string{"files of one kind"}},
		{[]string{"a.csv", "b.csv"}, nil, ErrUnfit, []string{`b.csv has no column "x", which the files before it have`}},
		{[]string{"none.csv"}, nil, ErrUnreadable, []string{"none.csv"}},
		{[]string{"a.csv"}, map[string]string{"x": "q"}, ErrUnfit, []string{`no column "q"; it holds x`}},
		{[]string{"a.csv"}, map[string]string{"x": "x,q"}, ErrUnfit, []string{`no column "q"`}},
	} {
		t.Run(fmt.Sprint(c.sources), func(t *testing.T) {
			var sources []string
			for _, s := range c.sources {
				sources = append(sources, filepath.Join(dir, s))
			}
			_, err := Open(Request{Sources: sources, Tensors: x, Columns: c.columns})
			wantError(t, err, c.kind, c.words...)
		})
	}
}

// So many examples are drawn, the same for a seed, each with its own label.
func TestDraw(t *testing.T) {
	content := "x,s,y\n"
	for i := range 1000 {
		content += fmt.Sprintf("%d,text %d,%d\n", i, i, 2*i)
	}
	path := fileOf(t, "d.csv", []byte(content))
	draw := func(seed uint64) []int64 {
		s, err := Open(Request{Sources: []string{path}, Take: 100, Seed: seed,
			Tensors: []graph.Tensor{tensor("x", graph.Int64), textTensor("s"), tensor("y", graph.Int64)}})
		if err != nil {
			t.Fatal(err)
		}
		closing(t, s)
		x, y := graph.View[int64](s.Column("x").data), graph.View[int64](s.Column("y").data)
		for i := range x {
			if y[i] != 2*x[i] || string(s.Column("s").Text(i)) != fmt.Sprint("text ", x[i]) || i > 0 && x[i] <= x[i-1] {
				t.Fatalf("example %d is %d, %d, %s", i, x[i], y[i], s.Column("s").Text(i))
			}
		}
		if s.examples != 100 || len(x) != 100 {
			t.Fatalf("%d examples", s.examples)
		}
		return x
	}
	if d := cmp.Diff(draw(1), draw(1)); d != "" {
		t.Error(d)
	}
	if cmp.Equal(draw(1), draw(2)) {
		t.Error("two seeds draw the same")
	}
	_, err := Open(Request{Sources: []string{path}, Take: 1001, Tensors: []graph.Tensor{tensor("x", graph.Int64)}})
	wantError(t, err, ErrUnfit, "1001 examples", "holds 1000", "--take")
}
