package dataset

import (
	"fmt"
	"unsafe"

	"epochtime/harness/graph"
)

// Number is an element type that a column can be made of.
type Number interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | bool
}

// Of makes a column of values laid end to end; shape is the shape of one
// example. The values are used in place, not copied.
func Of[T Number](name string, shape []int, values []T) Column {
	var zero T
	size := int(unsafe.Sizeof(zero))
	data := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*size)
	return Column{Name: name, DType: graph.DType(fmt.Sprintf("%T", zero)), Shape: shape, Data: data}
}

// New makes a set of columns that hold the same number of examples. It returns
// ErrUnfit where they do not.
func New(source string, columns ...Column) (*Set, error) {
	s := &Set{Source: source}
	for i, c := range columns {
		size := c.RowBytes()
		if size <= 0 || len(c.Data)%size != 0 {
			return nil, fmt.Errorf("%w: %s: %d bytes of %s are no whole number of examples of %d", ErrUnfit, source, len(c.Data), c.Name, size)
		}
		n := len(c.Data) / size
		if i > 0 && n != s.Examples {
			return nil, fmt.Errorf("%w: %s holds %d examples of %s but %d of %s", ErrUnfit, source, n, c.Name, s.Examples, columns[0].Name)
		}
		s.Examples = n
		s.Columns = append(s.Columns, c)
	}
	return s, nil
}
