// Package report writes measurements for people: aligned tables in units chosen
// for reading.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// column is one column of a table of runs.
type column struct {
	title string
	cell  func(record.Run) string
}

// The columns in order; narrow terminals get them in two tables.
var (
	timing = []column{
		{"batch", func(r record.Run) string { return resolved(r, func(v record.Resolved) int { return v.Batch }) }},
		{"steps", func(r record.Run) string { return resolved(r, func(v record.Resolved) int { return v.Steps }) }},
		{"epoch time", summary(func(s record.Summary) string { return Seconds(s.EpochSeconds.Median) })},
		{"95 % interval", summary(func(s record.Summary) string { return Range(s.EpochSeconds) })},
		{"examples/s", summary(func(s record.Summary) string { return Rate(s.ExamplesPerSecond) })},
	}
	surroundings = []column{
		{"preparing", summary(func(s record.Summary) string { return percent(s.WaitShare) })},
		{"first step", summary(func(s record.Summary) string { return Seconds(s.FirstStepSeconds) })},
		{"peak memory", summary(func(s record.Summary) string { return Bytes(s.PeakRSS) })},
		{"final loss", summary(func(s record.Summary) string { return Loss(s.FinalLoss) })},
	}
	model = column{"parameters", func(r record.Run) string { return Count(r.Graph.Parameters) }}
)

func summary(cell func(record.Summary) string) func(record.Run) string {
	return func(r record.Run) string {
		if r.Summary == nil {
			return none
		}
		return cell(*r.Summary)
	}
}

func resolved(r record.Run, value func(record.Resolved) int) string {
	for _, l := range r.Launches {
		if v := value(l.Resolved); v > 0 {
			return Count(v)
		}
	}
	return none
}

// Table writes one line a run, then what there is to say about the numbers.
// width is that of the terminal; 0 is unlimited.
func Table(w io.Writer, rec *record.Record, width int) {
	whole := append(append([]column{model}, timing...), surroundings...)
	out := runs(rec.Runs, whole, 0)
	if width > 0 && Widest(out) > width {
		out = runs(rec.Runs, timing, width) + "\n\n" + runs(rec.Runs, append([]column{model}, surroundings...), width)
	}
	fmt.Fprintln(w, out)
	notes(w, rec, width)
}

func runs(list []record.Run, columns []column, width int) string {
	header := table.Row{"graph"}
	for _, c := range columns {
		header = append(header, c.title)
	}
	var rows []table.Row
	for _, r := range list {
		row := table.Row{r.Title()}
		for _, c := range columns {
			row = append(row, c.cell(r))
		}
		rows = append(rows, row)
	}
	return Grid(header, rows, width)
}

// shortest is how far a column is narrowed.
const shortest = 8

// Grid lays rows out in columns, the first to the left, the others to the right.
// Where that takes more than width columns (0 is unlimited), the first column is
// broken into lines, then the last.
func Grid(header table.Row, rows []table.Row, width int) string {
	first, last := widestCell(header, rows, 0), widestCell(header, rows, len(header)-1)
	out := grid(header, rows, first, last)
	if extra := Widest(out) - width; width > 0 && extra > 0 {
		first = max(first-extra, shortest)
		out = grid(header, rows, first, last)
	}
	if extra := Widest(out) - width; width > 0 && extra > 0 {
		out = grid(header, rows, first, max(last-extra, shortest))
	}
	return out
}

func widestCell(header table.Row, rows []table.Row, column int) int {
	n := columns(fmt.Sprint(header[column]))
	for _, row := range rows {
		n = max(n, columns(fmt.Sprint(row[column])))
	}
	return n
}

func grid(header table.Row, rows []table.Row, first, last int) string {
	t := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	var configs []table.ColumnConfig
	for i := range header {
		c := table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight}
		switch i {
		case 0:
			c = table.ColumnConfig{Number: 1, WidthMax: first, WidthMaxEnforcer: text.WrapHard}
		case len(header) - 1:
			c.WidthMax, c.WidthMaxEnforcer = last, text.WrapSoft
		}
		configs = append(configs, c)
	}
	t.SetColumnConfigs(configs)
	t.AppendHeader(header)
	t.AppendRows(rows)
	lines := strings.Split(t.Render(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// longestWarning keeps a worker's long message from pushing the table off the
// screen; the record has all of it.
const longestWarning = 400

// notes says what the numbers are, and every warning.
func notes(w io.Writer, rec *record.Record, width int) {
	var list []string
	if note := about(rec); note != "" {
		list = append(list, Wrap("", note, width))
	}
	for _, cost := range feeding(rec) {
		list = append(list, Wrap("", cost, width))
	}
	for _, r := range rec.Runs {
		for _, warning := range r.Warnings {
			list = append(list, Wrap("warning: ", r.Title()+": "+text.Snip(warning, longestWarning, "…"), width))
		}
	}
	if len(list) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(list, "\n"))
	}
}

// about says what the epoch times are; nothing where there are none.
func about(rec *record.Record) string {
	fewest, most := launches(rec)
	if most == 0 {
		return ""
	}
	out := "Epoch time is the median of " + counted(fewest, most)
	if most >= stats.MinLaunches {
		out += ", its interval by order statistics"
	}
	if fewest < stats.MinLaunches {
		out += fmt.Sprintf(". An interval takes %d launches or more", stats.MinLaunches)
	}
	if rec.Plan.Blocks < stats.MinLaunches {
		out += fmt.Sprintf(": --launches %d", stats.MinLaunches)
	}
	return out + "."
}

func counted(fewest, most int) string {
	switch {
	case most == 1:
		return "the epochs of 1 launch"
	case fewest == most:
		return fmt.Sprintf("%d launch medians", most)
	}
	return fmt.Sprintf("%d to %d launch medians", fewest, most)
}

// launches is the fewest and the most ok launches of any run that has some.
func launches(rec *record.Record) (fewest, most int) {
	for _, r := range rec.Runs {
		if r.Summary == nil {
			continue
		}
		if n := r.Summary.Launches; fewest == 0 || n < fewest {
			fewest = n
		}
		most = max(most, r.Summary.Launches)
	}
	return fewest, most
}

// Article writes the figure that the published examples print, labelled as what
// it is: a mean over all measured epochs, without a spread.
func Article(w io.Writer, rec *record.Record) {
	name := 0
	for _, r := range rec.Runs {
		name = max(name, columns(r.Title()))
	}
	fmt.Fprintln(w, "\nThe article's own figure, the mean over all measured epochs:")
	for _, r := range rec.Runs {
		if r.Summary != nil {
			fmt.Fprintf(w, "  %-*s  Average epoch time: %.6f seconds\n", name, r.Title(), r.Summary.MeanEpochSeconds)
		}
	}
}
