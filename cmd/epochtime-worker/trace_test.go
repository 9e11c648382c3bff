package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
)

// A step of each kind of model is traced as a launch runs it, the first full
// batch, and comes through the protocol whole.
func TestTrace(t *testing.T) {
	for _, tc := range []struct {
		graph  string
		config record.Config
		ops    []string
	}{
		{"cnn", record.Config{Batch: 0, Samples: 200, Device: "cpu", Seed: 1}, []string{"Conv2D", "MatMul"}},
		{"rnn", record.Config{Batch: 32, Samples: 100, Device: "cpu", Seed: 1}, []string{"MatMul", "Tanh"}},
	} {
		t.Run(tc.graph, func(t *testing.T) {
			out := job(t, protocol.Trace, openGraph(t, tc.graph), tc.config, nil)
			if out.Launch.Status != record.OK {
				t.Fatalf("%s: %s\n%s", out.Launch.Status, out.Launch.Reason, out.Stderr)
			}
			if len(out.Launch.Epochs) > 0 || len(out.Hello.Devices) > 0 {
				t.Errorf("%d epochs, devices %v: a traced launch times nothing and asks for no devices", len(out.Launch.Epochs), out.Hello.Devices)
			}
			for _, op := range tc.ops {
				if !slices.ContainsFunc(out.Trace, func(s trace.Span) bool { return strings.Contains(s.Op, op) && s.Duration > 0 }) {
					t.Errorf("no %s among %d operations", op, len(out.Trace))
				}
			}
			checkChrome(t, out.Trace)
			for _, d := range trace.Summarize(out.Trace) {
				if d.Name != "CPU:0" || d.Busy <= 0 || len(d.Ops) < 10 {
					t.Errorf("%s is busy %v s with %d types of operations", d.Name, d.Busy, len(d.Ops))
				}
			}
		})
	}
}

// checkChrome writes a step as Chrome's trace and reads it with other eyes:
// nothing overlaps in a lane, and what comes back is what was traced.
func checkChrome(t *testing.T, spans []trace.Span) {
	t.Helper()
	var text bytes.Buffer
	if err := trace.Write(&text, &trace.Trace{Spans: spans}); err != nil {
		t.Fatal(err)
	}
	var file struct {
		TraceEvents []struct {
			Ph       string
			PID, TID int
			TS, Dur  float64
		}
	}
	if err := json.Unmarshal(text.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	ends, operations := map[[2]int]float64{}, 0
	for _, e := range file.TraceEvents {
		if e.Ph != "X" {
			continue
		}
		operations++
		lane := [2]int{e.PID, e.TID}
		if e.TS < ends[lane]-0.0005 { // half a nanosecond
			t.Errorf("lane %v: an operation starts at %v µs, the one before it ends at %v", lane, e.TS, ends[lane])
		}
		ends[lane] = e.TS + e.Dur
	}
	back, err := trace.Read(&text)
	if err != nil || operations != len(spans) || !slices.Equal(back.Spans, spans) {
		t.Errorf("%d operations were written of %d, %v read back", operations, len(spans), err)
	}
}

func TestTraceRefusals(t *testing.T) {
	out := job(t, protocol.Trace, openGraph(t, "linear"), record.Config{Device: "gpu"}, nil)
	if out.Failure == nil || out.Failure.Code != protocol.CodeDevice || out.Trace != nil {
		t.Errorf("no GPU: %v", out.Failure)
	}
}
