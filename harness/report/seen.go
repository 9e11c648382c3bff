package report

import (
	"fmt"
	"math"

	"epochtime/harness/compare"
)

// Seen says which slowdown the launches of a pair would have called slower, with
// 95 %; empty where that is not known.
func Seen(p compare.Pair) string {
	least := p.SmallestSlowdown(compare.Power)
	switch {
	case math.IsNaN(least):
		return ""
	case math.IsInf(least, 1):
		return "These launches would have called no slowdown, however large."
	}
	return fmt.Sprintf("These launches would have called a slowdown of %s or more.", slowdown(least))
}

// Blind says of a pair that it can see nothing, and what would help; empty where it
// can see something. c is the comparison that it is of.
func Blind(p compare.Pair, c *compare.Comparison) string {
	if !p.Blind() {
		return ""
	}
	least := p.SmallestSlowdown(compare.Power)
	out := "This comparison can see nothing: it would have called no slowdown, however large."
	if !math.IsInf(least, 1) {
		out = fmt.Sprintf("This comparison can see next to nothing: only a slowdown of %s or more.", slowdown(least))
	}
	if c.TwoMachines {
		return out + " More launches on each machine, and a page that ranks both, would help."
	}
	if !c.SameSession {
		return out + " Comparing both in one session would help."
	}
	if p.Needed > 0 {
		return out + fmt.Sprintf(" More launches would help (about %s per side%s), and so would a quieter machine and longer epochs.", Count(p.Needed), lasting(p.NeededSeconds()))
	}
	return out + " More launches, a quieter machine and longer epochs would help."
}

// BlindPairs says of which pairs the comparison can see nothing; those that have it
// for the same reason are named together, unless they are all.
func BlindPairs(c *compare.Comparison) []string {
	var order []string
	of := map[string][]string{}
	for _, p := range c.Pairs {
		if text := Blind(p, c); text != "" {
			if of[text] == nil {
				order = append(order, text)
			}
			of[text] = append(of[text], p.Title)
		}
	}
	for i, text := range order {
		if len(of[text]) < len(c.Pairs) {
			order[i] = several(of[text]) + ": " + text
		}
	}
	return order
}

// Sees explains the column of SeenCell.
const Sees = "Sees: a slowdown of this much or more would have been called."

// SeenCell is the smallest slowdown that a pair sees, for a table.
func SeenCell(p compare.Pair) string { return seenCell(p.SmallestSlowdown(compare.Power)) }

func seenCell(least float64) string {
	switch {
	case math.IsNaN(least):
		return none
	case math.IsInf(least, 1):
		return "nothing"
	}
	return slowdown(least)
}

// slowdown formats a share, with two digits: it is known no better.
func slowdown(share float64) string {
	if percent := 100 * share; percent < 9.95 {
		return fmt.Sprintf("%.2g %%", percent)
	}
	return Count(int(math.Round(100*min(share, math.MaxInt32)))) + " %"
}
