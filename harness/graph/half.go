package graph

import (
	"math"

	"github.com/x448/float16"
)

// halves implements Elements for float16.
type halves struct{}

// maxHalf is the largest finite number of half precision.
const maxHalf = 65504

// half rounds to the nearest number of half precision, ties to even.
func half(v float32) float16.Float16 { return float16.Fromfloat32(v) }

func (halves) Get(b []byte, i int) float64     { return float64(place16(b, i).Float32()) }
func (halves) Put(b []byte, i int, v float64)  { *place16(b, i) = half(float32(v)) }
func (halves) Int(b []byte, i int) int64       { return int64(place16(b, i).Float32()) }
func (halves) PutInt(b []byte, i int, v int64) { *place16(b, i) = half(float32(v)) }

// place16 returns where element i is. It panics if b does not begin to hold it.
func place16(b []byte, i int) *float16.Float16 {
	return (*float16.Float16)(place[uint16](b, i))
}

func (halves) Outside([]byte, int64, uint64) (int, string) { return -1, "" }

func (halves) Nonfinite(b []byte, _ DType, nan bool) (int, float64) {
	for k, v := range View[float16.Float16](b) {
		if v.IsInf(0) || v.IsNaN() && !nan {
			return k, float64(v.Float32())
		}
	}
	return -1, 0
}

func (halves) Unwhole(b []byte, low int64, high uint64) (int, float64) {
	least, above := float64(low), float64(high)+1
	for k, v := range View[float16.Float16](b) {
		if wide := float64(v.Float32()); wide != math.Trunc(wide) || wide < least || wide >= above {
			return k, wide
		}
	}
	return -1, 0
}

func (halves) Scatter(dst []byte, first, stride int, src []byte) {
	elements[uint16]{}.Scatter(dst, first, stride, src)
}

// from converts by way of float32, which holds every float16, a few numbers at a time.
func (halves) from(to DType, factor float64) Converter {
	if to == Float16 {
		return func(dst, src []byte) {
			d := View[float16.Float16](dst)
			for i, v := range View[float16.Float16](src) {
				d[i] = half(v.Float32() * float32(factor))
			}
		}
	}
	wide := elements[float32]{}.from(to, factor)
	return func(dst, src []byte) {
		const most = 512
		var some [most]float32
		size := to.Size()
		all := View[float16.Float16](src)
		for at := 0; at < len(all); at += most {
			n := min(most, len(all)-at)
			for i, v := range all[at : at+n] {
				some[i] = v.Float32()
			}
			wide(dst[at*size:(at+n)*size], Bytes(some[:n]))
		}
	}
}

// toHalves converts numbers of another type.
func toHalves[S number](factor float64) Converter {
	return func(dst, src []byte) {
		d := View[float16.Float16](dst)
		for i, v := range View[S](src) {
			d[i] = half(float32(float64(v) * factor))
		}
	}
}
