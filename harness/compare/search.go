package compare

import (
	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
)

// Search is what a search for the fastest settings has found so far.
type Search struct {
	Candidates []record.Run     // the first is the default
	Ranking    []stats.Standing // of the candidates, the best first
	Winner     int              // the candidate to recommend; -1 where none works
	Pair       *Pair            // the winner against the default; nil where they were not compared
}

// SearchOf returns what the record of a search holds: the runs without a side are
// its candidates, the others compare the winner with the default.
//
// Among candidates that the launches do not tell apart, the winner is the one with
// the fewest settings that differ from the default's, so that none is recommended
// without need.
func SearchOf(r *record.Record, o Options) Search {
	out := Search{Winner: -1}
	if r == nil {
		return out
	}
	var a, b *record.Run
	for i := range r.Runs {
		switch run := &r.Runs[i]; run.Side {
		case "A":
			a = run
		case "B":
			b = run
		default:
			out.Candidates = append(out.Candidates, *run)
		}
	}
	out.Ranking = stats.Ranking(out.Candidates)
	if winner, ok := stats.Winner(out.Candidates, out.Ranking, out.cost); ok {
		out.Winner = winner
	}
	if a != nil && b != nil {
		pair := Sides(a, b, o)
		out.Pair = &pair
	}
	return out
}

// cost counts what a user has to change of the default for a candidate.
func (s Search) cost(candidate int) int {
	from, to := s.Candidates[0], s.Candidates[candidate]
	n := len(setting.Differing(from.Config, to.Config))
	if from.Graph.SHA256 != to.Graph.SHA256 {
		n++
	}
	return n
}
