package compare

import (
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Failures says which launches of a pair failed. A launch that failed is
// evidence: whatever the others took, a pair with one does not pass.
type Failures struct {
	Base, New SideFailures
	P         float64 // of failures so uneven if both sides fail at one rate (Fisher's exact test)
}

// SideFailures counts the launches of one side. Launches that the user
// interrupted are not among them.
type SideFailures struct {
	Failed, Launches int
	Causes           []Cause // in the order met
}

// Cause is a way in which launches failed.
type Cause struct {
	What     string // they did, such as "crashed (segmentation fault)"
	Launches int
}

// failuresOf returns the failed launches of a pair; nil where none failed.
func failuresOf(base, new *record.Run, oomIsResult bool) *Failures {
	f := &Failures{Base: sideFailures(base, oomIsResult), New: sideFailures(new, oomIsResult)}
	if f.Base.Failed+f.New.Failed == 0 {
		return nil
	}
	f.P = stats.FisherExact(f.Base.Failed, f.Base.Launches, f.New.Failed, f.New.Launches)
	return f
}

func sideFailures(r *record.Run, oomIsResult bool) SideFailures {
	var out SideFailures
	for _, l := range r.Launches {
		if l.Status == record.Interrupted || oomIsResult && l.Status == record.OOM {
			continue
		}
		out.Launches++
		if seconds, measured := stats.LaunchMedian(l); measured && seconds > 0 {
			continue
		}
		out.Failed++
		out.add(cause(l))
	}
	return out
}

func (s *SideFailures) add(what string) {
	i := slices.IndexFunc(s.Causes, func(c Cause) bool { return c.What == what })
	if i < 0 {
		i = len(s.Causes)
		s.Causes = append(s.Causes, Cause{What: what})
	}
	s.Causes[i].Launches++
}

// cause says in a few words what a launch that failed did.
func cause(l record.Launch) string {
	switch l.Status {
	case record.OOM:
		return "ran out of memory"
	case record.Killed:
		if l.Signal != "" && !asked[l.Signal] {
			return "crashed (" + l.Signal + ")"
		}
		if l.Signal != "" {
			return "died (" + l.Signal + ")"
		}
		return "died"
	case record.Timeout:
		return "timed out"
	case record.Nonfinite:
		return "had a loss that is not finite"
	case record.OK:
		return "measured no epoch"
	}
	if first, _, _ := strings.Cut(l.Reason, "\n"); first != "" {
		return "failed (" + first + ")"
	}
	return "failed"
}

// asked are the signals by which somebody else ends a process.
var asked = map[string]bool{"killed": true, "terminated": true, "interrupt": true, "hangup": true, "quit": true}

// String names the failures and how much they say, with the sides as A and B;
// empty where there are none.
func (f *Failures) String() string {
	if f == nil {
		return ""
	}
	if f.Evidence() == "" {
		return f.Counts() + "."
	}
	return f.Counts() + ". " + f.Evidence()
}

// Counts names the failures of each side that has any: "3 of 10 launches of B
// crashed (segmentation fault)".
func (f *Failures) Counts() string {
	if f == nil {
		return ""
	}
	var parts []string
	for _, side := range []struct {
		name string
		SideFailures
	}{{"B", f.New}, {"A", f.Base}} {
		if side.Failed > 0 {
			parts = append(parts, side.of(side.name))
		}
	}
	return strings.Join(parts, "; ")
}

// Evidence says how much the failures say of a difference between the sides: "B 3
// of 10, A 0 of 10: p = 0.21", and the smallest rate of failures that launches in
// this number show. It is empty for fewer launches than a verdict takes, which say
// nothing of that.
func (f *Failures) Evidence() string {
	if f == nil {
		return ""
	}
	least := min(f.Base.Launches, f.New.Launches)
	if least < stats.MinLaunches {
		return ""
	}
	return fmt.Sprintf("B %d of %d, A %d of %d: p = %.2g if both fail equally often; with %s a side, failures of %.0f %% of launches or more show.",
		f.New.Failed, f.New.Launches, f.Base.Failed, f.Base.Launches, f.P, count(least, "launch", "launches"), 100*stats.SmallestRate(least))
}

// of names what the launches of a side did. Where they failed in several ways, each
// way is counted.
func (s SideFailures) of(side string) string {
	if len(s.Causes) == 1 {
		return fmt.Sprintf("%d of %d launches of %s %s", s.Failed, s.Launches, side, s.Causes[0].What)
	}
	var ways []string
	for _, c := range s.Causes {
		ways = append(ways, fmt.Sprintf("%d %s", c.Launches, c.What))
	}
	return fmt.Sprintf("%d of %d launches of %s failed: %s", s.Failed, s.Launches, side, strings.Join(ways, ", "))
}

// Failed reports whether any launch of any pair failed.
func (c *Comparison) Failed() bool {
	return c != nil && slices.ContainsFunc(c.Pairs, func(p Pair) bool { return p.Failures != nil })
}
