package compare

import (
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Sides compares two runs of one interleaved session, block by block.
func Sides(base, new *record.Run, o Options) Pair {
	return Pair{Title: new.Title(), Base: base, New: new, Verdict: Inconclusive,
		Ratio: stats.RatioByBlocks(stats.LaunchValues(base, false), stats.LaunchValues(new, false), Certainty, 0)}
}

// Certainty is that of every verdict's interval.
const Certainty = 0.99
