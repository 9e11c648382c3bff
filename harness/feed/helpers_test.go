package feed

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

func data[T graph.Number](name string, d graph.DType, shape []int, values []T) dataset.Column {
	return dataset.Raw(name, d, shape, graph.Bytes(values))
}

// setOf makes a set of so many examples.
func setOf(examples int, columns ...dataset.Column) *dataset.Set {
	set, err := dataset.New("test", columns...)
	if err == nil && set.Examples() != examples {
		err = fmt.Errorf("the set has %d examples, not %d", set.Examples(), examples)
	}
	if err != nil {
		panic(err)
	}
	return set
}

func view[T any](b []byte) []T { return graph.View[T](b) }

func bytesOf[T any](v []T) []byte { return graph.Bytes(v) }

type number interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

// count gives the whole numbers from 0.
func count[T number](n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = T(i)
	}
	return out
}

// ticks is a clock that goes one nanosecond ahead whenever it is read.
func ticks() func() time.Duration {
	var now atomic.Int64
	return func() time.Duration { return time.Duration(now.Add(1)) }
}

// buffers are aligned, exactly as large as asked for, and full of rubbish.
func buffers(sizes []int) [][]byte {
	out := make([][]byte, len(sizes))
	for i, n := range sizes {
		out[i] = bytesOf(make([]uint64, (n+7)/8))[:n]
		spoil(out[i])
	}
	return out
}

func spoil(b []byte) {
	for i := range b {
		b[i] = 0xa5
	}
}

// feeder makes a feeder with buffers of its own.
func feeder(t testing.TB, m *graph.Manifest, batch, examples int, columns ...dataset.Column) *Feeder {
	t.Helper()
	set := setOf(examples, columns...)
	if err := set.Fit(m); err != nil {
		t.Fatal(err)
	}
	return feederOf(t, set, m, Options{Batch: batch})
}

func feederOf(t testing.TB, set *dataset.Set, m *graph.Manifest, o Options) *Feeder {
	t.Helper()
	f, err := New(set, m, o, ticks())
	if err != nil {
		t.Fatal(err)
	}
	var rings [][][]byte
	for range f.Rings() {
		rings = append(rings, buffers(f.BufferBytes()))
	}
	if err := f.Use(rings); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// images is a graph with 2×2 images of bytes as floats, scaled, and labels.
func images() *graph.Manifest {
	return &graph.Manifest{
		Inputs:     []graph.Tensor{testgraph.Tensor("x", graph.Float32, 2, 2, 1)},
		Targets:    []graph.Tensor{testgraph.Tensor("y", graph.Int32)},
		Preprocess: []graph.Preprocess{{Op: "scale", Input: "x", Factor: 0.5}},
	}
}

// sequences is a graph with padded tokens, of a fixed length or (0) a free one.
func sequences(length int64, d graph.DType) *graph.Manifest {
	return &graph.Manifest{
		Inputs:     []graph.Tensor{testgraph.Tensor("x", d, length)},
		Preprocess: []graph.Preprocess{{Op: "pad", Input: "x", Value: 9}},
	}
}

// must is a batch that there is no error about.
func must(b *Batch, err error) *Batch {
	if err != nil {
		panic(err)
	}
	return b
}
