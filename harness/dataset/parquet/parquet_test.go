package parquet_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	arrowarray "github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	pq "github.com/apache/arrow-go/v18/parquet"
	pqfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// tableOf is a Parquet file of the rows of a JSON array, in row groups of so many.
func tableOf(t testing.TB, group int64, rows string, fields ...arrow.Field) string {
	t.Helper()
	return written(t, rows, fields, pq.WithMaxRowGroupLength(group))
}

// written is a Parquet file with those properties.
func written(t testing.TB, rows string, fields []arrow.Field, properties ...pq.WriterProperty) string {
	t.Helper()
	s := arrow.NewSchema(fields, nil)
	record, _, err := arrowarray.RecordFromJSON(memory.DefaultAllocator, s, strings.NewReader(rows))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(s, &out, pq.NewWriterProperties(properties...), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(record); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func nullable(name string, kind arrow.DataType) arrow.Field {
	return arrow.Field{Name: name, Type: kind, Nullable: true}
}

func required(name string, kind arrow.DataType) arrow.Field {
	return arrow.Field{Name: name, Type: kind}
}

func TestParquet(t *testing.T) {
	ints := arrow.ListOfNonNullable(arrow.PrimitiveTypes.Int64)
	content := tableOf(t, 2,
		`[{"a":1,"b":2.5,"s":"one","n":[1,2,3],"f":[1,2],"y":7,"ok":true},
		  {"a":-3,"b":0.5,"s":"","n":[4],"f":[3,4],"y":8,"ok":false},
		  {"a":5,"b":6,"s":"three","n":[5,6],"f":[5,6],"y":9,"ok":true}]`,
		required("a", arrow.PrimitiveTypes.Int32), nullable("b", arrow.PrimitiveTypes.Float64), nullable("s", arrow.BinaryTypes.String),
		nullable("n", ints), required("f", arrow.ListOf(arrow.PrimitiveTypes.Float32)),
		required("y", arrow.PrimitiveTypes.Uint8), nullable("ok", arrow.FixedWidthTypes.Boolean))
	q := dataset.Request{
		Sources: []string{datatest.File(t, "d.parquet", content)},
		Columns: map[string]string{"x": "a,b"},
		Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float32, 2), testgraph.Tensor("s", graph.String), testgraph.Tensor("n", graph.Int32, 0), testgraph.Tensor("f", graph.Float32, 2),
			datatest.Label("y", 10), testgraph.Tensor("ok", graph.Float32)},
	}
	s := datatest.MustRead(t, q)
	for _, c := range []struct{ want, got any }{
		{3, s.Examples()},
		{[]float32{1, 2.5, -3, 0.5, 5, 6}, datatest.Values[float32](s, "x")},
		{[]string{"one", "", "three"}, datatest.Strings(s.Column("s"))},
		{[]int{3, 1, 2}, datatest.Lengths(s.Column("n"))},
		{[]int32{1, 2, 3, 4, 5, 6}, datatest.Values[int32](s, "n")},
		{[]float32{1, 2, 3, 4, 5, 6}, datatest.Values[float32](s, "f")},
		{[]int{2}, s.Column("f").Shape()},
		{[]int32{7, 8, 9}, datatest.Values[int32](s, "y")},
		{[]float32{1, 0, 1}, datatest.Values[float32](s, "ok")},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Error(d)
		}
	}
}

// Row groups and pages come in order, whatever room memory has.
func TestParquetGroups(t *testing.T) {
	const n = 40_000
	var rows strings.Builder
	for i := range n {
		fmt.Fprintf(&rows, "%c{\"x\":%d,\"s\":\"text %d\"}", "[,"[min(i, 1)], i, i)
	}
	content := tableOf(t, 9_000, rows.String()+"]", nullable("x", arrow.PrimitiveTypes.Float64), required("s", arrow.BinaryTypes.String))
	q := dataset.Request{Sources: []string{datatest.File(t, "d.parquet", content)}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float32), testgraph.Tensor("s", graph.String)}}
	for _, room := range []int{1 << 30, 1 << 17, 1} {
		q.Room = room
		s := datatest.MustRead(t, q)
		if s.Examples() != n {
			t.Fatalf("room %d: %d examples", room, s.Examples())
		}
		for i := range n {
			if x, text := datatest.Values[float32](s, "x")[i], string(s.Column("s").Text(i)); x != float32(i) || text != fmt.Sprint("text ", i) {
				t.Fatalf("room %d: example %d is %g, %q", room, i, x, text)
			}
		}
	}
}

func TestBadParquet(t *testing.T) {
	number := nullable("x", arrow.PrimitiveTypes.Int64)
	good := tableOf(t, 10, `[{"x":1},{"x":2}]`, number)
	middle := []byte(good)
	copy(middle[4:40], bytes.Repeat([]byte{0xff}, 36))
	x := datatest.Label("x", 3)
	for _, c := range []struct {
		name, content string
		tensor        graph.Tensor
		kind          error
		words         []string
	}{
		{"empty file", "", x, dataset.ErrUnreadable, []string{"d.parquet is not a Parquet file, or is cut short"}},
		{"cut short", good[:len(good)-9], x, dataset.ErrUnreadable, []string{"cut short"}},
		{"damaged", string(middle), x, dataset.ErrUnreadable, []string{"d.parquet"}},
		{"no rows", tableOf(t, 10, `[]`, number), x, dataset.ErrUnfit, []string{"holds no examples"}},
		{"no column", good, testgraph.Tensor("a", graph.Float32, 2), dataset.ErrUnfit, []string{"no column for a", "takes 2 columns"}},
		{"null", tableOf(t, 1, `[{"x":1},{"x":null}]`, number), x, dataset.ErrUnfit, []string{"column x has no value (null) in row 1"}},
		{"label", tableOf(t, 1, `[{"x":1},{"x":3}]`, number), x, dataset.ErrUnfit, []string{"column x has the value 3 in row 1, the graph knows 0 to 2"}},
		{"fractions", tableOf(t, 1, `[{"x":1},{"x":1.5}]`, nullable("x", arrow.PrimitiveTypes.Float32)), x, dataset.ErrUnfit, []string{"column x has the value 1.5 in row 1, the graph takes int32"}},
		{"strings", tableOf(t, 1, `[{"x":"red"}]`, nullable("x", arrow.BinaryTypes.String)), x, dataset.ErrUnfit, []string{"holds strings, the graph takes int32", "StringLookup"}},
		{"times", tableOf(t, 1, `[{"x":1}]`, nullable("x", arrow.FixedWidthTypes.Timestamp_us)), x, dataset.ErrUnfit, []string{"column x is timestamp[us, tz=UTC]: save it as a number"}},
		{"empty list", tableOf(t, 9, `[{"x":[1]},{"x":[]}]`, nullable("x", arrow.ListOf(arrow.PrimitiveTypes.Int64))), testgraph.Tensor("x", graph.Int32, 0), dataset.ErrUnfit, []string{"empty list or a null in row 1"}},
		{"null in a list", tableOf(t, 9, `[{"x":[1]},{"x":[1,null]}]`, nullable("x", arrow.ListOf(arrow.PrimitiveTypes.Int64))), testgraph.Tensor("x", graph.Int32, 0), dataset.ErrUnfit, []string{"empty list or a null in row 1"}},
		{"lists of lists", tableOf(t, 9, `[{"x":[[1]]}]`, nullable("x", arrow.ListOf(arrow.ListOf(arrow.PrimitiveTypes.Int64)))), testgraph.Tensor("x", graph.Int32, 0), dataset.ErrUnfit, []string{"lists of lists"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := datatest.Open(t, "d.parquet", c.content, c.tensor)
			datatest.WantError(t, err, c.kind, c.words...)
		})
	}
}

// What a footer claims a column to take is not allocated.
func TestClaimedSize(t *testing.T) {
	content := written(t, `[{"x":1}]`, []arrow.Field{required("x", arrow.PrimitiveTypes.Int64)}, pq.WithStats(false))
	rd, err := pqfile.NewParquetReader(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	column, err := rd.MetaData().RowGroup(0).ColumnChunk(0)
	if err != nil {
		t.Fatal(err)
	}
	sizes := func(compressed int64) string { // as Thrift writes two fields of 64 bits, one after the other
		all := binary.AppendVarint([]byte{0x16}, column.TotalUncompressedSize())
		return string(binary.AppendVarint(append(all, 0x16), compressed))
	}
	honest, claim := sizes(column.TotalCompressedSize()), sizes(3<<30)
	if strings.Count(content, honest) != 1 {
		t.Fatal("the sizes are not found in the footer")
	}
	claimed := []byte(strings.Replace(content, honest, claim, 1))
	footer := claimed[len(claimed)-8:]
	binary.LittleEndian.PutUint32(footer, binary.LittleEndian.Uint32(footer)+uint32(len(claim)-len(honest)))
	datatest.Bounded(t, datatest.File(t, "d.parquet", ""), string(claimed))
}

// A file that is compressed as a whole is recognised, and refused with the way out.
func TestCompressedAsAWhole(t *testing.T) {
	content := datatest.Gzip(t, tableOf(t, 10, `[{"x":1}]`, required("x", arrow.PrimitiveTypes.Int64)))
	_, err := datatest.Open(t, "d.parquet.gz", content, testgraph.Tensor("x", graph.Int64))
	datatest.WantError(t, err, dataset.ErrUnreadable, "d.parquet.gz is a Parquet file that is compressed as a whole: decompress it first")
}

// delta is a file of integers and strings in the encodings that count from value to
// value, as Spark and Arrow write them.
func delta(t testing.TB) string {
	t.Helper()
	var rows strings.Builder
	for i := range 100 {
		fmt.Fprintf(&rows, "%c{\"x\":%d,\"s\":\"text %d\"}", "[,"[min(i, 1)], i*i, i)
	}
	return written(t, rows.String()+"]", []arrow.Field{required("x", arrow.PrimitiveTypes.Int32), required("s", arrow.BinaryTypes.String)},
		pq.WithDictionaryDefault(false), pq.WithEncodingFor("x", pq.Encodings.DeltaBinaryPacked), pq.WithEncodingFor("s", pq.Encodings.DeltaByteArray), pq.WithStats(false))
}

// Damage in one column keeps a file from being described: the others may be damaged
// too, in ways that nothing shows.
func TestDamagedColumn(t *testing.T) {
	content := []byte(written(t, `[{"x":1,"y":1},{"x":2,"y":2}]`, []arrow.Field{required("x", arrow.PrimitiveTypes.Int64), required("y", arrow.PrimitiveTypes.Int64)}, pq.WithDictionaryDefault(false)))
	copy(content[4:], bytes.Repeat([]byte{0xff}, 20)) // where the page of x begins
	path := datatest.File(t, "d.parquet", string(content))
	_, err := datatest.Describe(t, path)
	datatest.WantError(t, err, dataset.ErrUnreadable, "d.parquet: column x is damaged", "copy the file again, or write it anew")
}

// Whichever byte is damaged, reading comes to an end, with a set or an error.
func TestEveryDamagedByte(t *testing.T) {
	good := delta(t)
	s := datatest.MustOpen(t, "d.parquet", good, testgraph.Tensor("x", graph.Int32), testgraph.Tensor("s", graph.String))
	if got := datatest.Values[int32](s, "x")[99]; got != 99*99 || s.Examples() != 100 {
		t.Fatalf("%d examples, the last is %d", s.Examples(), got)
	}
	path := datatest.File(t, "d.parquet", "")
	for at := range len(good) {
		for _, flip := range []byte{0x01, 0xff} {
			damaged := []byte(good)
			damaged[at] ^= flip
			datatest.Bounded(t, path, string(damaged))
		}
	}
}
