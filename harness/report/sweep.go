package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/record"
)

// sweep writes one line for each point of a grid, and marks the best throughput.
func sweep(w io.Writer, rec *record.Record, width int) {
	v, best := varying(rec.Runs), Best(rec.Runs)
	var lines []line
	for i, r := range rec.Runs {
		lines = append(lines, line{"", i, append(timed(r), PointNote(r, i == best))})
	}
	header := append(append(table.Row{}, timedHeader...), "")
	out, fits := v.grid("", header, lines, width)
	if !fits {
		out = labelled(v.label, "", header, lines, width)
	}
	fmt.Fprintf(w, "%s\n\n", out)
	for _, line := range details(rec.Runs, v.label) {
		fmt.Fprintln(w, Wrap("- ", line, width))
	}
	if best >= 0 {
		fmt.Fprintln(w, Wrap("", bestSentence(rec.Runs, best, v.label), width))
	}
	for i, r := range rec.Runs {
		if l, out := outOfMemory(r); out {
			fmt.Fprintln(w, Wrap("", fmt.Sprintf("%s: out of memory (%s)", v.label(i), l.Reason), width))
			continue
		}
		warnings(w, v.label(i), r, width)
	}
}

// PointNote returns what is special about a point of a sweep: that it is the best,
// or how it failed.
func PointNote(r record.Run, best bool) string {
	_, out := outOfMemory(r)
	switch {
	case out:
		return "out of memory"
	case best && r.Summary.Launches == 1:
		return "best (1 launch)"
	case best:
		return "best"
	case r.Summary == nil && len(r.Launches) > 0:
		return "failed"
	}
	return ""
}

// outOfMemory returns the first launch of a run that ran out of memory, if any.
func outOfMemory(r record.Run) (record.Launch, bool) {
	for _, l := range r.Launches {
		if l.Status == record.OOM {
			return l, true
		}
	}
	return record.Launch{}, false
}

// Best returns the index of the run with the most examples per second, -1 where no
// run has any.
func Best(runs []record.Run) int {
	best := -1
	for i, r := range runs {
		if r.Summary == nil {
			continue
		}
		if best < 0 || r.Summary.ExamplesPerSecond > runs[best].Summary.ExamplesPerSecond {
			best = i
		}
	}
	return best
}

// bestSentence names the best throughput, and the points that may be as good.
func bestSentence(runs []record.Run, best int, title func(int) string) string {
	b := runs[best].Summary
	out := fmt.Sprintf("The best throughput is at %s: %s examples/s.", title(best), Rate(b.ExamplesPerSecond))
	switch {
	case b.Launches == 1:
		return out + " It is from one launch, which does not tell how far launches differ."
	case !b.EpochSeconds.Known():
		return out
	}
	var rivals []string
	for i, r := range runs {
		if i != best && r.Summary != nil && r.Summary.EpochSeconds.Known() && perExample(r.Summary, r.Summary.EpochSeconds.Low) <= perExample(b, b.EpochSeconds.High) {
			rivals = append(rivals, title(i))
		}
	}
	if len(rivals) > 0 {
		out += " Intervals overlap with " + strings.Join(rivals, "; ") + ": use ab to tell them apart."
	}
	return out
}

// perExample divides an epoch's seconds by its examples.
func perExample(s *record.Summary, seconds record.Number) float64 {
	examples := s.ExamplesPerSecond * s.EpochSeconds.Median
	if examples <= 0 {
		return float64(seconds)
	}
	return float64(seconds) / examples
}
