package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"epochtime/harness/graph"
	"epochtime/harness/protocol"
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
		return nil, err
	}
	defer f.Close()
	t, err := trace.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: 'epochtime run GRAPH --trace FILE' writes one", path, err)
	}
	return t, nil
}

// checkTrace finds, before anything runs, what cannot be traced.
func (f *runFlags) checkTrace(manifests []*graph.Manifest) error {
	switch {
	case f.trace == "":
	case f.trace == "-":
		return usagef("--trace - is no file: name one")
	case len(manifests) != 1:
		return usagef("--trace FILE holds a step of one graph, and %d are named", len(manifests))
	case f.worker.executor == "single-threaded":
		return usagef("--trace sees nothing of the executor %s: leave out one of the two flags", f.worker.executor)
	case absolute(f.trace) == absolute(f.json):
		return usagef("--trace and --json name the same file")
	}
	return nil
}

// traceAfter traces a step once all timed launches are done. measured is how they
// went. A trace that fails leaves their record as it is.
func (m *measurement) traceAfter(ctx context.Context, measured error, to output.Target, out io.Writer) error {
	t, err := m.trace(ctx)
	if err == nil {
		err = to.Fill(func(w io.Writer) error { return trace.Write(w, t) })
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		fmt.Fprintf(m.notices, "warning: no step was traced: %v\n", err)
		return errFailed
	}
	text := fmt.Sprintf("One more step, not timed, is traced in %s. %s 'epochtime trace %s' shows the rest.",
		to, report.Bottleneck(trace.Summarize(t.Spans)), to)
	fmt.Fprintf(out, "\n%s\n", report.Wrap("", text, widthOf(out)))
	return measured
}

// trace runs one step under TensorFlow's tracing, in a launch of its own.
func (m *measurement) trace(ctx context.Context) (*trace.Trace, error) {
	if !m.measured() {
		return nil, errors.New("there was no launch that worked")
	}
	defer m.progress.clear()
	g, c := m.setups[0].manifest, m.rec.Runs[0].Config
	m.progress.tracing(g.Name)
	out, err := m.setups[0].worker.Run(ctx, protocol.Job{Kind: protocol.Trace, Graph: absolute(g.Dir), SHA256: g.SHA256, Config: c}, nil)
	switch {
	case err != nil:
		return nil, startError(err)
	case out.Launch.Status != record.OK || len(out.Trace) == 0:
		return nil, outcomeError(out)
	}
	return &trace.Trace{Spans: out.Trace, About: map[string]string{
		"graph": g.Name, "batch": strconv.Itoa(out.Launch.Resolved.Batch), "device": out.Launch.Resolved.Device,
		"tensorflow": out.Launch.TensorFlow, "epochtime": record.Program,
	}}, nil
}
