package train_test

import (
	"runtime"
	"slices"
	"testing"

	"epochtime/harness/feed"
	"epochtime/harness/train"
)

// Data that is read where it lies trains as data that is copied batch by batch,
// the short last batch too, whatever the garbage collector does meanwhile.
func TestBorrowedDataTrainsTheSame(t *testing.T) {
	losses := func(first bool) (out []float64) {
		tr := open(t, "cnn", 200, train.Options{Feed: feed.Options{Batch: 64, Prefetch: 2}})
		defer tr.Close()
		if first {
			f, err := tr.FirstSteps(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(f.Borrowed, "x") {
				t.Fatalf("borrowed are %q, want x among them", f.Borrowed)
			}
		}
		for range 3 {
			runtime.GC()
			e, err := tr.Epoch(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, float64(e.Loss))
		}
		return out
	}
	borrowed, copied := losses(true), losses(false) // nothing is borrowed before the first steps
	for i := range copied {
		if d := borrowed[i] - copied[i]; d > 1e-5 || d < -1e-5 {
			t.Errorf("losses %v borrowed, %v copied", borrowed, copied)
		}
	}
}
