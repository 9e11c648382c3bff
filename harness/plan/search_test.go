package plan

import (
	"slices"
	"testing"
	"time"

	"epochtime/harness/record"
)

// race carries out a search in which configuration c takes seconds[c] an epoch
// and took a launch. Those in failing fail at their nth launch, from 1.
func race(t *testing.T, s Search, seconds []float64, took time.Duration, failing map[int]int) []Result {
	t.Helper()
	var done []Result
	count := make([]int, len(seconds))
	for range 100_000 {
		next, ok := s.Next(done)
		if !ok {
			return done
		}
		if again, ok := s.Next(slices.Clone(done)); !ok || again != next {
			t.Fatalf("the same results are followed by %v and %v", next, again)
		}
		count[next.Config]++
		r := Result{Launch: next, Status: record.OK, Seconds: seconds[next.Config], Took: took}
		if failing[next.Config] == count[next.Config] {
			r.Status, r.Seconds = record.OOM, 0
		}
		done = append(done, r)
	}
	t.Fatal("the search has no end")
	return nil
}

func launchesOf(done []Result, config int) int {
	n := 0
	for _, r := range done {
		if r.Config == config {
			n++
		}
	}
	return n
}

// longest is the configuration that stayed longest in a search; of several, the
// fastest in its last launch.
func longest(done []Result, configs int) int {
	best := 0
	seconds := map[int]float64{}
	for _, r := range done {
		seconds[r.Config] = r.Seconds
	}
	for c := range configs {
		a, b := launchesOf(done, c), launchesOf(done, best)
		if a > b || a == b && seconds[c] < seconds[best] {
			best = c
		}
	}
	return best
}

func TestSearchFindsTheFastest(t *testing.T) {
	seconds := []float64{9, 8, 1, 7, 6, 5, 4, 3, 2}
	for _, budget := range []time.Duration{20 * time.Second, 60 * time.Second, time.Hour} {
		s := Search{Configs: len(seconds), Seed: 1, Budget: budget}
		done := race(t, s, seconds, time.Second, nil)
		if winner := longest(done, len(seconds)); winner != 2 {
			t.Errorf("%v: configuration %d wins", budget, winner)
		}
		if done[0].Config != 0 {
			t.Errorf("%v: configuration %d is first, not the default", budget, done[0].Config)
		}
		if best, worst := launchesOf(done, 2), launchesOf(done, 0); best <= worst {
			t.Errorf("%v: the fastest has %d launches, the slowest %d", budget, best, worst)
		}
		if spent := time.Duration(len(done)) * time.Second; spent > budget+time.Duration(len(seconds))*time.Second {
			t.Errorf("%v: %v were spent", budget, spent)
		}
	}
}

// Who is left after a round is never one of the slower half.
func TestSearchHalves(t *testing.T) {
	seconds := []float64{1, 2, 3, 4, 5, 6, 7, 8}
	s := Search{Configs: 8, Seed: 3, Budget: time.Hour}
	done := race(t, s, seconds, time.Second, nil)
	for c := range 4 {
		if launchesOf(done, 4+c) != 1 {
			t.Errorf("configuration %d of the slower half has %d launches", 4+c, launchesOf(done, 4+c))
		}
	}
	for block, size := range map[int]int{0: 8, 1: 4, MostBlocks: 4, 1 + MostBlocks: 2, 2 * MostBlocks: 2} {
		if got := len(resultsOf(block, done)); got != size {
			t.Errorf("block %d has %d launches, want %d", block, got, size)
		}
	}
	if got, want := len(done), 8+MostBlocks*(4+2); got != want {
		t.Errorf("%d launches, want %d", got, want)
	}
}

func TestSearchDropsWhatFails(t *testing.T) {
	s := Search{Configs: 4, Seed: 1, Budget: time.Hour}
	done := race(t, s, []float64{5, 1, 2, 4}, time.Second, map[int]int{1: 1, 2: 3})
	if launchesOf(done, 1) != 1 || launchesOf(done, 2) != 3 {
		t.Errorf("%d and %d launches of what failed at the first and third", launchesOf(done, 1), launchesOf(done, 2))
	}
	all := race(t, s, []float64{5, 1, 2, 4}, time.Second, map[int]int{0: 1, 1: 1, 2: 1, 3: 1})
	if len(all) != 4 {
		t.Errorf("%d launches where all fail", len(all))
	}
}

func TestSearchWithoutTime(t *testing.T) {
	s := Search{Configs: 10, Seed: 1, Budget: time.Millisecond}
	done := race(t, s, make([]float64, 10), time.Second, nil)
	if len(done) != 2 || done[0].Config != 0 {
		t.Errorf("%v were launched: want the default and one more", done)
	}
	one := Search{Configs: 1, Seed: 1, Budget: time.Hour}
	if done := race(t, one, []float64{1}, time.Second, nil); len(done) != 1 {
		t.Errorf("%d launches of a single candidate", len(done))
	}
}

// Time left is never of what is out, and there is some while there is a next launch.
func TestSearchLeft(t *testing.T) {
	seconds := []float64{4, 3, 2, 1}
	s := Search{Configs: 4, Seed: 1, Budget: 30 * time.Second}
	done := race(t, s, seconds, time.Second, map[int]int{3: 1})
	for i := range len(done) + 1 {
		next, more := s.Next(done[:i])
		left := s.Left(done[:i])
		switch {
		case more && left[next.Config] < 1:
			t.Fatalf("after %d launches none is left of the next, %d: %v", i, next.Config, left)
		case !more && !slices.Equal(left, make([]int, 4)):
			t.Fatalf("at the end: %v left", left)
		}
	}
}

func TestBlocksWithinTime(t *testing.T) {
	for _, c := range []struct {
		limit  time.Duration
		blocks int
	}{{0, 10}, {time.Nanosecond, 1}, {6 * time.Second, 3}, {7 * time.Second, 3}, {time.Hour, 10}} {
		b := Blocks{Configs: 2, Blocks: 10, Seed: 1, First: 5, Limit: c.limit}
		var done []Result
		for {
			next, ok := b.Next(done)
			left := 0
			for _, n := range b.Left(done) {
				left += n
			}
			if ok != (left > 0) {
				t.Fatalf("%v: after %d launches %d are left, and there is a next: %v", c.limit, len(done), left, ok)
			}
			if !ok {
				break
			}
			if next.Block < 5 {
				t.Fatalf("block %d comes before the first", next.Block)
			}
			done = append(done, Result{Launch: next, Took: time.Second})
		}
		if len(done) != 2*c.blocks {
			t.Errorf("%v: %d launches, want %d whole blocks", c.limit, len(done), c.blocks)
		}
	}
}

func TestTogether(t *testing.T) {
	b := Blocks{Configs: 2, Blocks: 10, Seed: 1, Together: true}
	if order := carryOut(t, b, func(l Launch) bool { return l.Config == 1 && l.Block == 2 }); len(order) > 6 || len(order) < 5 {
		t.Errorf("%d launches where one of two is dead in the third block", len(order))
	}
	if got := b.Left([]Result{{Dead: true}}); !slices.Equal(got, []int{0, 0}) {
		t.Errorf("%v left after a dead one", got)
	}
}
