package epoch

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"epochtime/harness/feed"
	"epochtime/harness/record"
)

var _ Feeder = (*feed.Feeder)(nil)

// unit is 1/128 s: sums of units are exact as seconds, so that tests compare
// with ==.
const unit = time.Second / 128

// fakeClock goes ahead only when told to.
type fakeClock struct{ now time.Duration }

func (c *fakeClock) Now() time.Duration { return c.now }
func (c *fakeClock) pass(units int)     { c.now += time.Duration(units) * unit }

// fakeFeeder hands out batches of the given numbers of examples. Starting,
// each batch and finding that there is no other take their units of time.
type fakeFeeder struct {
	clock        *fakeClock
	examples     []int
	prepare      []int // one a batch, and one for the end
	start, hid   int   // hid: preparation that nobody waited for, a batch
	fails        error // instead of the last batch
	next, starts int
	work         time.Duration
}

func (f *fakeFeeder) Start(int) {
	f.next, f.work = 0, 0
	f.starts++
	f.clock.pass(f.start)
}

func (f *fakeFeeder) Next() (*feed.Batch, error) {
	f.clock.pass(f.prepare[f.next])
	f.work += time.Duration(f.prepare[f.next]+f.hid) * unit
	if f.next == len(f.examples) {
		return nil, nil
	}
	f.next++
	if f.fails != nil && f.next == len(f.examples) {
		return nil, f.fails
	}
	return &feed.Batch{Examples: f.examples[f.next-1]}, nil
}

func (f *fakeFeeder) Work() time.Duration { return f.work }

// fakeStepper gives a loss for each step, which takes its units of time.
type fakeStepper struct {
	clock  *fakeClock
	take   []int
	losses []float64
	fails  error // at the last step
	steps  int
	seen   []int
}

func (s *fakeStepper) Step(b *feed.Batch) (float64, error) {
	k := s.steps % len(s.take)
	s.steps++
	s.seen = append(s.seen, b.Examples)
	s.clock.pass(s.take[k])
	if s.fails != nil && k == len(s.take)-1 {
		return 0, s.fails
	}
	return s.losses[k], nil
}

// three is a loop over batches of 4, 4 and 2 examples, at 10 units o'clock.
func three() (*Loop, *fakeClock, *fakeFeeder, *fakeStepper) {
	c := &fakeClock{now: 10 * unit}
	f := &fakeFeeder{clock: c, examples: []int{4, 4, 2}, prepare: []int{3, 5, 7, 2}, start: 11, hid: 100}
	s := &fakeStepper{clock: c, take: []int{64, 32, 16}, losses: []float64{2, 1, 0.5}}
	return &Loop{Clock: c, Feeder: f, Stepper: s}, c, f, s
}

func TestEpoch(t *testing.T) {
	loop, _, f, s := three()
	got, err := loop.Epoch(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	in := func(units int) float64 { return (time.Duration(units) * unit).Seconds() }
	want := record.Epoch{
		Index: 3, Start: in(10),
		Seconds: in(11 + 3 + 5 + 7 + 2 + 64 + 32 + 16), Wait: in(11 + 3 + 5 + 7 + 2), Step: in(64 + 32 + 16),
		Preprocess: in(3 + 5 + 7 + 2 + 4*100), Steps: 3, Samples: 10,
		Loss: (4*2 + 4*1 + 2*0.5) / 10.0,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the epoch is\n%+v, want\n%+v", got, want)
	}
	if f.starts != 1 || s.steps != 3 || s.seen[2] != 2 {
		t.Errorf("started %d times, stepped on %v", f.starts, s.seen)
	}
}

// TestEpochsFollow checks that nothing of an epoch is carried into the next.
func TestEpochsFollow(t *testing.T) {
	loop, clock, _, _ := three()
	first, err := loop.Epoch(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	clock.pass(1000)
	second, err := loop.Epoch(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if want := first.Start + first.Seconds + (1000 * unit).Seconds(); second.Start != want || second.Index != 1 {
		t.Errorf("the second epoch starts at %v, want %v: %+v", second.Start, want, second)
	}
	second.Index, second.Start = first.Index, first.Start
	if !reflect.DeepEqual(second, first) {
		t.Errorf("the second epoch is %+v, the first %+v", second, first)
	}
}

// slowContext is a context that takes time to look at.
type slowContext struct {
	context.Context
	clock *fakeClock
	takes int
}

func (c slowContext) Err() error {
	c.clock.pass(c.takes)
	return c.Context.Err()
}

// TestSumsExactly checks the parts of random epochs, with looking at the context,
// Start and the last, empty call of the feeder taking time too.
func TestSumsExactly(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		c := &fakeClock{}
		f := &fakeFeeder{clock: c, prepare: []int{rng.IntN(100)}, start: rng.IntN(100)}
		s := &fakeStepper{clock: c}
		looks := rng.IntN(10)
		var wait, step, samples int
		var loss float64
		for range 1 + rng.IntN(20) {
			f.examples = append(f.examples, 1+rng.IntN(64))
			f.prepare = append(f.prepare, rng.IntN(100))
			s.take = append(s.take, rng.IntN(1000))
			s.losses = append(s.losses, rng.Float64())
		}
		for i, n := range f.examples {
			step, samples, loss = step+s.take[i], samples+n, loss+float64(n)*s.losses[i]
		}
		for _, n := range f.prepare {
			wait += n
		}
		loop := Loop{Clock: c, Feeder: f, Stepper: s}
		e, err := loop.Epoch(slowContext{t.Context(), c, looks}, 0)
		if err != nil {
			t.Fatal(err)
		}
		wait += f.start // shuffling is preparation
		other := time.Duration(looks*len(f.examples)) * unit
		if e.Seconds != e.Wait+e.Step+e.Other || e.Seconds != c.now.Seconds() || e.Other != other.Seconds() {
			t.Fatalf("%+v: other should be %v", e, other)
		}
		if e.Wait != (time.Duration(wait)*unit).Seconds() || e.Step != (time.Duration(step)*unit).Seconds() {
			t.Fatalf("%+v: wait and step should be %d and %d units", e, wait, step)
		}
		if e.Samples != samples || e.Steps != len(f.examples) || math.Abs(float64(e.Loss)-loss/float64(samples)) > 1e-12 {
			t.Fatalf("%+v: want %d steps, %d samples, a loss of %g", e, len(f.examples), samples, loss/float64(samples))
		}
	}
}

// lyingClock goes ahead at each reading, by one more unit than at the last.
type lyingClock struct {
	now      time.Duration
	readings int
}

func (c *lyingClock) Now() time.Duration {
	c.now += time.Duration(c.readings) * unit
	c.readings++
	return c.now
}

// Under a clock whose readings cost time, a part that was the remainder of the
// others, or a reading that two parts do not share, would show.
func TestPartsAreMeasuredApart(t *testing.T) {
	c := &lyingClock{}
	still := &fakeClock{}
	f := &fakeFeeder{clock: still, examples: []int{1, 1}, prepare: []int{0, 0, 0}}
	s := &fakeStepper{clock: still, take: []int{0, 0}, losses: []float64{1, 1}}
	e, err := (&Loop{Clock: c, Feeder: f, Stepper: s}).Epoch(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	// The readings end: start; Start | Next, the loop, Step, the loop, twice | the last Next.
	in := func(units int) float64 { return (time.Duration(units) * unit).Seconds() }
	wait, step, other := in(1+2+6+10), in(4+8), in(3+5+7+9)
	if e.Wait != wait || e.Step != step || e.Other != other || e.Seconds != in(55) || e.Start != 0 {
		t.Errorf("%+v, want wait %v, step %v, other %v of %v", e, wait, step, other, in(55))
	}
}

func TestNonfinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		loop, _, _, s := three()
		s.losses[1] = bad
		e, err := loop.Epoch(t.Context(), 7)
		if !errors.Is(err, ErrNonfinite) || !strings.Contains(err.Error(), "epoch 7, step 1") {
			t.Errorf("a loss of %g: %v, want ErrNonfinite at epoch 7, step 1", bad, err)
		}
		if !reflect.DeepEqual(e, record.Epoch{}) || s.steps != 2 {
			t.Errorf("a loss of %g: the epoch %+v came back after %d steps", bad, e, s.steps)
		}
	}
}

// A batch that cannot be prepared ends the epoch; no step is run without one.
func TestFeederFails(t *testing.T) {
	loop, _, f, s := three()
	f.fails = errors.New("no data")
	e, err := loop.Epoch(t.Context(), 2)
	if !errors.Is(err, f.fails) || !strings.Contains(err.Error(), "epoch 2, batch 2: no data") || !reflect.DeepEqual(e, record.Epoch{}) || s.steps != 2 {
		t.Errorf("%+v, %v after %d steps", e, err, s.steps)
	}
}

func TestStepFails(t *testing.T) {
	loop, _, _, s := three()
	s.fails = errors.New("no memory")
	e, err := loop.Epoch(t.Context(), 2)
	if !errors.Is(err, s.fails) || !strings.Contains(err.Error(), "epoch 2, step 2: no memory") || !reflect.DeepEqual(e, record.Epoch{}) {
		t.Errorf("Epoch = %+v, %v; want the step's error", e, err)
	}
}

// stepsThen is a stepper that cancels after so many steps.
type stepsThen struct {
	*fakeStepper
	left   int
	cancel func()
}

func (s *stepsThen) Step(b *feed.Batch) (float64, error) {
	if s.left--; s.left == 0 {
		s.cancel()
	}
	return s.fakeStepper.Step(b)
}

func TestCancel(t *testing.T) {
	why := errors.New("enough")
	for after := range 4 {
		loop, _, _, s := three()
		ctx, cancel := context.WithCancelCause(t.Context())
		loop.Stepper = &stepsThen{s, after, func() { cancel(why) }}
		if after == 0 {
			cancel(why)
		}
		e, err := loop.Epoch(ctx, 0)
		if after == 3 { // during the last step: the epoch is whole
			if err != nil || e.Steps != 3 {
				t.Errorf("canceled in the last step: %+v, %v", e, err)
			}
			continue
		}
		if !errors.Is(err, context.Canceled) || !errors.Is(err, why) || !reflect.DeepEqual(e, record.Epoch{}) || s.steps != after {
			t.Errorf("canceled after %d steps: %+v, %v, after %d", after, e, err, s.steps)
		}
	}
}

func TestStopped(t *testing.T) {
	plain, cancel := context.WithCancel(t.Context())
	if err := Stopped(plain); err != nil {
		t.Errorf("nothing was canceled: %v", err)
	}
	cancel()
	if err := Stopped(plain); err != context.Canceled {
		t.Errorf("%v, want context.Canceled itself", err)
	}
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	<-late.Done()
	if err := Stopped(late); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want DeadlineExceeded", err)
	}
}

func TestEmptyEpoch(t *testing.T) {
	loop, _, f, _ := three()
	f.examples, f.prepare = nil, []int{1}
	if _, err := loop.Epoch(t.Context(), 4); !errors.Is(err, ErrEmpty) {
		t.Errorf("%v, want ErrEmpty", err)
	}
}

func TestMonotonic(t *testing.T) {
	c := NewMonotonic()
	last := c.Now()
	for range 1000 {
		now := c.Now()
		if now < last || last < 0 {
			t.Fatalf("the clock went from %v to %v", last, now)
		}
		last = now
	}
}

func TestLoopDoesNotAllocate(t *testing.T) {
	loop, _, _, s := three()
	feeder := &reusing{left: 10}
	loop.Feeder = feeder
	s.take, s.losses = []int{1}, []float64{1}
	ctx := t.Context()
	n := testing.AllocsPerRun(10, func() {
		s.seen = s.seen[:0]
		feeder.left = 10
		if _, err := loop.Epoch(ctx, 0); err != nil {
			t.Error(err)
		}
	})
	if n != 0 {
		t.Errorf("an epoch allocates %g times", n)
	}
}

// reusing hands out the same batch, as feed.Feeder does.
type reusing struct {
	batch feed.Batch
	left  int
}

func (r *reusing) Start(int)           {}
func (r *reusing) Work() time.Duration { return 0 }
func (r *reusing) Next() (*feed.Batch, error) {
	if r.left == 0 {
		return nil, nil
	}
	r.left--
	r.batch.Examples = 32
	return &r.batch, nil
}

type nothing struct{}

func (nothing) Step(*feed.Batch) (float64, error) { return 1, nil }

// BenchmarkEpochLoop is what the clock itself costs: an epoch of 32 empty steps.
func BenchmarkEpochLoop(b *testing.B) {
	feeder := &reusing{}
	loop := Loop{Clock: NewMonotonic(), Feeder: feeder, Stepper: nothing{}}
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		feeder.left = 32
		if _, err := loop.Epoch(ctx, 0); err != nil {
			b.Fatal(err)
		}
	}
}
