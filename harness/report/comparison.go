package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/compare"
	"epochtime/harness/stats"
)

// readable is the width of text where there is no terminal to say.
const readable = 80

// Comparison writes one line for each configuration, then remarks and doubts. width
// is that of the terminal; 0 is unlimited.
func Comparison(w io.Writer, c *compare.Comparison, o compare.Options, width int) {
	var rows []table.Row
	for _, p := range c.Pairs {
		rows = append(rows, table.Row{p.Title, side(p, true), side(p, false), Change(p.Ratio.Median), Changes(p.Ratio), SeenCell(p), string(p.Verdict)})
	}
	lines := cmp.Or(width, readable)
	for _, line := range BlindPairs(c) {
		fmt.Fprintf(w, "%s\n\n", Wrap("", line, lines))
	}
	header := table.Row{"graph", "base", "new", "change", "99 % interval", "sees", "verdict"}
	fmt.Fprintf(w, "%s\n\n", Grid(header, rows, width))
	for _, line := range remarks(c, o) {
		fmt.Fprintln(w, Wrap("", line, lines))
	}
	for _, p := range c.Pairs {
		if p.Failures != nil {
			fmt.Fprintln(w, Wrap("failed: ", p.Title+": "+p.Failures.String(), lines))
		}
	}
	for _, doubt := range doubts(c) {
		fmt.Fprintln(w, Wrap("doubt: ", doubt, lines))
	}
	scripts(w, compared(c.Pairs), lines)
}

// side formats the median of a side's launches, per epoch or per example.
func side(p compare.Pair, base bool) string {
	run := p.New
	if base {
		run = p.Base
	}
	values := stats.LaunchValues(run, p.PerExample)
	if len(values) == 0 {
		return none
	}
	text := Seconds(stats.MedianLaunch(values))
	if p.PerExample {
		text += " per example"
	}
	return text
}

// remarks describe the numbers, and what an undecided verdict takes.
func remarks(c *compare.Comparison, o compare.Options) []string {
	how := "The change is in time, from launches paired block by block in one session."
	if !c.SameSession {
		how = "The change is in time, between two sessions."
	}
	out := []string{fmt.Sprintf("%s Less than %.3g %% counts as the same.", how, 100*o.Threshold)}
	if len(c.Pairs) == 1 && !c.Pairs[0].Blind() {
		out = append(out, Seen(c.Pairs[0]))
	} else if len(c.Pairs) > 1 {
		out = append(out, Sees)
	}
	if text := TrainingAlone(compared(c.Pairs)); text != "" {
		out = append(out, text)
	}
	if len(c.Pairs) > 1 && !math.IsNaN(c.GeometricMean) {
		out = append(out, fmt.Sprintf("The geometric mean of %s is %s.", knownChanges(c), Change(c.GeometricMean)))
	}
	for _, p := range c.Pairs {
		if p.Verdict == compare.Inconclusive && p.Needed > 0 && !p.Blind() {
			out = append(out, fmt.Sprintf("%s: a verdict takes about %s launches per side%s.", p.Title, Count(p.Needed), lasting(p.NeededSeconds())))
		}
	}
	if len(c.OnlyBase) > 0 {
		out = append(out, fmt.Sprintf("Only in base: %s.", several(c.OnlyBase)))
	}
	if len(c.LeftOut) > 0 {
		text := fmt.Sprintf("Not compared: %s.", several(c.LeftOut))
		if c.SameSession {
			text = "The winner of a search is compared with the default. " + text
		}
		out = append(out, text)
	}
	if len(c.OnlyNew) > 0 {
		out = append(out, fmt.Sprintf("Only in new: %s.", several(c.OnlyNew)))
	}
	return out
}

// knownChanges counts the pairs whose change is known.
func knownChanges(c *compare.Comparison) string {
	n := 0
	for _, p := range c.Pairs {
		if !math.IsNaN(p.Ratio.Median) {
			n++
		}
	}
	if n == 1 {
		return "1 change"
	}
	return Count(n) + " changes"
}

func lasting(seconds float64) string {
	if seconds <= 0 {
		return ""
	}
	return ", " + Seconds(seconds) + " in all"
}

// severalAt is how many names a line lists.
const severalAt = 5

func several(list []string) string {
	if more := len(list) - severalAt; more > 0 {
		return strings.Join(list[:severalAt], "; ") + fmt.Sprintf("; and %d more", more)
	}
	return strings.Join(list, "; ")
}

// doubts are those of the whole, then of each pair. One that several pairs share is
// written once.
func doubts(c *compare.Comparison) []string {
	of := map[string][]string{}
	var order []string
	for _, p := range c.Pairs {
		for _, d := range p.Doubts {
			if of[d] == nil {
				order = append(order, d)
			}
			of[d] = append(of[d], p.Title)
		}
	}
	out := slices.Clone(c.Doubts)
	for _, d := range order {
		out = append(out, several(of[d])+": "+d)
	}
	return out
}
