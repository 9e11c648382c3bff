package graph

// DType is the type of a tensor's elements, by NumPy's name.
type DType string

// The types a step can be fed, each with NumPy's meaning, little-endian.
const (
	Float16  DType = "float16"
	BFloat16 DType = "bfloat16" // the upper half of a float32; NumPy itself has no such type
	Float32  DType = "float32"
	Float64  DType = "float64"
	Int8     DType = "int8"
	Int16    DType = "int16"
	Int32    DType = "int32"
	Int64    DType = "int64"
	Uint8    DType = "uint8"
	Uint16   DType = "uint16"
	Uint32   DType = "uint32"
	Uint64   DType = "uint64"
	Bool     DType = "bool"
	String   DType = "string" // TensorFlow's own layout, 24 bytes and what it points to
)

var dtypeSizes = map[DType]int{
	Float16: 2, BFloat16: 2, Float32: 4, Float64: 8,
	Int8: 1, Int16: 2, Int32: 4, Int64: 8,
	Uint8: 1, Uint16: 2, Uint32: 4, Uint64: 8,
	Bool: 1, String: 24,
}

// Size is the number of bytes of one element; 0 for a type not known here.
func (d DType) Size() int { return dtypeSizes[d] }

// IsFloat reports whether d is a floating-point type.
func (d DType) IsFloat() bool { return d == Float16 || d == BFloat16 || d == Float32 || d == Float64 }
