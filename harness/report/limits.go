package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// limitTitles name what a probe finds, without a precision.
var limitTitles = map[string]string{
	record.RateMatMul: "matrix product", record.RateConv: "convolution", record.RateMemory: "memory",
	record.RateToDevice: "host to device", record.RateFromDevice: "device to host",
	record.RateEmptyStep: "empty step", record.RateEmptyStepCaller: "empty step on the calling thread",
}

// LimitTitle returns the name of a limit for people, as in "matrix product, float32".
func LimitTitle(name string) string {
	if title, ok := limitTitles[name]; ok {
		return title
	}
	kind, precision, _ := strings.Cut(name, "-")
	if title, ok := limitTitles[kind]; ok {
		return title + ", " + precision
	}
	return name
}

// Limit formats a limit in the unit that reads best; – where there is none.
func Limit(v float64, unit string) string {
	if v == 0 {
		return none
	}
	format, name := limitUnit(v, unit)
	return format(v) + name
}

// LimitRange formats the interval of a limit, both ends in the unit of the upper one.
func LimitRange(i record.Interval, unit string) string {
	if !i.Known() {
		return none
	}
	format, name := limitUnit(float64(i.High), unit)
	return format(float64(i.Low)) + "–" + format(float64(i.High)) + name
}

// limitUnit is timeUnit for the units of limits.
func limitUnit(like float64, unit string) (format func(float64) string, name string) {
	if unit == record.Second {
		return timeUnit(like)
	}
	value, prefix := scale(like, prefixes...)
	return func(v float64) string { return digits(v/value, like/value) }, " " + prefix + shortUnits[unit]
}

var (
	prefixes   = []prefix{{1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}}
	shortUnits = map[string]string{record.FlopPerSecond: "FLOP/s", record.BytePerSecond: "B/s"}
)

// limits writes what a probe found, a table for each machine and number of threads.
func limits(w io.Writer, rec *record.Record, width int) {
	for i, l := range rec.Limits {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, Wrap("", "The limits of "+LimitsOf(rec, l)+":", width))
		fmt.Fprintln(w)
		var rows []table.Row
		for _, r := range l.Rates {
			rows = append(rows, table.Row{LimitTitle(r.Name), Limit(r.Value.Median, r.Unit), LimitRange(r.Value, r.Unit)})
		}
		fmt.Fprintln(w, Grid(table.Row{"limit", "median", "95 % interval"}, rows, width))
		if notes := LimitNotes(l); len(notes) > 0 {
			fmt.Fprintln(w)
			for _, note := range notes {
				fmt.Fprintln(w, Wrap("- ", note, width))
			}
		}
	}
	for _, note := range launchNotes(rec) {
		fmt.Fprintln(w, "\n"+Wrap("", note, width))
	}
}

// LimitNotes says of what limits are, or why they are not known, each note once.
func LimitNotes(l record.Limits) []string {
	var notes []string
	of := map[string][]string{}
	for _, r := range l.Rates {
		if r.Note == "" {
			continue
		}
		if len(of[r.Note]) == 0 {
			notes = append(notes, r.Note)
		}
		of[r.Note] = append(of[r.Note], LimitTitle(r.Name))
	}
	for i, note := range notes {
		notes[i] = strings.Join(of[note], "; ") + ": " + snip(note, longestWarning)
	}
	return notes
}

// LimitsOf says what limits are of, as in "lab, cpu, 8 threads, TensorFlow 2.21.0".
func LimitsOf(rec *record.Record, l record.Limits) string {
	out := []string{l.Device, fmt.Sprintf("%d threads", l.Threads), "TensorFlow " + l.TensorFlow}
	if l.Threads == 1 {
		out[1] = "1 thread"
	}
	if l.Machine < len(rec.Machines) {
		out = append([]string{rec.Machines[l.Machine].Title()}, out...)
	}
	return strings.Join(out, ", ")
}

// launchNotes are what a probe's numbers are, and what failed.
func launchNotes(rec *record.Record) []string {
	var out []string
	for _, r := range rec.Runs {
		ok := 0
		for _, l := range r.Launches {
			if l.Status == record.OK {
				ok++
			}
		}
		if ok > 0 {
			out = append(out, probedBy(ok))
		}
		for _, warning := range allWarnings(r) {
			out = append(out, "warning: "+snip(warning, longestWarning))
		}
	}
	return out
}

func probedBy(launches int) string {
	if launches == 1 {
		return fmt.Sprintf("Each is of the fastest call in 1 launch. An interval takes %d launches or more.", stats.MinLaunches)
	}
	out := fmt.Sprintf("Each is the median of %d launches, of the fastest call in each.", launches)
	if launches < stats.MinLaunches {
		out += fmt.Sprintf(" An interval takes %d launches or more.", stats.MinLaunches)
	}
	return out
}
