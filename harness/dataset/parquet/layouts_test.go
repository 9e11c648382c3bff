package parquet_test

import (
	"bytes"
	"strings"
	"testing"

	pq "github.com/apache/arrow-go/v18/parquet"
	pqfile "github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
	"github.com/google/go-cmp/cmp"

	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

const (
	must = pq.Repetition(0)
	may  = pq.Repetition(1)
	many = pq.Repetition(2)
)

func group(t *testing.T, name string, r pq.Repetition, kind schema.LogicalType, members ...schema.Node) schema.Node {
	t.Helper()
	n, err := schema.NewGroupNode(name, r, members, -1)
	if kind != nil {
		n, err = schema.NewGroupNodeLogical(name, r, members, kind, -1)
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// lowLevel is a file of one leaf, whose values write writes with their levels.
func lowLevel(t *testing.T, n schema.Node, write func(w pqfile.ColumnChunkWriter) error) string {
	t.Helper()
	root, err := schema.NewGroupNode("schema", pq.Repetitions.Required, schema.FieldList{n}, -1)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := pqfile.NewParquetWriter(&out, root)
	rows, err := w.AppendRowGroupChecked()
	if err != nil {
		t.Fatal(err)
	}
	column, err := rows.NextColumn()
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{func() error { return write(column) }, column.Close, w.Close} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// Lists are read in every layout that the format's writers have used.
func TestListLayouts(t *testing.T) {
	number := func(name string, r pq.Repetition) schema.Node { return schema.NewInt32Node(name, r, -1) }
	list := schema.NewListLogicalType()
	for _, c := range []struct {
		layout, name string
		node         schema.Node
		def          int16
	}{
		{"three levels", "x", group(t, "x", may, list, group(t, "list", many, nil, number("element", may))), 3},
		{"three levels of other names", "x", group(t, "x", must, list, group(t, "bag", many, nil, number("array_element", may))), 2},
		{"two levels", "x", group(t, "x", may, list, number("element", many)), 2},
		{"repeated", "x", number("x", many), 1},
		{"structs in two levels", "x.v", group(t, "x", must, list, group(t, "array", many, nil, number("v", must))), 1},
		{"structs of old writers", "x.v", group(t, "x", must, list, group(t, "x_tuple", many, nil, number("v", must))), 1},
		{"structs in three levels", "x.v", group(t, "x", must, list, group(t, "list", many, nil, group(t, "element", must, nil, number("v", may)))), 2},
		{"repeated structs", "x.v", group(t, "x", many, nil, number("v", must)), 1},
	} {
		t.Run(c.layout, func(t *testing.T) {
			content := lowLevel(t, c.node, func(w pqfile.ColumnChunkWriter) error {
				_, err := w.(*pqfile.Int32ColumnChunkWriter).WriteBatch([]int32{1, 2, 3}, []int16{c.def, c.def, c.def}, []int16{0, 1, 0})
				return err
			})
			s := datatest.MustOpen(t, "d.parquet", content, testgraph.Tensor(c.name, graph.Int64, 0))
			if d := cmp.Diff([]int{2, 1}, datatest.Lengths(s.Column(c.name))); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]int64{1, 2, 3}, datatest.Values[int64](s, c.name)); d != "" {
				t.Error(d)
			}
		})
	}
}

// texts writes byte arrays, and fixed ones of one length.
func texts(values ...string) func(pqfile.ColumnChunkWriter) error {
	return func(w pqfile.ColumnChunkWriter) error {
		var all []pq.ByteArray
		for _, v := range values {
			all = append(all, pq.ByteArray(v))
		}
		_, err := w.(*pqfile.ByteArrayColumnChunkWriter).WriteBatch(all, nil, nil)
		return err
	}
}

func fixed(values ...string) func(pqfile.ColumnChunkWriter) error {
	return func(w pqfile.ColumnChunkWriter) error {
		var all []pq.FixedLenByteArray
		for _, v := range values {
			all = append(all, pq.FixedLenByteArray(v))
		}
		_, err := w.(*pqfile.FixedLenByteArrayColumnChunkWriter).WriteBatch(all, nil, nil)
		return err
	}
}

func int32s(values ...int32) func(pqfile.ColumnChunkWriter) error {
	return func(w pqfile.ColumnChunkWriter) error {
		_, err := w.(*pqfile.Int32ColumnChunkWriter).WriteBatch(values, nil, nil)
		return err
	}
}

func int64s(values ...int64) func(pqfile.ColumnChunkWriter) error {
	return func(w pqfile.ColumnChunkWriter) error {
		_, err := w.(*pqfile.Int64ColumnChunkWriter).WriteBatch(values, nil, nil)
		return err
	}
}

func oldTime(w pqfile.ColumnChunkWriter) error {
	_, err := w.(*pqfile.Int96ColumnChunkWriter).WriteBatch([]pq.Int96{{}}, nil, nil)
	return err
}

// logical is a column of a logical type, and what it is read as.
type logical struct {
	name     string
	logical  schema.LogicalType
	physical pq.Type
	length   int
	write    func(pqfile.ColumnChunkWriter) error
	floats   []float64
	strings  []string
	unusable string
}

// A logical type says what bytes and integers are.
func TestLogicalTypes(t *testing.T) {
	id, decimal := strings.Repeat("u", 16), schema.NewDecimalLogicalType
	for _, c := range []logical{
		{"decimal in bytes", decimal(10, 2), pq.Types.ByteArray, -1, texts("\x01", "\xff\x7f"), []float64{0.01, -1.29}, nil, ""},
		{"decimal in four bytes", decimal(5, 1), pq.Types.Int32, -1, int32s(3, -15), []float64{0.3, -1.5}, nil, ""},
		{"decimal in eight bytes", decimal(18, 3), pq.Types.Int64, -1, int64s(123456789012345678, -1), []float64{123456789012345.678, -0.001}, nil, ""},
		{"decimal in fixed bytes", decimal(4, 0), pq.Types.FixedLenByteArray, 2, fixed("\x00\x07", "\xff\xff"), []float64{7, -1}, nil, ""},
		{"enum", schema.EnumLogicalType{}, pq.Types.ByteArray, -1, texts("A", "B"), nil, []string{"A", "B"}, ""},
		{"json", schema.JSONLogicalType{}, pq.Types.ByteArray, -1, texts("{}", "1"), nil, []string{"{}", "1"}, ""},
		{"uuid", schema.UUIDLogicalType{}, pq.Types.FixedLenByteArray, 16, fixed(id), nil, []string{id}, ""},
		{"bytes", schema.NoLogicalType{}, pq.Types.FixedLenByteArray, 3, fixed("abc"), nil, []string{"abc"}, ""},
		{"bson", schema.BSONLogicalType{}, pq.Types.ByteArray, -1, texts("x"), nil, nil, "is BSON: save it as plain numbers or strings"},
		{"interval", schema.IntervalLogicalType{}, pq.Types.FixedLenByteArray, 12, fixed("123456789012"), nil, nil, "is interval: save it"},
		{"old timestamp", schema.NoLogicalType{}, pq.Types.Int96, -1, oldTime, nil, nil, "is timestamp[ns]: save it as a number"},
	} {
		t.Run(c.name, c.check)
	}
}

func (c logical) check(t *testing.T) {
	n, err := schema.NewPrimitiveNodeLogical("x", must, c.logical, c.physical, c.length, -1)
	if err != nil {
		t.Fatal(err)
	}
	content := lowLevel(t, n, c.write)
	d := datatest.MustDescribe(t, "d.parquet", content)
	if got := d.Columns[0].Unusable; got == "" != (c.unusable == "") || !strings.HasPrefix(got, c.unusable) {
		t.Fatalf("it is of no use because it %q, want %q", got, c.unusable)
	}
	switch {
	case c.floats != nil:
		s := datatest.MustOpen(t, "d.parquet", content, testgraph.Tensor("x", graph.Float64))
		if d := cmp.Diff(c.floats, datatest.Values[float64](s, "x")); d != "" {
			t.Error(d)
		}
	case c.strings != nil:
		s := datatest.MustOpen(t, "d.parquet", content, testgraph.Tensor("x", graph.String))
		if d := cmp.Diff(c.strings, datatest.Strings(s.Column("x"))); d != "" {
			t.Error(d)
		}
	}
}
