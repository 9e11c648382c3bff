package jsonl_test

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

func TestJSONLines(t *testing.T) {
	content := `{"x": [1, 2.5e0], "y": 7, "s": "one", "n": [1, 2, 3], "ok": true, "in": {"a": 1, "deep": {"b": -2}}}` + "\r\n \n" +
		` {"y":8,"n":[4],"in":{"deep":{"b":3},"a":2},"s":"\u00e9\"\n","x":[3,4],"ok":false,"more":null} `
	for _, c := range []struct{ name, content string }{
		{"d.jsonl", content}, {"d.ndjson", content + "\n"}, {"d.jsonl.gz", datatest.Gzip(t, content)},
		{"mark.jsonl", "\xef\xbb\xbf" + content}, {"zipped.jsonl", datatest.Gzip(t, content)}, {"d.json", content}, {"data", "\n " + content},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := datatest.MustOpen(t, c.name, c.content, testgraph.Tensor("x", graph.Float32, 2), datatest.Label("y", 10), testgraph.Tensor("s", graph.String),
				testgraph.Tensor("n", graph.Int32, 0), testgraph.Tensor("ok", graph.Bool), testgraph.Tensor("in.deep.b", graph.Float64))
			for _, d := range []string{
				cmp.Diff([]float32{1, 2.5, 3, 4}, datatest.Values[float32](s, "x")), cmp.Diff([]int32{7, 8}, datatest.Values[int32](s, "y")),
				cmp.Diff([]string{"one", "é\"\n"}, datatest.Strings(s.Column("s"))), cmp.Diff([]int{3, 1}, datatest.Lengths(s.Column("n"))),
				cmp.Diff([]int32{1, 2, 3, 4}, datatest.Values[int32](s, "n")), cmp.Diff([]byte{1, 0}, datatest.Values[byte](s, "ok")),
				cmp.Diff([]float64{-2, 3}, datatest.Values[float64](s, "in.deep.b")),
			} {
				if d != "" {
					t.Error(d)
				}
			}
		})
	}
}

// Integers are exact, up to the largest of 64 bits with and without a sign.
func TestIntegersAreExact(t *testing.T) {
	s := datatest.MustOpen(t, "d.jsonl", "{\"u\":18446744073709551615,\"i\":-9223372036854775808}\n{\"u\":9007199254740993,\"i\":9223372036854775807}",
		testgraph.Tensor("u", graph.Uint64), testgraph.Tensor("i", graph.Int64))
	if d := cmp.Diff([]uint64{math.MaxUint64, 1<<53 + 1}, datatest.Values[uint64](s, "u")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int64{math.MinInt64, math.MaxInt64}, datatest.Values[int64](s, "i")); d != "" {
		t.Error(d)
	}
}

// Python writes numbers that JSON does not have. In strings they are text.
func TestWordsOfPython(t *testing.T) {
	content := "{\"x\": NaN, \"s\": \"NaN\", \"l\": [1, -Infinity]}\n{\"x\": 1, \"s\": \"a \\\" Infinity\", \"l\": [NaN, 2]}"
	s := datatest.MustOpen(t, "d.jsonl", content, nan("x"), testgraph.Tensor("s", graph.String))
	if x := datatest.Values[float32](s, "x"); x[0] == x[0] || x[1] != 1 {
		t.Errorf("x is %v, want NaN and 1", x)
	}
	if d := cmp.Diff([]string{"NaN", "a \" Infinity"}, datatest.Strings(s.Column("s"))); d != "" {
		t.Error(d)
	}
	_, err := datatest.Open(t, "d.jsonl", content, nan("l"))
	datatest.WantError(t, err, dataset.ErrUnfit, "line 1: column l has the value -Inf")
}

// nan is a tensor that holds missing values.
func nan(name string) graph.Tensor {
	t := testgraph.Tensor(name, graph.Float32)
	t.NaN = true
	return t
}

// A target that leaves missing values out gets NaN for them.
func TestMissingValues(t *testing.T) {
	s := datatest.MustOpen(t, "d.jsonl", "{\"x\":1,\"y\":2}\n{\"x\":null,\"y\":3}\n{\"y\":4}", nan("x"), testgraph.Tensor("y", graph.Float32))
	x := datatest.Values[float32](s, "x")
	if len(x) != 3 || x[0] != 1 || x[1] == x[1] || x[2] == x[2] {
		t.Errorf("x is %v, want 1, NaN, NaN", x)
	}
}

// Several keys make a vector, and a list takes the shape of the graph's input.
func TestShapes(t *testing.T) {
	s := datatest.MustOpen(t, "d.jsonl", `{"b":2,"label":1,"a":1,"image":[1,2,3,4]}`, testgraph.Tensor("image", graph.Float32, 2, 2, 1), datatest.Label("label", 2))
	if d := cmp.Diff([]int{2, 2, 1}, s.Column("image").Shape()); d != "" {
		t.Error(d)
	}
	s = datatest.MustOpen(t, "d.jsonl", "{\"b\":2,\"label\":1,\"a\":1}\n{\"a\":3,\"b\":4,\"label\":0}", testgraph.Tensor("x", graph.Float32, 2), datatest.Label("y", 2))
	if d := cmp.Diff([]float32{2, 1, 4, 3}, datatest.Values[float32](s, "x")); d != "" { // in the order of the file
		t.Error(d)
	}
}

// Lines are whole wherever chunks end, and may be longer than a chunk.
func TestChunks(t *testing.T) {
	var content strings.Builder
	const n = 30_000
	for i := range n {
		fmt.Fprintf(&content, "{\"x\":[%s%d],\"s\":\"text %d\"}\n", strings.Repeat("0.5, ", i%40), i, i)
	}
	fmt.Fprintf(&content, "{\"s\":\"%s\",\"x\":[1]}", strings.Repeat("long ", dataset.ChunkBytes))
	path := datatest.File(t, "d.jsonl", content.String())
	q := dataset.Request{Sources: []string{path}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float32, 0), testgraph.Tensor("s", graph.String)}}
	for _, room := range []int{1 << 30, 1 << 20, 1} {
		q.Room = room
		s := datatest.MustRead(t, q)
		if s.Examples() != n+1 {
			t.Fatalf("%d examples, want %d", s.Examples(), n+1)
		}
		for i := range n {
			v := graph.View[float32](s.Column("x").Rows(i, i+1))
			if len(v) != 1+i%40 || v[len(v)-1] != float32(i) || string(s.Column("s").Text(i)) != fmt.Sprint("text ", i) {
				t.Fatalf("room %d: example %d is %v, %s", room, i, v, s.Column("s").Text(i))
			}
		}
	}
}

// Files that a glob names are joined.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	datatest.WriteIn(t, dir, "a.jsonl", `{"x":1}`)
	datatest.WriteIn(t, dir, "b.jsonl", "")
	datatest.WriteIn(t, dir, "c.jsonl", `{"y":0,"x":2}`)
	s := datatest.MustRead(t, dataset.Request{Sources: []string{filepath.Join(dir, "*.jsonl")}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float32)}})
	if d := cmp.Diff([]float32{1, 2}, datatest.Values[float32](s, "x")); d != "" {
		t.Error(d)
	}
}

// A column that is refused takes no more room.
func TestRefusedTakesNoRoom(t *testing.T) {
	var line, names []string
	for i := range 1000 {
		line, names = append(line, fmt.Sprintf(`"k%d":1`, i)), append(names, fmt.Sprint("k", i))
	}
	q := dataset.Request{
		Sources: []string{datatest.File(t, "d.jsonl", "{"+strings.Join(line, ",")+"}\n"+strings.Repeat("{}\n", 1<<18))},
		Columns: map[string]string{"x": strings.Join(names, ",")}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float32, 1000)},
	}
	var err error
	took := datatest.Allocated(func() { _, err = datatest.Read(t, q) })
	datatest.WantError(t, err, dataset.ErrUnfit, `line 2 has no "k0"`)
	if took > 64<<20 {
		t.Errorf("%d MiB were allocated", took>>20)
	}
}

func TestBadLines(t *testing.T) {
	x, s := testgraph.Tensor("x", graph.Float32), testgraph.Tensor("s", graph.String)
	const good = "{\"x\":1,\"s\":\"a\"}\n"
	for _, c := range []struct {
		name, content string
		kind          error
		words         []string
	}{
		{"empty", "", dataset.ErrUnfit, []string{"d.jsonl holds no examples"}},
		{"blank", " \n\n", dataset.ErrUnfit, []string{"d.jsonl holds no examples"}},
		{"cut short", good + `{"x":1,"s":"a`, dataset.ErrUnreadable, []string{"line 2", "ends within a value"}},
		{"no object", good + "5", dataset.ErrUnreadable, []string{"line 2 holds 5: each line has to be an object"}},
		{"two objects", good + "\n" + good[:15] + good, dataset.ErrUnreadable, []string{"line 3", "another value follows"}},
		{"a comma too many", good + `{"x":1,"s":"a",}`, dataset.ErrUnreadable, []string{"line 2, byte 16", "no JSON"}},
		{"single quotes", good + `{'x':1}`, dataset.ErrUnreadable, []string{"line 2, byte 2", "no JSON"}},
		{"single quotes at once", `{'x':1}`, dataset.ErrUnreadable, []string{"line 1, byte 2", "no JSON", "write each line as json.dumps does"}},
		{"Latin-1", good + "{\"x\":1,\"s\":\"f\xfcr\"}", dataset.ErrUnreadable, []string{"line 2, byte", "save the file as UTF-8"}},
		{"no UTF-8", good + "{\"x\":1,\"s\":\"\xff\"}", dataset.ErrUnreadable, []string{"line 2", "UTF-8"}},
		{"leading zero", good + `{"x":01}`, dataset.ErrUnreadable, []string{"line 2"}},
		{"word in a number", good + `{"x":1,"s":"a","z":1NaN}`, dataset.ErrUnreadable, []string{"line 2", "no JSON"}},
		{"hexadecimal", good + `{"x":0x1}`, dataset.ErrUnreadable, []string{"line 2"}},
		{"key twice", good + `{"x":1,"s":"a","x":1}`, dataset.ErrUnreadable, []string{`line 2 has two values called "x"`}},
		{"key twice, unused", good + `{"x":1,"s":"a","z":1,"\u007a":1}`, dataset.ErrUnreadable, []string{`line 2 has two values called "z"`}},
		{"key twice, inside", good + `{"x":1,"s":"a","z":{"a":1,"a":2}}`, dataset.ErrUnreadable, []string{`line 2 has two values called "z.a"`}},
		{"UTF-16", "\xff\xfe{\x00\"\x00", dataset.ErrUnreadable, []string{"is UTF-16: write it as UTF-8"}},
		{"array", `[{"x":1},` + "\n" + `{"x":2}]`, dataset.ErrUnreadable, []string{"is one list", "python -c 'import sys, pandas; pandas.read_json(sys.argv[1]).to_json(", `orient="records", lines=True)`, "d.jsonl d-lines.jsonl"}},
		{"array of columns", "[1, 2]\n[3, 4]", dataset.ErrUnreadable, []string{"a list in each line", "read_json(sys.argv[1], lines=True).to_json("}},
		{"over several lines", "{\n  \"x\": 1\n}", dataset.ErrUnreadable, []string{"line 1", "over several lines", "pandas.read_json"}},
		{"null", good + `{"x":null,"s":"a"}`, dataset.ErrUnfit, []string{"line 2: column x has no value (null)"}},
		{"null text", good + `{"x":1,"s":null}`, dataset.ErrUnfit, []string{"line 2: column s has no value (null)"}},
		{"missing", good + `{"x":1}`, dataset.ErrUnfit, []string{`line 2 has no "s"`}},
		{"text for numbers", strings.ReplaceAll(good, "1", `"1"`), dataset.ErrUnfit, []string{`line 1: column x holds text, "1", the graph takes float32`}},
		{"text later", good + `{"x":"1","s":"a"}`, dataset.ErrUnfit, []string{`line 2: column x holds text, "1", and a number before`}},
		{"number later", good + `{"x":1,"s":5}`, dataset.ErrUnfit, []string{`line 2: column s holds a number, 5, and text before`}},
		{"list later", good + `{"x":[1],"s":"a"}`, dataset.ErrUnfit, []string{"line 2: column x is a list in some lines"}},
		{"empty list", strings.ReplaceAll(good, "1", "[1]") + `{"x":[],"s":"a"}`, dataset.ErrUnfit, []string{"line 2: column x holds an empty list"}},
		{"null in a list", strings.ReplaceAll(good, "1", "[1, null]"), dataset.ErrUnfit, []string{"line 1: column x has a null in a list"}},
		{"mixed list", strings.ReplaceAll(good, "1", `[1, "a"]`), dataset.ErrUnfit, []string{`line 1: column x holds text, "a", and a number before`}},
		{"lists of lists", strings.ReplaceAll(good, "1", "[[1]]"), dataset.ErrUnfit, []string{"column x holds lists of lists: write them flat"}},
		{"lists of lists later", strings.ReplaceAll(good, "1", "[1]") + `{"x":[1,[2]],"s":"a"}`, dataset.ErrUnfit, []string{"line 2: column x holds lists of lists: write them flat"}},
		{"not a number", good + `{"x":NaN,"s":"a"}`, dataset.ErrUnfit, []string{"line 2: column x has the value NaN"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := datatest.Open(t, "d.jsonl", c.content, x, s)
			datatest.WantError(t, err, c.kind, c.words...)
		})
	}
	for content, says := range map[string]string{ // as DataFrame.to_json and json.dump write files
		`{"x":{"0":1,"1":2},"s":{"0":"a","1":"b"}}`: "is one object", `[{"x":1,"s":"a"}]`: "is one list", "[1, 2]": "is one list",
		"{\n  \"x\": [1, 2],\n  \"s\": [\"a\", \"b\"]\n}": "over several lines",
	} {
		for _, name := range []string{"d.json", "d.json.gz"} {
			_, err := datatest.Open(t, name, content, x, s)
			datatest.WantError(t, err, dataset.ErrUnreadable, says, "pandas.read_json(", `orient="records", lines=True)`, " d-lines.jsonl")
		}
	}
	_, err := datatest.Open(t, "d.jsonl", "{\"x\":1.5}", testgraph.Tensor("x", graph.Int32))
	datatest.WantError(t, err, dataset.ErrUnfit, "line 1: column x has the value 1.5, the graph takes int32")
	_, err = datatest.Open(t, "d.jsonl", "{\"x\":18446744073709551615}", testgraph.Tensor("x", graph.Int64))
	datatest.WantError(t, err, dataset.ErrUnfit, "line 1: column x has the value 18446744073709551615, which does not fit int64")
	_, err = datatest.Open(t, "d.jsonl", "{\"a\":1,\"b\":[2]}", testgraph.Tensor("x", graph.Float32, 2))
	datatest.WantError(t, err, dataset.ErrUnfit, "no column for x")
}
