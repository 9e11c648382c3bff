package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"epochtime/harness/dataset"
	datafiles "epochtime/harness/dataset/files"
	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/internal/flaghint"
)

func newData(s streams) *cobra.Command {
	f := &dataVerb{}
	cmd := &cobra.Command{
		Use:   "data FILE...",
		Short: "Show what data files hold, and which graphs they fit",
		Long: `Reads data files whole and shows their columns. Then reads them for every
exported graph as a run does, and names what keeps them from fitting. Images are
listed and not decoded; a run names one that is damaged.

` + report.Wrap("", "Formats: "+datafiles.Readable()+".", helpWidth),
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
	to, err := openOutput("--json", f.json, s.out, sources...)
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
	Hint   string `json:"hint,omitempty"` // which flag mends it
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
			one.Reason, one.Hint = plain(err.Error(), c.Sources, "graph "+m.Name+", "), strings.TrimPrefix(hint(err), ": ")
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

// plain is the text of an error without its class, the files and another beginning.
func plain(text string, sources []string, known string) string {
	files := strings.Join(sources, ", ")
	for _, begins := range []string{dataset.ErrUnfit.Error() + ": ", dataset.ErrUnreadable.Error() + ": ", known, files + ": ", files + " ", known} {
		text = strings.TrimPrefix(text, begins)
	}
	if inside, ok := strings.CutPrefix(text, "("); ok { // an array of an archive
		if name, what, ok := strings.Cut(inside, "): "); ok {
			return name + " " + strings.TrimPrefix(what, "it ")
		}
	}
	return text
}
