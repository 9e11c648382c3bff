package report

import (
	"math"
	"testing"

	"epochtime/harness/compare"
	"epochtime/harness/stats"
)

func TestSeen(t *testing.T) {
	of := func(v compare.Verdict, height float64, needed int) compare.Pair {
		return compare.Pair{Verdict: v, Bar: stats.Bar{Height: height, Freedom: 9}, Needed: needed}
	}
	const seen = "These launches would have called a slowdown of "
	for name, c := range map[string]struct {
		pair              compare.Pair
		sameSession       bool
		cell, text, blind string
		twoMachines       bool
	}{
		"a tenth":           {of(compare.Same, math.Log(1.123), 0), true, "12 %", seen + "12 % or more.", "", false},
		"a little":          {of(compare.Same, math.Log(1.0512), 0), true, "5.1 %", seen + "5.1 % or more.", "", false},
		"just below":        {of(compare.Same, math.Log(1.0999), 0), true, "10 %", seen + "10 % or more.", "", false},
		"a lot, but slower": {of(compare.Slower, math.Log(3), 0), true, "200 %", seen + "200 % or more.", "", false},
		"next to nothing": {
			of(compare.Inconclusive, math.Log(31), 1234), true, "3,000 %", seen + "3,000 % or more.",
			"This comparison can see next to nothing: only a slowdown of 3,000 % or more. More launches would help (about 1,234 per side), and so would a quieter machine and longer epochs.", false,
		},
		"nothing": {
			of(compare.Inconclusive, math.Inf(1), 0), true, "nothing", "These launches would have called no slowdown, however large.",
			"This comparison can see nothing: it would have called no slowdown, however large. More launches, a quieter machine and longer epochs would help.", false,
		},
		"two sessions": {
			of(compare.Inconclusive, math.Inf(1), 0), false, "nothing", "These launches would have called no slowdown, however large.",
			"This comparison can see nothing: it would have called no slowdown, however large. Comparing both in one session would help.", false,
		},
		"two machines": {
			of(compare.Inconclusive, math.Inf(1), 0), false, "nothing", "These launches would have called no slowdown, however large.",
			"This comparison can see nothing: it would have called no slowdown, however large. More launches on each machine, and a page that ranks both, would help.", true,
		},
		"not known": {compare.Pair{Verdict: compare.Inconclusive}, true, none, "", "", false},
	} {
		if got := SeenCell(c.pair); got != c.cell {
			t.Errorf("%s: cell %q, want %q", name, got, c.cell)
		}
		if got := Seen(c.pair); got != c.text {
			t.Errorf("%s: %q, want %q", name, got, c.text)
		}
		if got := Blind(c.pair, &compare.Comparison{SameSession: c.sameSession, TwoMachines: c.twoMachines}); got != c.blind {
			t.Errorf("%s: %q, want %q", name, got, c.blind)
		}
	}
}
