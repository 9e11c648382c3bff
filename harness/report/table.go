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
	out := runs(rec.Runs, whole)
	if width > 0 && widest(out) > width {
		out = runs(rec.Runs, timing) + "\n\n" + runs(rec.Runs, append([]column{model}, surroundings...))
	}
	fmt.Fprintln(w, out)
	notes(w, rec)
}

func runs(list []record.Run, columns []column) string {
	header := table.Row{"graph"}
	for _, c := range columns {
		header = append(header, c.title)
	}
	var rows []table.Row
	for _, r := range list {
		row := table.Row{r.Graph.Name}
		for _, c := range columns {
			row = append(row, c.cell(r))
		}
		rows = append(rows, row)
	}
	return Grid(header, rows)
}

// Grid lays rows out in columns, the first to the left, the others to the right.
func Grid(header table.Row, rows []table.Row) string {
	t := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	var configs []table.ColumnConfig
	for i := range header {
		align := text.AlignRight
		if i == 0 {
			align = text.AlignLeft
		}
		configs = append(configs, table.ColumnConfig{Number: i + 1, Align: align, AlignHeader: align})
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

func widest(s string) int {
	n := 0
	for line := range strings.Lines(s) {
		n = max(n, text.StringWidthWithoutEscSequences(strings.TrimRight(line, "\n")))
	}
	return n
}

// notes says what the numbers are, and every warning.
func notes(w io.Writer, rec *record.Record) {
	fewest, most := launches(rec)
	fmt.Fprintln(w)
	switch {
	case most == 0:
	case fewest < stats.MinLaunches:
		fmt.Fprintf(w, "Epoch time is the median of %s. An interval takes %d launches or more: --launches %d.\n",
			counted(fewest, most), stats.MinLaunches, stats.MinLaunches)
	default:
		fmt.Fprintf(w, "Epoch time is the median of %s, its interval by order statistics.\n", counted(fewest, most))
	}
	for _, r := range rec.Runs {
		for _, text := range r.Warnings {
			fmt.Fprintf(w, "warning: %s: %s\n", r.Graph.Name, text)
		}
	}
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
	fmt.Fprintln(w, "\nThe article's own figure, the mean over all measured epochs:")
	for _, r := range rec.Runs {
		if r.Summary != nil {
			fmt.Fprintf(w, "  %-8s Average epoch time: %.6f seconds\n", r.Graph.Name, r.Summary.MeanEpochSeconds)
		}
	}
}
