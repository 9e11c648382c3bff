// Package report writes measurements for people: aligned tables, in units that read
// well.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"epochtime/harness/record"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// column is one column of a table of runs.
type column struct {
	title string
	cell  func(record.Run) string
}

// The columns in order, with those of besides between. Narrow terminals get them in
// several tables.
var (
	timing = []column{
		{"batch", func(r record.Run) string { return resolved(r, func(v record.Resolved) int { return v.Batch }) }},
		{"steps", func(r record.Run) string { return resolved(r, func(v record.Resolved) int { return v.Steps }) }},
		{"epoch time", summary(func(s record.Summary) string { return Seconds(s.EpochSeconds.Median) })},
		{"95 % interval", summary(func(s record.Summary) string { return Range(s.EpochSeconds) })},
		{"examples/s", summary(func(s record.Summary) string { return Rate(s.ExamplesPerSecond) })},
	}
	surroundings = []column{
		{"waiting", summary(func(s record.Summary) string { return percent(s.WaitShare) })},
		{"first step", summary(FirstStep)},
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

// runsTable writes one line for each run, then notes and warnings.
func runsTable(w io.Writer, rec *record.Record, width int) {
	beside := besides(rec.Runs)
	out := runs(rec.Runs, slices.Concat([]column{model}, timing, beside, surroundings), 0)
	if width > 0 && Widest(out) > width {
		out = runs(rec.Runs, timing, width) + "\n\n"
		if len(beside) > 0 {
			out += runs(rec.Runs, beside, width) + "\n\n"
		}
		out += runs(rec.Runs, append([]column{model}, surroundings...), width)
	}
	fmt.Fprintln(w, out)
	notes(w, rec, width)
}

func runs(list []record.Run, columns []column, width int) string {
	titles := Titles(list)
	header := table.Row{"graph"}
	for _, c := range columns {
		header = append(header, c.title)
	}
	var rows []table.Row
	for i, r := range list {
		row := table.Row{titles[i]}
		for _, c := range columns {
			row = append(row, c.cell(r))
		}
		rows = append(rows, row)
	}
	return Grid(header, rows, width)
}

// shortest is how far a column is narrowed.
const shortest = 8

// Grid lays rows out in columns, the first and one of Prose aligned left, the others right. Where
// that takes more than width columns of text (0 is unlimited), the first column is
// broken into lines, then the last; a last column without a header comes first. Words
// are broken only where nothing else fits. Cells are shown as harmless.Text does; one of
// type Lines has several lines.
func Grid(header table.Row, rows []table.Row, width int) string {
	out := narrowed(header, rows, width, func(column int) int { return longestWord(header, rows, column) })
	if width > 0 && Widest(out) > width {
		out = narrowed(header, rows, width, func(int) int { return shortest })
	}
	return out
}

// narrowed is Grid with columns that are no narrower than least says of each.
func narrowed(header table.Row, rows []table.Row, width int, least func(column int) int) string {
	end := len(header) - 1
	widths := map[int]int{0: widestCell(header, rows, 0), end: widestCell(header, rows, end)}
	out := grid(header, rows, widths[0], widths[end])
	order := []int{0, end}
	if header[end] == "" { // notes are text, which breaks better than names
		slices.Reverse(order)
	}
	for _, column := range order {
		if extra := Widest(out) - width; width > 0 && extra > 0 {
			widths[column] = max(widths[column]-extra, min(widths[column], least(column)))
			out = grid(header, rows, widths[0], widths[end])
		}
	}
	return out
}

// grids is Grid where that fits into width, and else two tables: the second has the
// columns from the one at, behind the first column.
func grids(header table.Row, rows []table.Row, at, width int) string {
	if width == 0 || Widest(Grid(header, rows, 0)) <= width {
		return Grid(header, rows, width)
	}
	var left, right []table.Row
	for _, row := range append([]table.Row{header}, rows...) {
		left = append(left, row[:at])
		right = append(right, append(table.Row{row[0]}, row[at:]...))
	}
	return Grid(left[0], left[1:], width) + "\n\n" + Grid(right[0], right[1:], width)
}

// Lines are the lines of one cell of a table.
type Lines []string

// Prose is a cell of text in the last column, whose lines begin under one another where
// it is broken.
type Prose string

// endsInProse reports whether the last column is of Prose.
func endsInProse(rows []table.Row) bool {
	return slices.ContainsFunc(rows, func(row table.Row) bool {
		_, prose := row[len(row)-1].(Prose)
		return prose
	})
}

// cellText is a cell as it is shown.
func cellText(cell any) string {
	lines, several := cell.(Lines)
	if !several {
		return harmless.Text(fmt.Sprint(cell))
	}
	shown := make([]string, len(lines))
	for i, line := range lines {
		shown[i] = harmless.Text(line)
	}
	return strings.Join(shown, "\n")
}

func shownRow(row table.Row) table.Row {
	out := make(table.Row, len(row))
	for i, cell := range row {
		out[i] = cellText(cell)
	}
	return out
}

func widestCell(header table.Row, rows []table.Row, column int) int {
	n := Widest(cellText(header[column]))
	for _, row := range rows {
		n = max(n, Widest(cellText(row[column])))
	}
	return n
}

// longestWord is how wide a column is in which no word is broken.
func longestWord(header table.Row, rows []table.Row, column int) int {
	n := 0
	for _, row := range append([]table.Row{header}, rows...) {
		for word := range strings.FieldsSeq(cellText(row[column])) {
			n = max(n, columns(word))
		}
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
			c = table.ColumnConfig{Number: 1, WidthMax: first, WidthMaxEnforcer: text.WrapSoft}
		case len(header) - 1:
			c.WidthMax, c.WidthMaxEnforcer = last, text.WrapSoft
			if endsInProse(rows) {
				c.Align, c.AlignHeader = text.AlignLeft, text.AlignLeft
			}
		}
		configs = append(configs, c)
	}
	t.SetColumnConfigs(configs)
	t.AppendHeader(shownRow(header))
	for _, row := range rows {
		t.AppendRow(shownRow(row))
	}
	lines := strings.Split(t.Render(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// longestWarning keeps a long message of a worker from pushing the table off the
// screen. The record has all of it.
const longestWarning = 400

// notes writes what the numbers are, what feeding costs, and every warning.
func notes(w io.Writer, rec *record.Record, width int) {
	var list []string
	if note := about(rec); note != "" {
		list = append(list, Wrap("", note, width))
	}
	if note := WholeEpochs(rec.Runs); note != "" {
		list = append(list, Wrap("", note, width))
	}
	if note := EnergyNote(rec); note != "" {
		list = append(list, Wrap("", note, width))
	}
	if note := outOfTime(rec); note != "" {
		list = append(list, Wrap("", note, width))
	}
	if note := notNarrow(rec); note != "" {
		list = append(list, Wrap("", note, width))
	}
	titles := Titles(rec.Runs)
	for i, r := range rec.Runs {
		if r.Summary != nil && len(r.Summary.Metrics) > 0 {
			list = append(list, Wrap("metrics: ", titles[i]+": "+Metrics(r.Summary.Metrics)+".", width))
		}
	}
	for i := range rec.Runs {
		if text := Utilization(rec, i); text != "" {
			list = append(list, Wrap("", titles[i]+": "+text, width))
		}
	}
	for _, cost := range feeding(rec) {
		list = append(list, Wrap("", cost, width))
	}
	for i, r := range rec.Runs {
		for _, warning := range allWarnings(r) {
			list = append(list, Wrap("warning: ", titles[i]+": "+snip(warning, longestWarning), width))
		}
	}
	if len(list) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(list, "\n"))
	}
}

// about describes the epoch times; it is empty where there are none.
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
	return out + "."
}

// outOfTime says that a time limit left launches out; it is empty if it did not.
func outOfTime(rec *record.Record) string {
	if rec.Plan.MaxTime == 0 || rec.Status != record.Complete || rec.Plan.Kind == record.KindTune {
		return ""
	}
	fewest := rec.Plan.Blocks
	for _, r := range rec.Runs {
		if r.Factor != nil && len(stats.Failures(&r)) > 0 {
			continue // it is not launched again
		}
		fewest = min(fewest, len(r.Launches))
	}
	if fewest == rec.Plan.Blocks {
		return ""
	}
	return fmt.Sprintf("The time limit of %s left launches out: %d of %d were made of every configuration.", Seconds(rec.Plan.MaxTime), fewest, rec.Plan.Blocks)
}

// notNarrow names the runs whose intervals are wider than was asked for; it is empty
// if there are none.
func notNarrow(rec *record.Record) string {
	var wide []string
	titles := Titles(rec.Runs)
	for i, r := range rec.Runs {
		switch {
		case rec.Plan.Until == 0 || r.Summary == nil:
		case !r.Summary.EpochSeconds.Known():
			wide = append(wide, titles[i]+" (none)")
		case stats.Width(r.Summary.EpochSeconds) > rec.Plan.Until:
			wide = append(wide, fmt.Sprintf("%s (%s)", titles[i], percent(stats.Width(r.Summary.EpochSeconds))))
		}
	}
	if len(wide) == 0 {
		return ""
	}
	return fmt.Sprintf("The launches ended before every interval was within %.3g %% of its median: %s.", 100*rec.Plan.Until, strings.Join(wide, ", "))
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

// launches returns the fewest and the most ok launches of the runs that have any.
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

// article writes the figure that published examples print, labelled as what it is:
// a mean over all measured epochs, without a spread.
func article(w io.Writer, rec *record.Record) {
	name := 0
	for _, r := range rec.Runs {
		name = max(name, columns(harmless.Text(r.Title())))
	}
	fmt.Fprintln(w, "\nThe article's own figure, the mean over all measured epochs:")
	for _, r := range rec.Runs {
		if r.Summary != nil {
			fmt.Fprintf(w, "  %-*s  Average epoch time: %.6f seconds\n", name, harmless.Text(r.Title()), r.Summary.MeanEpochSeconds)
		}
	}
}
