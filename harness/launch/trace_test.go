package launch

import (
	"strings"
	"testing"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
)

// traces runs a worker on a job that traces a step.
func traces(t *testing.T, w *Worker) *Outcome {
	t.Helper()
	out, err := w.Run(t.Context(), protocol.Job{Kind: protocol.Trace}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTraceIsPutTogether(t *testing.T) {
	out := traces(t, worker(t, "job\nhello\ntrace\ndone"))
	if out.Launch.Status != record.OK || len(out.Trace) != 3 || out.Trace[2].Node != "gradients/MatMul" {
		t.Errorf("%s %s: %+v", out.Launch.Status, out.Launch.Reason, out.Trace)
	}
}

// A trace of which a part is missing is none.
func TestBrokenTraces(t *testing.T) {
	part := func(n, of string) string {
		return `print {"event":"trace","trace":{"part":` + n + `,"parts":` + of + "}}\n"
	}
	for _, tc := range []struct{ name, script, says string }{
		{"cut short", "trace 2\ndone", "the worker sent 2 of the 3 parts of its trace"},
		{"ended in between", "trace 2\nexit 3", "ended without a result"},
		{"ended within a line", "trace 1\nwrite {\"event\":\"tra", "in the middle of an event"},
		{"sent twice", "trace\ntrace\ndone", "part 1 of 3 of the trace came after 3 parts"},
		{"a part left out", part("0", "3") + part("2", "3") + "done", "part 3 of 3 of the trace came after 1 parts"},
		{"another number of parts", part("0", "3") + part("1", "2") + "done", "the trace has 3 parts, and then 2"},
		{"no parts", part("0", "0") + "done", "part 1 of 0"},
		{"a negative part", part("-1", "3") + "done", "of the trace came after 0 parts"},
		{"something else", `print {"event":"trace","trace":[1]}` + "\ndone", "not an event"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out := traces(t, worker(t, "job\nhello\n"+tc.script))
			if out.Launch.Status != record.Error || out.Trace != nil || !strings.Contains(out.Launch.Reason, tc.says) {
				t.Errorf("%s: %s; want it to say %q; %d operations", out.Launch.Status, out.Launch.Reason, tc.says, len(out.Trace))
			}
		})
	}
}

// Whatever numbers three parts bear, only a sequence without a gap is a trace.
func TestAllSequencesOfParts(t *testing.T) {
	var parts []*protocol.TracePart
	for part := -1; part < 4; part++ {
		for of := -1; of < 4; of++ {
			parts = append(parts, &protocol.TracePart{Part: part, Parts: of, Spans: make([]trace.Span, 1)})
		}
	}
	for _, a := range parts {
		for _, b := range parts {
			for _, c := range parts {
				var got traced
				failed := got.add(a) != nil || got.add(b) != nil || got.add(c) != nil
				spans, err := got.whole()
				whole := a.Part == 0 && b.Part == 1 && c.Part == 2 && a.Parts == 3 && b.Parts == 3 && c.Parts == 3
				if !failed && (err == nil && len(spans) == 3) != whole {
					t.Errorf("parts %v %v %v: %d operations, %v", a, b, c, len(spans), err)
				}
			}
		}
	}
}
