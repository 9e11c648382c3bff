package files_test

import (
	"cmp"
	"os"
	"strconv"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/files"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// benchmarked is the file that the benchmarks read, as in
// BENCH_DATA=FILE go test -bench Open ./harness/dataset/files, and the tensors that
// BENCH_TENSORS says it feeds: NAME:DTYPE, or NAME:DTYPE:ELEMENTS, of each.
func benchmarked(b *testing.B) (dataset.Request, int64) {
	path := os.Getenv("BENCH_DATA")
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal("set BENCH_DATA to a data file, as harness/dataset/files/testdata/peers.py makes them: ", err)
	}
	q := dataset.Request{Sources: []string{path}}
	for _, one := range strings.Split(cmp.Or(os.Getenv("BENCH_TENSORS"), "x:float32:10,label:int32"), ",") {
		parts := strings.Split(one, ":")
		var shape []int64
		if len(parts) > 2 {
			n, err := strconv.ParseInt(parts[2], 10, 64)
			if err != nil {
				b.Fatal("BENCH_TENSORS: ", err)
			}
			shape = append(shape, n)
		}
		q.Tensors = append(q.Tensors, testgraph.Tensor(parts[0], graph.DType(parts[1]), shape...))
	}
	return q, info.Size()
}

// BenchmarkOpen decodes a file whole.
func BenchmarkOpen(b *testing.B) {
	q, size := benchmarked(b)
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
