package train_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"epochtime/harness/dataset"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/tfsession"
	"epochtime/harness/trace"
	"epochtime/harness/train"
)

func open(t testing.TB, name string, samples int, o train.Options) *train.Trainer {
	t.Helper()
	m, err := graph.Find(graphs, name)
	if err != nil {
		t.Fatalf("%v ('make graphs' exports what the tests need)", err)
	}
	set, err := dataset.Synthetic(m, samples, 1)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.Open(m, set, o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestEpochsAndReset(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	tr := open(t, "cnn", 200, train.Options{Feed: feed.Options{Batch: 64, Prefetch: 2, Shuffle: true, Seed: 4}})
	first, err := tr.FirstSteps(t.Context())
	if err != nil || first.Step <= 0 || first.Compile <= first.Step || first.Kept != nil {
		t.Fatalf("first steps %+v, %v; want two shapes", first, err)
	}
	var losses []float64
	for range 2 { // the second time after a reset
		for i := range 3 {
			e, err := tr.Epoch(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if e.Index != i || e.Warmup || e.Samples != 200 || e.Steps != 4 || e.Duration() <= 0 {
				t.Errorf("%+v", e)
			}
			losses = append(losses, float64(e.Loss))
		}
		if err := tr.Reset(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		if math.Abs(losses[i]-losses[i+3]) > 1e-4*losses[i] {
			t.Errorf("losses %v: the second three epochs are not the first three", losses)
		}
	}
	if err := tr.Close(); err != nil {
		t.Fatal(err)
	}
}

// canceledAfter is a context that is canceled once it was looked at n times.
type canceledAfter struct {
	context.Context
	n int
}

var errEnough = errors.New("enough")

func (c *canceledAfter) Err() error {
	if c.n--; c.n < 0 {
		return context.Canceled
	}
	return nil
}

func TestCancel(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	tr := open(t, "cnn", 200, train.Options{Feed: feed.Options{Batch: 10, Prefetch: 3}})
	defer tr.Close()
	if _, err := tr.Epoch(&canceledAfter{t.Context(), 5}); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "step 4") {
		t.Errorf("%v, want context.Canceled before step 4", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errEnough)
	_, epoch := tr.Epoch(ctx)
	_, first := tr.FirstSteps(ctx)
	_, _, traced := tr.Trace(ctx)
	for name, err := range map[string]error{"Epoch": epoch, "FirstSteps": first, "Trace": traced} {
		if !errors.Is(err, context.Canceled) || !errors.Is(err, errEnough) {
			t.Errorf("%s: %v, want context.Canceled and its cause", name, err)
		}
	}
	yielded := 0
	for _, err := range tr.Epochs(ctx, 3) {
		if yielded++; !errors.Is(err, errEnough) {
			t.Errorf("Epochs: %v, want the cause", err)
		}
	}
	for _, err := range tr.Steps(ctx) {
		if yielded++; !errors.Is(err, errEnough) {
			t.Errorf("Steps: %v, want the cause", err)
		}
	}
	if yielded != 2 {
		t.Errorf("Epochs and Steps yielded %d errors, want one each", yielded)
	}
}

func TestEpochs(t *testing.T) {
	tr := open(t, "linear", 100, train.Options{Feed: feed.Options{Batch: 30}})
	defer tr.Close()
	var got []int
	for e, err := range tr.Epochs(t.Context(), 5) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, e.Index); len(got) == 3 {
			break
		}
	}
	for e, err := range tr.Epochs(t.Context(), 2) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.Index)
	}
	if !slices.Equal(got, []int{0, 1, 2, 3, 4}) {
		t.Errorf("the epochs are %v, want 0 to 4", got)
	}
}

// An epoch that was begun uses up its number, however it ends, and Info says which
// is next, also after Close.
func TestNextEpoch(t *testing.T) {
	tr := open(t, "linear", 100, train.Options{Feed: feed.Options{Batch: 10}, InitialEpoch: 4})
	defer tr.Close()
	at := func(when string, want int) {
		t.Helper()
		if got := tr.Info().NextEpoch; got != want {
			t.Errorf("%s the next epoch is %d, want %d", when, got, want)
		}
	}
	at("after Open", 4)
	if _, err := tr.FirstSteps(t.Context()); err != nil {
		t.Fatal(err)
	}
	at("after FirstSteps", 4)
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tr.Epoch(done); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	at("after a call that was cancelled before", 4)
	if _, err := tr.Epoch(&canceledAfter{t.Context(), 3}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	at("after an epoch that was cancelled", 5)
	for _, err := range tr.Steps(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	at("after steps that were left", 6)
	for e, err := range tr.Epochs(t.Context(), 3) {
		if err != nil || e.Index != 6 {
			t.Fatalf("epoch %d, %v; want 6", e.Index, err)
		}
		break
	}
	at("after epochs that were left", 7)
	if err := tr.Reset(); err != nil {
		t.Fatal(err)
	}
	at("after Reset", 4)
	if _, err := tr.Epoch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := tr.Close(); err != nil {
		t.Fatal(err)
	}
	at("after Close", 5)
}

// The losses of single steps are those of the epoch.
func TestSteps(t *testing.T) {
	tr := open(t, "linear", 100, train.Options{Feed: feed.Options{Batch: 30, Prefetch: 2}})
	defer tr.Close()
	sum, steps, examples := 0.0, 0, 0
	for s, err := range tr.Steps(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if s.Index != steps {
			t.Errorf("step %d is numbered %d", steps, s.Index)
		}
		sum, steps, examples = sum+s.Loss*float64(s.Examples), steps+1, examples+s.Examples
	}
	if err := tr.Reset(); err != nil {
		t.Fatal(err)
	}
	e, err := tr.Epoch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := math.Abs(sum/100 - float64(e.Loss)); d > 1e-6 || steps != 4 || examples != 100 {
		t.Errorf("%d steps on %d examples have the mean loss %v, the epoch %v", steps, examples, sum/100, e.Loss)
	}
	for _, err := range tr.Steps(t.Context()) {
		if err != nil { // once another epoch has run
			if !errors.Is(err, tfsession.ErrStep) {
				t.Errorf("%v, want ErrStep", err)
			}
			return
		}
		if _, err := tr.Epoch(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	t.Error("single steps went on after another epoch")
}

func TestTrace(t *testing.T) {
	tr := open(t, "mlp", 64, train.Options{Feed: feed.Options{Batch: 32}})
	defer tr.Close()
	spans, _, err := tr.Trace(t.Context())
	if err != nil || !slices.ContainsFunc(spans, func(s trace.Span) bool { return strings.Contains(s.Op, "MatMul") }) {
		t.Errorf("%d operations, %v; want a MatMul among them", len(spans), err)
	}
}

// What a bare loop trains is what an epoch trains: the epoch after it has the
// loss of a second epoch.
func TestPreloadedTrainsTheSame(t *testing.T) {
	tr := open(t, "mlp", 200, train.Options{Feed: feed.Options{Batch: 64, Prefetch: 2}})
	defer tr.Close()
	second := func(first func() error) float64 {
		if err := errors.Join(first(), tr.Reset()); err != nil {
			t.Fatal(err)
		}
		if err := first(); err != nil {
			t.Fatal(err)
		}
		e, err := tr.Epoch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return float64(e.Loss)
	}
	bare, err := train.Preload(tr)
	if err != nil {
		t.Fatal(err)
	}
	defer bare.Close()
	want := second(func() error { _, err := tr.Epoch(t.Context()); return err })
	if got := second(func() error { return bare.Run(4) }); math.Abs(got-want) > 1e-5*want {
		t.Errorf("after a bare loop the next epoch's loss is %v, after an epoch %v", got, want)
	}
}

func TestOpenRefuses(t *testing.T) {
	m, err := graph.Find(graphs, "linear")
	if err != nil {
		t.Fatal(err)
	}
	good, err := dataset.Synthetic(m, 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	labels, err := dataset.New("labels", dataset.Of("x", []int{1}, []float32{1}), dataset.Of("y", []int{3}, []float32{1, 2, 3}))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		set  *dataset.Set
		o    train.Options
		want error
	}{
		"data of another shape": {labels, train.Options{}, dataset.ErrUnfit},
		"a device not there":    {good, train.Options{Session: tfsession.Options{Device: "tpu"}}, tfsession.ErrDevice},
	} {
		if tr, err := train.Open(m, c.set, c.o); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
			if tr != nil {
				tr.Close()
			}
		}
	}
}

// BenchmarkEpoch times whole epochs of exported graphs at their default
// settings: go test -bench Epoch ./harness/train, readable by benchstat.
func BenchmarkEpoch(b *testing.B) {
	for _, name := range []string{"linear", "mlp", "cnn", "rnn", "lstm", "gru"} {
		b.Run(name, func(b *testing.B) {
			m, err := graph.Find(graphs, name)
			if err != nil {
				b.Fatal(err)
			}
			batch := 0
			if m.Settings.Batch != nil {
				batch = *m.Settings.Batch
			}
			tr := open(b, name, m.Settings.Samples, train.Options{Feed: feed.Options{Batch: batch, Prefetch: 2}})
			defer tr.Close()
			if _, err := tr.FirstSteps(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tr.Epoch(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(m.Settings.Samples)*float64(b.N)/b.Elapsed().Seconds(), "examples/s")
		})
	}
}

// BenchmarkOverBareLoop compares fed and timed steps with a loop in C over the
// same batches, preloaded: one process, one session, blocks in turn. It reports
// the median of the paired differences a step, and of the ratios.
func BenchmarkOverBareLoop(b *testing.B) {
	for _, c := range []struct {
		graph, executor string
		steps           int // a block
	}{{"linear", "", 2000}, {"linear", tfsession.ThreadPool, 2000}, {"cnn", "", 40}, {"cnn", tfsession.CallerThread, 40}} {
		b.Run(c.graph+"/executor="+c.executor, func(b *testing.B) {
			tr := open(b, c.graph, 32*c.steps, train.Options{
				Feed: feed.Options{Batch: 32, Prefetch: 2}, Session: tfsession.Options{Executor: c.executor},
			})
			defer tr.Close()
			if _, err := tr.FirstSteps(b.Context()); err != nil {
				b.Fatal(err)
			}
			bareLoop, err := train.Preload(tr)
			if err != nil {
				b.Fatal(err)
			}
			defer bareLoop.Close()
			var over, ratio, alone []float64
			for i := 0; b.Loop(); i++ {
				var fed, bare time.Duration
				both := []func(){
					func() {
						e, err := tr.Epoch(b.Context())
						if err != nil {
							b.Fatal(err)
						}
						fed = e.Duration()
					},
					func() {
						start := time.Now()
						if err := bareLoop.Run(c.steps); err != nil {
							b.Fatal(err)
						}
						bare = time.Since(start)
					},
				}
				both[i%2]() // whichever comes first has no advantage
				both[1-i%2]()
				over = append(over, float64(fed-bare)/float64(c.steps))
				ratio = append(ratio, float64(fed)/float64(bare))
				alone = append(alone, float64(bare)/float64(c.steps))
			}
			slices.Sort(over)
			slices.Sort(ratio)
			slices.Sort(alone)
			b.ReportMetric(alone[len(alone)/2], "ns/step-of-C")
			b.ReportMetric(over[len(over)/2], "ns/step-over-C")
			b.ReportMetric(ratio[len(ratio)/2], "ratio-to-C")
		})
	}
}
