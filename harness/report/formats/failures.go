package formats

import (
	"slices"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// failures says which launches of a run failed, a line for each reason. Two kinds are
// results instead: a batch of a search, a point of a sweep or a change of a factor that
// runs out of memory in every launch, and a candidate that a search did not try, or whose
// launch its time limit ended.
func failures(r *record.Record, run *record.Run) []string {
	oom := 0
	for _, l := range run.Launches {
		if l.Status == record.OOM {
			oom++
		}
	}
	kind := r.Plan.Kind
	excused := kind == record.KindSweep || kind == record.KindLargest || kind == record.KindFactors && run.Factor != nil
	switch {
	case len(run.Launches) == 0 && kind == record.KindTune:
		return nil
	case len(run.Launches) == 0:
		return []string{"no launch was made"}
	case excused && oom == len(run.Launches):
		return nil
	}
	counted := *run
	counted.Launches = slices.DeleteFunc(slices.Clone(run.Launches), func(l record.Launch) bool { return outOfTime(r, l) })
	return stats.Failures(&counted)
}

// outOfTime reports whether a launch ended because the time of its search was up, which
// every search does.
func outOfTime(r *record.Record, l record.Launch) bool {
	return r.Plan.Kind == record.KindTune && r.Status == record.Complete && l.Status == record.Interrupted
}
