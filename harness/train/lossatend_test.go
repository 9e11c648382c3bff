package train_test

import (
	"context"
	"errors"
	"maps"
	"math"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"epochtime/harness/dataset"
	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/tfsession"
	"epochtime/harness/train"
)

// Losses that are read at the end of an epoch are those of its steps: with short last
// batches, in any order, under XLA and under each executor.
func TestLossAtEnd(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, c := range []struct {
		name      string
		feed      feed.Options
		executor  string
		tolerance float64
	}{
		{"linear", feed.Options{}, "", 1e-6},
		{"linear", feed.Options{Batch: 30, Prefetch: 2}, tfsession.CallerThread, 1e-6},
		{"linear", feed.Options{Batch: 30}, tfsession.SingleThreaded, 1e-6},
		{"mlp", feed.Options{Batch: 32, Shuffle: true, Seed: 3, Prefetch: 2}, tfsession.ThreadPool, 1e-5},
		{"rnn", feed.Options{Batch: 8}, "", 1e-5},
		{"cnn-digits", feed.Options{Batch: 32, Prefetch: 2}, "", 1e-4},
		{"mlp-jit", feed.Options{Batch: 50}, "", 1e-3},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := graph.Find(graphs, c.name)
			if err != nil {
				t.Fatal(err)
			}
			var each [2][]float64
			for i, atEnd := range []bool{false, true} {
				tr, err := train.Open(m, varied(t, m, 100), train.Options{Feed: c.feed, LossAtEnd: atEnd, Session: tfsession.Options{Executor: c.executor}})
				if err != nil {
					t.Fatal(err)
				}
				each[i] = losses(t, tr, 3, tr.Info().Steps)
			}
			near(t, "read at the end", each[0], each[1], c.tolerance)
			if !(each[1][2] < each[1][0]) {
				t.Errorf("the loss does not fall: %v", each[1])
			}
		})
	}
}

// So are those of a stream, and of a script's pipeline with its metrics and validation.
func TestLossAtEndOfOtherSources(t *testing.T) {
	_, stream := points(t, 30, 30, 7)
	_, again := points(t, 30, 30, 7)
	one, err := train.OpenStream(linear(t), stream, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	two, err := train.OpenStream(linear(t), again, train.Options{LossAtEnd: true})
	if err != nil {
		t.Fatal(err)
	}
	alike(t, "a stream", one, two)
	for _, name := range []string{"fixed", "uneven", "words"} {
		alike(t, name, piped(t, name, train.Options{}), piped(t, name, train.Options{LossAtEnd: true}))
	}
}

// alike trains two epochs each, which are the same but for their times.
func alike(t *testing.T, name string, a, b *train.Trainer) {
	t.Helper()
	defer a.Close()
	defer b.Close()
	for _, tr := range []*train.Trainer{a, b} {
		if _, err := tr.FirstSteps(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want, got := epochs(t, a, 2), epochs(t, b, 2)
	for i := range want {
		w, g := want[i], got[i]
		if d := math.Abs(float64(g.Loss - w.Loss)); !(d <= 1e-5*math.Abs(float64(w.Loss))) || g.Steps != w.Steps || g.Samples != w.Samples || g.ValidationSteps != w.ValidationSteps || len(g.Metrics) != len(w.Metrics) {
			t.Errorf("%s, epoch %d: %+v, want %+v", name, i, g, w)
		}
		for metric, value := range w.Metrics {
			d, none := math.Abs(float64(g.Metrics[metric]-value)), math.IsNaN(float64(value)) && math.IsNaN(float64(g.Metrics[metric]))
			if !none && !(d <= 1e-4*math.Max(1, math.Abs(float64(value)))) {
				t.Errorf("%s, epoch %d: %s is %v, want %v", name, i, metric, g.Metrics[metric], value)
			}
		}
	}
}

// An epoch that is not finished leaves nothing to the next.
func TestLossAtEndAfterAnUnfinishedEpoch(t *testing.T) {
	tr := open(t, "linear", 100, train.Options{Feed: feed.Options{Batch: 10}, LossAtEnd: true})
	defer tr.Close()
	want, err := tr.Epoch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Epoch(&canceledAfter{context.Background(), 5}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := tr.Reset(); err != nil {
		t.Fatal(err)
	}
	if got, err := tr.Epoch(t.Context()); err != nil || got.Loss != want.Loss || got.Samples != 100 {
		t.Errorf("%+v, %v; want the loss %v of 100 examples", got, err, want.Loss)
	}
}

// A loss that is not finite shows at the end of its epoch.
func TestLossAtEndIsNotFinite(t *testing.T) {
	set, _ := points(t, 20)
	m := linear(t)
	tr, err := train.Open(m, set, train.Options{Feed: feed.Options{Batch: 5}, LossAtEnd: true})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	huge := make([]float32, 20)
	for i := range huge {
		huge[i] = 1e30
	}
	far, err := dataset.New("far", dataset.Of("x", []int{1}, huge), dataset.Of("y", []int{1}, huge))
	if err != nil {
		t.Fatal(err)
	}
	bad, err := train.Open(m, far, train.Options{Feed: feed.Options{Batch: 5}, LossAtEnd: true})
	if err != nil {
		t.Fatal(err)
	}
	defer bad.Close()
	if _, err := bad.Epoch(t.Context()); !errors.Is(err, epoch.ErrNonfinite) || !strings.Contains(err.Error(), "at one of its steps") {
		t.Errorf("%v, want ErrNonfinite", err)
	}
	if e, err := tr.Epoch(t.Context()); err != nil || e.Steps != 4 { // another session
		t.Errorf("%+v, %v", e, err)
	}
}

func TestLossAtEndRefusals(t *testing.T) {
	set, _ := points(t, 20)
	m := linear(t)
	if _, err := train.Open(m, set, train.Options{LossAtEnd: true, Resident: true}); !errors.Is(err, graph.ErrTotal) || !strings.Contains(err.Error(), "leave LossAtEnd out") {
		t.Errorf("resident data: %v", err)
	}
	tr, err := train.Open(m, set, train.Options{LossAtEnd: true})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	for _, err := range tr.Steps(t.Context()) {
		if !errors.Is(err, tfsession.ErrStep) || !strings.Contains(err.Error(), "the loss is that of an epoch") {
			t.Errorf("single steps: %v", err)
		}
	}
	if tr.Info().NextEpoch != 0 {
		t.Errorf("single steps that are refused used up epoch %d", tr.Info().NextEpoch-1)
	}
	old := *m
	old.Signatures = maps.Clone(m.Signatures)
	delete(old.Signatures, graph.Accumulate)
	if _, err := train.Open(&old, set, train.Options{LossAtEnd: true}); !errors.Is(err, graph.ErrTotal) {
		t.Errorf("an older export: %v", err)
	}
}

// The step that epochs run is the one that is traced.
func TestLossAtEndIsTraced(t *testing.T) {
	tr := open(t, "mlp", 64, train.Options{Feed: feed.Options{Batch: 32}, LossAtEnd: true})
	defer tr.Close()
	spans, _, err := tr.Trace(t.Context())
	if err != nil || len(spans) < 50 {
		t.Errorf("%d operations, %v", len(spans), err)
	}
}
