package epoch

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"epochtime/harness/feed"
	"epochtime/harness/record"
)

// fakeTotals adds up the losses of the steps that it runs in place of a fakeStepper,
// which then returns none. Clearing and reading take their units of time.
type fakeTotals struct {
	*fakeStepper
	clear, read int
	fails       error // of Clear where nothing is added yet, else of Read
	counted     int   // further examples
	losses      float64
	examples    int
}

func (f *fakeTotals) Step(b *feed.Batch) (float64, error) {
	loss, err := f.fakeStepper.Step(b)
	f.losses, f.examples = f.losses+loss*float64(b.Examples), f.examples+b.Examples
	return 0, err
}

func (f *fakeTotals) Clear() error {
	f.clock.pass(f.clear)
	f.losses, f.examples = 0, 0
	if f.fails != nil && f.steps == 0 {
		return f.fails
	}
	return nil
}

func (f *fakeTotals) Read() (float64, int, error) {
	f.clock.pass(f.read)
	if f.fails != nil {
		return 0, 0, f.fails
	}
	return f.losses / float64(f.examples), f.examples + f.counted, nil
}

// unread is three with losses that stay where they are, of which clearing takes 1000
// units and reading 128.
func unread() (*Loop, *fakeClock, *fakeTotals) {
	loop, clock, _, s := three()
	totals := &fakeTotals{fakeStepper: s, clear: 1000, read: 128}
	loop.Stepper, loop.Totals = totals, totals
	return loop, clock, totals
}

// The clock starts once the totals are cleared, and stops once they are read.
func TestLossAtEnd(t *testing.T) {
	loop, clock, _ := unread()
	in := func(units int) float64 { return float64(units) / 128 }
	for index, start := range []int{10 + 1000, 10 + 2*1000 + 28 + 112 + 128} {
		got, err := loop.Epoch(t.Context(), index)
		if err != nil {
			t.Fatal(err)
		}
		want := record.Epoch{
			Index: index, Start: in(start), Seconds: in(28 + 112 + 128), Wait: in(11 + 3 + 5 + 7 + 2), Step: in(64 + 32 + 16 + 128),
			Preprocess: in(3 + 5 + 7 + 2 + 4*100), Steps: 3, Samples: 10, Loss: (4*2 + 4*1 + 2*0.5) / 10.0,
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the epoch is\n%+v, want\n%+v", got, want)
		}
		if clock.now.Seconds() != want.Start+want.Seconds {
			t.Errorf("it is %v s, and the epoch ended at %v s", clock.now.Seconds(), want.Start+want.Seconds)
		}
	}
}

// A loss that is not finite shows at the end, and so do steps that were not counted.
func TestTotalsAreChecked(t *testing.T) {
	broken := errors.New("no device")
	for says, change := range map[string]func(*fakeTotals){
		"epoch 5: the loss is not finite at one of its steps":                                        func(f *fakeTotals) { f.fakeStepper.losses[1] = math.NaN() },
		"the loss is not finite at one of its steps (their mean is +Inf)":                            func(f *fakeTotals) { f.fakeStepper.losses[0] = math.Inf(1) },
		"epoch 5: the losses are not those of the steps: the device counted 9 examples, and 10 were": func(f *fakeTotals) { f.counted = -1 },
		"epoch 5: no device": func(f *fakeTotals) { f.fails = broken },
	} {
		for _, begun := range []bool{false, true} {
			loop, _, totals := unread()
			change(totals)
			if begun {
				totals.steps = 3 // it fails where it is read
			}
			e, err := loop.Epoch(t.Context(), 5)
			if err == nil || !strings.Contains(err.Error(), says) || !reflect.DeepEqual(e, record.Epoch{}) {
				t.Errorf("%+v, %v, want %q", e, err, says)
			}
			for is, want := range map[error]bool{ErrNonfinite: strings.Contains(says, "finite"), ErrTotals: strings.Contains(says, "counted"), broken: totals.fails != nil} {
				if errors.Is(err, is) != want {
					t.Errorf("%v: is %v: %t", err, is, !want)
				}
			}
		}
	}
}

// An epoch without examples has no mean to read.
func TestEmptyTotals(t *testing.T) {
	loop, _, totals := unread()
	f := loop.Feeder.(*fakeFeeder)
	f.examples, f.prepare = nil, []int{1}
	totals.fails = errors.New("it was read")
	totals.steps = 1
	if _, err := loop.Epoch(t.Context(), 0); !errors.Is(err, ErrEmpty) {
		t.Errorf("%v, want ErrEmpty", err)
	}
}

func TestTotalsDoNotAllocate(t *testing.T) {
	loop, _, totals := unread()
	feeder := &reusing{}
	loop.Feeder, totals.take, totals.fakeStepper.losses = feeder, []int{1}, []float64{1}
	ctx := t.Context()
	n := testing.AllocsPerRun(10, func() {
		totals.seen, feeder.left = totals.seen[:0], 10
		if _, err := loop.Epoch(ctx, 0); err != nil {
			t.Error(err)
		}
	})
	if n != 0 {
		t.Errorf("an epoch allocates %g times", n)
	}
}
