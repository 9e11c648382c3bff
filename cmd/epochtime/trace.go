package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/trace"
	"epochtime/internal/output"
)

func newTrace(s streams) *cobra.Command {
	var top int
	var asJSON string
	cmd := &cobra.Command{
		Use:   "trace FILE",
		Short: "Show which operations take the time of a step",
		Long: `Shows which operations take the time of a step that 'epochtime run --trace FILE'
has traced: for each device, by type of operation. Shares are of the device's
busy time, the sum of the times of its operations. Tracing slows a step, by up
to nine times if it has many small operations: compare shares, not times.

ui.perfetto.dev and chrome://tracing open the same FILE.`,
		Example: "  epochtime run cnn --trace cnn.trace.json\n  epochtime trace cnn.trace.json --top 5",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("name one file that 'epochtime run --trace FILE' has written")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if top < 1 {
				return usagef("--top %d: it takes at least 1", top)
			}
			to, err := openOutput("--json", asJSON, s.out, args...)
			if err != nil {
				return err
			}
			t, err := readTrace(args[0])
			if err != nil {
				return err
			}
			devices := trace.Summarize(t.Spans)
			err = to.Fill(func(w io.Writer) error {
				enc := json.NewEncoder(w)
				enc.SetIndent("", " ")
				return enc.Encode(map[string]any{"about": t.About, "devices": devices})
			})
			if err != nil || asJSON == "-" {
				return err
			}
			report.Ops(s.out, t.About, devices, top, cmp.Or(widthOf(s.out), helpWidth))
			return nil
		},
	}
	cmd.Flags().IntVar(&top, "top", 10, "show `N` types of operations per device")
	cmd.Flags().StringVar(&asJSON, "json", "", "write all of them as JSON to `FILE`; - is stdout")
	return cmd
}

func readTrace(path string) (*trace.Trace, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, input(err)
	}
	defer f.Close()
	t, err := trace.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: 'epochtime run GRAPH --trace FILE' writes one", path, err)
	}
	return t, nil
}

// openTrace opens the file of --trace, and reports what cannot be traced before
// anything runs.
func (f *runFlags) openTrace(rec *record.Record) (output.Target, error) {
	graphs := map[string]bool{}
	for _, r := range rec.Runs {
		graphs[r.Graph.SHA256] = true
	}
	switch {
	case f.trace == "":
		return output.Target{}, nil
	case f.trace == "-":
		return output.Target{}, usagef("--trace - is not a file: name one")
	case len(graphs) != 1:
		return output.Target{}, usagef("--trace is for one graph, and %d are named", len(graphs))
	}
	if err := traceable(rec.Runs[0].Config); err != nil {
		return output.Target{}, err
	}
	return openOutput("--trace", f.trace, nil)
}

// traceAfter traces a step after all timed launches, of which measured is the error.
// A trace that fails does not change their record.
func traceAfter(ctx context.Context, s streams, session *measure.Session, measured error, to output.Target, out io.Writer) error {
	t, err := session.Trace(ctx)
	if err == nil {
		err = to.Fill(func(w io.Writer) error { return trace.Write(w, t) })
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		fmt.Fprintf(s.err, "warning: no step was traced: %v\n", err)
		return errFailed
	}
	text := fmt.Sprintf("The trace of one more step, which was not timed, is in %s. %s 'epochtime trace %s' shows the rest.",
		to, report.Bottleneck(trace.Summarize(t.Spans)), to)
	fmt.Fprintf(out, "\n%s\n", report.Wrap("", text, widthOf(out)))
	return measured
}
