package formats

import (
	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// runNotes returns what is special about the runs of a sweep, a search, a bill or a
// change of a factor, as in best, default, winner, fit without callbacks or batch 32→64.
func runNotes(r *record.Record) map[*record.Run]string {
	out := map[*record.Run]string{}
	switch r.Plan.Kind {
	case record.KindSweep:
		best := report.Best(r.Runs)
		for i := range r.Runs {
			out[&r.Runs[i]] = report.PointNote(r.Runs[i], i == best)
		}
	case record.KindLargest:
		for i := range r.Runs {
			out[&r.Runs[i]] = report.TriedAs(r.Runs[i])
		}
	case record.KindFactors:
		for i := range r.Runs {
			out[&r.Runs[i]] = report.FactorNote(r.Runs[i])
		}
	case record.KindExplain:
		for i := range r.Runs {
			out[&r.Runs[i]] = report.Variant(r, &r.Runs[i])
		}
	case record.KindEstimate:
		for i := range r.Runs {
			out[&r.Runs[i]] = report.EstimateRun(r.Estimate, i)
		}
	case record.KindTune:
		s := compare.SearchOf(r, compare.Options{})
		var candidates []*record.Run
		for i := range r.Runs {
			if r.Runs[i].Side == "" {
				candidates = append(candidates, &r.Runs[i])
			}
		}
		for _, standing := range s.Ranking {
			out[candidates[standing.Run]] = report.StandingNote(s, standing)
		}
	}
	return out
}
