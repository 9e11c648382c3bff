package plan

import "time"

// Blocks does every configuration once a block, in a random order drawn for
// each block, so that drift of the machine falls on all of them alike
// (a randomized complete block design: Fisher, The Design of Experiments, 1935).
type Blocks struct {
	Configs, Blocks int
	Seed            uint64
	First           int           // number of the first block
	Limit           time.Duration // no block is begun that would end later, but the first; 0 is none
	Until           float64       // ends once every interval is within this share of its median; 0 is never
	Together        bool          // one configuration is worth nothing without the others: the first dead one ends the plan
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

// over reports whether the plan ends before its blocks do.
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

// blocks counts the blocks that may be begun: all, or those that were, once
// there is no time for another.
func (b Blocks) blocks(t tally, done []Result) int {
	begun := begunBlocks(b.First, done)
	if b.Limit > 0 && begun > 0 && t.took+t.took/time.Duration(begun) > b.Limit {
		return min(begun, b.Blocks)
	}
	return b.Blocks
}

// begunBlocks counts the blocks of which a launch was done.
func begunBlocks(first int, done []Result) int {
	n := 0
	for _, r := range done {
		n = max(n, r.Block-first+1)
	}
	return n
}
