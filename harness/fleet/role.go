package fleet

import (
	"slices"

	"epochtime/harness/record"
)

// Role says what a run was measured for.
type Role int

// The roles.
const (
	Asked Role = iota // its settings were asked for
	Tried             // one of many settings, for the row of the best ones only
	Best              // the best settings that a search has found before, measured again
	Fits              // of a search for the largest batch: a few steps, which tell no time
)

// roleOf returns the role of a run; false where it is of another kind, or has no epoch
// that can be compared. The sides of a search are its result, the points of a sweep are
// tried settings, and of a bill the graph is what other records have too.
func roleOf(rec *record.Record, r *record.Run) (Role, bool) {
	if isBest(rec, r) {
		return Best, true
	}
	switch rec.Plan.Kind {
	case record.KindRun, record.KindAB, record.KindFleet:
		return Asked, true
	case record.KindSweep:
		return Tried, true
	case record.KindLargest:
		return Fits, true
	case record.KindTune:
		confirmed := slices.ContainsFunc(rec.Runs, func(o record.Run) bool { return o.Side != "" })
		switch {
		case r.Side == "A":
			return Asked, true
		case confirmed && r.Side == "": // it is measured again as a side, where it won
			return 0, false
		}
		return Tried, true
	case record.KindFactors:
		if r.Factor == nil {
			return Asked, true
		}
		return Tried, r.Graph.SHA256 == rec.Runs[0].Graph.SHA256 // another graph may be less work
	case record.KindExplain:
		return Asked, r.Config.OfGraph()
	}
	return 0, false
}

// isBest reports whether a run has the best settings that were known. Points of a sweep
// and two sides around them are tried settings, or asked for.
func isBest(rec *record.Record, r *record.Run) bool {
	best := func(r record.Run) bool { return r.Settings != nil && r.Settings.Name == record.SettingsBest }
	switch rec.Plan.Kind {
	case record.KindRun:
		return best(*r)
	case record.KindAB:
		return best(*r) && slices.ContainsFunc(rec.Runs, func(o record.Run) bool { return !best(o) })
	case record.KindFactors:
		return best(*r) && r.Factor == nil
	}
	return false
}
