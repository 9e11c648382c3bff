package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"epochtime/harness/dataset"
	datafiles "epochtime/harness/dataset/files"
	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/internal/flaghint"
	"epochtime/internal/harmless"
)

func newData(s streams) *cobra.Command {
	f := &dataVerb{}
	cmd := &cobra.Command{
		Use:   "data FILE...",
		Short: "Show what data files hold, and which graphs they fit",
		Long: `Reads data files whole and shows their columns. Then reads them for every
exported graph as a run does, and names what keeps them from fitting. Images are
listed and not decoded; a run names one that is damaged.`,
		Example: "  epochtime data testdata/digits.npz\n  epochtime data 'part-*.csv' --input y=label\n  epochtime data table.parquet --json -",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("say which files to read, as in 'epochtime data testdata/digits.npz'")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, args) },
	}
	f.graphs.add(cmd.Flags())
	addSettings(cmd.Flags(), &f.config, selectSettings("input", "header", "tokens", "window", "image-size", "preprocess"))
	cmd.Flags().StringVar(&f.json, "json", "", "write the columns, and which graphs fit, as JSON to `FILE`; - is stdout")
	return cmd
}

// dataVerb is the command line of data.
type dataVerb struct {
	graphs graphFlags
	config record.Config
	json   string
}

func (f *dataVerb) run(ctx context.Context, s streams, sources []string) error {
	to, err := openOutput("--json", f.json, s.out)
	if err != nil {
		return err
	}
	choice := dataset.Choice{
		Sources: sources, Inputs: f.config.Inputs, Header: f.config.Header, Tokens: f.config.Tokens, Window: f.config.Window,
		ImageSize: f.config.ImageSize, Preprocess: f.config.Preprocess,
	}
	d, err := describe(ctx, choice)
	if err != nil {
		return input(err)
	}
	found, _, err := graph.List(f.graphs.root)
	if err != nil {
		return err
	}
	fitting, err := fits(ctx, found, choice)
	if err != nil {
		return err
	}
	out := described{Description: d, Graphs: fitting}
	err = to.Fill(func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", " ")
		return enc.Encode(out)
	})
	if err != nil || f.json == "-" {
		return err
	}
	_, err = fmt.Fprint(s.out, out.text(f.graphs.root, widthOf(s.out)))
	return err
}

// describe describes the files as the choice reads them.
func describe(ctx context.Context, c dataset.Choice) (*datafiles.Description, error) {
	size, err := graph.ParseImageSize(c.ImageSize)
	if err != nil {
		return nil, err
	}
	d, err := datafiles.Describe(ctx, dataset.Request{
		Sources: c.Sources, Header: c.Header, Text: dataset.TextOptions{Tokens: c.Tokens, Window: c.Window}, ImageSize: size,
	})
	if err != nil {
		return nil, err
	}
	for i, column := range d.Columns {
		reason := plain(column.Unusable, c.Sources, "column "+column.Name+" ")
		d.Columns[i].Unusable = strings.TrimPrefix(strings.TrimPrefix(reason, "("+column.Name+"): "), "it ")
	}
	return d, nil
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
	Inputs string `json:"inputs,omitempty"` // flags with which it does
	Reason string `json:"reason,omitempty"`
}

// fits tries the data on all graphs. It ends early once ctx is done.
func fits(ctx context.Context, found []*graph.Manifest, c dataset.Choice) ([]fit, error) {
	out := []fit{}
	for _, m := range found {
		one := fit{Graph: filepath.Base(m.Dir), Fits: true}
		err := tryData(ctx, m, c)
		if offer := (*dataset.Offer)(nil); errors.As(err, &offer) {
			named := c
			named.Inputs = offer.Columns
			if err = tryData(ctx, m, named); err == nil {
				one.Inputs = flaghint.Inputs(offer.Columns)
			}
		}
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

// reasonOf is an error without what the line says already.
func reasonOf(err error, name string, sources []string) string {
	return plain(err.Error()+hint(err), sources, "graph "+name+", ")
}

// plain is the text of an error without its class, the files and another beginning.
func plain(text string, sources []string, known string) string {
	files := strings.Join(sources, ", ")
	for _, begins := range []string{dataset.ErrUnfit.Error() + ": ", dataset.ErrUnreadable.Error() + ": ", known, files + ": ", files + " ", known} {
		text = strings.TrimPrefix(text, begins)
	}
	return text
}

// text is the table of columns, the graphs that fit, and the others by reason.
func (d *described) text(root string, width int) string {
	var rows []table.Row
	for _, c := range d.Columns {
		if c.Unusable != "" {
			rows = append(rows, table.Row{c.Name, string(c.DType), "", "not usable"})
			continue
		}
		rows = append(rows, table.Row{c.Name, string(c.DType), shapeText(c), valuesText(c)})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %s examples, %s\n\n", harmless.Text(strings.Join(d.Sources, ", ")), d.Kind, report.Count(d.Examples), humanize.IBytes(uint64(d.Bytes)))
	fmt.Fprintf(&b, "%s\n\n", report.Grid(table.Row{"column", "type", "example", "values"}, rows, width))
	b.WriteString(d.notes(width))
	if len(d.Graphs) == 0 {
		fmt.Fprintf(&b, "%s holds no graphs to try it on.\n", root)
		return b.String()
	}
	b.WriteString(d.verdict(width))
	return b.String()
}

// verdict lists the graphs that fit, by the flags that they need, and the others by
// reason.
func (d *described) verdict(width int) string {
	var flags, reasons []string
	yes, no := map[string][]string{}, map[string][]string{}
	for _, g := range d.Graphs {
		to, key, order := yes, g.Inputs, &flags
		if !g.Fits {
			to, key, order = no, g.Reason, &reasons
		}
		if to[key] == nil {
			*order = append(*order, key)
		}
		to[key] = append(to[key], g.Graph)
	}
	var b strings.Builder
	for _, inputs := range flags {
		with := "Fits"
		if inputs != "" {
			with += " with " + inputs
		}
		fmt.Fprintln(&b, report.Wrap(with+": ", strings.Join(yes[inputs], ", "), width))
	}
	if len(reasons) > 0 {
		fmt.Fprintln(&b, "Does not fit:")
	}
	for _, reason := range reasons {
		fmt.Fprintln(&b, report.Wrap("  ", strings.Join(no[reason], ", ")+": "+reason, width))
	}
	return b.String()
}

// notes are the warnings, and why columns are of no use.
func (d *described) notes(width int) string {
	var b strings.Builder
	for _, text := range d.Warnings {
		fmt.Fprintln(&b, report.Wrap("Warning: ", text, width))
	}
	if !slices.ContainsFunc(d.Columns, func(c datafiles.ColumnDescription) bool { return c.Unusable != "" }) {
		return b.String()
	}
	fmt.Fprintln(&b, "Not usable:")
	for _, c := range d.Columns {
		if c.Unusable != "" {
			fmt.Fprintln(&b, report.Wrap("  ", c.Name+" "+c.Unusable, width))
		}
	}
	b.WriteString("\n")
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
	if len(parts) == 0 {
		return "–"
	}
	return strings.Join(parts, ", ")
}
