package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"

	"epochtime/harness/record"
	"epochtime/internal/harmless"
)

// Bars draws the throughput of each point of a sweep, in the sweep's order: a bar of
// examples per second, with its interval, and where memory ended. It is at most width
// columns wide; 0 is 80. A sweep without a point that worked has none.
func Bars(w io.Writer, rec *record.Record, width int) {
	width = cmp.Or(width, readable)
	v, best := varying(rec.Runs), Best(rec.Runs)
	if best < 0 {
		return
	}
	names, rates := make([]string, len(rec.Runs)), make([]string, len(rec.Runs))
	var widestName, widestRate int
	most := 0.0
	for i, r := range rec.Runs {
		names[i], rates[i] = barName(v, i), none
		if r.Summary != nil {
			rates[i] = Rate(r.Summary.ExamplesPerSecond)
			most = math.Max(most, upperRate(r.Summary))
		}
		widestName, widestRate = max(widestName, columns(names[i])), max(widestRate, columns(rates[i]))
	}
	widestName = min(widestName, width/3)
	room := max(4, min(mostAxis, width-widestName-widestRate-4-len("  best")))
	fmt.Fprintf(w, "\n%s\n\n", Wrap("", "Examples per second by "+strings.Join(v.names, ", ")+":", width))
	for i, r := range rec.Runs {
		note := PointNote(r, i == best)
		if note != "" && note != "out of memory" && note != "failed" {
			note = "best"
		}
		line := pad(snip(names[i], widestName), widestName) + "  "
		switch {
		case r.Summary == nil && note != "":
			line += "× " + note
		case r.Summary == nil:
			line += "not measured"
		default:
			line += pad(bar(r.Summary, most, room), room) + "  " + padLeft(rates[i], widestRate) + "  " + note
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// barName names a point by its values alone, which the heading explains.
func barName(v varied, run int) string { return harmless.Text(strings.Join(v.values[run], ", ")) }

// upperRate is the largest examples per second that a summary leaves possible.
func upperRate(s *record.Summary) float64 {
	if low := float64(s.EpochSeconds.Low); s.EpochSeconds.Known() && low > 0 {
		return s.ExamplesPerSecond * s.EpochSeconds.Median / low
	}
	return s.ExamplesPerSecond
}

// eighths are parts of a column.
var eighths = []rune(" ▏▎▍▌▋▊▉")

// bar draws a rate on a scale whose end is most, with a line over its interval where that
// is longer than a column.
func bar(s *record.Summary, most float64, room int) string {
	if !(most > 0) || !finite(s.ExamplesPerSecond) {
		return ""
	}
	at := func(rate float64) float64 { return math.Max(0, math.Min(1, rate/most)) * float64(room) }
	full := at(s.ExamplesPerSecond)
	out := []rune(strings.Repeat("█", int(full)))
	if rest := int((full - math.Floor(full)) * 8); rest > 0 {
		out = append(out, eighths[rest])
	}
	if len(out) == 0 {
		out = []rune("▏") // it is more than nothing
	}
	high := int(math.Round(at(upperRate(s))))
	for len(out) < high-1 {
		out = append(out, '─')
	}
	if len(out) < high {
		out = append(out, '┤')
	}
	return string(out)
}
