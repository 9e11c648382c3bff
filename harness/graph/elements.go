package graph

import (
	"fmt"
	"math"
	"unsafe"
)

// Number is a Go type that holds the elements of a column.
type Number interface {
	number | bool
}

type number interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

// DTypeOf returns the element type that T holds.
func DTypeOf[T Number]() DType {
	var zero T
	return DType(fmt.Sprintf("%T", zero))
}

// Count returns the number of elements of a shape, or -1 if a dimension is
// negative or the product overflows.
func Count(shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 || (d > 0 && n > math.MaxInt/d) {
			return -1
		}
		n *= d
	}
	return n
}

// View returns little-endian bytes as numbers, in place. The bytes must be
// aligned for T.
func View[T any](b []byte) []T {
	var zero T
	if len(b) < int(unsafe.Sizeof(zero)) {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(zero)))
}

// Bytes returns the bytes of numbers, in place.
func Bytes[T any](v []T) []byte {
	var zero T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(zero)))
}

// Allocate returns n zero bytes, aligned for every element type.
func Allocate(n int) []byte {
	if n <= 0 {
		return nil
	}
	return Bytes(make([]uint64, (n+7)/8))[:n]
}

// Elements are the operations on elements of one type. Byte slices hold whole
// elements, little-endian, and are aligned for the type.
type Elements interface {
	// Get returns element i as a float64.
	Get(b []byte, i int) float64
	// Put sets element i to v, which the type must hold.
	Put(b []byte, i int, v float64)
	// Int returns element i, truncated to an integer.
	Int(b []byte, i int) int64
	// PutInt sets element i to v, which the type must hold.
	PutInt(b []byte, i int, v int64)
	// Outside returns the first element below low or above high and its text,
	// or -1. It is for integers.
	Outside(b []byte, low int64, high uint64) (int, string)
	// Nonfinite returns the first element that is infinite or not a number once
	// converted to the type to, or -1. With nan, one that is not a number is passed over.
	Nonfinite(b []byte, to DType, nan bool) (int, float64)
	// Unwhole returns the first element that is not a whole number from low to high,
	// or -1. It is for floating-point numbers.
	Unwhole(b []byte, low int64, high uint64) (int, float64)
	// Scatter copies the elements of src to first, first+stride, … of dst.
	Scatter(dst []byte, first, stride int, src []byte)

	from(to DType, factor float64) Converter
}

// Converter writes the elements of src to dst in another type.
type Converter func(dst, src []byte)

// byType is the one list of element types that are computed with. The others,
// bfloat16 and string, are only copied.
var byType = map[DType]Elements{
	Float32: elements[float32]{}, Float64: elements[float64]{},
	Int8: elements[int8]{}, Int16: elements[int16]{}, Int32: elements[int32]{}, Int64: elements[int64]{},
	Uint8: elements[uint8]{}, Uint16: elements[uint16]{}, Uint32: elements[uint32]{}, Uint64: elements[uint64]{},
	Bool: elements[uint8]{}, Float16: halves{},
}

// Elements returns the operations on elements of type d, or nil if such elements
// are only copied.
func (d DType) Elements() Elements { return byType[d] }

// NewConverter returns the conversion from one type to another. A factor other
// than 1 multiplies every converted element, and needs a floating-point target.
func NewConverter(to, from DType, factor float64) (Converter, error) {
	if to == from && factor == 1 {
		return func(dst, src []byte) { copy(dst, src) }, nil
	}
	source, target := from.Elements(), to.Elements()
	switch {
	case factor != 1 && to != Float32 && to != Float64:
		return nil, fmt.Errorf("scale needs a float32 or float64 input, not %s", to)
	case source == nil || target == nil:
		return nil, fmt.Errorf("no conversion from %s to %s", from, to)
	}
	return source.from(to, factor), nil
}

// elements implements Elements.
type elements[T number] struct{}

func (elements[T]) Get(b []byte, i int) float64     { return float64(*place[T](b, i)) }
func (elements[T]) Put(b []byte, i int, v float64)  { *place[T](b, i) = T(v) }
func (elements[T]) Int(b []byte, i int) int64       { return int64(*place[T](b, i)) }
func (elements[T]) PutInt(b []byte, i int, v int64) { *place[T](b, i) = T(v) }

// place returns where element i is. It panics if b does not begin to hold it.
func place[T number](b []byte, i int) *T {
	var zero T
	return (*T)(unsafe.Pointer(&b[i*int(unsafe.Sizeof(zero))]))
}

func (elements[T]) Outside(b []byte, low int64, high uint64) (int, string) {
	for k, v := range View[T](b) {
		if v < 0 && int64(v) < low || v > 0 && uint64(v) > high {
			return k, fmt.Sprint(v)
		}
	}
	return -1, ""
}

func (elements[T]) Nonfinite(b []byte, to DType, nan bool) (int, float64) {
	for k, v := range View[T](b) {
		wide := float64(v)
		switch to {
		case Float32:
			wide = float64(float32(v))
		case Float16:
			wide = float64(half(float32(v)).Float32())
		}
		if math.IsInf(wide, 0) || math.IsNaN(wide) && !nan {
			return k, float64(v)
		}
	}
	return -1, 0
}

func (elements[T]) Unwhole(b []byte, low int64, high uint64) (int, float64) {
	least, above := float64(low), float64(high)+1
	for k, v := range View[T](b) {
		if wide := float64(v); wide != math.Trunc(wide) || wide < least || wide >= above {
			return k, wide
		}
	}
	return -1, 0
}

func (elements[T]) Scatter(dst []byte, first, stride int, src []byte) {
	to := View[T](dst)
	for _, v := range View[T](src) {
		to[first] = v
		first += stride
	}
}

func (elements[S]) from(to DType, factor float64) Converter {
	switch to {
	case Float16:
		return toHalves[S](factor)
	case Float32:
		return convert[float32, S](float32(factor))
	case Float64:
		return convert[float64, S](factor)
	case Int8:
		return convert[int8, S](1)
	case Int16:
		return convert[int16, S](1)
	case Int32:
		return convert[int32, S](1)
	case Int64:
		return convert[int64, S](1)
	case Uint8, Bool:
		return convert[uint8, S](1)
	case Uint16:
		return convert[uint16, S](1)
	case Uint32:
		return convert[uint32, S](1)
	}
	return convert[uint64, S](1)
}

func convert[D, S number](factor D) Converter {
	if factor == 1 {
		return func(dst, src []byte) {
			d, s := View[D](dst), View[S](src)
			for i, v := range s {
				d[i] = D(v)
			}
		}
	}
	return func(dst, src []byte) {
		d, s := View[D](dst), View[S](src)
		for i, v := range s {
			d[i] = D(v) * factor
		}
	}
}
