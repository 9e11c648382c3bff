// Package changes finds where a long series of epoch times changed its level.
package changes

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Change is a point from which on a series has another level.
type Change struct {
	Index         int     // of the first value after the change
	Named         int     // of the value at which the change was found
	Before, After float64 // geometric means of the values since the last change, and up to the next
}

// Options of the search. The zero value stands for Default.
type Options struct {
	Slack     float64 // standard deviations per value that a change must exceed
	Threshold float64 // standard deviations that make a change
	Learn     int     // values from which a level is learnt before any is judged
	Widest    float64 // standard deviations that one value counts for at most
}

// Default was chosen by simulation (docs/history.md): at most one false change in
// 365 values, and as soon as possible where a series creeps.
var Default = Options{Slack: 0.5, Threshold: 5.25, Learn: 10, Widest: 3.5}

// Find returns the changes of a series of positive values, in order. A change that
// was found once is found again whatever values come later.
//
// It is the two-sided cumulative sum of Page (Continuous inspection schemes,
// Biometrika 41, 1954) over logarithms, in the self-starting form of Hawkins
// (Self-starting CUSUM charts for location and scale, The Statistician 36, 1987):
// each value is set against the mean and deviation of all before it since the
// last change, as a quantile of Student's distribution, so that neither need be
// known. A single outlier counts for a bounded amount. The change is dated, from
// where the sum last was zero, at the value that E-divisive with means would cut at.
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

// first returns the first change of a series, and the value at which it is found.
// named is negative where there is none; index is at least 1.
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

// step returns where two parts of a series differ most, from an index on.
func step(logs []float64, from int) int {
	at, most := from, -1.0
	for i := from; i < len(logs); i++ {
		if d := depth(logs, i); d > most {
			at, most = i, d
		}
	}
	return at
}

// depth is the energy distance, with exponent 2, of the parts before and after an
// index, weighted by their sizes (see EDivisive).
func depth(logs []float64, at int) float64 {
	k, n := float64(at), float64(len(logs))
	d := mean(logs[:at]) - mean(logs[at:])
	return k * (n - k) / n * d * d
}

// sum is a cumulative sum that never falls below zero.
type sum struct {
	value float64
	since int // the first value after it last was zero
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

// score returns how many standard deviations of a normal distribution a next value
// is off, given that mean and deviation are only estimates.
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
	// The upper tail, where the quantile loses nothing to rounding.
	tail := distuv.StudentsT{Sigma: 1, Nu: m.n - 1}.CDF(-t)
	return math.Copysign(-distuv.UnitNormal.Quantile(tail), d)
}

// levels fills in the levels between changes.
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
