package train_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/arrays"
	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/tfsession"
	"epochtime/harness/train"
)

// losses trains some epochs after the first steps, and once more after a reset,
// which must give the same.
func losses(t *testing.T, tr *train.Trainer, epochs, steps int) []float64 {
	t.Helper()
	defer tr.Close()
	if _, err := tr.FirstSteps(t.Context()); err != nil {
		t.Fatal(err)
	}
	var rounds [2][]float64
	for round := range rounds {
		for i := range epochs {
			e, err := tr.Epoch(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if e.Index != i || e.Steps != steps {
				t.Errorf("%+v, want epoch %d of %d steps", e, i, steps)
			}
			rounds[round] = append(rounds[round], float64(e.Loss))
		}
		if err := tr.Reset(); err != nil {
			t.Fatal(err)
		}
	}
	near(t, "after a reset", rounds[0], rounds[1], 1e-4)
	return rounds[0]
}

func near(t *testing.T, what string, want, got []float64, tolerance float64) {
	t.Helper()
	for i := range want {
		if d := math.Abs(got[i]-want[i]) / math.Abs(want[i]); !(d <= tolerance) {
			t.Errorf("%s: epoch %d: loss %v, want %v: %.2g apart", what, i, got[i], want[i], d)
		}
	}
}

// varied are examples whose sequences, if they are any, have 1 to 9 elements.
func varied(t *testing.T, m *graph.Manifest, examples int) *dataset.Set {
	t.Helper()
	if len(m.Inputs[0].Shape) != 2 || m.Inputs[0].Shape[1] != nil {
		set, err := dataset.Synthetic(m, examples, 3)
		if m.Data.Kind == "file" {
			if set, err = arrays.Read([]string{m.DataPath()}, m.ArrayNames()); err == nil {
				err = set.Take(examples)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	var tokens, labels []int32
	var lengths []int
	for i := range examples {
		n := 1 + i*7%9
		for k := range n {
			tokens = append(tokens, int32((i*3+k)%20))
		}
		lengths, labels = append(lengths, n), append(labels, int32(i%20))
	}
	set, err := dataset.New("varied", dataset.Ragged(dataset.Of("x", nil, tokens), lengths), dataset.Of("y", nil, labels))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestResidentTrainsAsFed(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, c := range []struct {
		name            string
		examples, batch int
		padTo           int
		tolerance       float64
	}{
		{"linear", 100, 0, 0, 1e-5},
		{"linear", 100, 30, 0, 1e-5}, // a short last batch
		{"linear-jit", 100, 30, 0, 1e-3},
		{"mlp", 100, 32, 0, 1e-5},
		{"cnn", 100, 32, 0, 1e-4},
		{"cnn-digits", 100, 32, 0, 1e-4}, // scaled
		{"cnn-jit", 40, 16, 0, 1e-3},
		{"rnn", 75, 8, 0, 1e-5},
		{"rnn", 75, 8, 4, 1e-5},
		{"rnn-jit", 75, 8, 12, 1e-3},
		{"lstm", 75, 8, 0, 1e-5},
		{"gru", 75, 8, 0, 1e-5},
		{"gru-fused", 75, 8, 12, 1e-3},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := graph.Find(graphs, c.name)
			if err != nil {
				t.Fatalf("%v ('make graphs' exports what the tests need)", err)
			}
			var each [2][]float64
			for i, resident := range []bool{false, true} {
				o := train.Options{Feed: feed.Options{Batch: c.batch, PadTo: c.padTo, Prefetch: 2}, Resident: resident}
				tr, err := train.Open(m, varied(t, m, c.examples), o)
				if err != nil {
					t.Fatal(err)
				}
				each[i] = losses(t, tr, 3, tr.Info().Steps)
			}
			near(t, "resident", each[0], each[1], c.tolerance)
			if !(each[1][2] < each[1][0]) {
				t.Errorf("the loss does not fall: %v", each[1])
			}
		})
	}
}

func TestResidentRefusals(t *testing.T) {
	flip := graph.Preprocess{Op: "flip", Input: "x"}
	for name, c := range map[string]struct {
		graph  string
		change func(*graph.Manifest, *train.Options)
		want   error
	}{
		"shuffled":      {"linear", func(_ *graph.Manifest, o *train.Options) { o.Feed.Shuffle = true }, graph.ErrResident},
		"random":        {"cnn", func(m *graph.Manifest, _ *train.Options) { m.Preprocess = append(m.Preprocess, flip) }, graph.ErrResident},
		"an old export": {"linear", func(m *graph.Manifest, _ *train.Options) { delete(m.Signatures, graph.Epoch) }, graph.ErrResident},
		"other kernels": {"linear", func(_ *graph.Manifest, o *train.Options) { o.Session.Executor = tfsession.SingleThreaded }, graph.ErrResident},
		"no room":       {"linear", func(_ *graph.Manifest, o *train.Options) { o.Available = free(900) }, train.ErrRoom},
	} {
		m, err := graph.Find(graphs, c.graph)
		if err != nil {
			t.Fatal(err)
		}
		set, err := dataset.Synthetic(m, 100, 1)
		if err != nil {
			t.Fatal(err)
		}
		o := train.Options{Resident: true}
		c.change(m, &o)
		if tr, err := train.Open(m, set, o); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
			if tr != nil {
				tr.Close()
			}
		}
	}
}

func free(bytes uint64) func() (uint64, bool) {
	return func() (uint64, bool) { return bytes, true }
}

func TestResidentCancel(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tr := open(t, "cnn", 100, train.Options{Feed: feed.Options{Batch: 10}, Resident: true})
	defer tr.Close()
	if _, err := tr.FirstSteps(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the first epoch: error %v, want context.Canceled", err)
	}
	if _, err := tr.Epoch(t.Context()); err != nil { // without first steps: it uploads
		t.Fatal(err)
	}
	if train.HoldsData(tr) {
		t.Error("the feeder, and the data it reads, are still held")
	}
	if _, err := tr.Epoch(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	for _, err := range tr.Steps(t.Context()) {
		if !errors.Is(err, tfsession.ErrStep) {
			t.Errorf("single steps: error %v, want ErrStep", err)
		}
	}
}

func TestResidentDiverges(t *testing.T) {
	m, err := graph.Find(graphs, "linear")
	if err != nil {
		t.Fatal(err)
	}
	huge := slices.Repeat([]float32{1e18}, 100)
	set, err := dataset.New("huge", dataset.Of("x", []int{1}, huge), dataset.Of("y", []int{1}, huge))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.Open(m, set, train.Options{Feed: feed.Options{Batch: 10}, Resident: true})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if _, err := tr.Epoch(t.Context()); !errors.Is(err, epoch.ErrNonfinite) {
		t.Errorf("error %v, want ErrNonfinite", err)
	}
}
