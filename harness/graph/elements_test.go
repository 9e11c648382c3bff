package graph

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"unsafe"
)

var goTypes = map[DType]reflect.Type{
	Float32: reflect.TypeFor[float32](), Float64: reflect.TypeFor[float64](),
	Int8: reflect.TypeFor[int8](), Int16: reflect.TypeFor[int16](), Int32: reflect.TypeFor[int32](),
	Int64: reflect.TypeFor[int64](), Uint8: reflect.TypeFor[uint8](), Uint16: reflect.TypeFor[uint16](),
	Uint32: reflect.TypeFor[uint32](), Uint64: reflect.TypeFor[uint64](), Bool: reflect.TypeFor[uint8](),
}

// values are extremes of a type, and numbers that every type holds.
func values(d DType) reflect.Value {
	var all any
	switch d {
	case Float32:
		all = []float32{0, 1, 2, 100, 0.1, -0.3, math.MaxFloat32, math.SmallestNonzeroFloat32, 16777217}
	case Float64:
		all = []float64{0, 1, 2, 100, 0.1, -0.3, 1e-300, math.Pi, 16777217, 1e38}
	case Int8:
		all = []int8{0, 1, 2, 100, math.MinInt8, math.MaxInt8}
	case Int16:
		all = []int16{0, 1, 2, 100, math.MinInt16, math.MaxInt16}
	case Int32:
		all = []int32{0, 1, 2, 100, math.MinInt32, math.MaxInt32, 16777217}
	case Int64:
		all = []int64{0, 1, 2, 100, math.MinInt64, math.MaxInt64, 1<<53 + 1}
	case Uint8:
		all = []uint8{0, 1, 2, 100, math.MaxUint8}
	case Uint16:
		all = []uint16{0, 1, 2, 100, math.MaxUint16}
	case Uint32:
		all = []uint32{0, 1, 2, 100, math.MaxUint32}
	case Uint64:
		all = []uint64{0, 1, 2, 100, math.MaxUint64, 1<<53 + 1}
	case Bool:
		all = []uint8{0, 1}
	}
	return reflect.ValueOf(all)
}

// raw is a slice's memory.
func raw(v reflect.Value) []byte {
	switch s := v.Interface().(type) {
	case []float32:
		return Bytes(s)
	case []float64:
		return Bytes(s)
	case []int8:
		return Bytes(s)
	case []int16:
		return Bytes(s)
	case []int32:
		return Bytes(s)
	case []int64:
		return Bytes(s)
	case []uint8:
		return Bytes(s)
	case []uint16:
		return Bytes(s)
	case []uint32:
		return Bytes(s)
	}
	return Bytes(v.Interface().([]uint64))
}

// TestConvertEveryPair compares with the conversions of package reflect, for
// every value that dataset.Fit lets through.
func TestConvertEveryPair(t *testing.T) {
	for from, source := range goTypes {
		for to, target := range goTypes {
			in, out := reflect.MakeSlice(reflect.SliceOf(source), 0, 0), reflect.MakeSlice(reflect.SliceOf(target), 0, 0)
			for i := range values(from).Len() {
				v := values(from).Index(i)
				converted := v.Convert(target)
				if !to.IsFloat() && (from.IsFloat() || !converted.Convert(source).Equal(v) || negative(v) != negative(converted)) {
					continue
				}
				in, out = reflect.Append(in, v), reflect.Append(out, converted)
			}
			convert, err := NewConverter(to, from, 1)
			if err != nil || in.Len() < 2 && (to.IsFloat() || !from.IsFloat()) {
				t.Errorf("%s to %s: %v, with %d values to try", from, to, err, in.Len())
				continue
			}
			got := reflect.MakeSlice(out.Type(), out.Len(), out.Len())
			convert(raw(got), raw(in))
			if !reflect.DeepEqual(got.Interface(), out.Interface()) {
				t.Errorf("%s to %s: %v became %v, want %v", from, to, in, got, out)
			}
		}
	}
}

func negative(v reflect.Value) bool {
	return v.CanInt() && v.Int() < 0 || v.CanFloat() && v.Float() < 0
}

// TestScaleRounds checks that the factor is rounded to float32, and the product
// once: what NumPy and TensorFlow do.
func TestScaleRounds(t *testing.T) {
	pixels := make([]uint8, 256)
	for i := range pixels {
		pixels[i] = uint8(i)
	}
	scaled := func(to DType, factor float64) []byte {
		t.Helper()
		convert, err := NewConverter(to, Uint8, factor)
		if err != nil {
			t.Fatal(err)
		}
		out := Bytes(make([]float64, 256))[:256*to.Size()]
		convert(out, pixels)
		return out
	}
	const factor = 1.0 / 255
	single, double := View[float32](scaled(Float32, factor)), View[float64](scaled(Float64, factor))
	differ := 0
	for i := range pixels {
		if want := float32(i) * float32(factor); single[i] != want {
			t.Errorf("%d scaled to %v, want %v", i, single[i], want)
		}
		if want := float64(i) * factor; double[i] != want {
			t.Errorf("%d scaled to %v, want %v", i, double[i], want)
		}
		if single[i] != float32(double[i]) {
			differ++
		}
	}
	if differ == 0 {
		t.Error("no value shows the difference between rounding in float32 and in float64")
	}
	if got := View[float32](scaled(Float32, 1e-60)); got[255] != 0 {
		t.Errorf("scaled by what float32 rounds to 0: %v", got[255])
	}
}

func TestScaleSameType(t *testing.T) {
	convert, err := NewConverter(Float32, Float32, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float32, 3)
	convert(Bytes(out), Bytes([]float32{1, -2, 0.1}))
	if want := []float32{0.5, -1, 0.05}; !reflect.DeepEqual(out, want) {
		t.Errorf("scaled to %v, want %v", out, want)
	}
}

// TestScaleAfterConversion takes a number that float32 does not hold.
func TestScaleAfterConversion(t *testing.T) {
	convert, err := NewConverter(Float32, Int32, 3)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float32, 1)
	convert(Bytes(out), Bytes([]int32{1<<24 + 1}))
	if out[0] != 3*(1<<24) {
		t.Errorf("scaled to %v, want %v", out[0], 3*(1<<24))
	}
}

// Half precision converts both ways; 2049 and 1/3 are not among its numbers.
func TestHalves(t *testing.T) {
	in := []float32{0, 1, -2.5, 65504, 2049, 1.0 / 3, 6e-8}
	half, out := make([]uint16, len(in)), make([]float64, len(in))
	to, err := NewConverter(Float16, Float32, 1)
	if err != nil {
		t.Fatal(err)
	}
	back, err := NewConverter(Float64, Float16, 1)
	if err != nil {
		t.Fatal(err)
	}
	to(Bytes(half), Bytes(in))
	back(Bytes(out), Bytes(half))
	if want := []float64{0, 1, -2.5, 65504, 2048, 0.333251953125, 5.960464477539063e-08}; !reflect.DeepEqual(out, want) {
		t.Errorf("by way of float16 they are %v, want %v", out, want)
	}
	if k, v := Float32.Elements().Nonfinite(Bytes([]float32{1, 65520}), Float16, false); k != 1 || v != 65520 {
		t.Errorf("element %d, %g, is infinite as float16; want 1, 65520", k, v)
	}
	if k, v := Float16.Elements().Nonfinite(Bytes([]uint16{0x3c00, 0x7e00}), Float32, false); k != 1 || v == v {
		t.Errorf("element %d, %g, is not a number; want 1", k, v)
	}
}

// Whole numbers in range are found, whatever the type, up to the ends of the range.
func TestUnwhole(t *testing.T) {
	for _, c := range []struct {
		of   DType
		b    []byte
		low  int64
		high uint64
		want int
	}{
		{Float64, Bytes([]float64{0, 9, 2.5}), 0, 9, 2},
		{Float64, Bytes([]float64{0, 9, 10}), 0, 9, 2},
		{Float64, Bytes([]float64{-1}), 0, 9, 0},
		{Float64, Bytes([]float64{-1 << 63, 1 << 62, 1 << 63}), math.MinInt64, math.MaxInt64, 2},
		{Float64, Bytes([]float64{1 << 63, 1 << 64}), 0, math.MaxUint64, 1},
		{Float32, Bytes([]float32{3, float32(math.NaN())}), 0, 9, 1},
		{Float32, Bytes([]float32{3, float32(math.Inf(1))}), 0, math.MaxUint64, 1},
		{Float16, Bytes([]uint16{0x4000, 0x3800}), 0, 9, 1},
		{Float16, Bytes([]uint16{0x4000}), 0, 9, -1},
	} {
		if k, v := c.of.Elements().Unwhole(c.b, c.low, c.high); k != c.want {
			t.Errorf("%s from %d to %d: element %d, %g; want %d", c.of, c.low, c.high, k, v, c.want)
		}
	}
}

func TestConvertRefuses(t *testing.T) {
	for _, c := range []struct {
		to, from DType
		factor   float64
		says     string
	}{
		{BFloat16, Float32, 1, "no conversion from float32 to bfloat16"},
		{Float32, BFloat16, 1, "no conversion from bfloat16"},
		{Int32, BFloat16, 1, "no conversion from bfloat16"},
		{"complex64", Float32, 1, "no conversion from float32 to complex64"},
		{Int32, Int32, 2, "scale needs a float32 or float64 input, not int32"},
		{Float16, Float16, 0.5, "not float16"},
	} {
		_, err := NewConverter(c.to, c.from, c.factor)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s to %s times %g: %v; want an error that says %q", c.from, c.to, c.factor, err, c.says)
		}
	}
	convert, err := NewConverter(Float16, Float16, 1)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]uint16, 2)
	convert(Bytes(out), Bytes([]uint16{0x3c00, 0x7bff}))
	if want := []uint16{0x3c00, 0x7bff}; !reflect.DeepEqual(out, want) {
		t.Errorf("float16 is copied to %x, want %x", out, want)
	}
}

func TestCount(t *testing.T) {
	for _, c := range []struct {
		shape []int
		want  int
	}{
		{nil, 1}, {[]int{3}, 3}, {[]int{3, 4, 5}, 60}, {[]int{3, 0}, 0}, {[]int{0, math.MaxInt}, 0}, {[]int{math.MaxInt}, math.MaxInt},
		{[]int{-1}, -1}, {[]int{-1, -1}, -1}, {[]int{2, -3, 0}, -1}, {[]int{1 << 62, 2}, -1}, {[]int{1 << 32, 1 << 32}, -1},
	} {
		if got := Count(c.shape); got != c.want {
			t.Errorf("Count(%v) = %d, want %d", c.shape, got, c.want)
		}
	}
}

func TestAllocate(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 1000} {
		b := Allocate(n)
		if len(b) != n {
			t.Errorf("Allocate(%d) gives %d bytes", n, len(b))
		}
		if n > 0 && uintptr(unsafe.Pointer(&b[0]))%8 != 0 {
			t.Errorf("Allocate(%d) is not aligned", n)
		}
	}
	if got := View[float64](nil); got != nil {
		t.Errorf("a view of nothing is %v", got)
	}
}
