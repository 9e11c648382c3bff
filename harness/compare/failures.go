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
	Causes           []string // what failed, such as "killed by segmentation fault", in the order met
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
		if _, measured := stats.LaunchMedian(l); measured {
			continue
		}
		out.Failed++
		if c := cause(l); !slices.Contains(out.Causes, c) {
			out.Causes = append(out.Causes, c)
		}
	}
	return out
}

// cause names in a few words how a launch failed.
func cause(l record.Launch) string {
	switch l.Status {
	case record.OOM:
		return "out of memory"
	case record.Killed:
		if l.Signal != "" {
			return "killed by signal: " + l.Signal
		}
		return "killed"
	case record.Timeout:
		return "timed out"
	case record.Nonfinite:
		return "the loss is not finite"
	case record.OK:
		return "no epoch measured"
	}
	first, _, _ := strings.Cut(l.Reason, "\n")
	return first
}

// String names the failures and how much they say, with the sides as A and B.
func (f *Failures) String() string {
	if f == nil {
		return ""
	}
	parts := []string{f.New.of("B"), f.Base.of("A")}
	if f.New.Failed == 0 {
		slices.Reverse(parts)
	}
	least := min(f.Base.Launches, f.New.Launches)
	return fmt.Sprintf("%s (p = %.2g that both fail equally often; %d launches per side show a failure of %.0f %% of launches or more)",
		strings.Join(parts, ", "), f.P, least, 100*stats.SmallestRate(least))
}

func (s SideFailures) of(side string) string {
	text := fmt.Sprintf("%d of %d launches of %s failed", s.Failed, s.Launches, side)
	if len(s.Causes) > 0 {
		text += ": " + strings.Join(s.Causes, "; ")
	}
	return text
}

// Failed reports whether any launch of any pair failed.
func (c *Comparison) Failed() bool {
	return c != nil && slices.ContainsFunc(c.Pairs, func(p Pair) bool { return p.Failures != nil })
}
