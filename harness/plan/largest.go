package plan

import (
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Largest finds the largest batch that trains, by doubling and then bisection. Its
// configuration k is the kth batch that is tried, from 0, so each has one launch.
//
// A launch that runs out of memory bounds the batch from above, one that is ok from
// below. The search ends when the two are within a stats.BatchResolution-th of the lower
// one, when Most is ok, when 1 is not, or at a launch that failed in another way.
type Largest struct {
	Start int // the batch that is tried first
	Most  int // no batch is larger
}

// Next implements Plan.
func (l Largest) Next(done []Result) (Launch, bool) {
	_, tried, ok := l.replay(done)
	return Launch{Config: tried}, ok
}

// Batch returns the batch of the launch that follows those in done; 0 where none does.
func (l Largest) Batch(done []Result) int {
	batch, _, _ := l.replay(done)
	return batch
}

// Left implements Plan. How many batches are tried is not known, and the next is all
// that is counted.
func (l Largest) Left(done []Result) []int {
	_, tried, ok := l.replay(done)
	left := make([]int, tried)
	if ok {
		left = append(left, 1)
	}
	return left
}

// replay follows the search through done, and returns the next batch, and how many were
// tried before it.
func (l Largest) replay(done []Result) (batch, tried int, ok bool) {
	fits, fails := 0, l.Most+1
	for ; ; tried++ {
		batch, ok = l.choose(fits, fails)
		if !ok {
			return 0, tried, false
		}
		switch statusOf(tried, done) {
		case "":
			return batch, tried, true
		case record.OK:
			fits = batch
		case record.OOM:
			fails = batch
		default:
			return 0, tried + 1, false
		}
	}
}

// choose returns the batch to try between one that fits and one that fails; 0 and more
// than Most where there is none yet.
func (l Largest) choose(fits, fails int) (int, bool) {
	switch {
	case l.Most < 1:
		return 0, false
	case fits == 0 && fails > l.Most:
		return max(1, min(l.Start, l.Most)), true
	case fails > l.Most:
		return min(2*fits, l.Most), fits < l.Most
	case fits == 0:
		return fails / 2, fails > 1
	}
	return fits + (fails-fits)/2, fails-fits > max(1, fits/stats.BatchResolution)
}

// statusOf returns the status of a configuration's launch; empty where there is none.
func statusOf(config int, done []Result) string {
	for _, r := range done {
		if r.Config == config {
			return r.Status
		}
	}
	return ""
}
