package plan

import (
	"math"
	"slices"
	"time"

	"epochtime/harness/record"
)

// Search finds the fastest of many configurations within a budget of time by
// successive halving (Karnin, Koren & Somekh, Almost Optimal Exploration in
// Multi-Armed Bandits, ICML 2013; Jamieson & Talwalkar, Non-stochastic Best Arm
// Identification and Hyperparameter Optimization, AISTATS 2016). A round launches
// the remaining configurations in random blocks for its share of the time, and then
// drops the slower half. The fewer remain, the more launches each gets.
//
// A round has at most MostBlocks blocks, so a search of short launches ends before
// its budget does.
//
// Configuration 0 is the default, and is launched first. The first round is one
// block, and may take half of the budget; configurations that it does not reach are
// dropped. A configuration is also dropped when one of its launches fails.
type Search struct {
	Configs int
	Seed    uint64
	Budget  time.Duration
}

// MostBlocks is the largest number of blocks in a round of a search.
const MostBlocks = 10

// Next implements Plan.
func (s Search) Next(done []Result) (Launch, bool) {
	next, _, ok := s.replay(done)
	return next, ok
}

// Left implements Plan. It is an estimate from the time that is left.
func (s Search) Left(done []Result) []int {
	left := make([]int, s.Configs)
	next, state, ok := s.replay(done)
	if !ok {
		return left
	}
	if len(done) == 0 {
		for c := range left {
			left[c] = 1
		}
		return left
	}
	t := newTally(s.Configs, done)
	launches := int(max(0, s.Budget-t.took) / max(1, t.took/time.Duration(len(done))))
	launches = min(launches, 2*MostBlocks*len(state.live)) // each round has half as many configurations
	for i := range launches {
		left[state.live[i%len(state.live)]]++
	}
	left[next.Config] = max(1, left[next.Config])
	return left
}

func compareSeconds(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// state is how far a search is.
type state struct {
	live  []int         // configurations that remain
	round int           // from 0
	begun int           // first block of the round
	since time.Duration // taken by this round
	block int           // current
}

// replay follows the search through done, and returns the next launch.
func (s Search) replay(done []Result) (Launch, state, bool) {
	at := state{}
	for c := range s.Configs {
		at.live = append(at.live, c)
	}
	spent := time.Duration(0)
	for {
		of := resultsOf(at.block, done)
		for _, c := range s.order(at) {
			if _, launched := of[c]; launched || s.closed(at, of) {
				continue
			}
			return Launch{c, at.block}, at, true
		}
		var took time.Duration
		at.live, took = survivors(at.live, of)
		spent, at.since = spent+took, at.since+took
		at.block++
		if s.ends(at, spent, took) {
			at.live = s.half(at.live, done)
			at.round, at.begun, at.since = at.round+1, at.block, 0
		}
		if len(at.live) <= 1 || spent+took/2 > s.Budget {
			return Launch{}, at, false
		}
	}
}

// order returns the order of the live configurations in the current block. The
// first block begins with the default.
func (s Search) order(at state) []int {
	all := order(s.Seed, at.block, s.Configs)
	out := slices.DeleteFunc(all, func(c int) bool { return !slices.Contains(at.live, c) })
	if i := slices.Index(out, 0); at.block == 0 && i > 0 {
		out = slices.Insert(slices.Delete(out, i, i+1), 0, 0)
	}
	return out
}

// closed reports whether the first block has used its half of the budget.
func (s Search) closed(at state, of map[int]Result) bool {
	if at.block > 0 {
		return false
	}
	var took time.Duration
	for _, r := range of {
		took += r.Took
	}
	return len(of) > 1 && took > s.Budget/2
}

// survivors returns the configurations of a block that did not fail, and how long
// the block took.
func survivors(live []int, of map[int]Result) (out []int, took time.Duration) {
	for _, c := range live {
		r, launched := of[c]
		took += r.Took
		if launched && !fails(r) {
			out = append(out, c)
		}
	}
	return out, took
}

// ends reports whether a block ends its round. The first block does, and any other
// does if another one like it would not fit into the round's share of the time.
func (s Search) ends(at state, spent, took time.Duration) bool {
	if at.round == 0 || at.block-at.begun >= MostBlocks {
		return true
	}
	rounds := math.Ceil(math.Log2(float64(max(2, len(at.live)))))
	share := (s.Budget - (spent - at.since)) / time.Duration(rounds)
	return at.since+took > share
}

// half returns the faster half of live, rounded up. All of them were launched in the
// same blocks, so the same drift affects their medians.
func (s Search) half(live []int, done []Result) []int {
	sorted := slices.Clone(live)
	slices.SortStableFunc(sorted, func(a, b int) int { return compareSeconds(secondsOf(a, done), secondsOf(b, done)) })
	return sorted[:(len(sorted)+1)/2]
}

func resultsOf(block int, done []Result) map[int]Result {
	out := map[int]Result{}
	for _, r := range done {
		if r.Block == block {
			out[r.Config] = r
		}
	}
	return out
}

func fails(r Result) bool { return r.Dead || r.Status != record.OK }

// secondsOf returns the median of a configuration's launches; 0 is none.
func secondsOf(config int, done []Result) float64 {
	all := secondsOfAll(config, done)
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	n := len(all)
	return (all[(n-1)/2] + all[n/2]) / 2
}
