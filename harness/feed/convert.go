package feed

import (
	"fmt"
	"unsafe"

	"epochtime/harness/graph"
)

// converter writes the elements of src to dst in dst's type. Both start at an
// address that suits their type.
type converter func(dst, src []byte)

type number interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// newConverter picks the conversion from one type to another. A factor other
// than 1 multiplies every converted element, both in the target's type.
func newConverter(to, from graph.DType, factor float64) (converter, error) {
	if to == from && factor == 1 {
		return func(dst, src []byte) { copy(dst, src) }, nil
	}
	switch to {
	case graph.Float32:
		return convertTo(from, float32(factor))
	case graph.Float64:
		return convertTo(from, factor)
	}
	if factor != 1 {
		return nil, fmt.Errorf("scale needs a float32 or float64 input, not %s", to)
	}
	switch to {
	case graph.Bool, graph.Uint8:
		return convertTo[uint8](from, 1)
	case graph.Int8:
		return convertTo[int8](from, 1)
	case graph.Int16:
		return convertTo[int16](from, 1)
	case graph.Uint16:
		return convertTo[uint16](from, 1)
	case graph.Int32:
		return convertTo[int32](from, 1)
	case graph.Uint32:
		return convertTo[uint32](from, 1)
	case graph.Int64:
		return convertTo[int64](from, 1)
	case graph.Uint64:
		return convertTo[uint64](from, 1)
	}
	return nil, fmt.Errorf("no conversion from %s to %s", from, to)
}

func convertTo[D number](from graph.DType, factor D) (converter, error) {
	switch from {
	case graph.Float32:
		return convert[D, float32](factor), nil
	case graph.Float64:
		return convert[D, float64](factor), nil
	case graph.Bool, graph.Uint8:
		return convert[D, uint8](factor), nil
	case graph.Int8:
		return convert[D, int8](factor), nil
	case graph.Int16:
		return convert[D, int16](factor), nil
	case graph.Uint16:
		return convert[D, uint16](factor), nil
	case graph.Int32:
		return convert[D, int32](factor), nil
	case graph.Uint32:
		return convert[D, uint32](factor), nil
	case graph.Int64:
		return convert[D, int64](factor), nil
	case graph.Uint64:
		return convert[D, uint64](factor), nil
	}
	return nil, fmt.Errorf("no conversion from %s", from)
}

func convert[D, S number](factor D) converter {
	if factor == 1 {
		return func(dst, src []byte) {
			d, s := view[D](dst), view[S](src)
			for i, v := range s {
				d[i] = D(v)
			}
		}
	}
	return func(dst, src []byte) {
		d, s := view[D](dst), view[S](src)
		for i, v := range s {
			d[i] = D(v) * factor
		}
	}
}

// view reads bytes as numbers in place.
func view[T number](b []byte) []T {
	var zero T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(zero)))
}

// bytesOf is the other way round.
func bytesOf[T number](v []T) []byte {
	var zero T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(zero)))
}
