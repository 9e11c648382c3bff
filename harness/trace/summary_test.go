package trace

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var about = cmp.Options{cmpopts.EquateApprox(1e-12, 1e-15), cmpopts.EquateEmpty()}

func TestSummarize(t *testing.T) {
	got := Summarize(example().Spans)
	want := []Device{
		{Name: "CPU:0", Operations: 4, Wall: 0.005002, Busy: 0.006501002, Idle: 1.001e-6, Ops: []Op{
			{Op: "Conv2D", Count: 2, Seconds: 0.005000999, Share: 5000999.0 / 6501002, Largest: Node{"cnn/conv", 1, 0.005}},
			{Op: "MatMul", Count: 1, Seconds: 0.001500003, Share: 1500003.0 / 6501002, Largest: Node{"dense/\"a\" <b>", 1, 0.001500003}},
			{Op: "NoOp", Count: 1, Largest: Node{"_SOURCE", 1, 0}},
		}},
		{Name: "GPU:0/stream:all", Operations: 1, Wall: 7e-9, Busy: 7e-9, Ops: []Op{
			{Op: "Conv2D", Count: 1, Seconds: 7e-9, Share: 1, Largest: Node{"cnn/conv", 1, 7e-9}},
		}},
	}
	if diff := cmp.Diff(want, got, about); diff != "" {
		t.Errorf("devices (-want +got):\n%s", diff)
	}
	if got := Summarize(nil); len(got) != 0 {
		t.Errorf("nothing makes %v", got)
	}
}

// An operation in a loop runs many times under one name.
func TestLargestNodeOfALoop(t *testing.T) {
	got := Summarize([]Span{
		{Device: "CPU:0", Op: "MatMul", Node: "once", Start: 0, Duration: 50},
		{Device: "CPU:0", Op: "MatMul", Node: "loop", Start: 50, Duration: 30},
		{Device: "CPU:0", Op: "MatMul", Node: "loop", Start: 80, Duration: 40},
	})[0].Ops[0].Largest
	if diff := cmp.Diff(Node{"loop", 2, 70e-9}, got, about); diff != "" {
		t.Errorf("largest node (-want +got):\n%s", diff)
	}
}

// Calls count only while nothing else runs, so that no time counts twice; what
// waits for another device is not busy.
func TestOwnTimes(t *testing.T) {
	span := func(op string, start, end int64) Span {
		return Span{Device: "CPU:0", Op: op, Node: op, Start: start, Duration: end - start}
	}
	for _, tc := range []struct {
		name    string
		spans   []Span
		busy    float64 // nanoseconds
		waiting float64
		call    float64 // of all calls
	}{
		{"a call alone, as under XLA", []Span{span("StatefulPartitionedCall", 0, 100)}, 100, 0, 100},
		{"a call of two", []Span{span("PartitionedCall", 0, 100), span("A", 10, 40), span("B", 30, 60)}, 110, 0, 50},
		{"a call within a call", []Span{span("While", 0, 100), span("PartitionedCall", 20, 80)}, 100, 0, 100},
		{"calls side by side", []Span{span("If", 0, 50), span("Case", 10, 60)}, 60, 0, 60},
		{"beside one that runs longer", []Span{span("A", 0, 200), span("While", 50, 100)}, 200, 0, 0},
		{"a call of no length", []Span{span("If", 5, 5), span("A", 5, 6)}, 1, 0, 0},
		{"waiting", []Span{span("_Recv", 0, 100), span("A", 10, 20)}, 10, 100, 0},
		{"only waiting", []Span{span("_Recv", 0, 100)}, 0, 100, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := Summarize(tc.spans)[0]
			calls, shares := 0.0, 0.0
			for _, o := range d.Ops {
				shares += o.Share
				if o.Call {
					calls += o.Seconds
				}
			}
			got := []float64{d.Busy * 1e9, d.Waiting * 1e9, calls * 1e9}
			if diff := cmp.Diff([]float64{tc.busy, tc.waiting, tc.call}, got, about); diff != "" {
				t.Errorf("busy, waiting and in calls (-want +got):\n%s", diff)
			}
			if tc.busy > 0 && math.Abs(shares-1) > 1e-9 {
				t.Errorf("the shares sum to %v", shares)
			}
		})
	}
}
