package arrow

import (
	arrowgo "github.com/apache/arrow-go/v18/arrow"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/columnar"
)

// column is a column of values of one type, or of lists of them.
type column struct {
	dataset.Field
	path  []int // the numbers of the struct members that lead to it, from the top
	list  bool  // it is a list there
	below []int // the members of what is in the list
}

// columnsOf lists the columns of a schema. Members of a struct are called
// STRUCT.MEMBER.
func columnsOf(s *arrowgo.Schema) []column {
	var w walk
	for i, f := range s.Fields() {
		w.node(column{Field: dataset.Field{Name: f.Name}, path: []int{i}}, f.Type)
	}
	return w.columns
}

type walk struct{ columns []column }

// node adds the columns of a type, which c leads to.
func (w *walk) node(c column, dt arrowgo.DataType) {
	switch t := storage(dt).(type) {
	case *arrowgo.StructType:
		for i, f := range t.Fields() {
			member := c
			member.Name += "." + f.Name
			if c.list {
				member.below = append(append([]int{}, c.below...), i)
			} else {
				member.path = append(append([]int{}, c.path...), i)
			}
			w.node(member, f.Type)
		}
	case *arrowgo.ListType, *arrowgo.LargeListType, *arrowgo.FixedSizeListType:
		if c.list {
			w.add(c, arrowgo.ListOf(dt))
			return
		}
		c.list = true
		if fixed, ok := t.(*arrowgo.FixedSizeListType); ok {
			n := int64(fixed.Len())
			c.Shape = []*int64{nil, &n}
		}
		w.node(c, t.(arrowgo.ListLikeType).Elem())
	default:
		w.add(c, t)
	}
}

func (w *walk) add(c column, values arrowgo.DataType) {
	shape := c.Shape
	c.Field = columnar.Field(c.Name, values, c.list)
	c.Shape = shape
	w.columns = append(w.columns, c)
}

// storage returns the type of what an extension type is made of.
func storage(dt arrowgo.DataType) arrowgo.DataType {
	if extension, ok := dt.(arrowgo.ExtensionType); ok {
		return storage(extension.StorageType())
	}
	return dt
}
