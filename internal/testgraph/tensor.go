package testgraph

import "epochtime/harness/graph"

// Shape makes a shape; 0 is a free dimension.
func Shape(sizes ...int64) []*int64 {
	out := make([]*int64, len(sizes))
	for i := range sizes {
		if sizes[i] != 0 {
			out[i] = &sizes[i]
		}
	}
	return out
}

// Tensor makes a tensor whose examples have that shape.
func Tensor(name string, d graph.DType, shape ...int64) graph.Tensor {
	return graph.Tensor{Name: name, DType: d, Shape: Shape(append([]int64{0}, shape...)...)}
}
