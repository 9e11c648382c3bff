package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"epochtime/harness/graph"
	"epochtime/harness/report"
	"epochtime/internal/harmless"
)

func newList(s streams) *cobra.Command {
	f := &graphFlags{}
	var asJSON string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the exported graphs",
		Example: "  epochtime list\n  epochtime list --json -",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			to, err := openOutput("--json", asJSON, s.out)
			if err != nil {
				return err
			}
			found, broken, err := graph.List(f.root)
			if err != nil {
				return err
			}
			for _, err := range broken {
				fmt.Fprintln(s.err, "warning:", err)
			}
			err = to.Fill(func(w io.Writer) error {
				enc := json.NewEncoder(w)
				enc.SetIndent("", " ")
				return enc.Encode(append([]*graph.Manifest{}, found...))
			})
			if err != nil || asJSON == "-" {
				return err
			}
			if len(found) == 0 {
				fmt.Fprintf(s.out, "There are no graphs in %s: 'epochtime export linear cnn rnn' makes some.\n", harmless.Text(f.root))
				return nil
			}
			fmt.Fprintln(s.out, graphTable(found, widthOf(s.out)))
			return nil
		},
	}
	f.add(cmd.Flags())
	cmd.Flags().StringVar(&asJSON, "json", "", "write the manifests as JSON to `FILE`; - is stdout")
	return cmd
}

// graphTable returns a table of graphs, without the optimizer if it would be too wide.
func graphTable(found []*graph.Manifest, width int) string {
	header := table.Row{"graph", "parameters", "FLOP/example", "samples", "batch", "epochs", "optimizer", "variant"}
	var rows []table.Row
	for _, m := range found {
		batch := "full"
		if m.Settings.Batch != nil {
			batch = report.Count(*m.Settings.Batch)
		}
		rows = append(rows, table.Row{
			filepath.Base(m.Dir), report.Count(m.Model.Parameters), flops(m),
			report.Count(m.Settings.Samples), batch, report.Count(m.Settings.Epochs), m.Model.Optimizer.Name, traits(m),
		})
	}
	whole := report.Grid(header, rows, 0)
	if width == 0 || report.Widest(whole) <= width {
		return whole
	}
	for i, row := range rows {
		rows[i] = slices.Delete(row, 6, 7)
	}
	return report.Grid(slices.Delete(header, 6, 7), rows, width)
}

// flops returns the operations per example, which an exporter cannot always count.
func flops(m *graph.Manifest) string {
	if m.Model.FlopsPerExample == 0 {
		return "–"
	}
	return report.Amount(m.Model.FlopsPerExample)
}

// traits returns in what a graph differs from a plain export.
func traits(m *graph.Manifest) string {
	var out []string
	add := func(yes bool, text string) {
		if yes {
			out = append(out, text)
		}
	}
	add(m.Variant.Precision != "float32", m.Variant.Precision)
	add(m.Variant.JIT, "jit")
	add(m.Variant.Unroll, "unroll")
	add(m.Variant.Fused, "fused")
	add(m.Variant.Device == graph.ForGPU, "for a GPU")
	add(m.Variant.Parts > 1, fmt.Sprintf("%d parts", m.Variant.Parts))
	add(m.Variant.Replicas > 1, fmt.Sprintf("%d replicas", m.Variant.Replicas))
	add(m.Variant.Batch != nil, "fixed batch")
	add(m.Data.Kind == "file", "own data")
	if m.Script != nil {
		out = append(out, filepath.Base(m.Script.File)+", "+m.Script.Place())
	}
	if len(out) == 0 {
		return "–"
	}
	return strings.Join(out, ", ")
}
