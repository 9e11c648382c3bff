package dataset

import (
	"os"
	"testing"

	"epochtime/harness/graph"
)

// benchmarked is the file that the benchmarks read, as in
// BENCH_DATA=FILE go test -bench Open ./harness/dataset; its columns feed x and y.
func benchmarked(b *testing.B) (string, int64) {
	path := os.Getenv("BENCH_DATA")
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal("set BENCH_DATA to a data file, as harness/dataset/testdata/peers.py makes them: ", err)
	}
	return path, info.Size()
}

// BenchmarkOpen decodes a file whole: a label and ten features.
func BenchmarkOpen(b *testing.B) {
	path, size := benchmarked(b)
	q := Request{Sources: []string{path}, Tensors: []graph.Tensor{tensor("x", graph.Float32, 10), tensor("label", graph.Int32)}}
	b.SetBytes(size)
	for b.Loop() {
		s, err := Open(q)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
