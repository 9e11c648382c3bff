package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// Titles names each run of a record by its graph, the settings that tell it from
// the other runs of that graph, and its side.
func Titles(runs []record.Run) []string {
	out := setting.Titles(runs)
	for i, r := range runs {
		if r.Side != "" {
			out[i] += ", side " + r.Side
		}
	}
	return out
}

// varied are what runs of one table differ in: settings, the graph, TensorFlow.
type varied struct {
	names  []string
	values [][]string // of each run, one for each name
}

// varying returns what runs differ in; the graph's name where that is nothing.
func varying(runs []record.Run) varied {
	v := varied{values: make([][]string, len(runs))}
	configs := make([]record.Config, len(runs))
	graphs, versions := make([]string, len(runs)), make([]string, len(runs))
	for i, r := range runs {
		configs[i], graphs[i], versions[i] = r.Config, r.Graph.Name, tensorFlow(r)
	}
	settings := setting.Differing(configs...)
	if differ(graphs) || len(settings) == 0 && !differ(versions) {
		v.add("graph", graphs)
	}
	for _, s := range settings {
		column := make([]string, len(runs))
		for i, c := range configs {
			column[i] = s.Shown(c)
		}
		v.add(s.Name, column)
	}
	if differ(versions) {
		v.add("tensorflow", versions)
	}
	return v
}

func (v *varied) add(name string, column []string) {
	v.names = append(v.names, name)
	for i := range column {
		v.values[i] = append(v.values[i], column[i])
	}
}

// differ reports whether known values differ; a run without launches has none.
func differ(column []string) bool {
	known := slices.DeleteFunc(slices.Clone(column), func(v string) bool { return v == none })
	return len(known) > 0 && slices.ContainsFunc(known, func(v string) bool { return v != known[0] })
}

// tensorFlow is the version that the run's first launch to name one had.
func tensorFlow(r record.Run) string {
	for _, l := range r.Launches {
		if l.TensorFlow != "" {
			return l.TensorFlow
		}
	}
	return none
}

// label names a run by what it differs in, as in "batch 64, intra-op 2".
func (v varied) label(run int) string {
	var out []string
	for i, name := range v.names {
		if value := v.values[run][i]; value != "" { // such as epochs where a run trains for a time
			out = append(out, name+" "+value)
		}
	}
	return strings.Join(out, ", ")
}

// change names a run by what it changes of the first, as in "cnn-jit, intra-op 2".
func (v varied) change(run int) string {
	var out []string
	for i, name := range v.names {
		switch value := v.values[run][i]; {
		case name == "graph":
			out = append(out, value)
		case value != v.values[0][i] && value != "":
			out = append(out, name+" "+value)
		}
	}
	if len(out) == 0 {
		return "default"
	}
	return strings.Join(out, ", ")
}

// line is one line of a table about runs: its lead, the run, and other cells.
type line struct {
	lead  string
	run   int
	cells table.Row
}

// grid lays out lines with a column for each thing that runs differ in, behind
// their leads, whose header is lead; there are none where that is empty. It
// reports whether the table fits into width columns; 0 is unlimited.
func (v varied) grid(lead string, header table.Row, lines []line, width int) (string, bool) {
	head := table.Row{}
	if lead != "" {
		head = append(head, lead)
	}
	for _, name := range v.names {
		head = append(head, name)
	}
	var rows []table.Row
	for _, l := range lines {
		row := table.Row{}
		if lead != "" {
			row = append(row, l.lead)
		}
		for _, value := range v.values[l.run] {
			row = append(row, value)
		}
		rows = append(rows, append(row, l.cells...))
	}
	head = append(head, header...)
	out := Grid(head, rows, 0)
	if width == 0 || Widest(out) <= width {
		return out, true
	}
	out = grid(head, rows, widestCell(head, rows, 0), shortest) // as if the last column were notes
	return out, head[len(head)-1] == "" && Widest(out) <= width
}

// labelled lays out lines that are too wide for grid: a column of labels stands
// first and is broken into lines.
func labelled(label func(run int) string, lead string, header table.Row, lines []line, width int) string {
	head := table.Row{"settings"}
	if lead != "" {
		head = append(head, lead)
	}
	var rows []table.Row
	for _, l := range lines {
		row := table.Row{label(l.run)}
		if lead != "" {
			row = append(row, l.lead)
		}
		rows = append(rows, append(row, l.cells...))
	}
	return Grid(append(head, header...), rows, width)
}

// Launches counts a run's ok launches, and all of them where some are not ok, as in
// "4 of 6".
func Launches(r record.Run) string {
	ok := 0
	for _, l := range r.Launches {
		if l.Status == record.OK {
			ok++
		}
	}
	if ok == len(r.Launches) {
		return Count(ok)
	}
	return fmt.Sprintf("%d of %d", ok, len(r.Launches))
}
