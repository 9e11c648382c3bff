package epoch

import (
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"epochtime/harness/feed"
)

// An epoch of short steps lets another goroutine run every few milliseconds of its
// clock, and not between all steps.
func TestTurns(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var ran atomic.Int64
	var stop atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !stop.Load() {
			ran.Add(1)
			runtime.Gosched()
		}
	}()
	var seen []int64
	clock := &fakeClock{}
	feeder := &fakeFeeder{clock: clock, examples: slices.Repeat([]int{1}, 100), prepare: make([]int, 101)}
	l := Loop{Clock: clock, Feeder: feeder, Stepper: stepFunc(func() {
		clock.now += time.Millisecond
		seen = append(seen, ran.Load())
	})}
	if _, err := l.Epoch(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	stop.Store(true)
	<-done
	if turns := len(slices.Compact(seen)); turns < 15 || turns > 50 {
		t.Errorf("the loop had %d turns in 100 ms, want 20", turns)
	}
}

// stepFunc is a step of which nothing is known but that it was made.
type stepFunc func()

func (f stepFunc) Step(*feed.Batch) (float64, error) { f(); return 1, nil }
