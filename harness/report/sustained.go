package report

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/record"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// sliceRows is how many rows a long launch is shown in.
const sliceRows = 10

// sustained writes how the speed of each long launch went on: a table over its time, with
// what the machine was like beside it, and what its end takes against its beginning.
func sustained(w io.Writer, rec *record.Record, width int) {
	eachLong(rec, func(title string, c record.Config, l record.Launch, s stats.Sustained) {
		fmt.Fprintf(w, "\n%s, %s in %s:\n\n", harmless.Text(title), epochCount(s.Epochs), Seconds(s.Seconds))
		fmt.Fprintf(w, "%s\n\n", slicesTable(stats.Slices(l, max(1, min(sliceRows, s.Epochs))), width))
		fmt.Fprintln(w, Wrap("", pace(title, s, c.For), width))
	})
}

func epochCount(n int) string {
	if n == 1 {
		return "1 epoch"
	}
	return Count(n) + " epochs"
}

// Paces says of each long launch, in a sentence, how its speed went on.
func Paces(rec *record.Record) []string {
	var out []string
	eachLong(rec, func(title string, c record.Config, _ record.Launch, s stats.Sustained) {
		out = append(out, pace(title, s, c.For))
	})
	return out
}

// Pace says in a sentence how the speed of a launch went on; empty where it measured
// nothing.
func Pace(title string, c record.Config, l record.Launch) string {
	s, ok := stats.SustainedOf(l)
	if !ok {
		return ""
	}
	return pace(title, s, c.For)
}

// eachLong calls do with each launch that was to measure for a time.
func eachLong(rec *record.Record, do func(title string, c record.Config, l record.Launch, s stats.Sustained)) {
	titles := Titles(rec.Runs)
	for i, r := range rec.Runs {
		for k, l := range r.Launches {
			title := titles[i]
			if len(r.Launches) > 1 {
				title += fmt.Sprintf(", launch %d", k+1)
			}
			if s, ok := stats.SustainedOf(l); ok && r.Config.Timed() {
				do(title, r.Config, l, s)
			}
		}
	}
}

// sliceColumns are the columns of a long launch, each with whether a slice has it.
var sliceColumns = []struct {
	title string
	cell  func(stats.Slice) string
	known func(stats.Slice) bool
}{
	{"epoch time", func(s stats.Slice) string { return Seconds(s.Seconds) }, func(stats.Slice) bool { return true }},
	{"clock", func(s stats.Slice) string { return clockRate(s.Clock) }, func(s stats.Slice) bool { return s.Clock > 0 }},
	{"CPU", func(s stats.Slice) string { return degrees(s.Heat) }, func(s stats.Slice) bool { return s.Heat > 0 }},
	{"throttled", func(s stats.Slice) string { return fmt.Sprintf("%d times", s.Throttled) }, func(s stats.Slice) bool { return s.Throttled > 0 }},
	{"GPU clock", func(s stats.Slice) string { return clockRate(s.GPUClock) }, func(s stats.Slice) bool { return s.GPUClock > 0 }},
	{"GPU", func(s stats.Slice) string { return degrees(s.GPUHeat) }, func(s stats.Slice) bool { return s.GPUHeat > 0 }},
	{"power", func(s stats.Slice) string { return watts(s.Watts) }, func(s stats.Slice) bool { return s.Watts > 0 }},
}

func slicesTable(list []stats.Slice, width int) string {
	header := table.Row{"from"}
	rows := make([]table.Row, len(list))
	for i, s := range list {
		rows[i] = table.Row{Seconds(s.From)}
	}
	for _, c := range sliceColumns {
		known := false
		for _, s := range list {
			known = known || c.known(s)
		}
		if !known {
			continue
		}
		header = append(header, c.title)
		for i, s := range list {
			rows[i] = append(rows[i], c.cell(s))
		}
	}
	return Grid(header, rows, width)
}

// pace says in words how the speed of a long launch went on. asked is the time that was
// asked for, in seconds.
func pace(title string, s stats.Sustained, asked float64) string {
	if s.Epochs == 1 && s.Seconds > asked {
		return fmt.Sprintf("%s: one epoch takes %s, longer than the %s asked for. A longer time shows whether this machine holds its speed.", title, Seconds(s.Seconds), Seconds(asked))
	}
	parts := fmt.Sprintf("%s takes %s per epoch in the first %s and %s in the last", title, Seconds(s.First), Seconds(s.Part), Seconds(s.Last))
	if !s.Ratio.Known() {
		return parts + ". A longer time shows whether this machine holds its speed: these epochs are too few for an interval."
	}
	parts += fmt.Sprintf(" (%s, 95 %% interval %s, of batch means).", Change(s.Ratio.Median), Changes(s.Ratio))
	after := Seconds(s.Changed)
	if s.Changed >= 120 {
		after = fmt.Sprintf("%.0f minutes", math.Round(s.Changed/60))
	}
	switch s.Pace {
	case stats.PaceSlower:
		return fmt.Sprintf("This machine slows down by %.3g %% after about %s: %s", 100*(s.Ratio.Median-1), after, parts)
	case stats.PaceFaster:
		return fmt.Sprintf("This machine gets faster by %.3g %% after about %s: %s", 100*(1-s.Ratio.Median), after, parts)
	case stats.PaceHolds:
		return "This machine holds its speed: " + parts
	}
	return "Whether this machine holds its speed cannot be told: " + parts
}

func clockRate(mhz float64) string {
	if mhz <= 0 {
		return none
	}
	return strings.TrimSuffix(fmt.Sprintf("%.2f", mhz/1000), ".00") + " GHz"
}

func degrees(v float64) string {
	if v <= 0 {
		return none
	}
	return fmt.Sprintf("%.0f °C", v)
}

func watts(v float64) string {
	if v <= 0 {
		return none
	}
	return Watts(v)
}

// overTime draws the epoch time of a long launch over its time.
func overTime(w io.Writer, title string, l record.Launch, width int) {
	s, ok := stats.SustainedOf(l)
	if !ok {
		return
	}
	const axis = 12 // of most curves
	var values []float64
	for _, part := range stats.Slices(l, max(2, min(width-axis, s.Epochs))) {
		if !math.IsNaN(part.Seconds) {
			values = append(values, part.Seconds)
		} else if len(values) > 0 { // an epoch that is longer than a column
			values = append(values, values[len(values)-1])
		}
	}
	text, _, _ := curve(values, stripHeight, width)
	fmt.Fprintf(w, "\n%s, epoch time over %s\n\n%s\n", harmless.Text(title), Seconds(s.Seconds), text)
}
