package dataset

import (
	"fmt"

	"epochtime/harness/graph"
)

// getter reads an element as a number.
func getter(d graph.DType) (func([]byte) float64, error) {
	switch d {
	case graph.Float32:
		return as[float32], nil
	case graph.Float64:
		return as[float64], nil
	case graph.Int8:
		return as[int8], nil
	case graph.Uint8, graph.Bool:
		return as[uint8], nil
	case graph.Int16:
		return as[int16], nil
	case graph.Uint16:
		return as[uint16], nil
	case graph.Int32:
		return as[int32], nil
	case graph.Uint32:
		return as[uint32], nil
	case graph.Int64:
		return as[int64], nil
	case graph.Uint64:
		return as[uint64], nil
	}
	return nil, fmt.Errorf("%w: values of type %s are only copied", ErrUnfit, d)
}

func as[T element](b []byte) float64 { return float64(graph.View[T](b)[0]) }
