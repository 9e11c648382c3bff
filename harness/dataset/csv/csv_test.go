package csv_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

func TestCSV(t *testing.T) {
	const plain = "a,b,y\n1,2.5,0\n-3,4e-1,9\n"
	want := []float32{1, 2.5, -3, 0.4}
	for _, c := range []struct{ name, file, content string }{
		{"plain", "d.csv", plain},
		{"carriage returns", "d.csv", strings.ReplaceAll(plain, "\n", "\r\n")},
		{"no end of line", "d.csv", strings.TrimSuffix(plain, "\n")},
		{"byte order mark", "d.csv", "\ufeff" + plain},
		{"quotes", "d.csv", "\"a\",b,y\n\"1\",2.5,0\n-3,\"4e-1\",9\n"},
		{"blank lines", "d.csv", strings.ReplaceAll(plain, "\n", "\n\n")},
		{"other order", "D.CSV", "y,a,b\n0,1,2.5\n9,-3,.4\n"},
		{"tabs", "d.tsv", strings.ReplaceAll(plain, ",", "\t")},
		{"compressed", "d.csv.gz", datatest.Gzip(t, plain)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := datatest.MustOpen(t, c.file, c.content, testgraph.Tensor("x", graph.Float32, 2), datatest.Label("y", 10))
			if s.Examples() != 2 {
				t.Fatalf("%d examples, want 2", s.Examples())
			}
			if d := cmp.Diff(want, datatest.Values[float32](s, "x")); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]int32{0, 9}, datatest.Values[int32](s, "y")); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]int{2}, s.Column("x").Shape()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestCSVText(t *testing.T) {
	s := datatest.MustOpen(t, "d.csv", "review,label\n\"good, \"\"very\"\"\nand more\",True\n,False\nbad,0\n", testgraph.Tensor("x", graph.String), datatest.Label("y", 2))
	if d := cmp.Diff([]string{"good, \"very\"\nand more", "", "bad"}, datatest.Strings(s.Column("x"))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int32{1, 0, 0}, datatest.Values[int32](s, "y")); d != "" {
		t.Error(d)
	}
}

// A target whose loss leaves missing values out takes NaN, also where a field is
// empty.
func TestCSVMissing(t *testing.T) {
	y := testgraph.Tensor("y", graph.Float32)
	y.NaN = true
	s := datatest.MustOpen(t, "d.csv", "x,y\n1,nan\n2,\n3,4\n", testgraph.Tensor("x", graph.Float32), y)
	if d := cmp.Diff([]float32{float32(math.NaN()), float32(math.NaN()), 4}, datatest.Values[float32](s, "y"), cmpopts.EquateNaNs()); d != "" {
		t.Error(d)
	}
	_, err := datatest.Open(t, "d.csv", "x,y\n1,inf\n", testgraph.Tensor("x", graph.Float32), y)
	datatest.WantError(t, err, dataset.ErrUnfit, "column y has the value +Inf")
}

// Pixels in columns feed an image.
func TestCSVImage(t *testing.T) {
	s := datatest.MustOpen(t, "d.csv", "label,p0,p1,p2,p3\n3,1,2,3,4\n", testgraph.Tensor("x", graph.Uint8, 2, 2, 1), datatest.Label("y", 10))
	if d := cmp.Diff([]int{2, 2, 1}, s.Column("x").Shape()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]byte{1, 2, 3, 4}, s.Column("x").Bytes()); d != "" {
		t.Error(d)
	}
}

// rows is a CSV file of many chunks, in which some lines end within quotes.
func rows(n int) string {
	var b strings.Builder
	b.WriteString("x,s,y\n")
	for i := range n {
		fmt.Fprintf(&b, "%d.5,\"text\n%d, \"\"%s\"\"\",%d\n", i, i, strings.Repeat("z", i%50), i%10)
	}
	return b.String()
}

// Chunks are decoded side by side and come in order, also where memory has no
// room for them.
func TestCSVChunks(t *testing.T) {
	const n = 100_000
	content := rows(n)
	path := datatest.File(t, "d.csv", content)
	q := dataset.Request{Sources: []string{path}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float32), testgraph.Tensor("s", graph.String), datatest.Label("y", 10)}}
	for _, room := range []int{1 << 30, 1 << 20, 1} {
		t.Run(fmt.Sprint(room), func(t *testing.T) {
			q.Room = room
			s := datatest.MustRead(t, q)
			if len(content) < 3*dataset.ChunkBytes || s.Examples() != n {
				t.Fatalf("%d examples of %d bytes", s.Examples(), len(content))
			}
			if spilled := !s.Column("s").InMemory(); spilled != (room < 1<<30) {
				t.Errorf("with room for %d bytes, in a scratch file: %v", room, spilled)
			}
			for i := range n {
				if v := datatest.Values[float32](s, "x")[i]; v != float32(i)+0.5 {
					t.Fatalf("x of example %d is %g", i, v)
				}
				want := fmt.Sprintf("text\n%d, \"%s\"", i, strings.Repeat("z", i%50))
				if got := string(s.Column("s").Text(i)); got != want {
					t.Fatalf("s of example %d is %q, want %q", i, got, want)
				}
			}
		})
	}
}

func TestBadCSV(t *testing.T) {
	number := []graph.Tensor{testgraph.Tensor("x", graph.Float32), datatest.Label("y", 10)}
	many := strings.Repeat("1,2\n", dataset.ChunkBytes)
	for _, c := range []struct {
		name, file, content string
		tensors             []graph.Tensor
		kind                error
		words               []string
	}{
		{"empty", "d.csv", "", number, dataset.ErrUnreadable, []string{"d.csv is empty"}},
		{"no examples", "d.csv", "x,y\n", number, dataset.ErrUnfit, []string{"d.csv holds no examples"}},
		{"no header", "d.csv", "1,1\n2,2\n", number, dataset.ErrUnreadable, []string{"line 1", "name all columns"}},
		{"missing column", "d.csv", "a,b,y\n1,2,3\n", number, dataset.ErrUnfit, []string{"no column for x", "it holds a, b, y", "name what feeds it"}},
		{"missing value", "d.csv", "x,y\n1,2\n,3\n", number, dataset.ErrUnfit, []string{"d.csv line 3: column x has no value"}},
		{"text", "d.csv", "x,y\n1,red\n", number, dataset.ErrUnfit, []string{"line 2: column y", `"red"`, "StringLookup"}},
		{"fraction", "d.csv", "x,y\n1,1.5\n", number, dataset.ErrUnfit, []string{"line 2: column y has the value 1.5, the graph takes int32"}},
		{"nan", "d.csv", "x,y\n1,1\nnan,1\n", number, dataset.ErrUnfit, []string{"line 3: column x has the value NaN"}},
		{"infinite", "d.csv", "x,y\n1e39,1\n", number, dataset.ErrUnfit, []string{"line 2: column x has the value"}},
		{"label", "d.csv", "x,y\n1,1\n1,10\n", number, dataset.ErrUnfit, []string{"line 3: column y has the value 10, the graph knows 0 to 9"}},
		{"too large", "d.csv", "x,y\n1,99999999999999999999\n", number, dataset.ErrUnfit, []string{"line 2: column y has the value 99999999999999999999"}},
		{"ragged", "d.csv", "x,y\n1,2\n1,2,3\n", number, dataset.ErrUnreadable, []string{"d.csv line 3 has 3 fields, the first line names 2"}},
		{"late in a large file", "d.csv", "x,y\n" + many + "\"\n\",3\n", number, dataset.ErrUnfit, []string{fmt.Sprintf("line %d: column x", dataset.ChunkBytes+2)}},
		{"bare quote", "d.csv", "x,y\n1,2\n1,2\"3\n", number, dataset.ErrUnreadable, []string{"line 3", "quote"}},
		{"open quote", "d.csv", "x,y\n1,2\n\"1,2\n", number, dataset.ErrUnreadable, []string{"line 3", "quote"}},
		{"column twice", "d.csv", "x,x\n1,2\n", number, dataset.ErrUnreadable, []string{`column 2 has the name "x"`}},
		{"cut short", "d.csv.gz", datatest.Gzip(t, "x,y\n1,2\n3,4\n")[:30], number, dataset.ErrUnreadable, []string{"d.csv.gz is cut short"}},
		{"other kind", "d.xlsx", "x", number, dataset.ErrUnreadable, []string{"d.xlsx is of no kind that is read here", ".csv"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := datatest.Open(t, c.file, c.content, c.tensors...)
			datatest.WantError(t, err, c.kind, c.words...)
		})
	}
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"", "x,s\n1,a\n", "x,s\n1,\"a\nb\"\n", "x\ts\n", "s,x\r\na,1\r\n\r\n", "x,s\n1,a", "\ufeffx,s\n1,\"", "x,s\n,\n"} {
		f.Add(seed, false)
		f.Add(strings.ReplaceAll(seed, ",", "\t"), true)
	}
	commas, tabs := datatest.File(f, "d.csv", ""), datatest.File(f, "d.tsv", "")
	f.Fuzz(func(t *testing.T, content string, tab bool) {
		path := commas
		if tab {
			path = tabs
		}
		datatest.Fuzz(t, path, content, testgraph.Tensor("x", graph.Float32), testgraph.Tensor("s", graph.String))
	})
}
