package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/guptarohit/asciigraph"

	"epochtime/harness/record"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// Heights of curves, in lines.
const (
	trendHeight = 10
	stripHeight = 5
)

// curve draws durations in at most width columns. It returns the text, and how many
// columns the axis and the curve take.
func curve(values []float64, height, width int) (text string, axis, columns int) {
	label := func(v float64) string { return fmt.Sprintf("%8s", Seconds(v)) }
	for _, v := range values {
		axis = max(axis, Widest(label(v)))
	}
	axis += 3 // the library's own
	options := []asciigraph.Option{asciigraph.Height(height), asciigraph.YAxisValueFormatter(label)}
	columns = len(values)
	if room := width - axis; columns > room {
		columns = max(room, 2)
		options = append(options, asciigraph.Width(columns))
	}
	return asciigraph.Plot(values, options...), axis, columns
}

// Strip draws the time of each measured epoch of each run, launch after launch; of long
// launches over their time.
// Where a terminal of width columns (0 is 80) has no room for all, a point is the
// median of several epochs.
func Strip(w io.Writer, rec *record.Record, width int) {
	width = cmp.Or(width, readable)
	titles := Titles(rec.Runs)
	for i, r := range rec.Runs {
		if r.Config.Timed() {
			for _, l := range r.Launches {
				overTime(w, titles[i], l, width)
			}
			continue
		}
		values := epochs(r)
		if len(values) == 0 {
			continue
		}
		const axis = 12 // of most curves
		shown, each := condensed(values, max(2, width-axis))
		text, _, _ := curve(shown, stripHeight, width)
		what := "epochs in order"
		if each > 1 {
			what = fmt.Sprintf("medians of %d epochs in order", each)
		}
		fmt.Fprintf(w, "\n%s, %s\n\n%s\n", harmless.Text(titles[i]), what, text)
	}
}

// epochs are the seconds of the measured epochs of ok launches, in the order in
// which they were done.
func epochs(r record.Run) []float64 {
	launches := slices.SortedStableFunc(slices.Values(r.Launches), func(a, b record.Launch) int { return cmp.Compare(a.Order, b.Order) })
	var out []float64
	for _, l := range launches {
		if l.Status != record.OK {
			continue
		}
		for _, e := range stats.Measured(l) {
			if !math.IsNaN(e.Seconds) && !math.IsInf(e.Seconds, 0) {
				out = append(out, e.Seconds)
			}
		}
	}
	return out
}

// condensed returns at most n values, the medians of so many consecutive ones each.
func condensed(values []float64, n int) (out []float64, each int) {
	each = (len(values) + n - 1) / n
	for part := range slices.Chunk(values, each) {
		out = append(out, stats.Median(part))
	}
	return out, each
}
