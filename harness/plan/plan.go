// Package plan decides which launch comes next, given the results so far. Plans
// keep no state: a session that is stopped after any launch and resumed gets the
// same launches.
package plan

import (
	"math/rand/v2"
	"time"
)

// Launch is one launch of a plan: the index of its configuration and its block, both
// from 0.
type Launch struct{ Config, Block int }

// Result is the result of a launch.
type Result struct {
	Launch
	Status  string        // of record.Launch
	Seconds float64       // median of its measured epochs; 0 is none
	Took    time.Duration // of the whole launch
	Dead    bool          // the configuration cannot run, and is not launched again
}

// Plan decides on the order and number of launches.
type Plan interface {
	// Next returns the launch that follows those in done, or false if none is left.
	Next(done []Result) (Launch, bool)
	// Left returns how many launches of each configuration are left. It is an
	// estimate if time ends the plan.
	Left(done []Result) []int
}

// tally sums up the results of each configuration.
type tally struct {
	dead  []bool
	count []int
	took  time.Duration // of all launches together
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

// order returns the order of n configurations in a block.
func order(seed uint64, block, n int) []int {
	return rand.New(rand.NewPCG(seed, uint64(block))).Perm(n)
}
