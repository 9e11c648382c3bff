package plan

import "epochtime/harness/stats"

// narrow reports whether the interval of every live configuration is within share
// of its median. It is false in the middle of a block.
func narrow(t tally, done []Result, share float64) bool {
	blocks := -1
	for c, n := range t.count {
		switch {
		case t.dead[c]:
		case blocks >= 0 && n != blocks:
			return false
		default:
			blocks = n
		}
	}
	if blocks < stats.MinLaunches {
		return false
	}
	for c := range t.count {
		if t.dead[c] {
			continue
		}
		if i := stats.MedianInterval(secondsOfAll(c, done)); !i.Known() || stats.Width(i) > share {
			return false
		}
	}
	return true
}

// secondsOfAll returns the medians of a configuration's launches that did not fail.
func secondsOfAll(config int, done []Result) []float64 {
	var out []float64
	for _, r := range done {
		if r.Config == config && !fails(r) {
			out = append(out, r.Seconds)
		}
	}
	return out
}
