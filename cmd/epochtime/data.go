package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
	"epochtime/harness/report"
)

func newData(s streams) *cobra.Command {
	f, reading := &graphFlags{}, &dataFlags{}
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "data FILE...",
		Short: "Show what data files hold, and which graphs they fit",
		Long: `Reads data files whole and shows their columns, then tries every graph that
was exported: what keeps data from fitting a graph is named before anything
runs. Images are listed and not decoded; a run names one that is damaged.`,
		Example: "  epochtime data testdata/digits.npz\n  epochtime data 'part-*.csv' --input y=label\n  epochtime data table.parquet --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("say which files to read, as in 'epochtime data testdata/digits.npz'")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			columns, err := reading.columns()
			if err != nil {
				return err
			}
			d, err := dataset.Describe(args)
			if err != nil {
				return input(err)
			}
			found, _, err := graph.List(f.root)
			if err != nil {
				return err
			}
			out := described{Description: d, Graphs: fits(found, args, columns)}
			if asJSON {
				enc := json.NewEncoder(s.out)
				enc.SetIndent("", " ")
				return enc.Encode(out)
			}
			_, err = fmt.Fprint(s.out, out.text(f.root, widthOf(s.out)))
			return err
		},
	}
	f.add(cmd.Flags())
	cmd.Flags().StringArrayVar(&reading.inputs, "input", nil, "`NAME=COLUMN` the column that feeds an input or target; several columns stand between commas (repeatable)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

// described is what the verb shows.
type described struct {
	*dataset.Description
	Graphs []fit `json:"graphs"`
}

// fit says whether a graph takes the data, and if not, why.
type fit struct {
	Graph  string `json:"graph"`
	Fits   bool   `json:"fits"`
	Reason string `json:"reason,omitempty"`
}

// fits tries the data on all graphs.
func fits(found []*graph.Manifest, sources []string, columns map[string]string) []fit {
	out := []fit{}
	for _, m := range found {
		one := fit{Graph: filepath.Base(m.Dir), Fits: true}
		if err := tryData(m, sources, columns); err != nil {
			one.Fits = false
			one.Reason = reasonOf(err, m.Name, sources)
		}
		out = append(out, one)
	}
	return out
}

// tryData reads the data as a launch of the graph does.
func tryData(m *graph.Manifest, sources []string, columns map[string]string) error {
	names := m.ArrayNames()
	for name, column := range columns {
		names[name] = column
	}
	set, err := dataset.Open(dataset.Request{Sources: sources, Tensors: m.DataTensors(), Columns: names})
	if err != nil {
		return err
	}
	return errors.Join(set.Fit(m), set.Close())
}

// reasonOf is an error without what the line says already.
func reasonOf(err error, name string, sources []string) string {
	text := err.Error()
	for _, known := range []string{dataset.ErrUnfit.Error() + ": ", dataset.ErrUnreadable.Error() + ": ", "graph " + name + ", ", strings.Join(sources, ", ") + ": ", strings.Join(sources, ", ") + " "} {
		text = strings.TrimPrefix(text, known)
	}
	return text
}

// text is the table of columns, and a line for each graph.
func (d *described) text(root string, width int) string {
	var rows []table.Row
	for _, c := range d.Columns {
		rows = append(rows, table.Row{c.Name, string(c.DType), shapeText(c), valuesText(c)})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %s examples, %s\n\n", strings.Join(d.Sources, ", "), d.Kind, report.Count(d.Examples), humanize.IBytes(uint64(d.Bytes)))
	fmt.Fprintf(&b, "%s\n\n", report.Grid(table.Row{"column", "type", "example", "values"}, rows, width))
	if len(d.Graphs) == 0 {
		fmt.Fprintf(&b, "%s holds no graphs to try it on.\n", root)
		return b.String()
	}
	var yes, no []string
	for _, g := range d.Graphs {
		if g.Fits {
			yes = append(yes, g.Graph)
		} else {
			no = append(no, fmt.Sprintf("  %s: %s\n", g.Graph, g.Reason))
		}
	}
	if len(yes) > 0 {
		fmt.Fprintf(&b, "Fits: %s\n", strings.Join(yes, ", "))
	}
	if len(no) > 0 {
		fmt.Fprintf(&b, "Does not fit:\n%s", strings.Join(no, ""))
	}
	return b.String()
}

// shapeText is the shape of an example, as in 28×28×1; a sequence's first
// dimension is its shortest and longest length, as in 3–50.
func shapeText(c dataset.ColumnDescription) string {
	var parts []string
	if len(c.Lengths) == 2 {
		parts = append(parts, fmt.Sprintf("%d–%d", c.Lengths[0], c.Lengths[1]))
	}
	for _, n := range c.Shape {
		parts = append(parts, fmt.Sprint(n))
	}
	if len(parts) == 0 {
		return "one"
	}
	return strings.Join(parts, "×")
}

func valuesText(c dataset.ColumnDescription) string {
	switch {
	case c.Low != nil:
		return fmt.Sprintf("%.6g … %.6g", *c.Low, *c.High)
	case c.Distinct >= dataset.MostDistinct:
		return report.Count(c.Distinct) + " or more different"
	case c.Distinct > 0:
		return report.Count(c.Distinct) + " different"
	}
	return "–"
}
