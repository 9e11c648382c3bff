package compare

import (
	"cmp"
	"math"
	"slices"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// effectsRate is the probability that any of a record's effects is called significant, or
// lies outside of its interval, by chance.
const effectsRate = 0.05

// Effect is what one change makes of the default's time.
type Effect struct {
	Factor     record.Factor
	Run        *record.Run
	PerExample bool // of the time per example; else of the time per epoch

	// Ratio is the time over the default's, block by block. Its Confidence is that of all
	// intervals of the record together.
	Ratio       stats.Ratio
	P           float64 // of a ratio so far from 1 if nothing had changed, adjusted for all effects (Holm)
	Significant bool    // P is at most 5 %
	Failure     string  // why it failed; empty: it did not
}

// Known reports whether there is a ratio.
func (e Effect) Known() bool { return e.Ratio.Median > 0 && e.Ratio.Blocks > 0 }

// size is how far the effect is from none, as the absolute logarithm of its ratio; -1
// where that is not known.
func (e Effect) size() float64 {
	if !e.Known() {
		return -1
	}
	return math.Abs(math.Log(e.Ratio.Median))
}

// EffectsOf returns the effects of a record of KindFactors, the largest first, and those
// without a ratio last. A change of the amount of data has one on the time per example
// too. The record's first run is the default. Intervals are simultaneous (Bonferroni),
// and end at 1 where Holm's procedure excludes 1 and Bonferroni's does not, as the
// confidence sets of that procedure do (Strassburger & Bretz, Statistics in Medicine 27
// (2008) 4914).
func EffectsOf(r *record.Record) []Effect {
	if r == nil || r.Plan.Kind != record.KindFactors || len(r.Runs) == 0 {
		return nil
	}
	base := &r.Runs[0]
	var out []Effect
	for i := range r.Runs {
		run := &r.Runs[i]
		if run.Factor == nil {
			continue
		}
		e := Effect{Factor: *run.Factor, Run: run, P: 1, Failure: failureOf(run)}
		out = append(out, e)
		if a, b := examples(base), examples(run); a != b && a > 0 && b > 0 {
			e.PerExample = true
			out = append(out, e)
		}
	}
	estimate(base, out)
	slices.SortStableFunc(out, func(a, b Effect) int { return cmp.Compare(b.size(), a.size()) })
	return out
}

// estimate computes the ratios of effects, and which are significant.
func estimate(base *record.Run, effects []Effect) {
	each := effectsRate / float64(max(1, len(effects)))
	chances := make([]float64, len(effects))
	for i := range effects {
		e := &effects[i]
		bases, news := stats.LaunchValues(base, e.PerExample), stats.LaunchValues(e.Run, e.PerExample)
		e.Ratio = stats.RatioByBlocks(bases, news, 1-each)
		if e.Ratio.Known() {
			e.Ratio.Confidence = 1 - effectsRate
		}
		chances[i] = stats.EqualByBlocks(stats.LogRatios(bases, news), each)
	}
	for i, p := range stats.HolmAdjusted(chances) {
		e := &effects[i]
		e.P, e.Significant = p, e.Ratio.Known() && p <= effectsRate
		switch {
		case e.Significant && e.Ratio.Median > 1:
			e.Ratio.Low = max(1, e.Ratio.Low)
		case e.Significant:
			e.Ratio.High = min(1, e.Ratio.High)
		}
	}
}

// failureOf returns why a level failed: the reason of its first launch that did.
func failureOf(r *record.Run) string {
	for _, l := range r.Launches {
		switch l.Status {
		case record.OK, record.Interrupted:
		case record.OOM:
			return "out of memory: " + l.Reason
		default:
			return l.Reason
		}
	}
	return ""
}
