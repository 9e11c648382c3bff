package parquet

import (
	"cmp"

	"github.com/apache/arrow-go/v18/arrow"
	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/columnar"
)

// column is a column of a file, as its writer saw it: the levels of a list have names
// of their own, which are left out.
type column struct {
	dataset.Field
	leaf  int            // its number among the physical columns
	holds arrow.DataType // what a value is
}

// columnsOf lists the columns of a schema. Members of a struct are called
// STRUCT.MEMBER; a map is one column.
func columnsOf(s *schema.Schema) []column {
	w := walk{schema: s}
	root := s.Root()
	for i := range root.NumFields() {
		n := root.Field(i)
		w.node(n, n.Name(), 0)
	}
	return w.columns
}

type walk struct {
	schema  *schema.Schema
	columns []column
	leaf    int
}

// node adds the columns below a node, which is within so many lists.
func (w *walk) node(n schema.Node, name string, lists int) {
	if n.RepetitionType() == pq.Repetitions.Repeated {
		lists++
	}
	group, nested := n.(*schema.GroupNode)
	switch {
	case !nested:
		w.add(name, lists)
	case isMap(group):
		w.skip(group)
		m := arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String)
		w.columns = append(w.columns, column{Field: dataset.Field{Name: name, Unusable: columnar.Unread("map", m)}, holds: m})
	case isList(group):
		w.list(group, name, lists)
	default:
		w.members(group, name, lists)
	}
}

func (w *walk) members(group *schema.GroupNode, name string, lists int) {
	for i := range group.NumFields() {
		n := group.Field(i)
		w.node(n, name+"."+n.Name(), lists)
	}
}

// list adds what is repeated in a list. As the format has it, a repeated group of one
// member is a level of the list, unless old writers' names say that it is a struct.
func (w *walk) list(of *schema.GroupNode, name string, lists int) {
	repeated := of.Field(0)
	group, nested := repeated.(*schema.GroupNode)
	old := repeated.Name() == "array" || repeated.Name() == of.Name()+"_tuple"
	if !nested || isList(group) || isMap(group) {
		w.node(repeated, name, lists)
		return
	}
	if group.NumFields() != 1 || old {
		w.members(group, name, lists+1)
		return
	}
	w.node(group.Field(0), name, lists+1)
}

func isList(n *schema.GroupNode) bool {
	list := n.ConvertedType() == schema.ConvertedTypes.List
	return list && n.NumFields() == 1 && n.Field(0).RepetitionType() == pq.Repetitions.Repeated
}

func isMap(n *schema.GroupNode) bool {
	return n.ConvertedType() == schema.ConvertedTypes.Map || n.ConvertedType() == schema.ConvertedTypes.MapKeyValue
}

// skip passes over the leaves of a node.
func (w *walk) skip(n schema.Node) {
	group, nested := n.(*schema.GroupNode)
	if !nested {
		w.leaf++
		return
	}
	for i := range group.NumFields() {
		w.skip(group.Field(i))
	}
}

// add adds the column of the next leaf.
func (w *walk) add(name string, lists int) {
	c := column{leaf: w.leaf, holds: typeOf(w.schema.Column(w.leaf))}
	w.leaf++
	if lists > 1 {
		c.holds = arrow.ListOf(arrow.ListOf(c.holds))
	}
	c.Field = columnar.Field(name, c.holds, lists > 0)
	if kind := unread[w.schema.Column(c.leaf).ConvertedType()]; kind != "" {
		c.DType, c.Unusable = "", columnar.Unread(kind, c.holds)
	}
	w.columns = append(w.columns, c)
}

// unread are types without a name in Arrow.
var unread = map[schema.ConvertedType]string{
	schema.ConvertedTypes.BSON:     "BSON",
	schema.ConvertedTypes.Interval: "interval",
}

// physical are the types of values that have no logical one.
var physical = map[pq.Type]arrow.DataType{
	pq.Types.Boolean: arrow.FixedWidthTypes.Boolean, pq.Types.Int32: arrow.PrimitiveTypes.Int32, pq.Types.Int64: arrow.PrimitiveTypes.Int64,
	pq.Types.Float: arrow.PrimitiveTypes.Float32, pq.Types.Double: arrow.PrimitiveTypes.Float64,
	pq.Types.ByteArray: arrow.BinaryTypes.Binary, pq.Types.Int96: &arrow.TimestampType{Unit: arrow.Nanosecond},
}

var signed = map[int8]arrow.DataType{8: arrow.PrimitiveTypes.Int8, 16: arrow.PrimitiveTypes.Int16, 32: arrow.PrimitiveTypes.Int32, 64: arrow.PrimitiveTypes.Int64}
var unsigned = map[int8]arrow.DataType{8: arrow.PrimitiveTypes.Uint8, 16: arrow.PrimitiveTypes.Uint16, 32: arrow.PrimitiveTypes.Uint32, 64: arrow.PrimitiveTypes.Uint64}
var units = map[schema.TimeUnitType]arrow.TimeUnit{schema.TimeUnitMillis: arrow.Millisecond, schema.TimeUnitMicros: arrow.Microsecond, schema.TimeUnitNanos: arrow.Nanosecond}

// typeOf returns what the values of a leaf are.
func typeOf(c *schema.Column) arrow.DataType {
	switch t := c.LogicalType().(type) {
	case schema.IntLogicalType:
		if t.IsSigned() {
			return cmp.Or(signed[t.BitWidth()], arrow.Null)
		}
		return cmp.Or(unsigned[t.BitWidth()], arrow.Null)
	case schema.DecimalLogicalType:
		return &arrow.Decimal256Type{Precision: t.Precision(), Scale: t.Scale()}
	case schema.Float16LogicalType:
		return arrow.FixedWidthTypes.Float16
	case schema.DateLogicalType:
		return arrow.FixedWidthTypes.Date32
	case schema.TimeLogicalType:
		if t.TimeUnit() == schema.TimeUnitMillis {
			return arrow.FixedWidthTypes.Time32ms
		}
		return &arrow.Time64Type{Unit: units[t.TimeUnit()]}
	case schema.TimestampLogicalType:
		zone := ""
		if t.IsAdjustedToUTC() {
			zone = "UTC"
		}
		return &arrow.TimestampType{Unit: units[t.TimeUnit()], TimeZone: zone}
	case schema.NullLogicalType:
		return arrow.Null
	}
	if c.PhysicalType() == pq.Types.FixedLenByteArray {
		return &arrow.FixedSizeBinaryType{ByteWidth: c.TypeLength()}
	}
	return cmp.Or(physical[c.PhysicalType()], arrow.Null)
}
