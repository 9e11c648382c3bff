package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/baseline"
	"epochtime/harness/compare"
	"epochtime/harness/nightly"
)

// Night writes the table of a nightly job and what it comes to. width is that of the
// terminal; 0 is unlimited.
func Night(w io.Writer, n *nightly.Night, width int) {
	for _, line := range NightHeadlines(n) {
		fmt.Fprintln(w, Wrap("", line, width))
	}
	if len(n.Comparisons) > 0 {
		header, rows := NightTable(n)
		fmt.Fprintf(w, "\n%s\n", Grid(header, rows, width))
	}
	if len(n.Comparisons) > 0 {
		fmt.Fprintf(w, "\n%s\n", Wrap("", NightSees, width))
	}
	if list := NightRemarks(n); len(list) > 0 {
		fmt.Fprintln(w)
		for _, line := range list {
			fmt.Fprintln(w, Wrap("", line, width))
		}
	}
}

// blind is the smallest slowdown, as a share, from which a night can see next to
// nothing.
const blind = 0.5

// NightHeadlines returns the first lines of a report: what the night could not have
// seen, if that is nearly everything, and its result.
func NightHeadlines(n *nightly.Night) []string {
	var out []string
	if names := blindTo(n); names != "" {
		out = append(out, fmt.Sprintf("These launches can see next to nothing of %s: even a slowdown of %.0f %% might pass. More launches, a quieter machine or longer epochs help.", names, 100*blind))
	}
	return append(out, nightResult(n))
}

// blinding are the outcomes that say little where next to nothing can be seen.
var blinding = []nightly.Outcome{nightly.Same, nightly.Faster, nightly.Inconclusive, nightly.Unconfirmed, nightly.NoBaseline, nightly.Accepted}

// blindTo names the graphs that may be slower, because their last sessions see next to
// nothing.
func blindTo(n *nightly.Night) string {
	var names []string
	for _, c := range n.Comparisons {
		s := c.Last()
		if s != nil && slices.Contains(blinding, c.Outcome) && !(nightly.Sees(s.Pair) < blind) && !slices.Contains(names, c.Graph) {
			names = append(names, c.Graph)
		}
	}
	return strings.Join(names, ", ")
}

func nightResult(n *nightly.Night) string {
	switch n.Result() {
	case nightly.Passed:
		if n.Accepting {
			return "The build is accepted. " + graphsThat(n, nightly.Accepted) + "."
		}
		return "No regression."
	case nightly.Regression:
		return "Regression, slower in two sessions. " + graphsThat(n, nightly.Slower) + "."
	case nightly.Undecided:
		return "Undecided. " + graphsThat(n, nightly.Inconclusive, nightly.Unconfirmed) + "."
	case nightly.Stopped:
		return "Interrupted. What was not compared is not promoted."
	case nightly.Unfinished:
		return "Not finished: it still runs, or was killed."
	}
	lacking := graphsThat(n, nightly.Failed, nightly.Unmeasured, nightly.NoBaseline, nightly.Lost)
	switch {
	case n.Problem != "":
		return "Nothing was compared: " + n.Problem
	case lacking == "":
		return "Nothing was compared."
	}
	if n.Accepting {
		return "Not accepted. " + lacking + ". What was the good build stays."
	}
	return "This is no pass. " + lacking + "."
}

// graphsThat names the graphs with one of the outcomes, and what they were compared
// with.
func graphsThat(n *nightly.Night, outcomes ...nightly.Outcome) string {
	var out []string
	for _, c := range n.Comparisons {
		if slices.Contains(outcomes, c.Outcome) {
			out = append(out, c.Graph+": "+shortOutcome(c))
		}
	}
	return strings.Join(out, "; ")
}

func shortOutcome(c nightly.Comparison) string {
	s := c.Last()
	switch {
	case s != nil && c.Outcome == nightly.Slower:
		return Change(s.Pair.Ratio.Median) + " against the " + baseName(c)
	case s != nil && c.Outcome == nightly.Failed:
		return s.Pair.Failures.Counts()
	}
	return string(c.Outcome)
}

// baseName names what a comparison compares with.
func baseName(c nightly.Comparison) string {
	switch c.Base {
	case baseline.Tonight:
		return "same build"
	case baseline.Anchor:
		return "anchor"
	}
	return "good build"
}

// NightSees explains the column "sees" of a night.
const NightSees = "Sees: a slowdown of this much or more would have been called, in both of the sessions that this takes."

// NightTable has a row for each comparison of a night.
func NightTable(n *nightly.Night) (header table.Row, rows []table.Row) {
	header = table.Row{"graph", "compared with", "change", "99 % interval", "sees", "outcome"}
	for _, c := range n.Comparisons {
		row := table.Row{c.Graph, comparedWith(c), none, none, none, outcome(c)}
		if s := c.Last(); s != nil {
			row = table.Row{c.Graph, comparedWith(c), Change(s.Pair.Ratio.Median), Changes(s.Pair.Ratio), seenCell(nightly.Sees(s.Pair)), outcome(c)}
		}
		rows = append(rows, row)
	}
	return header, rows
}

func comparedWith(c nightly.Comparison) string {
	if c.BaseCommit == "" {
		return baseName(c)
	}
	return fmt.Sprintf("%s %.7s", baseName(c), c.BaseCommit)
}

func outcome(c nightly.Comparison) string {
	if c.Promoted && c.Outcome != nightly.Accepted {
		return string(c.Outcome) + ", promoted"
	}
	return string(c.Outcome)
}

// NightRemarks returns problems, notes, and what the history shows.
func NightRemarks(n *nightly.Night) []string {
	var out []string
	advise := false
	for _, c := range n.Comparisons {
		title := c.Graph + " against the " + baseName(c) + ": "
		if s := c.Last(); s != nil && s.Pair.Failures != nil {
			out = append(out, title+s.Pair.Failures.String())
		}
		if c.Problem != "" {
			out = append(out, title+c.Problem)
		}
		if s := c.Last(); s != nil && c.Outcome == nightly.Inconclusive && s.Pair.Needed > 0 {
			out = append(out, fmt.Sprintf("%sa verdict takes about %s launches per side%s.", title, Count(s.Pair.Needed), lasting(s.Pair.NeededSeconds())))
		}
		for _, note := range c.Notes {
			out = append(out, title+note)
		}
		advise = advise || c.Outcome == nightly.NoBaseline || c.Outcome == nightly.Lost
	}
	if advise {
		out = append(out, "'epochtime nightly --accept' measures tonight's build against itself and makes it the good one.")
	}
	for _, name := range n.Graphs {
		if !slices.ContainsFunc(n.Comparisons, func(c nightly.Comparison) bool { return c.Graph == name }) {
			out = append(out, name+" was not reached.")
		}
	}
	out = append(out, nightNotices(n)...)
	if n.Commit != "" {
		out = append(out, fmt.Sprintf("Tonight's build is %.12s.", n.Commit))
	}
	return slices.Concat(out, n.Notes)
}

// nightNotices are those of the graphs that were compared, each once.
func nightNotices(n *nightly.Night) []string {
	var pairs []compare.Pair
	for _, c := range n.Comparisons {
		if s := c.Last(); s != nil {
			pairs = append(pairs, s.Pair)
		}
	}
	runs := compared(pairs)
	var out []string
	for _, line := range ScriptLines(runs) {
		out = append(out, "Script: "+line)
	}
	for _, notice := range Notices(runs) {
		out = append(out, "Notice: "+notice.Line())
	}
	return out
}

// NightVerdict returns the comparison of a session, for the formats of its record.
func NightVerdict(s nightly.Session) *compare.Comparison {
	return &compare.Comparison{Pairs: []compare.Pair{s.Pair}, GeometricMean: s.Pair.Ratio.Median, SameSession: true}
}
