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
	top, asJSON := 0, false
	cmd := &cobra.Command{
		Use:   "trace FILE",
		Short: "Show what takes the time in a traced step",
		Long: `Shows which operations take the time of a step that 'epochtime run --trace FILE'
has traced: for each device, by type of operation. Shares are of the device's
busy time, the sum of its operations' times. Tracing slows a step, one of many
small operations up to nine times: compare shares, not times.

The same FILE opens in ui.perfetto.dev and chrome://tracing.`,
		Example: "  epochtime run cnn --trace cnn.trace.json\n  epochtime trace cnn.trace.json --top 5",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("name one file that 'epochtime run --trace FILE' has written")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if top < 1 {
				return usagef("--top %d: a table has at least one line", top)
			}
			t, err := readTrace(args[0])
			if err != nil {
				return err
			}
			devices := trace.Summarize(t.Spans)
			if asJSON {
				enc := json.NewEncoder(s.out)
				enc.SetIndent("", " ")
				return enc.Encode(map[string]any{"about": t.About, "devices": devices})
			}
			report.Ops(s.out, t.About, devices, top, cmp.Or(widthOf(s.out), helpWidth))
			return nil
		},
	}
	cmd.Flags().IntVar(&top, "top", 10, "`N` types of operations to show of each device")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print all of them as JSON")
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

// openTrace opens the file of --trace, and finds before anything runs what cannot
// be traced.
func (f *runFlags) openTrace(rec *record.Record) (output.Target, error) {
	graphs := map[string]bool{}
	for _, r := range rec.Runs {
		graphs[r.Graph.SHA256] = true
	}
	switch {
	case f.trace == "":
		return output.Target{}, nil
	case f.trace == "-":
		return output.Target{}, usagef("--trace - is no file: name one")
	case len(graphs) != 1:
		return output.Target{}, usagef("--trace FILE holds a step of one graph, and %d are named", len(graphs))
	case rec.Runs[0].Config.Executor == record.SingleThreaded:
		return output.Target{}, usagef("--trace sees nothing of the executor %s: leave out one of the two flags", record.SingleThreaded)
	case absolute(f.trace) == absolute(f.json):
		return output.Target{}, usagef("--trace and --json name the same file")
	}
	return openOutput("--trace", f.trace, nil)
}

// traceAfter traces a step once all timed launches are done. measured is how they
// went. A trace that fails leaves their record as it is.
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
	text := fmt.Sprintf("One more step, not timed, is traced in %s. %s 'epochtime trace %s' shows the rest.",
		to, report.Bottleneck(trace.Summarize(t.Spans)), to)
	fmt.Fprintf(out, "\n%s\n", report.Wrap("", text, widthOf(out)))
	return measured
}
