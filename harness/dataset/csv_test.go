package dataset

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/graph"
)

func textTensor(name string) graph.Tensor { return tensor(name, graph.String) }

// labelled is a tensor of whole numbers below n.
func labelled(name string, n int64) graph.Tensor {
	t := tensor(name, graph.Int32)
	t.Categories = n
	return t
}

// opened reads a file of that name for the tensors.
func opened(t *testing.T, name, content string, tensors ...graph.Tensor) (*Set, error) {
	t.Helper()
	s, err := Open(Request{Sources: []string{fileOf(t, name, []byte(content))}, Tensors: tensors})
	if err == nil {
		closing(t, s)
	}
	return s, err
}

func mustOpen(t *testing.T, name, content string, tensors ...graph.Tensor) *Set {
	t.Helper()
	s, err := opened(t, name, content, tensors...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// stringsOf are the strings of a column.
func stringsOf(c *Column) []string {
	var out []string
	for k := range len(c.bounds) - 1 {
		out = append(out, string(c.Text(k)))
	}
	return out
}

func gzipped(t *testing.T, content string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

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
		{"compressed", "d.csv.gz", gzipped(t, plain)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustOpen(t, c.file, c.content, tensor("x", graph.Float32, 2), labelled("y", 10))
			if s.examples != 2 {
				t.Fatalf("%d examples, want 2", s.examples)
			}
			if d := cmp.Diff(want, graph.View[float32](s.Column("x").data)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]int32{0, 9}, graph.View[int32](s.Column("y").data)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]int{2}, s.Column("x").shape); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestCSVText(t *testing.T) {
	s := mustOpen(t, "d.csv", "review,label\n\"good, \"\"very\"\"\nand more\",True\n,False\nbad,0\n", textTensor("x"), labelled("y", 2))
	if d := cmp.Diff([]string{"good, \"very\"\nand more", "", "bad"}, stringsOf(s.Column("x"))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int32{1, 0, 0}, graph.View[int32](s.Column("y").data)); d != "" {
		t.Error(d)
	}
}

// Pixels in columns feed an image.
func TestCSVImage(t *testing.T) {
	s := mustOpen(t, "d.csv", "label,p0,p1,p2,p3\n3,1,2,3,4\n", tensor("x", graph.Uint8, 2, 2, 1), labelled("y", 10))
	if d := cmp.Diff([]int{2, 2, 1}, s.Column("x").shape); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]byte{1, 2, 3, 4}, s.Column("x").data); d != "" {
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
	path := fileOf(t, "d.csv", []byte(content))
	q := Request{Sources: []string{path}, Tensors: []graph.Tensor{tensor("x", graph.Float32), textTensor("s"), labelled("y", 10)}}
	for _, room := range []int{1 << 30, 1 << 20, 0} {
		t.Run(fmt.Sprint(room), func(t *testing.T) {
			s, err := newReader(q.Sources, room).request(q)
			if err != nil {
				t.Fatal(err)
			}
			closing(t, s)
			if len(content) < 3*chunkBytes || s.examples != n {
				t.Fatalf("%d examples of %d bytes", s.examples, len(content))
			}
			if spilled := len(s.mappings) > 0; spilled != (room < 1<<30) {
				t.Errorf("with room for %d bytes, %d mappings", room, len(s.mappings))
			}
			for i := range n {
				if v := graph.View[float32](s.Column("x").data)[i]; v != float32(i)+0.5 {
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
	number := []graph.Tensor{tensor("x", graph.Float32), labelled("y", 10)}
	many := strings.Repeat("1,2\n", chunkBytes)
	for _, c := range []struct {
		name, file, content string
		tensors             []graph.Tensor
		kind                error
		words               []string
	}{
		{"empty", "d.csv", "", number, ErrUnreadable, []string{"d.csv is empty"}},
		{"no examples", "d.csv", "x,y\n", number, ErrUnfit, []string{"d.csv holds no examples"}},
		{"no header", "d.csv", "1,1\n2,2\n", number, ErrUnreadable, []string{"line 1", "name all columns"}},
		{"missing column", "d.csv", "a,b,y\n1,2,3\n", number, ErrUnfit, []string{"no column for x", "it holds a, b, y", "--input x=COLUMN"}},
		{"missing value", "d.csv", "x,y\n1,2\n,3\n", number, ErrUnfit, []string{"d.csv line 3: column x has no value"}},
		{"text", "d.csv", "x,y\n1,red\n", number, ErrUnfit, []string{"line 2: column y", `"red"`, "StringLookup"}},
		{"fraction", "d.csv", "x,y\n1,1.5\n", number, ErrUnfit, []string{"line 2: column y has the value 1.5, the graph takes int32"}},
		{"nan", "d.csv", "x,y\n1,1\nnan,1\n", number, ErrUnfit, []string{"line 3: column x has the value NaN"}},
		{"infinite", "d.csv", "x,y\n1e39,1\n", number, ErrUnfit, []string{"line 2: column x has the value"}},
		{"label", "d.csv", "x,y\n1,1\n1,10\n", number, ErrUnfit, []string{"line 3: column y has the value 10, the graph knows 0 to 9"}},
		{"too large", "d.csv", "x,y\n1,99999999999999999999\n", number, ErrUnfit, []string{"line 2: column y has the value 99999999999999999999"}},
		{"ragged", "d.csv", "x,y\n1,2\n1,2,3\n", number, ErrUnreadable, []string{"d.csv line 3 has 3 fields, the first line names 2"}},
		{"late in a large file", "d.csv", "x,y\n" + many + "\"\n\",3\n", number, ErrUnfit, []string{fmt.Sprintf("line %d: column x", chunkBytes+2)}},
		{"bare quote", "d.csv", "x,y\n1,2\n1,2\"3\n", number, ErrUnreadable, []string{"line 3", "quote"}},
		{"open quote", "d.csv", "x,y\n1,2\n\"1,2\n", number, ErrUnreadable, []string{"line 3", "quote"}},
		{"column twice", "d.csv", "x,x\n1,2\n", number, ErrUnreadable, []string{`column 2 has the name "x"`}},
		{"not compressed", "d.csv.gz", "x,y\n1,2\n", number, ErrUnreadable, []string{"d.csv.gz is not compressed by gzip"}},
		{"cut short", "d.csv.gz", gzipped(t, "x,y\n1,2\n3,4\n")[:30], number, ErrUnreadable, []string{"d.csv.gz is cut short"}},
		{"other kind", "d.xlsx", "x", number, ErrUnreadable, []string{"d.xlsx is of no kind that is read here", ".csv"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := opened(t, c.file, c.content, c.tensors...)
			wantError(t, err, c.kind, c.words...)
		})
	}
}
