// Package plan says which launch comes next, given the results so far.
package plan

import "math/rand/v2"

// Launch is one launch of a plan: the index of its configuration, and its block.
type Launch struct{ Config, Block int }

// Result is a launch that was done. Dead says that this configuration cannot
// run, so that no more of its launches are worth starting.
type Result struct {
	Launch
	Dead bool
}

// Plan orders launches.
type Plan interface {
	// Next returns the launch to do after those in done; false when none is left.
	Next(done []Result) (Launch, bool)
	// Left counts the launches still to do, of each configuration.
	Left(done []Result) []int
}

// Blocks does every configuration once a block, in a random order drawn for
// each block, so that drift of the machine falls on all of them alike
// (a randomized complete block design: Fisher, The Design of Experiments, 1935).
type Blocks struct {
	Configs, Blocks int
	Seed            uint64
}

// Next implements Plan.
func (b Blocks) Next(done []Result) (Launch, bool) {
	dead, count := b.tally(done)
	for block := range b.Blocks {
		for _, c := range b.order(block) {
			if !dead[c] && count[c] <= block {
				return Launch{c, block}, true
			}
		}
	}
	return Launch{}, false
}

// Left implements Plan.
func (b Blocks) Left(done []Result) []int {
	dead, count := b.tally(done)
	left := make([]int, b.Configs)
	for c := range left {
		if !dead[c] {
			left[c] = max(0, b.Blocks-count[c])
		}
	}
	return left
}

func (b Blocks) tally(done []Result) (dead []bool, count []int) {
	dead, count = make([]bool, b.Configs), make([]int, b.Configs)
	for _, r := range done {
		count[r.Config]++
		dead[r.Config] = dead[r.Config] || r.Dead
	}
	return dead, count
}

// order is the order of the configurations in a block.
func (b Blocks) order(block int) []int {
	return rand.New(rand.NewPCG(b.Seed, uint64(block))).Perm(b.Configs)
}
