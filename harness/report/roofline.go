package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/record"
)

// boundTitles name what bounds an epoch.
var boundTitles = map[string]string{
	record.BoundCompute: "arithmetic", record.BoundMemory: "passes over the variables in memory",
	record.BoundFeeding: "waiting for batches", record.BoundCalls: "calling TensorFlow",
}

// Utilization says how near a run is to the limits of its machine, and what bounds its
// epoch; empty where no probe has found the limits.
func Utilization(rec *record.Record, run int) string {
	r := rec.Runs[run].Roofline
	if r == nil || r.Limits < 0 || r.Limits >= len(rec.Limits) {
		return ""
	}
	var out []string
	if text := achieved(rec.Limits[r.Limits], r); text != "" {
		out = append(out, text+".")
	}
	if r.Note != "" {
		out = append(out, snip(r.Note, longestWarning))
	}
	return strings.Join(append(out, bound(r)), " ")
}

// achieved is the rate of arithmetic, and the share of the peak that it is.
func achieved(l record.Limits, r *record.Roofline) string {
	if r.Achieved.Median <= 0 {
		return ""
	}
	out := Flops(r.Achieved.Median)
	peak, ok := l.Rate(r.Peak)
	if !ok {
		return out
	}
	out += ", " + AtLeast(r.Utilized.Median)
	if r.Utilized.Known() {
		out += fmt.Sprintf(" (%s to %s)", AtLeast(float64(r.Utilized.Low)), AtLeast(float64(r.Utilized.High)))
	}
	return out + fmt.Sprintf(" of this machine's %s (%s)", Limit(peak.Value.Median, peak.Unit), LimitTitle(peak.Name))
}

// AtLeast formats a share with two digits, as it is not rounded to 0.
func AtLeast(share float64) string {
	switch {
	case !finite(share):
		return none
	case share < 0.0005:
		return "< 0.1 %"
	case share < 0.0995:
		return fmt.Sprintf("%.1f %%", 100*share)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// bound says what bounds an epoch, or what does not tell.
func bound(r *record.Roofline) string {
	shares := slices.Clone(r.Shares)
	slices.SortStableFunc(shares, func(a, b record.Share) int { return cmp.Compare(b.Share, a.Share) })
	var list []string
	for _, s := range shares {
		if s.Of == r.Bound {
			return fmt.Sprintf("Its epoch is bound by %s: %s of it at least.", BoundTitle(s.Of), AtLeast(s.Share))
		}
		list = append(list, BoundTitle(s.Of)+" "+AtLeast(s.Share))
	}
	return "What bounds its epoch is not told apart (at least: " + strings.Join(list, ", ") + ")."
}

// BoundTitle names what bounds an epoch, as in "arithmetic".
func BoundTitle(of string) string { return cmp.Or(boundTitles[of], of) }
