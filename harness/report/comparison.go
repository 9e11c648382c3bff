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

// Comparison writes one line a configuration, then what there is to say about
// the verdicts. width is that of the terminal; 0 is unlimited.
func Comparison(w io.Writer, c *compare.Comparison, o compare.Options, width int) {
	var rows []table.Row
	for _, p := range c.Pairs {
		rows = append(rows, table.Row{p.Title, side(p, true), side(p, false), Times(p.Ratio.Median), interval(p.Ratio), string(p.Verdict)})
	}
	header := table.Row{"graph", "base", "new", "ratio", "99 % interval", "verdict"}
	fmt.Fprintf(w, "%s\n\n", Grid(header, rows, width))
	lines := cmp.Or(width, readable)
	for _, line := range remarks(c, o) {
		fmt.Fprintln(w, Wrap("", line, lines))
	}
	for _, doubt := range doubts(c) {
		fmt.Fprintln(w, Wrap("doubt: ", doubt, lines))
	}
}

// side is the median of a side's launches: seconds an epoch, or an example.
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
		text += " an example"
	}
	return text
}

// Times formats a ratio.
func Times(v float64) string {
	switch {
	case !finite(v):
		return none
	case v >= 9.995:
		return digits(v, v)
	}
	return fmt.Sprintf("%.3f", v)
}

func interval(r stats.Ratio) string {
	if !r.Known() {
		return none
	}
	return Times(r.Low) + "–" + Times(r.High)
}

// remarks say what the numbers are, and what an undecided verdict takes.
func remarks(c *compare.Comparison, o compare.Options) []string {
	how := "New over base, from launches paired block by block in one session."
	if !c.SameSession {
		how = "New over base, from two sessions."
	}
	out := []string{fmt.Sprintf("%s A change of less than %.3g %% is the same.", how, 100*o.Threshold)}
	if len(c.Pairs) > 1 && !math.IsNaN(c.GeometricMean) {
		out = append(out, fmt.Sprintf("The geometric mean of %d ratios is %s.", len(c.Pairs), Times(c.GeometricMean)))
	}
	for _, p := range c.Pairs {
		if p.Verdict == compare.Inconclusive && p.Needed > 0 {
			out = append(out, fmt.Sprintf("%s: a verdict takes about %s launches a side%s.", p.Title, Count(p.Needed), lasting(p.NeededSeconds())))
		}
	}
	if len(c.OnlyBase) > 0 {
		out = append(out, fmt.Sprintf("Only in base: %s.", several(c.OnlyBase)))
	}
	if len(c.OnlyNew) > 0 {
		out = append(out, fmt.Sprintf("Only in new: %s.", several(c.OnlyNew)))
	}
	return out
}

func lasting(seconds float64) string {
	if seconds <= 0 {
		return ""
	}
	return ", " + Seconds(seconds) + " in all"
}

// severalAt is how many names a line lists.
const severalAt = 10

func several(list []string) string {
	if more := len(list) - severalAt; more > 0 {
		return strings.Join(list[:severalAt], "; ") + fmt.Sprintf("; and %d more", more)
	}
	return strings.Join(list, "; ")
}

// doubts are those of the whole, then of each pair; one that several pairs share
// is told once.
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
