package files_test

import (
	"os"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/files"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// benchmarked is the file that the benchmarks read, as in
// BENCH_DATA=FILE go test -bench Open ./harness/dataset/files; its columns feed x and y.
func benchmarked(b *testing.B) (string, int64) {
	path := os.Getenv("BENCH_DATA")
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal("set BENCH_DATA to a data file, as harness/dataset/files/testdata/peers.py makes them: ", err)
	}
	return path, info.Size()
}

// BenchmarkOpen decodes a file whole: a label and ten features.
func BenchmarkOpen(b *testing.B) {
	path, size := benchmarked(b)
	q := dataset.Request{Sources: []string{path}, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float32, 10), testgraph.Tensor("label", graph.Int32)}}
	b.SetBytes(size)
	for b.Loop() {
		s, err := files.Open(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
