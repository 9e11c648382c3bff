package report

import (
	"fmt"
	"io"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// sides writes what two sides took, their change and the verdict.
func sides(w io.Writer, p compare.Pair, threshold float64, width int) {
	if text := Blind(p, &compare.Comparison{SameSession: true}); text != "" {
		fmt.Fprintf(w, "%s\n\n", Wrap("", text, width))
	}
	both := []record.Run{*p.Base, *p.New}
	v := varying(both)
	lines := []line{{"A", 0, timed(both[0])}, {"B", 1, timed(both[1])}}
	out, fits := v.grid("side", timedHeader, lines, width)
	if !fits {
		fmt.Fprintf(w, "%s\n%s\n\n", Wrap("A: ", v.label(0), width), Wrap("B: ", v.label(1), width))
		out, _ = varied{values: make([][]string, 2)}.grid("side", timedHeader, lines, 0)
	}
	fmt.Fprintf(w, "%s\n\n", out)
	for _, line := range details(both, func(i int) string { return "side " + both[i].Side }) {
		fmt.Fprintln(w, Wrap("- ", line, width))
	}
	if text := TrainingAlone(both); text != "" {
		fmt.Fprintln(w, Wrap("", text, width))
	}
	fmt.Fprintln(w, Wrap("", changeSentence(p), width))
	if p.Failures != nil {
		fmt.Fprintln(w, Wrap("verdict: ", p.Failures.Counts()+". Of the launches that worked: "+verdictSentence(p, threshold), width))
		if evidence := p.Failures.Evidence(); evidence != "" {
			fmt.Fprintln(w, Wrap("failures: ", evidence, width))
		}
	} else {
		fmt.Fprintln(w, Wrap("verdict: ", verdictSentence(p, threshold), width))
	}
	if text := Seen(p); text != "" && !p.Blind() {
		fmt.Fprintln(w, Wrap("", text, width))
	}
	for _, doubt := range p.Doubts {
		fmt.Fprintln(w, Wrap("note: ", doubt, width))
	}
	for _, r := range both {
		warnings(w, "side "+r.Side, r, width)
	}
}

// timedHeader is the header of what timed returns.
var timedHeader = table.Row{"epoch time", "95 % interval", "examples/s", "peak memory", "launches"}

// timed are the cells of what a run's launches took.
func timed(r record.Run) table.Row {
	if r.Summary == nil {
		return table.Row{none, none, none, none, Launches(r)}
	}
	s := r.Summary
	return table.Row{Seconds(s.EpochSeconds.Median), Range(s.EpochSeconds), Rate(s.ExamplesPerSecond), Bytes(s.PeakRSS), Launches(r)}
}

func warnings(w io.Writer, title string, r record.Run, width int) {
	for _, warning := range allWarnings(r) {
		fmt.Fprintln(w, Wrap("warning: ", title+": "+snip(warning, longestWarning), width))
	}
}

// allWarnings are the failures of a run's launches, also where the record does not warn
// of them, and its other warnings.
func allWarnings(r record.Run) []string {
	out := r.Warnings
	for _, failure := range slices.Backward(stats.Failures(&r)) {
		if !slices.Contains(r.Warnings, failure) {
			out = append([]string{failure}, out...)
		}
	}
	return out
}

func changeSentence(p compare.Pair) string {
	what := "epoch"
	if p.PerExample {
		what = "example"
	}
	r := p.Ratio
	switch {
	case r.Blocks == 0:
		return "No block has a launch of both sides, so there is nothing to compare."
	case !r.Known():
		return fmt.Sprintf("Time per %s, B against A: %s, from %s.", what, Change(r.Median), pairs(r.Blocks))
	}
	return fmt.Sprintf("Time per %s, B against A: %s (%.3g %% interval %s, from %s).",
		what, Change(r.Median), 100*r.Confidence, Changes(r), pairs(r.Blocks))
}

func pairs(n int) string {
	if n == 1 {
		return "1 pair of launches"
	}
	return fmt.Sprintf("%d pairs of launches", n)
}

func verdictSentence(p compare.Pair, threshold float64) string {
	change := fmt.Sprintf("%.3g %%", 100*threshold)
	switch p.Verdict {
	case compare.Slower:
		return fmt.Sprintf("slower: B takes %.3g %% longer than A.", 100*(p.Ratio.Median-1))
	case compare.Faster:
		return fmt.Sprintf("faster: B takes %.3g %% less time than A.", 100*(1-p.Ratio.Median))
	case compare.Same:
		return fmt.Sprintf("same: any difference between A and B is within %s.", change)
	}
	out := fmt.Sprintf("inconclusive: these launches cannot tell whether B differs from A by %s.", change)
	if p.Ratio.Blocks < stats.MinLaunches {
		out = "inconclusive: there are too few pairs of launches."
	}
	if p.Needed > 0 && !p.Blind() {
		out += fmt.Sprintf(" About %s launches per side would decide it%s.", Count(p.Needed), lasting(p.NeededSeconds()))
	}
	return out
}
