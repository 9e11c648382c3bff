package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/record"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// scaling writes how models train on several devices of a machine against one, with a bar
// of the efficiency.
func scaling(w io.Writer, rec *record.Record, width int) {
	list := stats.ScalingOf(rec)
	if len(list) == 0 {
		return
	}
	header, rows := ScalingTable(rec)
	fmt.Fprintf(w, "\n%s\n\n", Grid(header, rows, width))
	for _, sentence := range ScalingNotes(rec) {
		fmt.Fprintln(w, Wrap("", sentence, width))
	}
	fmt.Fprintln(w)
	most, room := 1.0, max(4, min(mostAxis, cmp.Or(width, readable)/2-10))
	for _, s := range list {
		most = math.Max(most, s.Efficiency.Median)
	}
	labels, widest := make([]string, len(list)), 0
	for i, s := range list {
		labels[i] = fmt.Sprintf("%s, %d, %s", rows[i][0], s.Devices, s.Kind)
		widest = max(widest, columns(labels[i]))
	}
	widest = min(widest, cmp.Or(width, readable)/2)
	for i, s := range list {
		full := int(math.Round(s.Efficiency.Median / most * float64(room)))
		fmt.Fprintf(w, "%s  %s  %s\n", pad(snip(labels[i], widest), widest), pad(strings.Repeat("█", full), room), percent(s.Efficiency.Median))
	}
}

// ScalingTable is the table of how models scale; without rows where none does.
func ScalingTable(rec *record.Record) (table.Row, []table.Row) {
	var rows []table.Row
	titles := Titles(rec.Runs)
	for _, s := range stats.ScalingOf(rec) {
		interval := none
		if s.Efficiency.Known() {
			interval = percent(s.Efficiency.Low) + " – " + percent(s.Efficiency.High)
		}
		rows = append(rows, table.Row{harmless.Text(titles[s.Base]), Count(s.Devices), s.Kind, Count(s.Batch), fmt.Sprintf("%.2f", s.SpeedUp.Median), percent(s.Efficiency.Median), interval})
	}
	return table.Row{"model", "devices", "scaling", "batch", "speed-up", "efficiency", "95 % interval"}, rows
}

// ScalingNotes say what the table of how models scale shows.
func ScalingNotes(rec *record.Record) []string {
	if len(stats.ScalingOf(rec)) == 0 {
		return nil
	}
	return []string{
		"Strong scaling is that of one batch, cut into a part for each device; weak scaling that of a batch as many times larger. Efficiency is the speed-up over the number of devices, by blocks of launches.",
	}
}
