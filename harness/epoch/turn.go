package epoch

import (
	"runtime"
	"time"
)

// Turn is the time for which a loop over calls into C has had its processor. Go's
// scheduler takes it away from a goroutine that keeps it for 10 ms, and from then on
// in every call into C that takes longer than 20 µs: each time it wakes two threads,
// which a small step cannot hide.
type Turn struct {
	Since time.Duration // by the loop's clock
}

// longest is half of what the scheduler allows, so that a turn of whole steps, of any
// length below 10 ms, ends before.
const longest = 5 * time.Millisecond

// Yield lets other goroutines run, now, and begins another turn, once this one has
// been long.
func (t *Turn) Yield(now time.Duration) {
	if t != nil && now-t.Since >= longest {
		runtime.Gosched()
		t.Since = now
	}
}
