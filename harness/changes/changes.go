// Package changes finds the points at which a series of epoch times changes its level.
package changes

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Change is a point at which the level of a series changes.
type Change struct {
	Index         int     // of the first value after the change
	Named         int     // index of the value that revealed it
	Before, After float64 // levels: geometric means of the values up to the neighbouring changes
}

// Options of Find. The zero value stands for Default. Its numbers, except for Learn,
// are standard deviations.
type Options struct {
	Slack     float64 // per value, below which a change is ignored
	Threshold float64 // of the cumulative sum, above which a change is named
	Learn     int     // number of values from which a level is estimated at first
	Widest    float64 // that one value counts for at most
}

// Default was chosen by simulation (docs/history.md). It names at most one false
// change per 365 values, and a slow change as soon as that allows.
var Default = Options{Slack: 0.5, Threshold: 5.25, Learn: 10, Widest: 3.5}

// Find returns the changes of a series of positive values, in order. Later values do
// not remove a change that was named.
//
// It is the two-sided cumulative sum of Page (Continuous inspection schemes,
// Biometrika 41, 1954) over logarithms, in the self-starting form of Hawkins
// (Self-starting CUSUM charts for location and scale, The Statistician 36, 1987):
// each value is compared with the mean and deviation of the values since the last
// change, by a quantile of Student's distribution, so neither need be known. The
// weight of an outlier is limited by Widest. The change is placed where E-divisive
// with means would cut, after the sum was last zero.
func Find(values []float64, o Options) []Change {
	if o == (Options{}) {
		o = Default
	}
	logs := make([]float64, len(values))
	for i, v := range values {
		logs[i] = math.Log(v)
	}
	var out []Change
	for from := 0; ; {
		index, named := first(logs[from:], o)
		if named < 0 {
			break
		}
		out = append(out, Change{Index: from + index, Named: from + named})
		from += index
	}
	levels(logs, out)
	return out
}

// first returns the index of the first change of a series, which is at least 1, and
// of the value that names it. named is negative if there is no change.
func first(logs []float64, o Options) (index, named int) {
	var level moments
	up, down := sum{}, sum{}
	for i, x := range logs {
		if i >= max(o.Learn, 3) {
			z := max(-o.Widest, min(o.Widest, level.score(x)))
			up.add(z-o.Slack, i)
			down.add(-z-o.Slack, i)
			for _, s := range []sum{up, down} {
				if s.value > o.Threshold {
					return step(logs[:i+1], s.since), i
				}
			}
		}
		level.add(x)
	}
	return 0, -1
}

// step returns the index, not less than from, at which two parts of a series differ
// most.
func step(logs []float64, from int) int {
	at, most := from, -1.0
	for i := from; i < len(logs); i++ {
		if d := depth(logs, i); d > most {
			at, most = i, d
		}
	}
	return at
}

// depth returns the energy distance with exponent 2 of the parts before and after an
// index, weighted by their sizes (see EDivisive).
func depth(logs []float64, at int) float64 {
	k, n := float64(at), float64(len(logs))
	d := mean(logs[:at]) - mean(logs[at:])
	return k * (n - k) / n * d * d
}

// sum is a cumulative sum that does not fall below zero.
type sum struct {
	value float64
	since int // index of the first value after it was last zero
}

func (s *sum) add(v float64, i int) {
	if s.value == 0 {
		s.since = i
	}
	s.value = max(0, s.value+v)
}

// moments are a mean and a sum of squares, updated value by value (Welford 1962).
type moments struct {
	n             float64
	mean, squares float64
}

func (m *moments) add(x float64) {
	m.n++
	d := x - m.mean
	m.mean += d / m.n
	m.squares += d * (x - m.mean)
}

// score returns how far the next value is from the mean, in standard deviations of a
// normal distribution. It allows for the error of the estimated mean and deviation.
func (m *moments) score(x float64) float64 {
	deviation := math.Sqrt(m.squares / (m.n - 1))
	d := x - m.mean
	if deviation == 0 {
		switch {
		case d > 0:
			return math.Inf(1)
		case d < 0:
			return math.Inf(-1)
		}
		return 0
	}
	t := math.Abs(d) / deviation * math.Sqrt(m.n/(m.n+1))
	// By the lower tail, because 1 - CDF(t) would lose digits.
	tail := distuv.StudentsT{Sigma: 1, Nu: m.n - 1}.CDF(-t)
	return math.Copysign(-distuv.UnitNormal.Quantile(tail), d)
}

// levels sets Before and After of the changes.
func levels(logs []float64, found []Change) {
	for i := range found {
		from, to := 0, len(logs)
		if i > 0 {
			from = found[i-1].Index
		}
		if i < len(found)-1 {
			to = found[i+1].Index
		}
		found[i].Before = math.Exp(mean(logs[from:found[i].Index]))
		found[i].After = math.Exp(mean(logs[found[i].Index:to]))
	}
}

func mean(logs []float64) float64 {
	total := 0.0
	for _, x := range logs {
		total += x
	}
	return total / float64(len(logs))
}
