// Package nightly carries out a nightly job: it compares tonight's build of each graph
// with the last good one, in interleaved sessions, and promotes what is no slower.
//
// Nothing passes for lack of evidence. A graph without a good build, a build that is
// missing or altered, and a launch that fails are problems, whatever was measured.
package nightly

import (
	"math"
	"time"

	"epochtime/harness/baseline"
	"epochtime/harness/compare"
	"epochtime/harness/record"
)

// Outcome is what became of a comparison.
type Outcome string

// The outcomes.
const (
	Running      Outcome = "not finished"
	Same         Outcome = "same"
	Faster       Outcome = "faster"
	Slower       Outcome = "slower"        // in two sessions
	Unconfirmed  Outcome = "not confirmed" // slower, but not in a second session
	Inconclusive Outcome = "inconclusive"
	Failed       Outcome = "launches failed"
	Unmeasured   Outcome = "not measured"  // for the reason in Comparison.Problem
	NoBaseline   Outcome = "no good build" // tonight's build was measured against itself
	Lost         Outcome = "build lost"
	Accepted     Outcome = "accepted" // by a user, after it was measured against itself
)

// Comparison is tonight's build of a graph beside another.
type Comparison struct {
	Graph      string
	Base       baseline.Role // Good or Anchor; Tonight for the same build
	BaseCommit string
	Outcome    Outcome
	Problem    string // what failed, and what to do; empty: nothing did
	Notes      []string
	Sessions   []Session // one, or two where the second confirms the first
	Promoted   bool
}

// Session is a measurement of both sides.
type Session struct {
	Name   string // of its files: GRAPH/ROLE, or GRAPH/ROLE-confirmation
	Record *record.Record
	Pair   compare.Pair // tonight's build is the new side
}

// Last returns the session that decided, or nil.
func (c *Comparison) Last() *Session {
	if c == nil || len(c.Sessions) == 0 {
		return nil
	}
	return &c.Sessions[len(c.Sessions)-1]
}

// Night is everything that a nightly job did.
type Night struct {
	Started     time.Time
	Commit      string // of tonight's build
	Accepting   bool   // a user accepts the build
	Graphs      []string
	Comparisons []Comparison
	Problem     string // what stopped the night; empty: nothing did
	Interrupted bool
	Ended       bool
	Notes       []string
}

// Result is what a night says as a whole.
type Result string

// The results, the most important first.
const (
	Regression Result = "regression"
	Problem    Result = "problem" // something was not compared
	Stopped    Result = "interrupted"
	Unfinished Result = "not finished"
	Undecided  Result = "undecided"
	Passed     Result = "passed"
)

// Result returns the result of the night. A regression counts whatever else failed.
// A night that compared nothing is a problem.
func (n *Night) Result() Result {
	if n == nil {
		return Problem
	}
	found := map[Outcome]bool{}
	for _, c := range n.Comparisons {
		found[c.Outcome] = true
	}
	switch {
	case found[Slower]:
		return Regression
	case n.Interrupted:
		return Stopped
	case n.Problem != "", found[Failed], found[Unmeasured], found[NoBaseline], found[Lost]:
		return Problem
	case !n.Ended || found[Running]:
		return Unfinished
	case len(n.Comparisons) == 0:
		return Problem
	case found[Unconfirmed], found[Inconclusive]:
		return Undecided
	}
	return Passed
}

// Sees returns the smallest slowdown that a night like this session would call, as a
// share; NaN if that is not known. A slowdown is called if two sessions find it.
func Sees(p compare.Pair) float64 { return p.SmallestSlowdown(math.Sqrt(compare.Power)) }
