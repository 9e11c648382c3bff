package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/record"
)

// Sweep writes one line a point of a grid, and marks the best throughput. width
// is that of the terminal; 0 is unlimited.
func Sweep(w io.Writer, rec *record.Record, width int) {
	names, values := varyingOr(rec.Runs, "graph", func(r record.Run) string { return r.Graph.Name })
	best := fastest(rec.Runs)
	header := table.Row{}
	for _, name := range names {
		header = append(header, name)
	}
	header = append(header, "epoch time", "95 % interval", "examples/s", "peak memory", "launches", "")
	var rows []table.Row
	for i, r := range rec.Runs {
		row := table.Row{}
		for _, v := range values[i] {
			row = append(row, v)
		}
		rows = append(rows, append(append(row, timed(r)...), mark(r, i == best)))
	}
	fmt.Fprintln(w, Grid(header, rows, width))
	title := func(i int) string { return Label(names, values[i]) }
	fmt.Fprintln(w)
	if best >= 0 {
		fmt.Fprintln(w, Wrap("", bestSentence(rec.Runs, best, title), width))
	}
	for i, r := range rec.Runs {
		if l, out := outOfMemory(r); out {
			fmt.Fprintln(w, Wrap("", fmt.Sprintf("%s: out of memory (%s)", title(i), l.Reason), width))
			continue
		}
		warnings(w, []record.Run{r}, func(record.Run) string { return title(i) }, width)
	}
}

// varyingOr names runs by one setting where they differ in none.
func varyingOr(runs []record.Run, name string, value func(record.Run) string) ([]string, [][]string) {
	names, values := Varying(runs)
	if len(names) > 0 {
		return names, values
	}
	for i, r := range runs {
		values[i] = []string{value(r)}
	}
	return []string{name}, values
}

// mark is what stands at the end of a point's line.
func mark(r record.Run, best bool) string {
	_, out := outOfMemory(r)
	switch {
	case out:
		return "out of memory"
	case best:
		return "best"
	case r.Summary == nil && len(r.Launches) > 0:
		return "failed"
	}
	return ""
}

// outOfMemory is the launch of a run that had not enough, if there is one.
func outOfMemory(r record.Run) (record.Launch, bool) {
	for _, l := range r.Launches {
		if l.Status == record.OOM {
			return l, true
		}
	}
	return record.Launch{}, false
}

// fastest is the run of the most examples a second; -1 where there is none.
func fastest(runs []record.Run) int {
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
	if !b.EpochSeconds.Known() {
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

// perExample is an epoch's seconds divided by its examples.
func perExample(s *record.Summary, seconds record.Number) float64 {
	examples := s.ExamplesPerSecond * s.EpochSeconds.Median
	if examples <= 0 {
		return float64(seconds)
	}
	return float64(seconds) / examples
}
