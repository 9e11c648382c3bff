package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// effects writes what each change makes of a default's time, as a plot with its numbers,
// then what failed or was left out, and what the intervals are.
func effects(w io.Writer, rec *record.Record, width int) {
	if len(rec.Runs) == 0 {
		fmt.Fprintln(w, "The record has no default.")
		return
	}
	readableWidth := width
	if readableWidth == 0 {
		readableWidth = readable
	}
	base, all := rec.Runs[0], compare.EffectsOf(rec)
	fmt.Fprintln(w, Wrap("", defaultSentence(base), readableWidth))
	var shown []compare.Effect
	for _, e := range all {
		if e.Known() {
			shown = append(shown, e)
		}
	}
	if len(shown) > 0 {
		fmt.Fprintf(w, "\n%s\n", effectsPlot(shown, readableWidth))
	}
	for _, line := range EffectNotes(rec) {
		fmt.Fprintln(w, Wrap("", line, readableWidth))
	}
	for _, line := range sharedWarnings(rec) {
		fmt.Fprintln(w, Wrap("warning: ", line, readableWidth))
	}
}

// defaultSentence says what the effects are of.
func defaultSentence(base record.Run) string {
	if base.Summary == nil {
		return fmt.Sprintf("%s: no launch of the default worked, so nothing can be compared with it.", base.Graph.Name)
	}
	s := base.Summary
	interval := ""
	if s.EpochSeconds.Known() {
		interval = fmt.Sprintf(" (95 %% interval %s)", Range(s.EpochSeconds))
	}
	return fmt.Sprintf("An epoch of %s takes %s%s by default: %s examples in batches of %s. One change each makes of that time:",
		base.Graph.Name, Seconds(s.EpochSeconds.Median), interval,
		resolved(base, func(v record.Resolved) int { return v.Samples }), resolved(base, func(v record.Resolved) int { return v.Batch }))
}

// FactorNote says what a run of a record of factors changes: nothing where it is the
// default.
func FactorNote(r record.Run) string {
	if r.Factor == nil {
		return "default"
	}
	return fmt.Sprintf("%s %s→%s", r.Factor.Name, r.Factor.From, r.Factor.To)
}

// EffectTitle names an effect, as in "batch 32→256".
func EffectTitle(e compare.Effect) string {
	if e.PerExample {
		return FactorNote(*e.Run) + ", per example"
	}
	return FactorNote(*e.Run)
}

// EffectInterval formats the interval of an effect, as in "[0.38, 0.44]".
func EffectInterval(e compare.Effect) string {
	if !e.Ratio.Known() {
		return none
	}
	return "[" + ratioDigits(e.Ratio.Low) + ", " + ratioDigits(e.Ratio.High) + "]"
}

// EffectWord says whether an effect is told from none.
func EffectWord(e compare.Effect) string {
	switch {
	case e.Failure != "" && !e.Known():
		return "failed"
	case !e.Ratio.Known():
		return "too few launches"
	case e.Significant:
		return "clear"
	}
	return "not told from ×1"
}

// effectGroups are the headings of effects, by EffectWord.
var effectGroups = []struct{ word, heading string }{
	{"clear", "Clear changes, the largest first"},
	{"not told from ×1", "Not told from no change"},
	{"too few launches", "Without an interval"},
}

// effectsPlot draws effects in groups, at most width columns wide: names, the axis, and
// the numbers. Where there is no room for the axis, it is left out.
func effectsPlot(all []compare.Effect, width int) string {
	spans, cells := make([]span, len(all)), make([][4]string, len(all))
	var widest [4]int
	for i, e := range all {
		spans[i] = span{e.Ratio.Low, e.Ratio.Median, e.Ratio.High}
		cells[i] = [4]string{snip(EffectTitle(e), longestEffect), Times(e.Ratio.Median), "", effectTime(e)}
		if slices.ContainsFunc(all, func(e compare.Effect) bool { return e.Ratio.Known() }) {
			cells[i][2] = EffectInterval(e)
		}
		for k, cell := range cells[i] {
			widest[k] = max(widest[k], columns(cell))
		}
	}
	room := width - widest[0] - widest[1] - widest[2] - widest[3] - 2*len(widest)
	axis := newRatioAxis(spans, max(leastAxis, min(mostAxis, room)))
	line := func(name, plot string, numbers ...string) string {
		out := pad(name, widest[0])
		if room >= leastAxis {
			out += "  " + pad(plot, axis.columns)
		}
		for k, n := range numbers {
			if widest[k+1] > 0 {
				out += "  " + padLeft(n, widest[k+1])
			}
		}
		return strings.TrimRight(out, " ")
	}
	var lines []string
	for _, group := range effectGroups {
		var part []string
		for i, e := range all {
			if EffectWord(e) == group.word {
				part = append(part, line(cells[i][0], axis.line(spans[i]), cells[i][1:]...))
			}
		}
		if len(part) > 0 {
			lines = append(lines, append([]string{group.heading}, append(part, "")...)...)
		}
	}
	if room >= leastAxis {
		lines = append([]string{strings.TrimRight(line("", axis.ticks()), " ")}, lines...)
	}
	return strings.Join(lines, "\n")
}

// longestEffect is how much of an effect's name is shown.
const longestEffect = 28

// effectTime is the time with the change, per epoch or example.
func effectTime(e compare.Effect) string {
	return Seconds(stats.MedianLaunch(stats.LaunchValues(e.Run, e.PerExample)))
}

func pad(s string, n int) string     { return s + strings.Repeat(" ", max(0, n-columns(s))) }
func padLeft(s string, n int) string { return strings.Repeat(" ", max(0, n-columns(s))) + s }

// EffectNotes says of a record's effects what they are, what failed, and what was left
// out.
func EffectNotes(rec *record.Record) []string {
	var out []string
	fewest, most := math.MaxInt, 0
	var failed []string
	for _, e := range compare.EffectsOf(rec) {
		if e.Failure != "" && !e.PerExample {
			failed = append(failed, fmt.Sprintf("%s failed: %s.", EffectTitle(e), strings.TrimSuffix(snip(e.Failure, longestWarning), ".")))
		}
		if n := e.Ratio.Blocks; n > 0 {
			fewest, most = min(fewest, n), max(most, n)
		}
	}
	switch {
	case most == 0:
	case most < stats.MinLaunches:
		out = append(out, fmt.Sprintf("Each ratio is of launches paired with the default's block by block, from %s. An interval takes %d blocks, and without one nothing is told from no change.", blocks(fewest, most), stats.MinLaunches))
	default:
		out = append(out, fmt.Sprintf("Each ratio is of launches paired with the default's block by block, from %s. All intervals hold at once with 95 %%; clear is what Holm's procedure over all of them calls so at 5 %%.", blocks(fewest, most)))
	}
	if most > 0 {
		out = append(out, "Times are medians over launches, so two of them need not have the ratio of the pairs.")
	}
	if note := outOfTime(rec); note != "" {
		out = append(out, note)
	}
	out = append(out, failed...)
	if len(rec.Plan.LeftOut) > 0 {
		out = append(out, "Left out: "+strings.Join(rec.Plan.LeftOut, "; ")+".")
	}
	return out
}

func blocks(fewest, most int) string {
	switch {
	case most == 1:
		return "1 block"
	case fewest == most:
		return fmt.Sprintf("%d blocks", most)
	}
	return fmt.Sprintf("%d to %d blocks", fewest, most)
}

// sharedWarnings are the warnings of runs, one that several share once. Failures are
// told with the effects.
func sharedWarnings(rec *record.Record) []string {
	of := map[string][]string{}
	var order []string
	for _, r := range rec.Runs {
		title, failures := FactorNote(r), stats.Failures(&r)
		for _, text := range allWarnings(r) {
			if r.Factor != nil && slices.Contains(failures, text) {
				continue
			}
			if of[text] == nil {
				order = append(order, text)
			}
			of[text] = append(of[text], title)
		}
	}
	var out []string
	for _, text := range order {
		out = append(out, harmless.Text(several(of[text]))+": "+snip(text, longestWarning))
	}
	return out
}
