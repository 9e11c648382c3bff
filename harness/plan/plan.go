// Package plan says which launch comes next, given the results so far. Plans
// keep no state: whoever stops after any launch and goes on later gets the same
// launches.
package plan

import (
	"math/rand/v2"
	"time"
)

// Launch is one launch of a plan: the index of its configuration, and its block.
type Launch struct{ Config, Block int }

// Result is a launch that was done. Status is that of the record; Seconds is the
// median of its measured epochs, 0 where there is none; Took is how long all of
// the launch lasted. Dead says that this configuration cannot run, so that no
// more of its launches are worth starting.
type Result struct {
	Launch
	Status  string
	Seconds float64
	Took    time.Duration
	Dead    bool
}

// Plan orders launches.
type Plan interface {
	// Next returns the launch to do after those in done; false when none is left.
	Next(done []Result) (Launch, bool)
	// Left counts the launches still to do, of each configuration. Where time is
	// what ends the plan, it is a guess.
	Left(done []Result) []int
}

// tally counts what was done of each of n configurations.
type tally struct {
	dead  []bool
	count []int
	took  time.Duration // all launches, one after the other
}

func newTally(n int, done []Result) tally {
	t := tally{dead: make([]bool, n), count: make([]int, n)}
	for _, r := range done {
		t.count[r.Config]++
		t.dead[r.Config] = t.dead[r.Config] || r.Dead
		t.took += r.Took
	}
	return t
}

// order is the order of n configurations in a block.
func order(seed uint64, block, n int) []int {
	return rand.New(rand.NewPCG(seed, uint64(block))).Perm(n)
}
