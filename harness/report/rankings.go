package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// Rankings writes the places of several records for each configuration that they
// share, with how many times as fast the first is. width is that of the terminal;
// 0 is unlimited.
func Rankings(w io.Writer, r *compare.Rankings, width int) {
	lines := cmp.Or(width, readable)
	for i, ranking := range r.Rankings {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s\n\n%s\n\n", harmless.Text(ranking.Title), places(ranking, width))
		for _, sentence := range timesFaster(ranking) {
			fmt.Fprintln(w, Wrap("", sentence, lines))
		}
		for _, doubt := range ranking.Doubts {
			fmt.Fprintln(w, Wrap("doubt: ", doubt, lines))
		}
	}
	alone := TrainingAlone(placed(r))
	if len(r.LeftOut) > 0 || len(r.Doubts) > 0 || alone != "" {
		fmt.Fprintln(w)
	}
	if alone != "" {
		fmt.Fprintln(w, Wrap("", alone, lines))
	}
	if len(r.LeftOut) > 0 {
		fmt.Fprintln(w, Wrap("", fmt.Sprintf("Not ranked: %s.", several(r.LeftOut)), lines))
	}
	for _, doubt := range r.Doubts {
		fmt.Fprintln(w, Wrap("doubt: ", doubt, lines))
	}
	scripts(w, placed(r), lines)
}

// placed are the runs of all rankings.
func placed(r *compare.Rankings) []record.Run {
	var out []record.Run
	for _, ranking := range r.Rankings {
		for _, p := range ranking.Places {
			out = append(out, *p.Run)
		}
	}
	return out
}

func places(r compare.Ranking, width int) string {
	time := "epoch time"
	if r.PerExample {
		time = "time per example"
	}
	header := table.Row{"record", "place", time, "launches", "times the first's", "interval"}
	var rows []table.Row
	for i, p := range r.Places {
		place := strconv.Itoa(i + 1)
		if math.IsNaN(p.Seconds) {
			place = none
		}
		rows = append(rows, table.Row{p.Name, place, Seconds(p.Seconds), Launches(*p.Run), times(p.Ratio.Median), timesRange(p.Ratio)})
	}
	return Grid(header, rows, width)
}

// timesFaster compares the first place with each of the others, in sentences.
func timesFaster(r compare.Ranking) []string {
	var out []string
	for _, p := range r.Places[1:] {
		if !finite(p.Ratio.Median) {
			continue
		}
		verb, sure := "is", fmt.Sprintf(" (%.3g %% interval %s)", 100*p.Ratio.Confidence, timesRange(p.Ratio))
		if !p.Ratio.Known() {
			verb, sure = "seems", ", but there is no interval, so it is not sure"
		}
		how := times(p.Ratio.Median) + " times faster than"
		if times(p.Ratio.Median) == times(1) {
			how = "as fast as"
		}
		out = append(out, fmt.Sprintf("%s %s %s %s%s.", r.Places[0].Name, verb, how, p.Name, sure))
	}
	return out
}

// times formats a ratio with three significant digits.
func times(v float64) string {
	if !finite(v) {
		return none
	}
	return digits(v, v)
}

func timesRange(r stats.Ratio) string {
	if !r.Known() {
		return none
	}
	return digits(r.Low, r.High) + "–" + digits(r.High, r.High)
}
