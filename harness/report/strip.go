package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"epochtime/harness/record"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// Strip draws the time of each measured epoch of each run, launch after launch, with a
// gap and a number where a launch begins. Where a terminal of width columns (0 is 80) has
// no room for all, a point is the median of several epochs of a launch, and where it has
// none for the gaps, there are none. Long launches are drawn over their time.
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
		launches, orders := epochs(r)
		if len(launches) == 0 {
			continue
		}
		const axis = 12 // of most curves
		values, begins, each := joined(launches, max(2, width-axis))
		text, at, _ := curve(values, stripHeight, width)
		what := "epochs in order"
		if each > 1 {
			what = fmt.Sprintf("medians of %d epochs in order", each)
		}
		if len(begins) > 1 {
			what += ", by launch"
			text += "\n" + launchMarks(begins, orders, at-1, at+len(values))
		}
		fmt.Fprintf(w, "\n%s, %s\n\n%s\n", harmless.Text(titles[i]), what, text)
	}
}

// epochs are the seconds of the measured epochs of ok launches, in the order in
// which they were done, and which launch of the run each is, from 1.
func epochs(r record.Run) (seconds [][]float64, numbers []int) {
	launches := slices.SortedStableFunc(slices.Values(r.Launches), func(a, b record.Launch) int { return cmp.Compare(a.Order, b.Order) })
	for i, l := range launches {
		if l.Status != record.OK {
			continue
		}
		var of []float64
		for _, e := range stats.Measured(l) {
			if !math.IsNaN(e.Seconds) && !math.IsInf(e.Seconds, 0) {
				of = append(of, e.Seconds)
			}
		}
		if len(of) > 0 {
			seconds, numbers = append(seconds, of), append(numbers, i+1)
		}
	}
	return seconds, numbers
}

// joined returns the points of launches, at most n with gaps of NaN between launches, and
// where each launch begins. Each point is the median of so many epochs. There are no gaps
// where launches are too many for them, or have one epoch each.
func joined(launches [][]float64, n int) (values []float64, begins []int, each int) {
	longest, all := 0, 0
	for _, l := range launches {
		longest, all = max(longest, len(l)), all+len(l)
	}
	const fewest = 3 // columns of a launch and its gap
	if len(launches) == 1 || longest == 1 || len(launches)*fewest > n {
		values, each = condensed(slices.Concat(launches...), n)
		return values, nil, each
	}
	for each = 1; ; each++ {
		values, begins = nil, nil
		for i, l := range launches {
			if i > 0 {
				values = append(values, math.NaN())
			}
			begins = append(begins, len(values))
			for part := range slices.Chunk(l, each) {
				values = append(values, stats.Median(part))
			}
		}
		if len(values) <= n || each >= longest {
			return values, begins, each
		}
	}
}

// launchMarks numbers launches where they begin, as far as there is room.
func launchMarks(begins, numbers []int, axis, width int) string {
	out := []byte(strings.Repeat(" ", width+4))
	free := 0
	for i, begin := range begins {
		text := strconv.Itoa(numbers[i])
		if at := axis + begin; at >= free {
			copy(out[at:], text)
			free = at + len(text) + 1
		}
	}
	return strings.TrimRight(string(out), " ")
}

// condensed returns at most n values, the medians of so many consecutive ones each.
func condensed(values []float64, n int) (out []float64, each int) {
	each = (len(values) + n - 1) / n
	for part := range slices.Chunk(values, each) {
		out = append(out, stats.Median(part))
	}
	return out, each
}
