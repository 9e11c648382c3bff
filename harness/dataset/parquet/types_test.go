package parquet_test

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// Each type of numbers is read as what holds all of its values.
func TestNumberTypes(t *testing.T) {
	content := tableOf(t, 1,
		`[{"u8":255,"u16":65535,"u32":4294967295,"u64":18446744073709551615,"i8":-128,"i16":-32768,"f16":0.5,"d32":"1.25","d38":"0.3","ok":true},
		  {"u8":0,"u16":1,"u32":2,"u64":9223372036854775808,"i8":127,"i16":32767,"f16":-2,"d32":"-7.50","d38":"-12345678901234567890123456789.0","ok":false}]`,
		required("u8", arrow.PrimitiveTypes.Uint8), required("u16", arrow.PrimitiveTypes.Uint16), required("u32", arrow.PrimitiveTypes.Uint32),
		required("u64", arrow.PrimitiveTypes.Uint64), required("i8", arrow.PrimitiveTypes.Int8), required("i16", arrow.PrimitiveTypes.Int16),
		required("f16", arrow.FixedWidthTypes.Float16), required("d32", &arrow.Decimal128Type{Precision: 5, Scale: 2}),
		required("d38", &arrow.Decimal128Type{Precision: 38, Scale: 1}), required("ok", arrow.FixedWidthTypes.Boolean))
	type column struct {
		DType     graph.DType
		Low, High float64
	}
	want := map[string]column{
		"u8": {graph.Uint8, 0, 255}, "u16": {graph.Uint16, 1, 65535}, "u32": {graph.Uint32, 2, 1<<32 - 1}, "u64": {graph.Uint64, 1 << 63, math.MaxUint64},
		"i8": {graph.Int8, -128, 127}, "i16": {graph.Int16, -32768, 32767}, "f16": {graph.Float16, -2, 0.5},
		"d32": {graph.Float64, -7.5, 1.25}, "d38": {graph.Float64, -12345678901234567890123456789.0, 0.3}, "ok": {graph.Bool, 0, 1},
	}
	for _, c := range datatest.MustDescribe(t, "d.parquet", content).Columns {
		if d := cmp.Diff(want[c.Name], column{c.DType, *c.Low, *c.High}); d != "" {
			t.Error(c.Name, d)
		}
	}
	s := datatest.MustOpen(t, "d.parquet", content, testgraph.Tensor("u64", graph.Float32), testgraph.Tensor("f16", graph.Float64), testgraph.Tensor("d32", graph.Float32), testgraph.Tensor("u32", graph.Int64))
	for _, c := range []struct{ want, got any }{
		{[]float32{1 << 64, 1 << 63}, datatest.Values[float32](s, "u64")},
		{[]float64{0.5, -2}, datatest.Values[float64](s, "f16")},
		{[]float32{1.25, -7.5}, datatest.Values[float32](s, "d32")},
		{[]int64{1<<32 - 1, 2}, datatest.Values[int64](s, "u32")},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Error(d)
		}
	}
	for _, c := range []struct {
		tensor graph.Tensor
		words  string
	}{
		{testgraph.Tensor("u64", graph.Int64), "u64 has the value 18446744073709551615 in row 0, which does not fit int64"},
		{testgraph.Tensor("d32", graph.Int32), "d32 has the value 1.25 in row 0, the graph takes int32"},
		{testgraph.Tensor("u32", graph.Int32), "u32 has the value 4294967295 in row 0"},
	} {
		_, err := datatest.Open(t, "d.parquet", content, c.tensor)
		datatest.WantError(t, err, dataset.ErrUnfit, c.words)
	}
}

// Integers of more digits than float64 has are not fed from decimals.
func TestLongDecimals(t *testing.T) {
	x, wide := testgraph.Tensor("x", graph.Int64), required("x", &arrow.Decimal128Type{Precision: 20})
	datatest.MustOpen(t, "d.parquet", tableOf(t, 9, `[{"x":"9007199254740991"}]`, wide), x)
	_, err := datatest.Open(t, "d.parquet", tableOf(t, 9, `[{"x":"1"},{"x":"9007199254740993"}]`, wide), x)
	datatest.WantError(t, err, dataset.ErrUnfit, "column x has the value 9007199254740992 in row 1", "save it as int64")
}

// Rows without a value are counted, and the others described, over pages and row groups.
func TestMissing(t *testing.T) {
	var rows []string
	for i := range 100 {
		text, number, half := fmt.Sprintf("%q", string(rune('a'+i%5))), fmt.Sprint(i), fmt.Sprintf("%g", float64(i)/2)
		if i%3 == 0 {
			text, half = "null", "null"
		}
		if i < 40 { // whole row groups
			number = "null"
		}
		rows = append(rows, fmt.Sprintf(`{"s":%s,"n":%s,"f":%s,"d":%s,"y":%d,"none":null}`, text, number, half, number, i))
	}
	content := tableOf(t, 7, "["+strings.Join(rows, ",")+"]", nullable("s", arrow.BinaryTypes.String), nullable("n", arrow.PrimitiveTypes.Int64),
		nullable("f", arrow.PrimitiveTypes.Float64), nullable("d", &arrow.Decimal128Type{Precision: 9, Scale: 1}), required("y", arrow.PrimitiveTypes.Int64), nullable("none", arrow.PrimitiveTypes.Float32))
	d := datatest.MustDescribe(t, "d.parquet", content)
	got := make(map[string]string)
	for _, c := range d.Columns {
		got[c.Name] = fmt.Sprintf("%d missing, %d different", c.Missing, c.Distinct)
		if c.Low != nil {
			got[c.Name] = fmt.Sprintf("%d missing, %g to %g", c.Missing, *c.Low, *c.High)
		}
	}
	want := map[string]string{
		"s": "34 missing, 5 different", "n": "40 missing, 40 to 99", "f": "34 missing, 0.5 to 49", "d": "40 missing, 40 to 99", "y": "0 missing, 0 to 99",
		"none": "0 missing, 0 different",
	}
	if diff := cmp.Diff(want, got); diff != "" || d.Examples != 100 {
		t.Errorf("%d examples: %s", d.Examples, diff)
	}
	if d := datatest.MustDescribe(t, "d.parquet", tableOf(t, 2, `[{"n":null},{"n":null},{"n":null}]`, nullable("n", arrow.PrimitiveTypes.Int64))); d.Examples != 3 {
		t.Errorf("%d examples of a column without values, want 3", d.Examples)
	}
	if reason := datatest.Unusable(d)["none"]; !strings.Contains(reason, "has no value in any of 100 examples") {
		t.Errorf("a column without values is of no use because it %q", reason)
	}
	_, err := datatest.Open(t, "d.parquet", content, testgraph.Tensor("n", graph.Int64))
	datatest.WantError(t, err, dataset.ErrUnfit, "column n has no value (null) in row 0")
}

// A column that is of no use says why, and keeps no other from being read.
func TestUnusableColumns(t *testing.T) {
	content := tableOf(t, 2,
		`[{"x":1,"when":"2024-01-02 03:04:05","day":"2024-01-02","clock":"01:02:03","m":[{"key":"a","value":1}],"nest":[[1]],"n":null,"empty":[1],"none":null,"__index_level_0__":7},
		  {"x":2,"when":"2024-01-02 03:04:05","day":"2024-01-02","clock":"01:02:03","m":[],"nest":[[1]],"n":null,"empty":[1],"none":null,"__index_level_0__":8},
		  {"x":3,"when":"2024-01-02 03:04:05","day":"2024-01-02","clock":"01:02:03","m":[],"nest":[[1]],"n":5,"empty":[],"none":null,"__index_level_0__":9}]`,
		required("x", arrow.PrimitiveTypes.Int64), required("when", &arrow.TimestampType{Unit: arrow.Nanosecond}), required("day", arrow.FixedWidthTypes.Date32),
		required("clock", arrow.FixedWidthTypes.Time64us), nullable("m", arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64)),
		nullable("nest", arrow.ListOf(arrow.ListOf(arrow.PrimitiveTypes.Int64))), nullable("n", arrow.PrimitiveTypes.Int64),
		nullable("empty", arrow.ListOf(arrow.PrimitiveTypes.Int64)), nullable("none", arrow.Null), required("__index_level_0__", arrow.PrimitiveTypes.Int64))
	got := datatest.Unusable(datatest.MustDescribe(t, "d.parquet", content))
	for name, words := range map[string]string{
		"when": "is timestamp[ns]: save it as a number", "day": "is date32: save it as a number", "clock": "is time64[us]: save it as a number",
		"m": "is map: save its keys and values", "nest": "save lists of lists flat",
		"empty": "has an empty list or a null in row 2", "none": "is null: it has no values",
	} {
		if !strings.Contains(got[name], words) {
			t.Errorf("%s is of no use because it %q, want %q", name, got[name], words)
		}
	}
	if got["x"] != "" || len(got) != 10 {
		t.Errorf("%d columns, of which x %q", len(got), got["x"])
	}
	_, err := datatest.Open(t, "d.parquet", content, testgraph.Tensor("when", graph.Int64))
	datatest.WantError(t, err, dataset.ErrUnfit, "column when is timestamp[ns]")
	datatest.MustOpen(t, "d.parquet", content, testgraph.Tensor("x", graph.Int64))
	indexed := datatest.MustOpen(t, "d.parquet", content, testgraph.Tensor("__index_level_0__", graph.Int64))
	if d := cmp.Diff([]int64{7, 8, 9}, datatest.Values[int64](indexed, "__index_level_0__")); d != "" {
		t.Error(d)
	}
}

// Bytes and text of every kind are strings, and dictionaries are what they stand for.
func TestTextTypes(t *testing.T) {
	content := tableOf(t, 2,
		`[{"s":"a","b":"AAE=","f":"AAH/","c":"red"},{"s":"","b":"","f":"/wEA","c":"blue"},{"s":"c","b":"AA==","f":"AAAA","c":"red"}]`,
		required("s", arrow.BinaryTypes.LargeString), required("b", arrow.BinaryTypes.Binary), required("f", &arrow.FixedSizeBinaryType{ByteWidth: 3}),
		required("c", &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}))
	names := []string{"s", "b", "f", "c"}
	var tensors []graph.Tensor
	for _, name := range names {
		tensors = append(tensors, testgraph.Tensor(name, graph.String))
	}
	s := datatest.MustOpen(t, "d.parquet", content, tensors...)
	for i, want := range [][]string{{"a", "", "c"}, {"\x00\x01", "", "\x00"}, {"\x00\x01\xff", "\xff\x01\x00", "\x00\x00\x00"}, {"red", "blue", "red"}} {
		if d := cmp.Diff(want, datatest.Strings(s.Column(names[i]))); d != "" {
			t.Error(names[i], d)
		}
	}
}

// Members of structs have a name of their own, within lists too.
func TestStructs(t *testing.T) {
	inner := arrow.StructOf(required("p", arrow.PrimitiveTypes.Int32), required("q", arrow.PrimitiveTypes.Float32))
	content := tableOf(t, 9, `[{"a":{"p":1,"q":0.5},"l":[{"p":1,"q":2},{"p":3,"q":4}]},{"a":{"p":2,"q":1.5},"l":[{"p":5,"q":6}]}]`,
		required("a", inner), required("l", arrow.ListOfNonNullable(inner)))
	s := datatest.MustRead(t, dataset.Request{
		Sources: []string{datatest.File(t, "d.parquet", content)}, Columns: map[string]string{"x": "a.p,a.q", "y": "l.p"},
		Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float32, 2), testgraph.Tensor("y", graph.Int64, 0)},
	})
	if d := cmp.Diff([]float32{1, 0.5, 2, 1.5}, datatest.Values[float32](s, "x")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int64{1, 3, 5}, datatest.Values[int64](s, "y")); d != "" {
		t.Error(d)
	}
	for name, why := range datatest.Unusable(datatest.MustDescribe(t, "d.parquet", content)) {
		if why != "" {
			t.Errorf("%s: %s", name, why)
		}
	}
}

// A later file that lacks a column, or holds another kind of values, is named.
func TestLaterFiles(t *testing.T) {
	dir := t.TempDir()
	first := datatest.WriteIn(t, dir, "a.parquet", tableOf(t, 9, `[{"x":1}]`, required("x", arrow.PrimitiveTypes.Int64)))
	for _, c := range []struct{ content, words string }{
		{tableOf(t, 9, `[{"y":1}]`, required("y", arrow.PrimitiveTypes.Int64)), `later.parquet has no column "x", which the files before it have`},
		{tableOf(t, 9, `[{"x":"a"}]`, required("x", arrow.BinaryTypes.String)), "later.parquet: column x holds strings, the graph takes int64"},
		{tableOf(t, 9, `[{"x":"2024-01-01"}]`, required("x", arrow.FixedWidthTypes.Date32)), "later.parquet: column x is date32"},
		{tableOf(t, 9, `[{"x":1.5}]`, required("x", arrow.PrimitiveTypes.Float64)), "later.parquet: column x has the value 1.5 in row 0"},
	} {
		q := dataset.Request{Sources: []string{first, datatest.WriteIn(t, dir, "later.parquet", c.content)}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int64)}}
		_, err := datatest.Read(t, q)
		datatest.WantError(t, err, dataset.ErrUnfit, c.words)
	}
	twice := tableOf(t, 9, `[]`, required("x", arrow.PrimitiveTypes.Int64), required("x", arrow.PrimitiveTypes.Int64))
	_, err := datatest.Open(t, "d.parquet", twice, testgraph.Tensor("x", graph.Int64))
	datatest.WantError(t, err, dataset.ErrUnreadable, `two columns called "x"`)
	_, err = datatest.Read(t, dataset.Request{Sources: []string{first, datatest.WriteIn(t, dir, "later.parquet", twice)}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Int64)}})
	datatest.WantError(t, err, dataset.ErrUnreadable, `later.parquet has two columns called "x"`)
}

// What a later file lacks, or holds in another way, keeps the other columns from nothing.
func TestLaterFilesAreDescribed(t *testing.T) {
	dir := t.TempDir()
	kinds := func(types ...arrow.DataType) (out []arrow.Field) {
		for i, kind := range types {
			out = append(out, nullable(string(rune('a'+i)), kind))
		}
		return out
	}
	first := datatest.WriteIn(t, dir, "1.parquet", tableOf(t, 9, `[{"a":1, "b":1, "c":1, "d":1, "e":"x", "f":1}]`, kinds(
		arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Uint8, arrow.PrimitiveTypes.Float32, arrow.PrimitiveTypes.Int64, arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64)...))
	second := datatest.WriteIn(t, dir, "2.parquet", tableOf(t, 9, `[{"a":1.5, "b":-1, "c":3, "e":7}]`, kinds(
		arrow.PrimitiveTypes.Float64, arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Float32, arrow.FixedWidthTypes.Date32, arrow.PrimitiveTypes.Int64)...))
	d, err := datatest.Describe(t, first, second)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range d.Columns {
		text := fmt.Sprintf("%s %s", c.Name, c.DType)
		if c.Unusable != "" {
			text += " " + strings.ReplaceAll(c.Unusable, dir+string(filepath.Separator), "")
		} else {
			text += fmt.Sprintf(" %g %g", *c.Low, *c.High)
		}
		got = append(got, text)
	}
	want := []string{
		"a float64 1 1.5", "b int64 -1 1", "c float32 1 3",
		`d int64 of 2.parquet is date32: save it as a number, as pd.to_datetime(column).astype("int64") makes one`,
		"e string is int64 in 2.parquet, and string before: write it alike in every file",
		"f int64 is not in 2.parquet: write it into every file, or leave those without it out",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
