package roofline

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"epochtime/harness/record"
	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{"Of": Of})
}

// certain is an interval of these ends.
func certain(median, low, high float64) record.Interval {
	return record.Interval{Median: median, Low: record.Number(low), High: record.Number(high), Confidence: 0.95}
}

// example is a run whose epochs of a second have 10 steps of 100 examples each, on a
// machine that does 100 operations a second, 50 in half precision, and 4 kB a second.
func example() *record.Record {
	return &record.Record{
		Machines: []record.Machine{{}, {Caches: []record.Cache{{Level: 2, Bytes: 100}, {Level: 3, Bytes: 1000}}}},
		Limits: []record.Limits{
			{Machine: 1, TensorFlow: "2.21.0", Device: "cpu", Threads: 1},
			{Machine: 1, TensorFlow: "2.21.0", Device: "cpu", Threads: 2, Rates: []record.Rate{
				{Name: "matmul-float32", Value: certain(100, 80, 125)}, {Name: "conv-float32", Value: certain(40, 40, 40)}, {Name: "matmul-float16", Value: certain(50, 40, 60)},
				{Name: "memory", Value: certain(4000, 4000, 4000)}, {Name: "empty-step", Value: certain(0.01, 0.01, 0.01)}, {Name: "empty-step-caller-thread", Value: certain(0.001, 0.001, 0.001)},
			}},
		},
		Runs: []record.Run{{
			Graph:   record.Graph{FlopsPerExample: 0.02, Parameters: 10, Variant: map[string]any{"precision": "float32", "optimizer": "adam"}},
			Summary: &record.Summary{EpochSeconds: certain(1, 0.8, 1.25), WaitShare: 0.125},
			Launches: []record.Launch{
				{Status: record.Error, Machine: 1},
				{
					Status: record.OK, Machine: 1, TensorFlow: "2.21.0", Resolved: record.Resolved{Device: "cpu", IntraOp: 2, Executor: record.ThreadPool},
					Epochs: []record.Epoch{{Warmup: true, Steps: 1, Samples: 1}, {Steps: 10, Samples: 1000}},
				},
			},
		}},
	}
}

// shares are those of a roofline by what they are of.
func shares(r *record.Roofline) map[string]float64 {
	out := map[string]float64{}
	for _, s := range r.Shares {
		out[s.Of] = s.Share
	}
	return out
}

var near = cmp.Options{cmpopts.EquateApprox(1e-12, 0), cmpopts.EquateNaNs()}

// 1,000 examples of 0.02 operations are 20, a fifth of the peak; 10 calls of 0.01 s are
// a tenth of the epoch.
func TestNotToldApart(t *testing.T) {
	got := Of(example(), 0)
	want := &record.Roofline{
		Limits: 1, Flops: 20, Achieved: certain(20, 16, 25), Peak: "matmul-float32",
		Utilized: record.Interval{Median: 0.2, Low: 16. / 125, High: 25. / 80, Confidence: 0.9},
		Shares:   []record.Share{{Of: "compute", Share: 0.2}, {Of: "feeding", Share: 0.125}, {Of: "calls", Share: 0.1}},
	}
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What bounds an epoch is what accounts for half of it or more.
func TestBounds(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*record.Record)
		bound  string
		shares map[string]float64
	}{
		"arithmetic": {func(r *record.Record) { r.Runs[0].Graph.FlopsPerExample = 0.05 }, record.BoundCompute, map[string]float64{"compute": 0.5, "feeding": 0.125, "calls": 0.1}},
		"half precision": {func(r *record.Record) { // has half the peak
			r.Runs[0].Graph.Variant["precision"], r.Runs[0].Graph.FlopsPerExample = "mixed_float16", 0.03
		}, record.BoundCompute, map[string]float64{"compute": 0.6, "feeding": 0.125, "calls": 0.1}},
		"convolutions may be faster than products": {func(r *record.Record) {
			r.Limits[1].Rates[1].Value, r.Runs[0].Graph.FlopsPerExample = certain(200, 200, 200), 0.05
		}, "", map[string]float64{"compute": 0.25, "feeding": 0.125, "calls": 0.1}},
		"feeding": {func(r *record.Record) { r.Runs[0].Summary.WaitShare = 0.75 }, record.BoundFeeding, map[string]float64{"compute": 0.2, "feeding": 0.75, "calls": 0.1}},
		"calls":   {func(r *record.Record) { r.Runs[0].Launches[1].Epochs[1].Steps = 60 }, record.BoundCalls, map[string]float64{"compute": 0.2, "feeding": 0.125, "calls": 0.6}},
		"calls on the calling thread": {func(r *record.Record) {
			r.Runs[0].Launches[1].Epochs[1].Steps, r.Runs[0].Launches[1].Resolved.Executor = 60, record.CallerThread
		}, "", map[string]float64{"compute": 0.2, "feeding": 0.125, "calls": 0.06}},
		"resident data: one call": {func(r *record.Record) {
			r.Runs[0].Launches[1].Epochs[1].Steps, r.Runs[0].Config.Feed = 60, record.FeedResident
		}, "", map[string]float64{"compute": 0.2, "feeding": 0.125, "calls": 0.01}},
		"a pipeline: two calls a step":      {func(r *record.Record) { r.Runs[0].Launches[1].Resolved.Pipeline = record.PipelineScript }, "", map[string]float64{"compute": 0.2, "feeding": 0.125, "calls": 0.2}},
		"Keras's fit: its calls are others": {func(r *record.Record) { r.Runs[0].Config.Runtime = record.RuntimeFit }, "", map[string]float64{"compute": 0.2, "feeding": 0.125}},
		// 200 parameters with two slots take 2,400 bytes, more than twice the cache. Each of
		// 10 steps has 9 passes of 800 bytes.
		"memory": {func(r *record.Record) {
			r.Runs[0].Graph.Parameters, r.Runs[0].Graph.FlopsPerExample = 200, 800
			r.Limits[1].Rates[0].Value, r.Limits[1].Rates[3].Value = certain(1e7, 1e7, 1e7), certain(96000, 96000, 96000)
		}, record.BoundMemory, map[string]float64{"compute": 0.08, "feeding": 0.125, "calls": 0.1, "memory": 0.75}},
		"an optimizer without slots has fewer passes": {func(r *record.Record) {
			r.Runs[0].Graph.Parameters, r.Runs[0].Graph.FlopsPerExample, r.Runs[0].Graph.Variant["optimizer"] = 600, 2400, "SGD"
			r.Limits[1].Rates[0].Value, r.Limits[1].Rates[3].Value = certain(1e8, 1e8, 1e8), certain(480000, 480000, 480000)
		}, "", map[string]float64{"compute": 0.024, "feeding": 0.125, "calls": 0.1, "memory": 0.25}},
		"variables that fit the cache": {func(r *record.Record) {
			r.Runs[0].Graph.Parameters, r.Runs[0].Graph.FlopsPerExample = 166, 0.02
		}, "", map[string]float64{"compute": 0.2, "feeding": 0.125, "calls": 0.1}},
		"an embedding, of which steps use some rows": {func(r *record.Record) { r.Runs[0].Graph.Parameters = 200 }, "", map[string]float64{"compute": 0.2, "feeding": 0.125, "calls": 0.1}},
		"a cache that is not known": {func(r *record.Record) {
			r.Runs[0].Graph.Parameters, r.Runs[0].Graph.FlopsPerExample, r.Machines[1].Caches = 200, 800, nil
			r.Limits[1].Rates[0].Value = certain(1e7, 1e7, 1e7)
		}, "", map[string]float64{"compute": 0.08, "feeding": 0.125, "calls": 0.1}},
	} {
		r := example()
		c.change(r)
		got := Of(r, 0)
		if diff := cmp.Diff(c.shares, shares(got), near); diff != "" || got.Bound != c.bound {
			t.Errorf("%s: bound by %q, want %q; shares (-want +got):\n%s", name, got.Bound, c.bound, diff)
		}
	}
}

// What is not known is left out, with a note.
func TestNotes(t *testing.T) {
	for want, change := range map[string]func(*record.Record){
		"The graph's floating-point operations are not known.":                             func(r *record.Record) { r.Runs[0].Graph.FlopsPerExample = 0 },
		"No peak of float64 was probed.":                                                   func(r *record.Record) { r.Runs[0].Graph.Variant["precision"] = "float64" },
		"That is more than the peak that was probed: probe again while nothing else runs.": func(r *record.Record) { r.Runs[0].Graph.FlopsPerExample = 1 },
		"": func(r *record.Record) { r.Runs[0].Graph.Variant = nil }, // an old record's is float32
	} {
		r := example()
		change(r)
		got := Of(r, 0)
		if got.Note != want || (got.Peak == "") != (want != "" && got.Utilized.Median <= 1) {
			t.Errorf("%+v, want the note %q", got, want)
		}
	}
	r := example()
	r.Runs[0].Summary.EpochSeconds = record.Interval{Median: 1, Low: record.Number(math.NaN()), High: record.Number(math.NaN())}
	if got := Of(r, 0); got.Achieved.Known() || got.Utilized.Known() || got.Utilized.Median != 0.2 {
		t.Errorf("without an interval: %+v", got)
	}
}

// Limits of another machine, TensorFlow, device or number of threads are none.
func TestNoLimits(t *testing.T) {
	for name, change := range map[string]func(*record.Record){
		"no limits":        func(r *record.Record) { r.Limits = nil },
		"other threads":    func(r *record.Record) { r.Runs[0].Launches[1].Resolved.IntraOp = 4 },
		"other TensorFlow": func(r *record.Record) { r.Runs[0].Launches[1].TensorFlow = "2.22.0" },
		"other device":     func(r *record.Record) { r.Runs[0].Launches[1].Resolved.Device = "gpu" },
		"other machine":    func(r *record.Record) { r.Runs[0].Launches[1].Machine = 0 },
		"no result":        func(r *record.Record) { r.Runs[0].Summary = nil },
		"no launch":        func(r *record.Record) { r.Runs[0].Launches = r.Runs[0].Launches[:1] },
	} {
		r := example()
		change(r)
		if got := Of(r, 0); got != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
