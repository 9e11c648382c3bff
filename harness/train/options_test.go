package train_test

import (
	"errors"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/tfsession"
	"epochtime/harness/train"
)

// Options out of range are found before anything is loaded, of a set and of a stream.
func TestOptionsOutOfRange(t *testing.T) {
	set, stream := points(t, 10)
	m := linear(t)
	m.Dir = t.TempDir() // there is nothing to load
	for says, c := range map[string]struct {
		o    train.Options
		want error
	}{
		"InitialEpoch is -1":       {train.Options{InitialEpoch: -1}, dataset.ErrUnfit},
		"Batch is -5":              {train.Options{Feed: feed.Options{Batch: -5}}, graph.ErrBatch},
		"Prefetch is -2":           {train.Options{Feed: feed.Options{Prefetch: -2, Shuffle: true}}, dataset.ErrUnfit},
		"Prefetch is 112589990684": {train.Options{Feed: feed.Options{Prefetch: 1 << 50}}, dataset.ErrUnfit},
		"Threads is -4":            {train.Options{Feed: feed.Options{Threads: -4}}, dataset.ErrUnfit},
		"PadTo is 1073741824":      {train.Options{Feed: feed.Options{PadTo: 1 << 30}}, dataset.ErrUnfit},
		"IntraOp is -1":            {train.Options{Session: tfsession.Options{IntraOp: -1}}, tfsession.ErrOptions},
	} {
		_, ofSet := train.Open(m, set, c.o)
		_, ofStream := train.OpenStream(m, stream, c.o)
		for name, err := range map[string]error{"Open": ofSet, "OpenStream": ofStream} {
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v, want %v that says %q", name, err, c.want, says)
			}
		}
	}
}

// An argument that is nil is said of the call that got it.
func TestNilArguments(t *testing.T) {
	tr := open(t, "linear", 10, train.Options{})
	defer tr.Close()
	_, opened := train.Open(nil, nil, train.Options{})
	_, streamed := train.OpenStream(nil, nil, train.Options{})
	_, evaluated := tr.Evaluate(t.Context(), nil)
	var predicted error
	for _, predicted = range tr.Predict(t.Context(), nil) {
	}
	for call, err := range map[string]error{"train.Open:": opened, "train.OpenStream:": streamed, "Evaluate:": evaluated, "Predict:": predicted} {
		if !errors.Is(err, dataset.ErrUnfit) || !strings.Contains(err.Error(), call) {
			t.Errorf("%s: %v, want ErrUnfit", call, err)
		}
	}
}

// Data need not be what the graph takes, if it can be fed.
func TestOpenConverts(t *testing.T) {
	set, err := dataset.New("wide",
		dataset.Of("x", []int{1, 1}, []float64{0, 0.5, 1}), dataset.Of("y", nil, []int64{3, 4, 5}), dataset.Of("unused", nil, []bool{true, true, false}))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.Open(linear(t), set, train.Options{Feed: feed.Options{Batch: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if e, err := tr.Epoch(t.Context()); err != nil || e.Samples != 3 || e.Steps != 1 || tr.Info().Batch != 3 {
		t.Errorf("%+v, %v in batches of %d; want 3 examples in one step", e, err, tr.Info().Batch)
	}
}
