package plan

import "time"

// Blocks is a plan in which each block launches every configuration once, in a
// random order of its own. Drift of the machine then affects all configurations
// alike (a randomized complete block design: Fisher, The Design of Experiments,
// 1935).
type Blocks struct {
	Configs, Blocks int
	Seed            uint64
	First           int           // number of the first block
	Limit           time.Duration // of all launches: only the first block may end later; 0 is none
	Until           float64       // share of its median within which every interval ends the plan; 0 is never
	Together        bool          // the first dead configuration ends the plan
}

// Next implements Plan.
func (b Blocks) Next(done []Result) (Launch, bool) {
	t := newTally(b.Configs, done)
	if b.over(t, done) {
		return Launch{}, false
	}
	for block := range b.blocks(t, done) {
		for _, c := range order(b.Seed, b.First+block, b.Configs) {
			if !t.dead[c] && t.count[c] <= block {
				return Launch{c, b.First + block}, true
			}
		}
	}
	return Launch{}, false
}

// Left implements Plan.
func (b Blocks) Left(done []Result) []int {
	t := newTally(b.Configs, done)
	left := make([]int, b.Configs)
	if b.over(t, done) {
		return left
	}
	blocks := b.blocks(t, done)
	if begun := begunBlocks(b.First, done); b.Limit > 0 && begun > 0 {
		each := t.took / time.Duration(begun)
		fit := begun + int(max(0, b.Limit-t.took)/max(1, each))
		blocks = max(begun, min(blocks, fit))
	}
	for c := range left {
		if !t.dead[c] {
			left[c] = max(0, blocks-t.count[c])
		}
	}
	return left
}

// over reports whether the plan ends before all of its blocks are done.
func (b Blocks) over(t tally, done []Result) bool {
	if b.Until > 0 && narrow(t, done, b.Until) {
		return true
	}
	if !b.Together {
		return false
	}
	for _, dead := range t.dead {
		if dead {
			return true
		}
	}
	return false
}

// blocks returns how many blocks may begin: all, or once there is no time for
// another, those that have begun.
func (b Blocks) blocks(t tally, done []Result) int {
	begun := begunBlocks(b.First, done)
	if b.Limit > 0 && begun > 0 && t.took+t.took/time.Duration(begun) > b.Limit {
		return min(begun, b.Blocks)
	}
	return b.Blocks
}

// begunBlocks returns how many blocks have begun.
func begunBlocks(first int, done []Result) int {
	n := 0
	for _, r := range done {
		n = max(n, r.Block-first+1)
	}
	return n
}
