package epoch

import (
	"runtime"
	"time"
)

// Turn is the time for which a loop over calls into C has had its processor. Go's
// scheduler takes it away from a goroutine that keeps it for 10 ms, and from then on
// in every call into C that takes longer than 20 µs: each time it wakes two threads,
// which for a small step costs as much as the step.
type Turn struct {
	Since time.Duration // by the loop's clock
}

// longest is less than half of what the scheduler allows, since it looks every 10 ms.
const longest = 4 * time.Millisecond

// Yield lets other goroutines run, now, and begins another turn, once this one has
// been long.
func (t *Turn) Yield(now time.Duration) {
	if t != nil && now-t.Since >= longest {
		runtime.Gosched()
		t.Since = now
	}
}
