package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"epochtime/harness/measure"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/trace"
	"epochtime/internal/output"
)

// openTraces opens the files of --trace, one for each side, and reports what cannot be
// traced before anything runs. It is nil without the flag.
func (f *abFlags) openTraces(rec *record.Record) ([]output.Target, error) {
	switch {
	case f.trace == "":
		return nil, nil
	case f.trace == "-":
		return nil, usagef("--trace - is not a file: name one")
	}
	var out []output.Target
	for _, r := range rec.Runs {
		if err := traceable(r.Config); err != nil {
			return nil, fmt.Errorf("side %s: %w", r.Side, err)
		}
		path := sideFile(f.trace, strings.ToLower(r.Side))
		if absolute(path) == absolute(f.json) && f.json != "" {
			return nil, usagef("--json and --trace name the same file, %s", path)
		}
		to, err := openOutput("--trace", path, nil)
		if err != nil {
			return nil, err
		}
		out = append(out, to)
	}
	return out, nil
}

// traceable refuses configurations of which no step can be traced.
func traceable(c record.Config) error {
	switch {
	case !c.OfGraph():
		return usagef("--trace is of a step of the graph, and the runtime is %s: leave out one of the two", c.Runtime)
	case c.Executor == record.SingleThreaded:
		return usagef("--trace cannot see the executor %s: leave out one of the two flags", record.SingleThreaded)
	}
	return nil
}

// sideFile returns the file of a side's trace, as ab.a.json for ab.json.
func sideFile(path, side string) string {
	end := filepath.Ext(path)
	return strings.TrimSuffix(path, end) + "." + side + end
}

// traceSides traces a step of each side after all timed launches, and shows by which
// operations they differ. A trace that fails does not change the record.
func traceSides(ctx context.Context, s streams, session *measure.Session, to []output.Target, out io.Writer) error {
	var sides [2][]trace.Device
	for i := range sides {
		t, err := session.TraceOf(ctx, i)
		if err == nil {
			err = to[i].Fill(func(w io.Writer) error { return trace.Write(w, t) })
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			fmt.Fprintf(s.err, "warning: no step of side %s was traced: %v\n", session.Record().Runs[i].Side, err)
			return errFailed
		}
		sides[i] = trace.Summarize(t.Spans)
	}
	fmt.Fprintln(out)
	report.OpsOfSides(out, sides[0], sides[1], mostTraced, widthOf(out))
	fmt.Fprintln(out, report.Wrap("", fmt.Sprintf("The traces are in %s and %s, for Perfetto and 'epochtime trace'.", to[0], to[1]), widthOf(out)))
	return nil
}

// mostTraced is how many types of operations are shown.
const mostTraced = 10
