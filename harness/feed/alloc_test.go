package feed

import (
	"testing"

	"epochtime/harness/graph"
)

// paths are the three ways of a column through the feeder.
func paths(t testing.TB) map[string]*Feeder {
	const examples = 1000
	plain := images()
	plain.Preprocess = nil
	y := data("y", graph.Int32, nil, count[int32](examples))
	offsets := make([]int, examples+1)
	for i := range examples {
		offsets[i+1] = offsets[i] + 1 + i%50
	}
	tokens := ragged(data("x", graph.Int32, nil, make([]int32, offsets[examples])), offsets...)
	return map[string]*Feeder{
		"Dense":  feeder(t, plain, 32, examples, data("x", graph.Float32, []int{2, 2}, count[float32](4*examples)), y),
		"Scaled": feeder(t, images(), 32, examples, data("x", graph.Uint8, []int{2, 2}, count[uint8](4*examples)), y),
		"Padded": feeder(t, sequences(0, graph.Int32), 32, examples, tokens),
	}
}

func TestNextDoesNotAllocate(t *testing.T) {
	for name, f := range paths(t) {
		n := testing.AllocsPerRun(10, func() {
			f.Start(0)
			for must(f.Next()) != nil {
			}
		})
		if n != 0 {
			t.Errorf("%s: an epoch allocates %g times", name, n)
		}
	}
}

func benchmark(b *testing.B, path string) {
	f := paths(b)[path]
	total := 0
	f.Start(0)
	for x := must(f.Next()); x != nil; x = must(f.Next()) {
		for _, s := range x.Slots {
			total += len(s.Bytes)
		}
	}
	b.SetBytes(int64(total))
	b.ReportAllocs()
	for b.Loop() {
		f.Start(0)
		for must(f.Next()) != nil {
		}
	}
}

// One operation is an epoch of 1000 examples.

func BenchmarkFeederDense(b *testing.B)  { benchmark(b, "Dense") }
func BenchmarkFeederScaled(b *testing.B) { benchmark(b, "Scaled") }
func BenchmarkFeederPadded(b *testing.B) { benchmark(b, "Padded") }
