package csv_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
	codes "unicode/utf16"

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
		{"\\r\\n", "d.csv", strings.ReplaceAll(plain, "\n", "\r\n")},
		{"\\r", "d.csv", strings.ReplaceAll(plain, "\n", "\r")},
		{"mixed line ends", "d.csv", "a,b,y\r1,2.5,0\r\n\n-3,4e-1,9\n"},
		{"no end of line", "d.csv", strings.TrimSuffix(plain, "\n")},
		{"byte order mark", "d.csv", "\ufeff" + plain},
		{"UTF-16, little-endian", "d.csv", utf16(binary.LittleEndian, plain)},
		{"UTF-16, big-endian", "d.csv", utf16(binary.BigEndian, plain)},
		{"quotes", "d.csv", "\"a\",b,y\n\"1\",2.5,0\n-3,\"4e-1\",9\n"},
		{"quotes around all, \\r", "d.csv", "\"a\",\"b\",\"y\"\r\"1\",\"2.5\",\"0\"\r\"-3\",\" .4 \",\"9\"\r"},
		{"blank lines", "d.csv", "\n \t\n" + strings.ReplaceAll(plain, "\n", "\n\n  \n")},
		{"blanks", "d.csv", " a, b ,y\n 1, 2.5\t,0 \n-3 ,  4e-1,\t9\n"},
		{"other order", "D.CSV", "y,a,b\n0,1,2.5\n9,-3,.4\n"},
		{"tabs", "d.tsv", strings.ReplaceAll(plain, ",", "\t")},
		{"tabs in CSV", "d.csv", strings.ReplaceAll(plain, ",", "\t")},
		{"commas in TSV", "d.tsv", plain},
		{"semicolons", "d.csv", strings.ReplaceAll(plain, ",", ";")},
		{"bars", "d.csv", strings.ReplaceAll(plain, ",", "|")},
		{"index of pandas", "d.csv", ",a,b,y\n0,1,2.5,0\n1,-3,.4,9\n"},
		{"whole numbers", "d.csv", "a,b,y\n1.0,2.5,0.0\n-3e0,4e-1,0.9e1\n"},
		{"signs", "d.csv", "a,b,y\n+1.,+2.50,-0\n-3,+.4,+9\n"},
		{"compressed", "d.csv.gz", datatest.Gzip(t, plain)},
		{"compressed by another name", "d.csv", datatest.Gzip(t, plain)},
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

// utf16 encodes text with a byte order mark.
func utf16(order binary.AppendByteOrder, text string) string {
	var out []byte
	for _, c := range codes.Encode([]rune("\ufeff" + text)) {
		out = order.AppendUint16(out, c)
	}
	return string(out)
}

// Text is as pandas reads it.
// Room is made for records, not for lines: a field may hold many, and blank ones are none.
func TestCSVRoom(t *testing.T) {
	var names, row []string
	for i := range 1000 {
		names, row = append(names, fmt.Sprint("c", i)), append(row, "1")
	}
	head := strings.Join(names, ",") + ",s\n"
	for name, content := range map[string]string{
		"blank lines":   head + strings.Join(row, ",") + ",a" + strings.Repeat("\n", 1<<19),
		"a long text":   head + strings.Join(row, ",") + ",\"" + strings.Repeat("\n", 1<<19) + "\"\n",
		"a short line":  "a,b,c\n1,2,3\n4\n",
		"shorter lines": "a,b,c\n,,\n,\n",
	} {
		q := dataset.Request{
			Sources: []string{datatest.File(t, "d.csv", content)}, Columns: map[string]string{"x": strings.Join(names, ",")},
			Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float32, 1000)},
		}
		if strings.HasPrefix(content, "a,b,c") {
			q.Columns, q.Tensors = map[string]string{"x": "a,b,c"}, []graph.Tensor{testgraph.Tensor("x", graph.Float32, 3)}
		}
		const most = 64 << 20
		var err error
		took := datatest.Allocated(func() { _, err = datatest.Read(t, q) })
		if took > most {
			t.Errorf("%s: %d MiB were allocated", name, took>>20)
		}
		if short := strings.Contains(name, "short"); short != (err != nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCSVText(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"quotes":      {"s,y\n\"good, \"\"very\"\"\nand more\",True\n,False\nbad,0\n", []string{"good, \"very\"\nand more", "", "bad"}},
		"literal":     {"s,y\n5\" disk,1\na\"\"b\",0\n'c,0\n", []string{"5\" disk", "a\"\"b\"", "'c"}},
		"blanks":      {"s,y\n a b ,1\n\" a \",0\n\t,0\n", []string{" a b ", " a ", "\t"}},
		"only quotes": {"s,y\n\"\"\"\",1\n\"\"\"\"\"\",0\n\"\",0\n", []string{"\"", "\"\"", ""}},
		"line ends":   {"s,y\r\"a\r\nb\rc\",1\r\nd,0\r\n\"\n\",0", []string{"a\r\nb\rc", "d", "\n"}},
		"accents":     {"s,y\nüß,1\n日本,0\n\"„x“\",0\n", []string{"üß", "日本", "„x“"}},
		"semicolons":  {"s;y\na,b;1\n\"c;d\";0\n1,5;0\n", []string{"a,b", "c;d", "1,5"}},
		"tabs":        {"s\ty\na, b\t1\n\t0\n  c\t0\n", []string{"a, b", "", "  c"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := datatest.MustOpen(t, "d.csv", c.content, testgraph.Tensor("s", graph.String), datatest.Label("y", 2))
			if d := cmp.Diff(c.want, datatest.Strings(s.Column("s"))); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]int32{1, 0, 0}, datatest.Values[int32](s, "y")); d != "" {
				t.Error(d)
			}
		})
	}
}

// Columns of text may be joined in any order, and one column may feed two tensors.
func TestCSVJoins(t *testing.T) {
	path := datatest.File(t, "d.csv", "a,b,c\nx,1,u\ny,2,v\n")
	s := datatest.MustRead(t, dataset.Request{
		Sources: []string{path}, Columns: map[string]string{"s": "c,a", "n": "b", "m": "b", "k": "b,b"},
		Tensors: []graph.Tensor{
			testgraph.Tensor("s", graph.String, 2), testgraph.Tensor("n", graph.Float32), testgraph.Tensor("m", graph.Uint8), testgraph.Tensor("k", graph.Int64, 2),
		},
	})
	if d := cmp.Diff([]string{"u", "x", "v", "y"}, datatest.Strings(s.Column("s"))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]float32{1, 2}, datatest.Values[float32](s, "n")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]uint8{1, 2}, datatest.Values[uint8](s, "m")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int64{1, 1, 2, 2}, datatest.Values[int64](s, "k")); d != "" {
		t.Error(d)
	}
}

// Columns that feed nothing may hold anything.
func TestCSVOtherColumns(t *testing.T) {
	path := datatest.File(t, "d.csv", "s,a,b,y,t\n\"x\n,\",1,2.5,0,\n5\" z,-3,.4,9,\"\"\n\xff,1_0,2,3,\"\"\"\"\n")
	s := datatest.MustRead(t, dataset.Request{
		Sources: []string{path}, Columns: map[string]string{"x": "y,b"}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float64, 2)},
	})
	if d := cmp.Diff([]float64{0, 2.5, 9, 0.4, 3, 2}, datatest.Values[float64](s, "x")); d != "" {
		t.Error(d)
	}
}

// Integers are exact beyond what float64 holds.
func TestCSVLargeIntegers(t *testing.T) {
	s := datatest.MustOpen(t, "d.csv", "i,u\n9007199254740993,18446744073709551615\n-9223372036854775808,9223372036854775809.0\n",
		testgraph.Tensor("i", graph.Int64), testgraph.Tensor("u", graph.Uint64))
	if d := cmp.Diff([]int64{9007199254740993, math.MinInt64}, datatest.Values[int64](s, "i")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]uint64{math.MaxUint64, 1<<63 + 1}, datatest.Values[uint64](s, "u")); d != "" {
		t.Error(d)
	}
}

// A target whose loss leaves missing values out takes NaN, also where a field is
// empty.
func TestCSVMissing(t *testing.T) {
	y := testgraph.Tensor("y", graph.Float32)
	y.NaN = true
	nan := float32(math.NaN())
	s := datatest.MustOpen(t, "d.csv", "x,y\n1,nan\n2,\n3,N/A\n4,4\n", testgraph.Tensor("x", graph.Float32), y)
	if d := cmp.Diff([]float32{nan, nan, nan, 4}, datatest.Values[float32](s, "y"), cmpopts.EquateNaNs()); d != "" {
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
