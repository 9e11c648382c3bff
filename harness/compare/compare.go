// Package compare decides whether one side is slower than another, and how sure
// that is, and ranks several records.
package compare

import (
	"cmp"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Verdict is what a comparison says of the new side.
type Verdict string

// The verdicts.
const (
	Faster       Verdict = "faster"
	Slower       Verdict = "slower"
	Same         Verdict = "same"         // within ±threshold
	Inconclusive Verdict = "inconclusive" // the launches cannot tell
)

// DefaultThreshold is the smallest change worth a verdict.
const DefaultThreshold = 0.05

// Options of a comparison.
type Options struct {
	Threshold      float64 // the change that matters, as a share; 0 means DefaultThreshold
	AllowDifferent bool    // graphs of different hash are compared too
	Noise          *Noise  // of this machine; nil where it is not known
	Configurations int     // compared in the whole job; 0 means 1

	asked       int  // launches per side that an ab was to make; 0: any number
	oomIsResult bool // of a sweep, where a point may need more memory than there is
}

func (o Options) threshold() float64 { return cmp.Or(o.Threshold, DefaultThreshold) }

// Noise is how much this machine varies where nothing was changed.
type Noise struct {
	Epochs   float64   // relative standard deviation of epochs within a launch
	Launches float64   // of launches within a session
	Sessions []float64 // log ratios between sessions an hour or more apart
}

// Pair is one configuration on both sides.
type Pair struct {
	Title      string
	Base, New  *record.Run
	PerExample bool // seconds per example are compared, because the epochs differ in examples
	Ratio      stats.Ratio
	Verdict    Verdict
	Bar        stats.Bar // what a slowdown had to exceed to be called slower
	Failures   *Failures // nil where no launch failed
	Doubts     []string
	Needed     int // launches per side that a verdict takes; 0 where it is not known

	cut int // blocks of one session that did not end
}

// Power is the probability with which a report's smallest slowdown is found.
const Power = 0.95

// SmallestSlowdown returns the smallest slowdown that launches like these would have
// called slower with the probability power, as a share: 0.12 is 12 % longer. Where
// two sessions must agree, each has to find it with the root of the power wanted.
// It is +Inf where no slowdown would have been called, as with too few launches, and
// NaN where that cannot be told.
func (p Pair) SmallestSlowdown(power float64) float64 { return p.Bar.SmallestSlowdown(power) }

// Blind reports whether the pair is undecided, and would have been at an epoch of
// twice the time too: what it says is next to nothing.
func (p Pair) Blind() bool {
	return p.Verdict == Inconclusive && p.SmallestSlowdown(Power) >= 1
}

// Comparison is every configuration that two records share.
type Comparison struct {
	Pairs             []Pair
	GeometricMean     float64 // of the ratios
	Doubts            []string
	OnlyBase, OnlyNew []string // titles of runs without a counterpart
	LeftOut           []string // runs that are not compared: candidates of a search, and sides that have no part
	SameSession       bool     // both records are of one session: compared by blocks
	TwoMachines       bool     // the records are of two machines, which no session can hold
}

// Verdict returns the verdict of the whole job: slower if any pair is, else
// inconclusive if any is, else faster if any is, else same.
func (c *Comparison) Verdict() Verdict {
	if c == nil {
		return Inconclusive
	}
	found := map[Verdict]bool{}
	for _, p := range c.Pairs {
		found[p.Verdict] = true
	}
	for _, v := range []Verdict{Slower, Inconclusive, Faster, Same} {
		if found[v] {
			return v
		}
	}
	return Inconclusive
}
