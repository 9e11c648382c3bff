package files_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/dataset/files"
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

// Hidden files are not of a glob, unless it says so.
func TestGlobLeavesHiddenFiles(t *testing.T) {
	dir := several(t, "a.csv", "x\n1\n", ".b.csv", "x\n2\n", "._a.csv", "\x00\x05\x16\x07", ".old/a.csv", "x\n3\n", "new/a.csv", "x\n4\n")
	for pattern, examples := range map[string]int{"*.csv": 1, "./?.csv": 1, ".b*": 1, "*/a.csv": 1, ".o*/*.csv": 1, "*[b].csv": 0} {
		d, err := files.Describe(t.Context(), dataset.Request{Sources: []string{dir + "/" + pattern}})
		if examples == 0 {
			datatest.WantError(t, err, dataset.ErrUnreadable, "no file matches")
		} else if err != nil || d.Examples != examples {
			t.Errorf("%s: %+v, %v; want %d examples", pattern, d, err, examples)
		}
	}
}

// A glob that takes the parts of a data set is read, with a warning.
func TestGlobWarnsOfParts(t *testing.T) {
	dir := several(t, "train-0.csv", "x\n1\n", "test-0.csv", "x\n2\n", "train-1.csv", "x\n3\n")
	for pattern, warnings := range map[string]int{"*.csv": 1, "train*": 0, "t?*0.csv": 1, "test*": 0} {
		d, err := files.Describe(t.Context(), dataset.Request{Sources: []string{filepath.Join(dir, pattern)}})
		if err != nil || len(d.Warnings) != warnings {
			t.Fatalf("%s: %+v, %v; want %d warnings", pattern, d, err, warnings)
		}
		if warnings > 0 && !strings.Contains(d.Warnings[0], pattern+" joins parts of a data set, test and train: name one") {
			t.Errorf("%s: %q", pattern, d.Warnings)
		}
	}
}

// A column that a later file lacks keeps a survey of the others from nothing, and so
// does a file without examples.
func TestLaterFilesThatLack(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second string
		examples      int
	}{
		{"a.csv", "x,z\n1,2\n", "x\n1.5\n", 2},
		{"a.jsonl", `{"x":1,"z":2}`, `{"x":1.5}`, 2},
		{"a.csv", "x\n1\n", "x\n", 1},
		{"a.jsonl", `{"x":1}`, "\n", 1},
	} {
		dir := several(t, "1"+c.name, c.first, "2"+c.name, c.second)
		d, err := files.Describe(t.Context(), dataset.Request{Sources: []string{filepath.Join(dir, "*")}})
		if err != nil || d.Examples != c.examples || d.Columns[0].Unusable != "" {
			t.Errorf("%s: %+v, %v; want %d examples of x", c.second, d, err, c.examples)
			continue
		}
		if len(d.Columns) > 1 && !strings.HasPrefix(d.Columns[1].Unusable, "is not in "+filepath.Join(dir, "2"+c.name)) {
			t.Errorf("%s: z is of no use because it %q", c.second, d.Columns[1].Unusable)
		}
	}
}

// Files without a column say so, to a survey and to a run.
func TestNoColumns(t *testing.T) {
	var none bytes.Buffer
	if err := zip.NewWriter(&none).Close(); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"a.jsonl": "{}\n{}\n", "a.npz": none.String()} {
		path := datatest.File(t, name, content)
		_, err := files.Describe(t.Context(), dataset.Request{Sources: []string{path}})
		datatest.WantError(t, err, dataset.ErrUnfit, path+" holds no columns: give one that has some")
		_, err = datatest.Read(t, dataset.Request{Sources: []string{path}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int64)}})
		datatest.WantError(t, err, dataset.ErrUnfit, path, "hold")
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
