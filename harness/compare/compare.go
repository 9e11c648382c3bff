// Package compare says whether one side is slower than another, and how sure
// that is.
package compare

import (
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
	Threshold      float64 // the change that matters, as a share; 0 is DefaultThreshold
	AllowDifferent bool    // graphs of different hash are compared too
	Noise          *Noise  // of this machine; nil: not known
	Configurations int     // compared in the whole job; 0 is one
}

// Noise is what this machine varies by where nothing was changed.
type Noise struct {
	Epochs   float64   // relative standard deviation of epochs within a launch
	Launches float64   // of launches within a session
	Sessions []float64 // log ratios of A against A over sessions an hour or more apart
}

// Pair is one configuration on both sides.
type Pair struct {
	Title      string
	Base, New  *record.Run
	PerExample bool // seconds per example are compared, since the epochs differ in examples
	Ratio      stats.Ratio
	Verdict    Verdict
	Doubts     []string
	Needed     int // launches a side that a verdict would take; 0: not known
}

// Comparison is every configuration that two records share.
type Comparison struct {
	Pairs             []Pair
	GeometricMean     float64 // of the ratios
	Doubts            []string
	OnlyBase, OnlyNew []string // titles of runs without a counterpart
	SameSession       bool     // one interleaved session: compared by blocks
}

// Verdict is that of the whole job: slower if any pair is, else inconclusive if
// any is undecided, else faster if any is, else same.
func (c *Comparison) Verdict() Verdict {
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
