package train_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"epochtime/harness/feed"
	"epochtime/harness/tfsession"
	"epochtime/harness/train"
)

// operations are all that may be done with a trainer, by name.
func operations(t testing.TB, dir string) map[string]func(context.Context, *train.Trainer) error {
	set, _ := points(t, 25)
	return map[string]func(context.Context, *train.Trainer) error{
		"FirstSteps": func(ctx context.Context, tr *train.Trainer) error { _, err := tr.FirstSteps(ctx); return err },
		"Epoch":      func(ctx context.Context, tr *train.Trainer) error { _, err := tr.Epoch(ctx); return err },
		"Epochs": func(ctx context.Context, tr *train.Trainer) (err error) {
			for _, err = range tr.Epochs(ctx, 3) {
			}
			return err
		},
		"Steps": func(ctx context.Context, tr *train.Trainer) (err error) {
			for _, err = range tr.Steps(ctx) {
			}
			return err
		},
		"Steps, left": func(ctx context.Context, tr *train.Trainer) error {
			for _, err := range tr.Steps(ctx) {
				return err
			}
			return nil
		},
		"Trace": func(ctx context.Context, tr *train.Trainer) error { _, _, err := tr.Trace(ctx); return err },
		"Reset": func(_ context.Context, tr *train.Trainer) error { return tr.Reset() },
		"SaveWeights": func(_ context.Context, tr *train.Trainer) error {
			_, err := tr.SaveWeights(filepath.Join(dir, "a.weights.h5"))
			return err
		},
		"LoadWeights": func(_ context.Context, tr *train.Trainer) error {
			_, err := tr.LoadWeights(filepath.Join(dir, "a.weights.h5"))
			if errors.Is(err, fs.ErrNotExist) { // nothing was saved yet
				return nil
			}
			return err
		},
		"Evaluate": func(ctx context.Context, tr *train.Trainer) error { _, err := tr.Evaluate(ctx, set); return err },
		"Predict": func(ctx context.Context, tr *train.Trainer) (err error) {
			for _, err = range tr.Predict(ctx, set) {
			}
			return err
		},
		"Predict, left": func(ctx context.Context, tr *train.Trainer) error {
			for _, err := range tr.Predict(ctx, set) {
				return err
			}
			return nil
		},
	}
}

// kinds opens one trainer of each kind: fed, ahead, resident, streamed.
func kinds(t testing.TB) map[string]*train.Trainer {
	t.Helper()
	set, stream := points(t, 10, 10, 5)
	out := map[string]*train.Trainer{}
	for name, o := range map[string]train.Options{
		"fed":      {Feed: feed.Options{Batch: 10}},
		"ahead":    {Feed: feed.Options{Batch: 4, Prefetch: 2, Shuffle: true}},
		"resident": {Feed: feed.Options{Batch: 10}, Resident: true},
	} {
		tr, err := train.Open(linear(t), set, o)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = tr
	}
	for name, prefetch := range map[string]int{"streamed": 0, "streamed ahead": 2} {
		tr, err := train.OpenStream(linear(t), stream, train.Options{Feed: feed.Options{Prefetch: prefetch}})
		if err != nil {
			t.Fatal(err)
		}
		out[name] = tr
	}
	return out
}

func TestUseAfterClose(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	operations := operations(t, t.TempDir())
	for kind, tr := range kinds(t) {
		for range 2 {
			if err := tr.Close(); err != nil {
				t.Errorf("%s: Close: %v", kind, err)
			}
		}
		for name, do := range operations {
			if err := do(t.Context(), tr); !errors.Is(err, train.ErrClosed) || !errors.Is(err, tfsession.ErrClosed) {
				t.Errorf("%s: %s after Close: %v, want ErrClosed", kind, name, err)
			}
		}
	}
}

// allowed reports whether an operation may end so while others go on beside it.
func allowed(kind, name string, err error) bool {
	switch {
	case err == nil, errors.Is(err, train.ErrClosed), errors.Is(err, context.Canceled):
		return true
	case errors.Is(err, tfsession.ErrStep): // another epoch has begun, or there are no single steps
		return strings.HasPrefix(name, "Steps") || name == "Trace"
	}
	return false
}

// Random calls from several goroutines, some canceled, with Close among them: each
// ends well, canceled or with ErrClosed, and no call crashes the process.
func TestAnyOrderOfCalls(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	operations := operations(t, t.TempDir())
	names := slices.Sorted(maps.Keys(operations))
	for seed := range uint64(4) {
		all := kinds(t)
		for _, kind := range slices.Sorted(maps.Keys(all)) {
			tr := all[kind]
			var wg sync.WaitGroup
			for g := range uint64(3) {
				wg.Go(func() {
					rng := rand.New(rand.NewPCG(seed, g))
					for range 12 {
						name := names[rng.IntN(len(names))]
						ctx, cancel := context.WithCancel(t.Context())
						if rng.IntN(4) == 0 {
							go cancel()
						}
						if err := operations[name](ctx, tr); !allowed(kind, name, err) {
							t.Errorf("seed %d, %s: %s: %v", seed, kind, name, err)
						}
						cancel()
						if rng.IntN(30) == 0 {
							tr.Close() //nolint:errcheck // the last one looks at it
						}
					}
				})
			}
			wg.Wait()
			if err := tr.Close(); err != nil {
				t.Errorf("seed %d, %s: Close: %v", seed, kind, err)
			}
		}
	}
}

// looked is a context that tells when it was looked at n times.
type looked struct {
	context.Context
	n    int
	then chan struct{}
}

func (l *looked) Err() error {
	if l.n--; l.n == 0 {
		close(l.then)
	}
	return nil
}

// Close does not wait for the rest of an epoch.
func TestCloseEndsAnEpoch(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	tr := open(t, "linear", 1_000_000, train.Options{Feed: feed.Options{Batch: 1}})
	running := make(chan struct{})
	ended := make(chan error)
	go func() {
		_, err := tr.Epoch(&looked{t.Context(), 10, running}) // before the ninth step or so
		ended <- err
	}()
	<-running
	if err := tr.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, train.ErrClosed) || !strings.Contains(err.Error(), "step ") {
		t.Errorf("%v, want ErrClosed at a step", err)
	}
}

// A trainer that nobody closes gives back what it holds, once it is garbage.
func TestGarbageIsClosed(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	func() {
		tr := open(t, "cnn", 200, train.Options{Feed: feed.Options{Batch: 64, Prefetch: 2}})
		if f, err := tr.FirstSteps(t.Context()); err != nil || len(f.Borrowed) == 0 {
			t.Fatalf("%+v, %v; want pinned data", f, err)
		}
		if _, err := tr.Epoch(t.Context()); err != nil {
			t.Fatal(err)
		}
	}()
	var err error
	for range 100 {
		runtime.GC()
		if err = goleak.Find(leaks); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("its goroutines go on:", err)
}

func FuzzCalls(f *testing.F) {
	set, _ := points(f, 10, 10, 5)
	operations := operations(f, f.TempDir())
	names := []string{"FirstSteps", "Epoch", "Epochs", "Steps", "Steps, left", "Trace", "Reset", "SaveWeights", "LoadWeights", "Evaluate", "Predict", "Predict, left"}
	f.Add([]byte{0, 1, 12, 1, 12})
	f.Add([]byte{7, 13, 2, 3, 4, 5, 6, 7, 12, 7, 6})
	f.Add([]byte{1, 7, 9, 10, 8, 0, 11, 1, 12, 8, 9})
	f.Fuzz(func(t *testing.T, calls []byte) {
		tr, err := train.Open(linear(t), set, train.Options{Feed: feed.Options{Batch: 10, Prefetch: 1}})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		closed := false
		for _, c := range calls[:min(len(calls), 20)] {
			if int(c)%(len(names)+1) == len(names) {
				closed = true
				if err := tr.Close(); err != nil {
					t.Error(err)
				}
				continue
			}
			name := names[int(c)%(len(names)+1)]
			if err := operations[name](t.Context(), tr); closed != errors.Is(err, train.ErrClosed) || !closed && err != nil {
				t.Error(fmt.Errorf("%s, closed %t: %w", name, closed, err))
			}
		}
	})
}
