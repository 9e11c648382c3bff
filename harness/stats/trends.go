package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"epochtime/harness/record"
)

// What makes a warning: it must be no chance, and large enough to matter. The
// levels are for one warning on one run; docs/statistics.md has how often each
// cries wolf.
const (
	trendLevel     = 0.002 // probability of a trend as strong by chance
	epochTrend     = 0.05  // change over the epochs of a launch
	launchTrend    = 0.10  // change over the launches of a run
	modesExplain   = 0.90  // share of the variance that two groups of launches explain
	modesApart     = 0.10  // how far the slower group is from the faster
	modesFrom      = 12    // launches
	modesHold      = 0.2   // of the launches, each group at least
	outlierFences  = 3     // interquartile ranges beyond the quartiles
	outlierMatters = 1.5   // times the median, or as many times less
	outliersFrom   = 10    // launches
)

// shapes describes trends, groups and outliers that make a run's median and
// interval doubtful.
func shapes(run *record.Run) []string {
	var out []string
	var epochs [][]float64
	var launches []float64
	for _, l := range inOrder(run.Launches) {
		seconds, ok := LaunchMedian(l)
		if !ok || !(seconds > 0) {
			continue
		}
		launches = append(launches, seconds)
		if !run.Config.Timed() { // see SustainedOf
			epochs = append(epochs, epochSeconds(l))
		}
	}
	if change, ok := trend(epochs); ok && math.Abs(change) > epochTrend {
		out = append(out, epochsChange(change))
	}
	if change, ok := trend([][]float64{launches}); ok && math.Abs(change) > launchTrend {
		out = append(out, fmt.Sprintf("the last launches take %s than the first: the machine drifts; measure more launches, and compare within one session", slowerBy(change)))
	}
	if low, high, share, ok := modes(launches); ok {
		return append(out, fmt.Sprintf("launches come at two speeds, %.0f %% of them near %.3g s and the others near %.3g s: the median is of one of them", 100*share, low, high))
	}
	if n, farthest := outliers(launches); n > 0 {
		out = append(out, fmt.Sprintf("%d of %d launches are far from the others, the farthest at %.3g times the median; all count", n, len(launches), farthest))
	}
	return out
}

// inOrder returns the launches in the order in which they were done.
func inOrder(launches []record.Launch) []record.Launch {
	return slices.SortedStableFunc(slices.Values(launches), func(a, b record.Launch) int { return cmp.Compare(a.Order, b.Order) })
}

func epochSeconds(l record.Launch) []float64 {
	var out []float64
	for _, e := range Measured(l) {
		out = append(out, e.Seconds)
	}
	return out
}

func epochsChange(change float64) string {
	if change < 0 {
		return fmt.Sprintf("the last epochs of a launch take %s than its first: the warm-up may be too short", slowerBy(change))
	}
	return fmt.Sprintf("the last epochs of a launch take %s than its first: heat, memory or other programs", slowerBy(change))
}

func slowerBy(change float64) string {
	if change < 0 {
		return fmt.Sprintf("%.0f %% less time", -100*change)
	}
	return fmt.Sprintf("%.0f %% longer", 100*change)
}

// trend returns by what share the values of a series change from its first to its
// last, the median over all series. A series doubles at +1 and halves at -0.5. It
// reports false where that may be chance, by Mann and Kendall's test with its
// statistic summed over the series (Hirsch, Slack & Smith, Water Resources Research
// 18 (1982) 107; their seasons are launches here).
func trend(list [][]float64) (change float64, ok bool) {
	score, variance := 0.0, 0.0
	var changes []float64
	for _, values := range list {
		n := float64(len(values))
		if n < 3 || !(slices.Min(values) > 0) {
			continue
		}
		score += kendall(values)
		variance += n * (n - 1) * (2*n + 5) / 18
		changes = append(changes, math.Expm1(slope(values)*(n-1)))
	}
	if len(changes) == 0 {
		return 0, false
	}
	z := max(0, math.Abs(score)-1) / math.Sqrt(variance) // corrected for continuity
	return middle(changes), 2*distuv.UnitNormal.CDF(-z) <= trendLevel
}

// kendall counts the pairs that rise less those that fall.
func kendall(values []float64) float64 {
	score := 0
	for i, a := range values {
		for _, b := range values[i+1:] {
			score += cmp.Compare(b, a)
		}
	}
	return float64(score)
}

// slope is the median slope of the logarithms over all pairs (Sen, J. Am. Stat.
// Assoc. 63 (1968) 1379).
func slope(values []float64) float64 {
	var slopes []float64
	for i, a := range values {
		for j, b := range values[i+1:] {
			slopes = append(slopes, math.Log(b/a)/float64(j+1))
		}
	}
	return middle(slopes)
}

// modes reports whether launches fall into two groups on a logarithmic scale: the
// best cut in two explains nearly all of the variance (Engelman & Hartigan, J. Am.
// Stat. Assoc. 64 (1969) 1647), and each group holds several. share is that of the
// faster group.
func modes(values []float64) (low, high, share float64, ok bool) {
	n := len(values)
	if n < modesFrom {
		return 0, 0, 0, false
	}
	sorted := slices.Sorted(slices.Values(values))
	logs := make([]float64, n)
	for i, v := range sorted {
		logs[i] = math.Log(v)
	}
	whole := stat.Variance(logs, nil) * float64(n-1)
	best, cut := math.Inf(1), 0
	for i := 2; i <= n-2; i++ {
		within := stat.Variance(logs[:i], nil)*float64(i-1) + stat.Variance(logs[i:], nil)*float64(n-i-1)
		if within < best {
			best, cut = within, i
		}
	}
	low, high = middle(sorted[:cut]), middle(sorted[cut:])
	share = float64(cut) / float64(n)
	return low, high, share, best < (1-modesExplain)*whole && high > (1+modesApart)*low && min(share, 1-share) >= modesHold
}

// outliers counts the launches beyond the outer fences (Tukey, Exploratory Data
// Analysis, 2C) on a logarithmic scale that are far enough from the median to
// matter. farthest is the farthest of them, in medians.
func outliers(values []float64) (n int, farthest float64) {
	if len(values) < outliersFrom {
		return 0, 0
	}
	logs := make([]float64, len(values))
	for i, v := range values {
		logs[i] = math.Log(v)
	}
	slices.Sort(logs)
	lower, upper := stat.Quantile(0.25, stat.LinInterp, logs, nil), stat.Quantile(0.75, stat.LinInterp, logs, nil)
	center, reach, most := middle(logs), outlierFences*(upper-lower), 0.0
	for _, v := range logs {
		if off := v - center; (v < lower-reach || v > upper+reach) && math.Abs(off) >= math.Log(outlierMatters) {
			n++
			if math.Abs(off) > math.Abs(most) {
				most = off
			}
		}
	}
	return n, math.Exp(most)
}
