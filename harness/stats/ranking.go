package stats

import (
	"cmp"
	"slices"

	"epochtime/harness/record"
)

// Standing is how a candidate of a search ended. Run is its index among the
// candidates.
type Standing struct {
	Run      int
	Seconds  float64 // median of its launches; 0 where none is ok
	Launches int     // that were not interrupted
	Failed   bool    // one of them is not ok
}

// Tried reports whether the candidate was launched.
func (s Standing) Tried() bool { return s.Launches > 0 }

// works reports whether the candidate was launched and never failed.
func (s Standing) works() bool { return s.Tried() && !s.Failed }

// Ranking returns the standings of a search, the best first: the longer a
// candidate stayed in the search the better, then the faster. Candidates that
// failed come after those, and untried ones last.
func Ranking(candidates []record.Run) []Standing {
	out := make([]Standing, len(candidates))
	for i := range candidates {
		out[i] = standing(i, &candidates[i])
	}
	slices.SortStableFunc(out, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(b.worth(), a.worth()), cmp.Compare(b.Launches, a.Launches), cmp.Compare(a.Seconds, b.Seconds))
	})
	return out
}

func standing(i int, run *record.Run) Standing {
	out := Standing{Run: i}
	var medians []float64
	for _, l := range run.Launches {
		if l.Status == record.Interrupted {
			continue
		}
		out.Launches++
		if seconds, ok := LaunchMedian(l); ok {
			medians = append(medians, seconds)
		} else {
			out.Failed = true
		}
	}
	if len(medians) > 0 {
		out.Seconds = middle(medians)
	}
	return out
}

func (s Standing) worth() int {
	switch {
	case s.works():
		return 2
	case s.Failed:
		return 1
	}
	return 0
}

// Winner returns the index of the candidate to recommend, and false where none
// works. Of the candidates that stayed in the search as long as the first of the
// ranking and that its launches do not tell from it, the one of the lowest cost
// wins, such as the number of settings that a user has to give for it.
func Winner(candidates []record.Run, ranking []Standing, cost func(run int) int) (int, bool) {
	if len(ranking) == 0 || !ranking[0].works() {
		return 0, false
	}
	first := ranking[0]
	best := first.Run
	for _, s := range ranking[1:] {
		if s.works() && s.Launches == first.Launches && cost(s.Run) < cost(best) && tied(&candidates[first.Run], &candidates[s.Run]) {
			best = s.Run
		}
	}
	return best, true
}

// tied reports whether the launches of two runs, block by block, do not tell
// which is the faster: the interval of their ratio holds 1 or, with fewer blocks
// than an interval takes, each was the faster in some block.
func tied(a, b *record.Run) bool {
	base, other := LaunchValues(a, false), LaunchValues(b, false)
	logs := LogRatios(base, other)
	if len(logs) == 0 {
		return false
	}
	if r := RatioByBlocks(base, other, Confidence); r.Known() {
		return r.Low <= 1 && 1 <= r.High
	}
	return slices.Min(logs) <= 0 && slices.Max(logs) >= 0
}
