package arrow_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// records are batches of the rows of JSON arrays.
func records(t testing.TB, fields []arrow.Field, batches ...string) (*arrow.Schema, []arrow.RecordBatch) {
	t.Helper()
	s := arrow.NewSchema(fields, nil)
	var all []arrow.RecordBatch
	for _, rows := range batches {
		record, _, err := array.RecordFromJSON(memory.DefaultAllocator, s, strings.NewReader(rows))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, record)
	}
	return s, all
}

// together are batches that share their dictionaries.
func together(t testing.TB, fields []arrow.Field, batches ...string) (*arrow.Schema, []arrow.RecordBatch) {
	t.Helper()
	s, apart := records(t, fields, batches...)
	if len(batches) < 2 {
		return s, apart
	}
	rows := make([]string, len(batches))
	for i, b := range batches {
		rows[i] = b[1 : len(b)-1]
	}
	_, joined := records(t, fields, "["+strings.Join(rows, ",")+"]")
	var all []arrow.RecordBatch
	var at int64
	for _, b := range apart {
		all = append(all, joined[0].NewSlice(at, at+b.NumRows()))
		at += b.NumRows()
	}
	return s, all
}

// fileOf is an IPC file of batches, with options of its writer.
func fileOf(t testing.TB, fields []arrow.Field, batches []string, options ...ipc.Option) string {
	t.Helper()
	s, all := together(t, fields, batches...)
	var out bytes.Buffer
	w, err := ipc.NewFileWriter(&out, append(options, ipc.WithSchema(s))...)
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, all)
	return out.String()
}

// streamOf is an IPC stream of batches, each with dictionaries of its own.
func streamOf(t testing.TB, fields []arrow.Field, batches []string, options ...ipc.Option) string {
	t.Helper()
	s, all := records(t, fields, batches...)
	var out bytes.Buffer
	write(t, ipc.NewWriter(&out, append(options, ipc.WithSchema(s))...), all)
	return out.String()
}

func write(t testing.TB, w interface {
	Write(rec arrow.RecordBatch) error
	Close() error
}, batches []arrow.RecordBatch) {
	t.Helper()
	for _, b := range batches {
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func nullable(name string, kind arrow.DataType) arrow.Field {
	return arrow.Field{Name: name, Type: kind, Nullable: true}
}

func required(name string, kind arrow.DataType) arrow.Field {
	return arrow.Field{Name: name, Type: kind}
}

// The rows of two batches of many types.
var (
	tableFields = []arrow.Field{
		required("a", arrow.PrimitiveTypes.Int32), nullable("b", arrow.PrimitiveTypes.Float32), nullable("s", arrow.BinaryTypes.String),
		nullable("n", arrow.ListOf(arrow.PrimitiveTypes.Int64)), required("f", arrow.FixedSizeListOf(2, arrow.PrimitiveTypes.Float32)), required("ok", arrow.FixedWidthTypes.Boolean),
		required("c", &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}),
		required("p", arrow.StructOf(required("q", arrow.PrimitiveTypes.Uint16), required("r", arrow.ListOf(arrow.BinaryTypes.LargeString)))),
	}
	tableBatches = []string{
		`[{"a":1,"b":2.5,"s":"one","n":[1,2,3],"f":[1,2],"ok":true,"c":"red","p":{"q":1,"r":["x"]}},
		  {"a":-3,"b":0.5,"s":"","n":[4],"f":[3,4],"ok":false,"c":"blue","p":{"q":2,"r":["y"]}}]`,
		`[{"a":5,"b":6,"s":"three","n":[5,6],"f":[5,6],"ok":true,"c":"red","p":{"q":65535,"r":["z"]}}]`,
	}
)

// However the batches are framed and compressed, and whatever the file is called, the
// values are the same.
func TestArrow(t *testing.T) {
	for name, content := range map[string]string{
		"d.arrow":            fileOf(t, tableFields, tableBatches),
		"d.feather":          fileOf(t, tableFields, tableBatches, ipc.WithLZ4()),
		"d.ipc":              fileOf(t, tableFields, tableBatches, ipc.WithZstd()),
		"stream.arrow":       streamOf(t, tableFields, tableBatches),
		"by content":         streamOf(t, tableFields, tableBatches, ipc.WithZstd()),
		"file by content":    fileOf(t, tableFields, tableBatches),
		"stream.arrow.gz":    datatest.Gzip(t, streamOf(t, tableFields, tableBatches)),
		"shuffled.feather":   fileOf(t, tableFields, tableBatches, ipc.WithLZ4(), ipc.WithCompressConcurrency(2)),
		"old stream.unknown": old(streamOf(t, tableFields, tableBatches)),
	} {
		t.Run(name, func(t *testing.T) {
			s := datatest.MustRead(t, dataset.Request{
				Sources: []string{datatest.File(t, name, content)},
				Columns: map[string]string{"x": "a,b", "q": "p.q", "r": "p.r"},
				Tensors: []graph.Tensor{
					testgraph.Tensor("x", graph.Float32, 2), testgraph.Tensor("s", graph.String), testgraph.Tensor("n", graph.Int32, 0), testgraph.Tensor("f", graph.Float32, 2),
					testgraph.Tensor("ok", graph.Float32), testgraph.Tensor("c", graph.String), testgraph.Tensor("q", graph.Int64), testgraph.Tensor("r", graph.String, 1),
				},
			})
			for _, c := range []struct{ want, got any }{
				{3, s.Examples()},
				{[]float32{1, 2.5, -3, 0.5, 5, 6}, datatest.Values[float32](s, "x")},
				{[]string{"one", "", "three"}, datatest.Strings(s.Column("s"))},
				{[]int{3, 1, 2}, datatest.Lengths(s.Column("n"))},
				{[]int32{1, 2, 3, 4, 5, 6}, datatest.Values[int32](s, "n")},
				{[]float32{1, 2, 3, 4, 5, 6}, datatest.Values[float32](s, "f")},
				{[]float32{1, 0, 1}, datatest.Values[float32](s, "ok")},
				{[]string{"red", "blue", "red"}, datatest.Strings(s.Column("c"))},
				{[]int64{1, 2, 65535}, datatest.Values[int64](s, "q")},
				{[]string{"x", "y", "z"}, datatest.Strings(s.Column("r"))},
			} {
				if d := cmp.Diff(c.want, c.got); d != "" {
					t.Error(d)
				}
			}
		})
	}
}

// old frames a stream as writers did before Arrow 0.15: without the marks before the
// messages' sizes.
func old(stream string) string {
	return strings.ReplaceAll(stream, "\xff\xff\xff\xff", "")
}

// Each type of numbers is read as what holds all of its values.
func TestNumberTypes(t *testing.T) {
	content := fileOf(t, []arrow.Field{
		required("u8", arrow.PrimitiveTypes.Uint8), required("u64", arrow.PrimitiveTypes.Uint64), required("i8", arrow.PrimitiveTypes.Int8),
		required("i16", arrow.PrimitiveTypes.Int16), required("f16", arrow.FixedWidthTypes.Float16), required("d128", &arrow.Decimal128Type{Precision: 38, Scale: 1}),
		required("d256", &arrow.Decimal256Type{Precision: 60, Scale: 2}), required("d32", &arrow.Decimal32Type{Precision: 9, Scale: 2}),
		required("coded", &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int16, ValueType: arrow.PrimitiveTypes.Float64}),
	}, []string{`[{"u8":255,"u64":18446744073709551615,"i8":-128,"i16":-32768,"f16":0.5,"d128":"0.3","d256":"-1.25","d32":"1.10","coded":7.5}]`,
		`[{"u8":0,"u64":1,"i8":127,"i16":32767,"f16":-2,"d128":"-12345678901234567890123456789.0","d256":"2.50","d32":"-3.25","coded":7.5}]`}, ipc.WithDictionaryDeltas(true))
	type column struct {
		DType     graph.DType
		Low, High float64
	}
	want := map[string]column{
		"u8": {graph.Uint8, 0, 255}, "u64": {graph.Uint64, 1, math.MaxUint64}, "i8": {graph.Int8, -128, 127}, "i16": {graph.Int16, -32768, 32767},
		"f16": {graph.Float16, -2, 0.5}, "d128": {graph.Float64, -12345678901234567890123456789.0, 0.3}, "d256": {graph.Float64, -1.25, 2.5},
		"d32": {graph.Float64, -3.25, 1.1}, "coded": {graph.Float64, 7.5, 7.5},
	}
	for _, c := range datatest.MustDescribe(t, "d.arrow", content).Columns {
		if c.Low == nil {
			t.Errorf("%s: %+v", c.Name, c)
			continue
		}
		if d := cmp.Diff(want[c.Name], column{c.DType, *c.Low, *c.High}); d != "" {
			t.Error(c.Name, d)
		}
	}
}

// Text and bytes of every kind are strings.
func TestTextTypes(t *testing.T) {
	content := fileOf(t, []arrow.Field{
		required("s", arrow.BinaryTypes.LargeString), required("v", arrow.BinaryTypes.StringView), required("b", arrow.BinaryTypes.Binary),
		required("w", arrow.BinaryTypes.BinaryView), required("f", &arrow.FixedSizeBinaryType{ByteWidth: 2}),
	}, []string{`[{"s":"a","v":"longer than twelve bytes","b":"AAE=","w":"AA==","f":"AAE="},{"s":"","v":"b","b":"","w":"","f":"AQA="}]`})
	want := map[string][]string{
		"s": {"a", ""}, "v": {"longer than twelve bytes", "b"}, "b": {"\x00\x01", ""}, "w": {"\x00", ""}, "f": {"\x00\x01", "\x01\x00"},
	}
	for name, strings := range want {
		s := datatest.MustOpen(t, "d.arrow", content, testgraph.Tensor(name, graph.String))
		if d := cmp.Diff(strings, datatest.Strings(s.Column(name))); d != "" {
			t.Error(name, d)
		}
	}
}

// Rows without a value are counted, and the others described: between, before and
// after them, in structs and in dictionaries.
func TestMissing(t *testing.T) {
	fields := []arrow.Field{
		nullable("x", arrow.PrimitiveTypes.Int64), nullable("f", arrow.PrimitiveTypes.Float32), nullable("s", arrow.BinaryTypes.String), nullable("b", arrow.FixedWidthTypes.Boolean),
		nullable("in", arrow.StructOf(nullable("v", arrow.PrimitiveTypes.Int64))), nullable("d", &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}),
		nullable("none", arrow.PrimitiveTypes.Int64), required("y", arrow.PrimitiveTypes.Int64),
	}
	rows := []string{
		`[{"x":null,"f":1.5,"s":"a","b":true,"in":{"v":1},"d":null,"none":null,"y":1},{"x":7,"f":null,"s":null,"b":null,"in":null,"d":"q","none":null,"y":2},{"x":8,"f":null,"s":"b","b":false,"in":{"v":null},"d":"q","none":null,"y":3}]`,
		`[{"x":9,"f":-2,"s":null,"b":true,"in":{"v":4},"d":null,"none":null,"y":4}]`,
	}
	for name, content := range map[string]string{"d.arrow": fileOf(t, fields, rows), "stream.arrow": streamOf(t, fields, rows)} {
		d := datatest.MustDescribe(t, name, content)
		got := make(map[string]string)
		for _, c := range d.Columns {
			got[c.Name] = fmt.Sprintf("%d missing, %d different", c.Missing, c.Distinct)
			if c.Low != nil {
				got[c.Name] = fmt.Sprintf("%d missing, %g to %g", c.Missing, *c.Low, *c.High)
			}
		}
		want := map[string]string{
			"x": "1 missing, 7 to 9", "f": "2 missing, -2 to 1.5", "s": "2 missing, 2 different", "b": "1 missing, 0 to 1",
			"in.v": "2 missing, 1 to 4", "d": "2 missing, 1 different", "none": "0 missing, 0 different", "y": "0 missing, 1 to 4",
		}
		if diff := cmp.Diff(want, got); diff != "" || d.Examples != 4 {
			t.Errorf("%s, %d examples: %s", name, d.Examples, diff)
		}
		if reason := datatest.Unusable(d)["none"]; !strings.Contains(reason, "has no value in any of 4 examples") {
			t.Errorf("%s: a column without values is of no use because it %q", name, reason)
		}
	}
}

// A column that is of no use says why, with its row in the file, and keeps no other
// from being read.
func TestUnusableColumns(t *testing.T) {
	inner := arrow.StructOf(nullable("v", arrow.PrimitiveTypes.Int64))
	fields := []arrow.Field{
		required("x", arrow.PrimitiveTypes.Int64), required("when", &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "UTC"}), nullable("m", arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64)),
		nullable("nest", arrow.ListOf(arrow.ListOf(arrow.PrimitiveTypes.Int64))), nullable("n", arrow.PrimitiveTypes.Int64), nullable("s", inner),
		nullable("empty", arrow.ListOf(arrow.PrimitiveTypes.Int64)), nullable("gap", arrow.ListOf(arrow.PrimitiveTypes.Int64)), nullable("none", arrow.Null),
		nullable("l", arrow.ListOf(inner)), required("__index_level_0__", arrow.PrimitiveTypes.Int64),
	}
	batch := func(n, s, empty, gap, l string) string {
		return fmt.Sprintf(`[{"x":1,"when":"2024-01-02T03:04:05Z","m":[],"nest":[[1]],"n":1,"s":{"v":1},"empty":[1],"gap":[1],"none":null,"l":[{"v":1}],"__index_level_0__":0},
			{"x":2,"when":"2024-01-02T03:04:05Z","m":[],"nest":[[1]],"n":%s,"s":%s,"empty":%s,"gap":%s,"none":null,"l":%s,"__index_level_0__":1}]`, n, s, empty, gap, l)
	}
	good := batch("1", `{"v":1}`, "[1]", "[1]", `[{"v":2}]`)
	for name, content := range map[string]string{
		"d.arrow":      fileOf(t, fields, []string{good, batch("null", `null`, "[]", "[1,null]", `[{"v":null}]`)}),
		"stream.arrow": streamOf(t, fields, []string{good, batch("null", `null`, "null", "[null,2]", `[{"v":2},null]`)}),
	} {
		got := datatest.Unusable(datatest.MustDescribe(t, name, content))
		for column, words := range map[string]string{
			"when": "is timestamp[ns, tz=UTC]: save it as a number", "m": "save its keys and values", "nest": "save lists of lists flat",
			"empty": "has an empty list or a null in row 3",
			"gap":   "has an empty list or a null in row 3", "none": "is null: it has no values", "l.v": "has an empty list or a null in row 3",
		} {
			if column == "empty" && name != "d.arrow" { // a null
				words = "has no value (null) in row 3"
			}
			if !strings.Contains(got[column], words) {
				t.Errorf("%s: %s is of no use because it %q, want %q", name, column, got[column], words)
			}
		}
		if got["x"] != "" || len(got) != 11 {
			t.Errorf("%s: %d columns, of which x %q", name, len(got), got["x"])
		}
		_, err := datatest.Open(t, name, content, testgraph.Tensor("n", graph.Int64))
		datatest.WantError(t, err, dataset.ErrUnfit, "column n has no value (null) in row 3")
		datatest.MustOpen(t, name, content, testgraph.Tensor("x", graph.Int64)) // the only free one: rows' numbers are not counted
	}
}

func TestBadArrow(t *testing.T) {
	x := []arrow.Field{required("x", arrow.PrimitiveTypes.Int64)}
	good, stream := fileOf(t, x, []string{`[{"x":1}]`, `[{"x":2}]`}), streamOf(t, x, []string{`[{"x":1}]`, `[{"x":2}]`})
	label := datatest.Label("x", 2)
	for _, c := range []struct {
		name, content string
		tensor        graph.Tensor
		kind          error
		words         []string
	}{
		{"d.arrow", "", label, dataset.ErrUnreadable, []string{"d.arrow is not an Arrow file, or is cut short"}},
		{"d.arrow", "PAR1 and more", label, dataset.ErrUnreadable, []string{`d.arrow is not an Arrow file: it begins with "PAR1"`}},
		{"d.arrow", good[:len(good)-9], label, dataset.ErrUnreadable, []string{"d.arrow is damaged", "copy the file again"}},
		{"d.arrow", stream[:len(stream)-20], label, dataset.ErrUnreadable, []string{"d.arrow is cut short"}},
		{"d.feather", "FEA1 and more", label, dataset.ErrUnreadable, []string{"Feather file of version 1", "pandas.read_feather"}},
		{"d.arrow.gz", datatest.Gzip(t, good), label, dataset.ErrUnreadable, []string{"decompress it first"}},
		{"d.arrow", good, label, dataset.ErrUnfit, []string{"column x has the value 2 in row 1, the graph knows 0 to 1"}},
		{"d.arrow", stream, label, dataset.ErrUnfit, []string{"column x has the value 2 in row 1, the graph knows 0 to 1"}},
		{"d.arrow", fileOf(t, x, []string{`[]`}), label, dataset.ErrUnfit, []string{"holds no examples"}},
		{"d.arrow", good, testgraph.Tensor("x", graph.String), dataset.ErrUnfit, []string{"column x holds int64, the graph takes string"}},
		{"d.arrow", fileOf(t, append(x, x...), nil), label, dataset.ErrUnreadable, []string{`two columns called "x"`}},
	} {
		t.Run(c.words[0], func(t *testing.T) {
			_, err := datatest.Open(t, c.name, c.content, c.tensor)
			datatest.WantError(t, err, c.kind, c.words...)
		})
	}
}

// Shards are joined in the order of their names.
func TestShards(t *testing.T) {
	dir := t.TempDir()
	x := []arrow.Field{required("x", arrow.PrimitiveTypes.Int64)}
	for i, rows := range []string{`[{"x":1},{"x":2}]`, `[{"x":3}]`} {
		datatest.WriteIn(t, dir, fmt.Sprintf("data-%05d-of-00002.arrow", i), streamOf(t, x, []string{rows}))
	}
	s := datatest.MustRead(t, dataset.Request{Sources: []string{dir + "/*.arrow"}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int64)}})
	if d := cmp.Diff([]int64{1, 2, 3}, datatest.Values[int64](s, "x")); d != "" {
		t.Error(d)
	}
	later := datatest.WriteIn(t, dir, "later.arrow", streamOf(t, []arrow.Field{required("y", arrow.PrimitiveTypes.Int64)}, []string{`[{"y":1}]`}))
	_, err := datatest.Read(t, dataset.Request{Sources: []string{dir + "/data-00000-of-00002.arrow", later}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int64)}})
	datatest.WantError(t, err, dataset.ErrUnfit, `later.arrow has no column "x"`)
	datatest.WriteIn(t, dir, "later.arrow", fileOf(t, append(x, x...), nil))
	_, err = datatest.Read(t, dataset.Request{Sources: []string{dir + "/data-00000-of-00002.arrow", later}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int64)}})
	datatest.WantError(t, err, dataset.ErrUnreadable, `later.arrow has two columns called "x"`)
}

// Whichever byte is damaged, reading comes to an end, with a set or an error.
func TestEveryDamagedByte(t *testing.T) {
	path := datatest.File(t, "d.arrow", "")
	for _, good := range []string{fileOf(t, tableFields[:4], []string{`[{"a":1,"b":2.5,"s":"one","n":[1,2,3]}]`}), streamOf(t, tableFields[:4], []string{`[{"a":1,"b":2.5,"s":"one","n":[1,2,3]}]`}, ipc.WithLZ4())} {
		for at := range len(good) {
			damaged := []byte(good)
			damaged[at] ^= []byte{0x01, 0xff}[at%2]
			datatest.Bounded(t, path, string(damaged))
		}
	}
}

func FuzzArrow(f *testing.F) {
	for _, options := range [][]ipc.Option{nil, {ipc.WithLZ4()}, {ipc.WithZstd()}} {
		f.Add([]byte(fileOf(f, tableFields, tableBatches, options...)))
		f.Add([]byte(streamOf(f, tableFields, tableBatches, options...)))
	}
	for _, kind := range []arrow.DataType{
		arrow.BinaryTypes.StringView, arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int8), &arrow.Decimal128Type{Precision: 9, Scale: 1}, arrow.FixedWidthTypes.Date32,
		arrow.LargeListOf(arrow.PrimitiveTypes.Int8), &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String},
	} {
		f.Add([]byte(fileOf(f, []arrow.Field{nullable("x", kind)}, []string{`[{"x":null},{"x":null}]`})))
	}
	f.Add([]byte("FEA1"))
	f.Add([]byte{})
	path := datatest.File(f, "d.arrow", "")
	f.Fuzz(func(t *testing.T, content []byte) {
		datatest.Bounded(t, path, string(content))
		datatest.Fuzz(t, path, string(content), testgraph.Tensor("n", graph.Int32, 0), testgraph.Tensor("s", graph.String))
	})
}
