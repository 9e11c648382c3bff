package protocol

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"epochtime/harness/trace"
)

func TestTraceTravelsInParts(t *testing.T) {
	for _, tc := range []struct {
		name  string
		spans int
		node  string
		parts int
	}{
		{"nothing", 0, "", 0},
		{"one", 1, "x", 1},
		{"a step of a small model", 200, strings.Repeat("scope/", 20), 1},
		{"a step of a large one", 20_000, strings.Repeat("scope/", 20), 15},
		{"names that are larger in JSON", 300, strings.Repeat("\x01", 1000), 7},
		{"names that fill a part each", 4, strings.Repeat("n", partBytes), 4},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var spans []trace.Span
			for i := range tc.spans {
				spans = append(spans, trace.Span{Device: "CPU:0", Op: "MatMul", Node: tc.node, Start: int64(i), Duration: 1, Bytes: 4})
			}
			parts, err := SplitTrace(spans)
			if err != nil {
				t.Fatal(err)
			}
			if len(parts) < tc.parts || len(parts) > 2*tc.parts {
				t.Errorf("%d parts, want some %d", len(parts), tc.parts)
			}
			var out bytes.Buffer
			w := NewWriter(&out)
			for _, p := range parts {
				if err := w.Send(p); err != nil {
					t.Fatal(err)
				}
			}
			var got []trace.Span
			r := NewReader(&out)
			for i := range parts {
				e, err := r.Next()
				if err != nil || e.Event != EventTrace || e.Trace.Part != i || e.Trace.Parts != len(parts) || len(e.Trace.Spans) == 0 {
					t.Fatalf("part %d of %d: %.200s, %v", i, len(parts), fmt.Sprintf("%+v", e.Trace), err)
				}
				got = append(got, e.Trace.Spans...)
			}
			if !reflect.DeepEqual(got, spans) {
				t.Errorf("%d spans arrived, not the %d that were sent", len(got), len(spans))
			}
		})
	}
}
