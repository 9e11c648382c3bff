// Package trace is one training step as TensorFlow saw it: which operation ran
// when, on which device. It is written and read as Chrome's trace format, and
// summed up by type of operation.
package trace

import (
	"cmp"
	"slices"
)

// Trace is one step.
type Trace struct {
	About map[string]string // what was traced, as graph: cnn
	Spans []Span
}

// Span is one operation that ran once. Times are in nanoseconds, the start since
// the start of the trace.
type Span struct {
	Device   string `json:"device"` // as CPU:0
	Op       string `json:"op"`     // the operation's type, as MatMul
	Node     string `json:"node"`   // its name in the graph
	Start    int64  `json:"start_ns"`
	Duration int64  `json:"duration_ns"`
	Bytes    int64  `json:"output_bytes,omitempty"` // of its outputs
}

// End is when the span ends.
func (s Span) End() int64 { return s.Start + s.Duration }

// Sort orders spans by device and start, and puts the longer of two that start
// together first.
func Sort(spans []Span) {
	slices.SortStableFunc(spans, func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Start, b.Start), cmp.Compare(b.Duration, a.Duration))
	})
}

// Lanes gives each of sorted spans a lane, counted from 0 on each device, such
// that spans of one lane do not overlap. TensorFlow does not say which thread an
// operation ran on; there are as many lanes as operations ever ran at a time.
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
