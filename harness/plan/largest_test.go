package plan

import (
	"fmt"
	"slices"
	"testing"

	"epochtime/harness/record"
)

// search carries out a search in which batches up to room fit, and returns the batches
// that it tries.
func (l Largest) search(t *testing.T, room int) []int {
	t.Helper()
	var done []Result
	var batches []int
	for range 1000 {
		next, ok := l.Next(done)
		batch := l.Batch(done)
		if !ok {
			if batch != 0 {
				t.Errorf("the search is over, and batch %d is next", batch)
			}
			return batches
		}
		if next.Config != len(done) || next.Block != 0 {
			t.Fatalf("launch %+v follows %d results", next, len(done))
		}
		if left := l.Left(done); len(left) != len(done)+1 || left[next.Config] != 1 {
			t.Errorf("%v are left of %d", left, len(done))
		}
		status := record.OK
		if batch > room {
			status = record.OOM
		}
		batches, done = append(batches, batch), append(done, Result{Launch: next, Status: status})
	}
	t.Fatal("the search has no end")
	return nil
}

func TestLargest(t *testing.T) {
	for want, c := range map[string]struct{ start, most, room int }{
		"[32 64 128 96 112 104 100]": {32, 1000, 100}, // 104 and 100 are within a sixteenth of 100
		"[8 16 32 24 20 18 17]":      {8, 1000, 16},   // exactly below 32
		"[32 64 100]":                {32, 100, 1000}, // as many as there are
		"[100]":                      {200, 100, 1000},
		"[32 16 8 4 2 1]":            {32, 1000, 0}, // none
		"[32 16 8 4 6 5]":            {32, 1000, 5},
		"[1 2]":                      {1, 2, 2},
		"[1]":                        {-5, 10, 0},
		"[]":                         {32, 0, 10},
	} {
		if got := fmt.Sprint(Largest{c.start, c.most}.search(t, c.room)); got != want {
			t.Errorf("from %d to %d with room for %d: %s, want %s", c.start, c.most, c.room, got, want)
		}
	}
}

// Whatever the room, the largest batch that is found fits, and what does not fit is
// within a sixteenth of it.
func TestLargestIsWithinItsResolution(t *testing.T) {
	for room := range 3000 {
		l := Largest{32, 1 << 20}
		batches := l.search(t, room)
		fits, fails := 0, l.Most+1
		for _, b := range batches {
			if b <= room {
				fits = max(fits, b)
			} else {
				fails = min(fails, b)
			}
		}
		if fails-fits > max(1, fits/16) || len(batches) > 25 || slices.Contains(batches[1:], batches[0]) {
			t.Fatalf("room for %d: %v", room, batches)
		}
	}
}

// A launch that fails in another way ends the search; one that was interrupted is no
// result, and is repeated.
func TestLargestEnds(t *testing.T) {
	l := Largest{32, 1000}
	if next, ok := l.Next([]Result{{Status: record.Error}}); ok {
		t.Errorf("after a failure comes %+v", next)
	}
	done := []Result{{Status: record.OK}, {Launch: Launch{Config: 1}, Status: record.OOM}}
	if next, ok := l.Next(done); !ok || next.Config != 2 || l.Batch(done) != 48 {
		t.Errorf("then comes %+v of batch %d, %v", next, l.Batch(done), ok)
	}
}
