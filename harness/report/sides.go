package report

import (
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Sides writes what two sides took, their ratio and the verdict. threshold is
// the change that matters, as a share; width is that of the terminal, 0 unlimited.
func Sides(w io.Writer, rec *record.Record, p compare.Pair, threshold float64, width int) {
	sides := []record.Run{*p.Base, *p.New}
	names, values := Varying(sides)
	header := table.Row{"side"}
	for _, name := range names {
		header = append(header, name)
	}
	header = append(header, "epoch time", "95 % interval", "examples/s", "peak memory", "launches")
	var rows []table.Row
	for i, r := range sides {
		row := table.Row{r.Side}
		for _, v := range values[i] {
			row = append(row, v)
		}
		rows = append(rows, append(row, timed(r)...))
	}
	fmt.Fprintln(w, Grid(header, rows, width))
	fmt.Fprintf(w, "\n%s\n", Wrap("", ratioSentence(p), width))
	fmt.Fprintln(w, Wrap("verdict: ", verdictSentence(p, threshold), width))
	for _, doubt := range p.Doubts {
		fmt.Fprintln(w, Wrap("note: ", doubt, width))
	}
	warnings(w, sides, func(r record.Run) string { return "side " + r.Side }, width)
}

// timed are the cells of what a run's launches took.
func timed(r record.Run) table.Row {
	if r.Summary == nil {
		return table.Row{none, none, none, none, launchesOf(r)}
	}
	s := r.Summary
	return table.Row{Seconds(s.EpochSeconds.Median), Range(s.EpochSeconds), Rate(s.ExamplesPerSecond), Bytes(s.PeakRSS), launchesOf(r)}
}

// launchesOf counts the ok launches, and all where some are not.
func launchesOf(r record.Run) string {
	ok := 0
	for _, l := range r.Launches {
		if l.Status == record.OK {
			ok++
		}
	}
	if ok == len(r.Launches) {
		return strconv.Itoa(ok)
	}
	return fmt.Sprintf("%d of %d", ok, len(r.Launches))
}

func warnings(w io.Writer, list []record.Run, title func(record.Run) string, width int) {
	for _, r := range list {
		for _, warning := range r.Warnings {
			fmt.Fprintln(w, Wrap("warning: ", title(r)+": "+text.Snip(warning, longestWarning, "…"), width))
		}
	}
}

func ratioSentence(p compare.Pair) string {
	what := "epoch"
	if p.PerExample {
		what = "example"
	}
	r := p.Ratio
	switch {
	case r.Blocks == 0:
		return "No block has a launch of both sides, so there is no ratio."
	case !r.Known():
		return fmt.Sprintf("B takes %s times as long an %s as A, going by %s; an interval takes %d.",
			factor(r.Median), what, blocks(r.Blocks), stats.MinLaunches)
	}
	return fmt.Sprintf("B takes %s times as long an %s as A (%.3g %% interval %s–%s, of %s).",
		factor(r.Median), what, 100*r.Confidence, factor(r.Low), factor(r.High), blocks(r.Blocks))
}

func blocks(n int) string {
	if n == 1 {
		return "1 pair of launches"
	}
	return fmt.Sprintf("%d pairs of launches", n)
}

// factor formats a ratio with three digits behind the point, where it is near 1.
func factor(v float64) string {
	if math.Abs(v) >= 9.9995 || math.IsNaN(v) {
		return digits(v, v)
	}
	return fmt.Sprintf("%.3f", v)
}

func verdictSentence(p compare.Pair, threshold float64) string {
	change := fmt.Sprintf("%.3g %%", 100*threshold)
	switch p.Verdict {
	case compare.Slower:
		return fmt.Sprintf("slower: B takes %.3g %% longer than A.", 100*(p.Ratio.Median-1))
	case compare.Faster:
		return fmt.Sprintf("faster: B takes %.3g %% less time than A.", 100*(1-p.Ratio.Median))
	case compare.Same:
		return fmt.Sprintf("same: whatever lies between A and B is within %s.", change)
	}
	out := fmt.Sprintf("inconclusive: these launches cannot tell whether B differs from A by %s.", change)
	if p.Needed > 0 {
		out += fmt.Sprintf(" It would take about %s launches a side", Count(p.Needed))
		if s := p.NeededSeconds(); s > 0 {
			out += ", " + Seconds(s)
		}
		out += fmt.Sprintf(": --launches %d.", p.Needed)
	}
	return out
}
