package main

import (
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
			for _, d := range trace.Summarize(out.Trace) {
				if d.Name != "CPU:0" || d.Busy <= 0 || len(d.Ops) < 10 {
					t.Errorf("%s is busy %v s with %d types of operations", d.Name, d.Busy, len(d.Ops))
				}
			}
		})
	}
}

func TestTraceRefusals(t *testing.T) {
	out := job(t, protocol.Trace, openGraph(t, "linear"), record.Config{Device: "gpu"}, nil)
	if out.Failure == nil || out.Failure.Code != protocol.CodeDevice || out.Trace != nil {
		t.Errorf("no GPU: %v", out.Failure)
	}
}
