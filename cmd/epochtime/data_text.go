package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"

	datafiles "epochtime/harness/dataset/files"
	"epochtime/harness/report"
)

// How much is shown of long lists; JSON has all of them.
const (
	firstColumns, lastColumns = 20, 5
	mostFiles                 = 3
	mostNames                 = 12
)

// text is the table of columns, the graphs that fit, and the others by reason.
func (d *described) text(root string, width int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", report.Wrap("", fmt.Sprintf("%s: %s, %s%s", d.files(), d.Kind, d.examples(), humanize.IBytes(uint64(d.Bytes))), width))
	fmt.Fprintf(&b, "%s\n\n", report.Grid(table.Row{"column", "type", "example", "values"}, d.rows(), width))
	b.WriteString(d.notes(width))
	if len(d.Graphs) == 0 {
		fmt.Fprintf(&b, "%s holds no graphs to try it on.\n", root)
		return b.String()
	}
	b.WriteString(d.fitting(width))
	return b.String()
}

// files names the files, the first and the last of many.
func (d *described) files() string {
	if n := len(d.Sources); n > mostFiles {
		return fmt.Sprintf("%s … %s (%s files)", d.Sources[0], d.Sources[n-1], report.Count(n))
	}
	return strings.Join(d.Sources, ", ")
}

// examples says how many there are, if a column is of use that tells.
func (d *described) examples() string {
	switch d.Examples {
	case 0:
		return ""
	case 1:
		return "1 example, "
	}
	return report.Count(d.Examples) + " examples, "
}

// rows are those of the columns, of many the first and the last.
func (d *described) rows() []table.Row {
	var out []table.Row
	for i, c := range d.Columns {
		left := len(d.Columns) - firstColumns - lastColumns
		switch {
		case left > 1 && i == firstColumns:
			out = append(out, table.Row{fmt.Sprintf("… %s more", report.Count(left)), "", "", ""})
		case left > 1 && i > firstColumns && i < firstColumns+left:
		case c.Unusable != "":
			out = append(out, table.Row{c.Name, string(c.DType), "", "not usable"})
		default:
			out = append(out, table.Row{c.Name, string(c.DType), shapeText(c), valuesText(c)})
		}
	}
	return out
}

// notes are the warnings, and why columns are of no use.
func (d *described) notes(width int) string {
	var b strings.Builder
	for _, text := range d.Warnings {
		fmt.Fprintln(&b, report.Wrap("Warning: ", text, width))
	}
	if len(d.Warnings) > 0 {
		b.WriteString("\n")
	}
	var unusable groups
	for _, c := range d.Columns {
		if c.Unusable != "" {
			unusable.add(c.Name, c.Unusable)
		}
	}
	if len(unusable) == 0 {
		return b.String()
	}
	fmt.Fprintln(&b, "Not usable:")
	for _, g := range unusable {
		fmt.Fprintln(&b, report.Wrap("  ", g.some()+" "+g.reason, width))
	}
	b.WriteString("\n")
	return b.String()
}

// fitting lists the graphs that take the data, and the others by reason, with the
// flags that mend it.
func (d *described) fitting(width int) string {
	var b strings.Builder
	var hints []string
	var yes, no groups
	for _, g := range d.Graphs {
		if g.Fits {
			with := "Fits"
			if g.Inputs != "" {
				with += " with " + g.Inputs
			}
			yes.add(g.Graph, with)
			continue
		}
		no.add(g.Graph, g.Reason)
		if g.Hint != "" && !slices.Contains(hints, g.Hint) {
			hints = append(hints, g.Hint)
		}
	}
	for _, g := range yes {
		fmt.Fprintln(&b, report.Wrap(g.reason+": ", strings.Join(g.names, ", "), width))
	}
	if len(no) > 0 {
		fmt.Fprintln(&b, "Does not fit:")
	}
	for _, g := range no {
		fmt.Fprintln(&b, report.Wrap("  ", strings.Join(g.names, ", ")+": "+g.reason, width))
	}
	if len(hints) > 0 {
		b.WriteString("\n")
	}
	for _, text := range hints {
		fmt.Fprintln(&b, report.Wrap("", text+".", width))
	}
	return b.String()
}

// groups are names by what is said of them, in the order of the first of each.
type groups []group

type group struct {
	reason string
	names  []string
}

func (g *groups) add(name, reason string) {
	i := slices.IndexFunc(*g, func(o group) bool { return o.reason == reason })
	if i < 0 {
		i = len(*g)
		*g = append(*g, group{reason: reason})
	}
	(*g)[i].names = append((*g)[i].names, name)
}

// some are the names, of many the first.
func (g group) some() string {
	if n := len(g.names); n > mostNames {
		return fmt.Sprintf("%s, … (%s columns)", strings.Join(g.names[:mostNames], ", "), report.Count(n))
	}
	return strings.Join(g.names, ", ")
}

// shapeText is the shape of an example, as in 28×28×1; a sequence's first
// dimension is its shortest and longest length, as in 3–50.
func shapeText(c datafiles.ColumnDescription) string {
	var parts []string
	if len(c.Lengths) == 2 {
		parts = append(parts, fmt.Sprintf("%d–%d", c.Lengths[0], c.Lengths[1]))
	}
	for _, n := range c.Shape {
		parts = append(parts, fmt.Sprint(n))
	}
	switch {
	case c.Images && len(parts) == 0:
		return "any size"
	case len(parts) == 0:
		return "one"
	}
	return strings.Join(parts, "×")
}

func valuesText(c datafiles.ColumnDescription) string {
	var parts []string
	switch {
	case c.Low != nil:
		parts = append(parts, fmt.Sprintf("%.6g … %.6g", *c.Low, *c.High))
	case c.Distinct >= datafiles.MostDistinct:
		parts = append(parts, report.Count(c.Distinct)+" or more different")
	case c.Distinct > 0:
		parts = append(parts, report.Count(c.Distinct)+" different")
	}
	for _, some := range []struct {
		n    int
		what string
	}{{c.Missing, "missing"}, {c.NaN, "NaN"}, {c.Infinite, "infinite"}} {
		if some.n > 0 {
			parts = append(parts, report.Count(some.n)+" "+some.what)
		}
	}
	if c.Examples > 0 {
		parts = append(parts, report.Count(c.Examples)+" examples")
	}
	switch {
	case c.Images && len(parts) == 0:
		return "images"
	case len(parts) == 0:
		return "–"
	}
	return strings.Join(parts, ", ")
}
