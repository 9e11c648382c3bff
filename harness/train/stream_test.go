package train_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"go.uber.org/goleak"

	"epochtime/harness/dataset"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/train"
)

// points are n points of a line, as a set and as a stream of them in batches.
func points(t testing.TB, sizes ...int) (*dataset.Set, *dataset.Stream) {
	t.Helper()
	n := 0
	for _, size := range sizes {
		n += size
	}
	x, y := make([]float32, n), make([]float32, n)
	for i := range x {
		x[i] = float32(i*7%n)/float32(n) - 0.5
		y[i] = 3 * x[i]
	}
	part := func(from, to int) (*dataset.Set, error) {
		return dataset.New("points", dataset.Of("x", []int{1}, x[from:to]), dataset.Of("y", []int{1}, y[from:to]))
	}
	set, err := part(0, n)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := dataset.NewStream("points", func(context.Context, int) iter.Seq2[*dataset.Set, error] {
		return func(yield func(*dataset.Set, error) bool) {
			from := 0
			for _, size := range sizes {
				if !yield(part(from, from+size)) {
					return
				}
				from += size
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return set, stream
}

func linear(t testing.TB) *graph.Manifest {
	t.Helper()
	m, err := graph.Find(graphs, "linear")
	if err != nil {
		t.Fatalf("%v ('make graphs' exports what the tests need)", err)
	}
	return m
}

func epochsOf(t *testing.T, tr *train.Trainer, n int) (epochs []train.Epoch, losses []float64) {
	t.Helper()
	for e, err := range tr.Epochs(t.Context(), n) {
		if err != nil {
			t.Fatal(err)
		}
		epochs, losses = append(epochs, e), append(losses, float64(e.Loss))
	}
	return epochs, losses
}

// What a stream brings trains as the same data does that is held.
func TestStreamTrainsAsASet(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	set, as := points(t, 30, 30, 30, 10)
	_, others := points(t, 7, 53, 40)
	held, err := train.Open(linear(t), set, train.Options{Feed: feed.Options{Batch: 30}})
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if _, err := held.FirstSteps(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, want := epochsOf(t, held, 4)
	for name, c := range map[string]struct {
		stream *dataset.Stream
		o      feed.Options
	}{
		"as it comes":           {as, feed.Options{}},
		"as it comes, ahead":    {as, feed.Options{Prefetch: 2}},
		"in other parts":        {others, feed.Options{Batch: 30}},
		"in other parts, ahead": {others, feed.Options{Batch: 30, Prefetch: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			tr, err := train.OpenStream(linear(t), c.stream, train.Options{Feed: c.o})
			if err != nil {
				t.Fatal(err)
			}
			defer tr.Close()
			if first, err := tr.FirstSteps(t.Context()); err != nil || first.Step <= 0 || first.Kept != nil {
				t.Fatalf("first steps %+v, %v", first, err)
			}
			epochs, got := epochsOf(t, tr, 4)
			near(t, "streamed", want, got, 1e-6)
			for i, e := range epochs {
				// The short last batch is met in the first epoch: FirstSteps saw one batch.
				if e.Index != i || e.Samples != 100 || e.Steps != 4 || (e.NewShapes > 0) != (i == 0) || e.Wait <= 0 || e.Preprocess <= 0 {
					t.Errorf("%+v", e)
				}
			}
			if i := tr.Info(); i.Batch != c.o.Batch || i.Steps != 0 || i.Examples != 0 {
				t.Errorf("%+v", i)
			}
			if err := tr.Reset(); err != nil {
				t.Fatal(err)
			}
			steps := 0
			for s, err := range tr.Steps(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				steps += s.Examples
			}
			if steps != 100 {
				t.Errorf("single steps on %d examples, want 100", steps)
			}
		})
	}
}

func TestOpenStreamRefuses(t *testing.T) {
	_, stream := points(t, 10)
	fixed := linear(t)
	eight := 8
	fixed.Variant.Batch = &eight
	for name, c := range map[string]struct {
		m    *graph.Manifest
		o    train.Options
		want error
	}{
		"shuffled":      {linear(t), train.Options{Feed: feed.Options{Shuffle: true}}, dataset.ErrUnfit},
		"resident":      {linear(t), train.Options{Resident: true}, graph.ErrResident},
		"another batch": {fixed, train.Options{Feed: feed.Options{Batch: 9}}, graph.ErrBatch},
	} {
		if tr, err := train.OpenStream(c.m, stream, c.o); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
			tr.Close()
		}
	}
}

// A batch that does not fit ends the epoch, and only that.
func TestStreamThatDoesNotFit(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	broken := errors.New("broken")
	good, _ := points(t, 10)
	labels, err := dataset.New("labels", dataset.Of("x", []int{1}, []float32{1}), dataset.Of("z", nil, []int32{1}))
	if err != nil {
		t.Fatal(err)
	}
	var fails bool
	var last *dataset.Set
	stream, err := dataset.NewStream("test", func(context.Context, int) iter.Seq2[*dataset.Set, error] {
		return func(yield func(*dataset.Set, error) bool) {
			if !yield(good, nil) || !fails {
				return
			}
			if last != nil {
				yield(last, nil)
				return
			}
			yield(nil, broken)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, prefetch := range []int{0, 2} {
		tr, err := train.OpenStream(linear(t), stream, train.Options{Feed: feed.Options{Prefetch: prefetch}})
		if err != nil {
			t.Fatal(err)
		}
		fails, last = true, nil
		if _, err := tr.Epoch(t.Context()); !errors.Is(err, broken) {
			t.Errorf("%v, want the source's error", err)
		}
		last = labels
		if _, err := tr.Epoch(t.Context()); !errors.Is(err, dataset.ErrUnfit) {
			t.Errorf("%v, want ErrUnfit", err)
		}
		fails = false
		if e, err := tr.Epoch(t.Context()); err != nil || e.Samples != 10 || e.Index != 2 {
			t.Errorf("%+v, %v", e, err)
		}
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A source that waits is left at once, by its context or by Close.
func TestStreamThatWaits(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	set, _ := points(t, 10)
	for _, prefetch := range []int{0, 1} {
		waiting := make(chan struct{}, 1)
		stream, err := dataset.NewStream("slow", func(ctx context.Context, _ int) iter.Seq2[*dataset.Set, error] {
			return func(yield func(*dataset.Set, error) bool) {
				if yield(set, nil) {
					waiting <- struct{}{}
					<-ctx.Done()
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		tr, err := train.OpenStream(linear(t), stream, train.Options{Feed: feed.Options{Prefetch: prefetch}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			<-waiting
			cancel(errEnough)
		}()
		if _, err := tr.Epoch(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, errEnough) {
			t.Errorf("prefetch %d: %v, want context.Canceled and its cause", prefetch, err)
		}
		go func() {
			<-waiting
			tr.Close() //nolint:errcheck // Epoch says what it did
		}()
		if _, err := tr.Epoch(t.Context()); !errors.Is(err, train.ErrClosed) {
			t.Errorf("prefetch %d: %v, want ErrClosed", prefetch, err)
		}
		tr.Close()
	}
}
