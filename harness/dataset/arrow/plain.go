package arrow

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	arrowgo "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"epochtime/harness/dataset/columnar"
	"epochtime/harness/graph"
)

// plain returns the numbers of an array, one after the other.
func plain(a arrowgo.Array) (graph.DType, []byte, error) {
	d, unusable := columnar.Holds(a.DataType())
	if unusable != "" || d == graph.String {
		return "", nil, fmt.Errorf("it holds %s", a.DataType())
	}
	switch a := a.(type) {
	case *array.Dictionary:
		return taken(a)
	case *array.Boolean:
		data := make([]bool, a.Len())
		for i := range data {
			data[i] = a.Value(i)
		}
		return d, graph.Bytes(data), nil
	}
	if value, ok := decimalOf(a); ok {
		data := make([]float64, a.Len())
		for i := range data {
			data[i] = value(i)
		}
		return d, graph.Bytes(data), nil
	}
	size, from := d.Size(), a.Data().Offset()
	return d, aligned(a.Data().Buffers()[1].Bytes()[from*size:(from+a.Len())*size], size), nil
}

// taken returns the numbers that a dictionary's indices stand for.
func taken(a *array.Dictionary) (graph.DType, []byte, error) {
	d, entries, err := plain(stored(a.Dictionary()))
	if err != nil {
		return "", nil, err
	}
	size := d.Size()
	out := graph.Allocate(a.Len() * size)
	for i := range a.Len() {
		k := a.GetValueIndex(i)
		copy(out[i*size:][:size], entries[k*size:][:size])
	}
	return d, out, nil
}

// aligned returns bytes that are aligned for elements of that size.
func aligned(data []byte, size int) []byte {
	if uintptr(unsafe.Pointer(unsafe.SliceData(data)))%uintptr(size) == 0 {
		return data
	}
	out := graph.Allocate(len(data))
	copy(out, data)
	return out
}

// decimalOf returns what makes a number of decimal i of an array; ok is false if it
// holds none.
func decimalOf(a arrowgo.Array) (value func(i int) float64, ok bool) {
	switch a := a.(type) {
	case *array.Decimal32:
		scale := a.DataType().(arrowgo.DecimalType).GetScale()
		return func(i int) float64 { return columnar.Decimal(int64(a.Value(i)), scale) }, true
	case *array.Decimal64:
		scale := a.DataType().(arrowgo.DecimalType).GetScale()
		return func(i int) float64 { return columnar.Decimal(int64(a.Value(i)), scale) }, true
	case *array.Decimal128:
		scale := a.DataType().(arrowgo.DecimalType).GetScale()
		return func(i int) float64 { return wide(scale, uint64(a.Value(i).HighBits()), a.Value(i).LowBits()) }, true
	case *array.Decimal256:
		scale := a.DataType().(arrowgo.DecimalType).GetScale()
		return func(i int) float64 {
			words := a.Value(i).Array() // least significant first
			return wide(scale, words[3], words[2], words[1], words[0])
		}, true
	case *array.Dictionary:
		value, ok = decimalOf(stored(a.Dictionary()))
		return func(i int) float64 { return value(a.GetValueIndex(i)) }, ok
	}
	return nil, false
}

// wide is a decimal of several words, most significant first.
func wide(scale int32, words ...uint64) float64 {
	var bytes []byte
	for _, w := range words {
		bytes = binary.BigEndian.AppendUint64(bytes, w)
	}
	return columnar.BigDecimal(bytes, scale)
}
