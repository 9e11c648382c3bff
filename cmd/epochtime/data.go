package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"epochtime/harness/dataset"
	datafiles "epochtime/harness/dataset/files"
	"epochtime/harness/graph"
	"epochtime/harness/report"
	"epochtime/internal/flaghint"
)

func newData(s streams) *cobra.Command {
	f := &dataVerb{}
	cmd := &cobra.Command{
		Use:   "data FILE...",
		Short: "Show what data files hold, and which graphs they fit",
		Long: `Reads data files whole and shows their columns, then reads them for every graph
that was exported, as a run would: what keeps data from fitting a graph is named
before anything runs. Images are listed and not decoded; a run names one that is
damaged.`,
		Example: "  epochtime data testdata/digits.npz\n  epochtime data 'part-*.csv' --input y=label\n  epochtime data table.parquet --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("say which files to read, as in 'epochtime data testdata/digits.npz'")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.reading.check(cmd.Flags().Changed); err != nil {
				return err
			}
			return f.run(cmd.Context(), s, args)
		},
	}
	f.graphs.add(cmd.Flags())
	f.reading.addReading(cmd.Flags())
	cmd.Flags().StringArrayVar(&f.preprocess, "preprocess", nil, "`STEP` on an input, as in run (repeatable)")
	cmd.Flags().BoolVar(&f.json, "json", false, "print it as JSON")
	return cmd
}

// dataVerb is the command line of data.
type dataVerb struct {
	graphs     graphFlags
	reading    dataFlags
	preprocess []string
	json       bool
}

func (f *dataVerb) run(ctx context.Context, s streams, sources []string) error {
	columns, err := f.reading.columns()
	if err != nil {
		return err
	}
	d, err := datafiles.Describe(ctx, sources)
	if err != nil {
		return err
	}
	found, _, err := graph.List(f.graphs.root)
	if err != nil {
		return err
	}
	fitting, err := fits(ctx, found, dataset.Choice{
		Sources: sources, Inputs: columns, Tokens: f.reading.tokens, Window: f.reading.window, ImageSize: f.reading.imageSize, Preprocess: f.preprocess,
	})
	if err != nil {
		return err
	}
	out := described{Description: d, Graphs: fitting}
	if f.json {
		enc := json.NewEncoder(s.out)
		enc.SetIndent("", " ")
		return enc.Encode(out)
	}
	_, err = fmt.Fprint(s.out, out.text(f.graphs.root, widthOf(s.out)))
	return err
}

// described is what the verb shows.
type described struct {
	*datafiles.Description
	Graphs []fit `json:"graphs"`
}

// fit says whether a graph takes the data, and if not, why.
type fit struct {
	Graph  string `json:"graph"`
	Fits   bool   `json:"fits"`
	Reason string `json:"reason,omitempty"`
}

// fits tries the data on all graphs. It ends early once ctx is done.
func fits(ctx context.Context, found []*graph.Manifest, c dataset.Choice) ([]fit, error) {
	out := []fit{}
	for _, m := range found {
		one := fit{Graph: filepath.Base(m.Dir), Fits: true}
		err := tryData(ctx, m, c)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			one.Fits = false
			one.Reason = reasonOf(err, m.Name, c.Sources)
		}
		out = append(out, one)
	}
	return out, nil
}

// tryData reads the data as a launch of the graph does.
func tryData(ctx context.Context, m *graph.Manifest, c dataset.Choice) error {
	q, err := c.Request(m)
	if err != nil {
		return err
	}
	set, err := datafiles.Open(ctx, q)
	if err != nil {
		return err
	}
	return errors.Join(set.FitContext(ctx, m), set.Close())
}

// hinted is an error with the flag that mends it, if one does.
func hinted(err error) string {
	if hint := flaghint.For(err); hint != "" && !errors.Is(err, errUsage) {
		return err.Error() + ": " + hint
	}
	return err.Error()
}

// reasonOf is an error without what the line says already.
func reasonOf(err error, name string, sources []string) string {
	text := hinted(err)
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
func shapeText(c datafiles.ColumnDescription) string {
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

func valuesText(c datafiles.ColumnDescription) string {
	switch {
	case c.Low != nil:
		return fmt.Sprintf("%.6g … %.6g", *c.Low, *c.High)
	case c.Distinct >= datafiles.MostDistinct:
		return report.Count(c.Distinct) + " or more different"
	case c.Distinct > 0:
		return report.Count(c.Distinct) + " different"
	}
	return "–"
}
