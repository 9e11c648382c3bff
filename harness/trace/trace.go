// Package trace holds the trace of a training step: which operation ran when, on
// which device. It reads and writes Chrome's trace format, and sums up times by type
// of operation.
package trace

import (
	"cmp"
	"slices"
)

// Trace is the trace of one step.
type Trace struct {
	About map[string]string // what was traced, such as graph: cnn
	Spans []Span
}

// Span is one run of an operation. Times are in nanoseconds; Start counts from the
// start of the trace.
type Span struct {
	Device   string `json:"device"` // such as CPU:0
	Op       string `json:"op"`     // the operation's type, such as MatMul
	Node     string `json:"node"`   // its name in the graph
	Start    int64  `json:"start_ns"`
	Duration int64  `json:"duration_ns"`
	Bytes    int64  `json:"output_bytes,omitempty"` // size of its outputs
}

// End returns when the span ends, in nanoseconds since the start of the trace.
func (s Span) End() int64 { return s.Start + s.Duration }

// Sort sorts spans by device and start. Of spans with the same start, the longest is
// first.
func Sort(spans []Span) {
	slices.SortStableFunc(spans, func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Start, b.Start), cmp.Compare(b.Duration, a.Duration))
	})
}

// Lanes returns a lane for each of the spans, which must be sorted. Lanes count from 0
// on each device, and the spans of a lane do not overlap. There are as many lanes as
// operations ran at the same time: the trace does not name threads.
func Lanes(spans []Span) []int {
	out := make([]int, len(spans))
	var ends []int64 // of each lane of the device
	for i, s := range spans {
		if i > 0 && spans[i-1].Device != s.Device {
			ends = ends[:0]
		}
		lane := slices.IndexFunc(ends, func(end int64) bool { return end <= s.Start })
		if lane < 0 {
			lane = len(ends)
			ends = append(ends, 0)
		}
		ends[lane] = s.End()
		out[i] = lane
	}
	return out
}
