package feed

import (
	"testing"

	"epochtime/harness/graph"
	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	functions := map[string]any{"New": New, "NewStreamer": NewStreamer}
	set := setOf(4, data("x", graph.Uint8, []int{2, 2}, count[uint8](16)), data("y", graph.Int32, nil, count[int32](4)))
	if err := set.Fit(images()); err != nil {
		t.Fatal(err)
	}
	closed := feederOf(t, set, images(), Options{Batch: 2})
	closed.Close()
	unused, err := New(set, images(), Options{Batch: 2}, ticks())
	if err != nil {
		t.Fatal(err)
	}
	ended := streamer(t, images(), streamOf(t, shots(1)), Options{Prefetch: 1}, growing())
	ended.Close()
	zerocheck.Run(t, ".", functions, closed, unused, feederOf(t, set, images(), Options{Batch: 2, Shuffle: true}), ended, &Options{Batch: -1})
}
