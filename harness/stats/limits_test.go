package stats

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/record"
)

// sameNumber is true of two that are no number.
func sameNumber(a, b record.Number) bool {
	return a == b || math.IsNaN(float64(a)) && math.IsNaN(float64(b))
}

// probe is a launch that found a peak and no transfer.
func probe(threads int, peak float64) record.Launch {
	none := record.Number(math.NaN())
	return record.Launch{Status: record.OK, TensorFlow: "2.21.0", Resolved: record.Resolved{Device: "cpu", IntraOp: threads}, Rates: []record.Rate{
		{Name: "matmul-float32", Unit: record.FlopPerSecond, Value: record.Interval{Median: peak, Low: none, High: none}},
		{Name: "to-device", Unit: record.BytePerSecond, Note: "not applicable on cpu"},
	}}
}

func TestLimits(t *testing.T) {
	r := &record.Record{ID: "00c0ffee", Runs: []record.Run{{}}}
	for _, peak := range []float64{3, 1, 2, 6, 5, 4} {
		r.Runs[0].Launches = append(r.Runs[0].Launches, probe(2, peak))
	}
	failed := probe(2, 900)
	failed.Status = record.Error
	r.Runs[0].Launches = append(r.Runs[0].Launches, failed, probe(1, 1), record.Launch{Status: record.OK})
	none := record.Interval{Low: record.Number(math.NaN()), High: record.Number(math.NaN())}
	rates := func(peak record.Interval) []record.Rate {
		return []record.Rate{
			{Name: "matmul-float32", Unit: record.FlopPerSecond, Value: peak}, {Name: "to-device", Unit: record.BytePerSecond, Value: none, Note: "not applicable on cpu"},
		}
	}
	want := []record.Limits{
		{Probed: "00c0ffee", TensorFlow: "2.21.0", Device: "cpu", Threads: 2, Rates: rates(record.Interval{Median: 3.5, Low: 1, High: 6, Confidence: 1 - 2./64})},
		{Probed: "00c0ffee", TensorFlow: "2.21.0", Device: "cpu", Threads: 1, Rates: rates(record.Interval{Median: 1, Low: none.Low, High: none.High})},
	}
	if diff := cmp.Diff(want, Limits(r), cmp.Comparer(sameNumber)); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
	if got := Limits(&record.Record{}); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

func TestLargestBatch(t *testing.T) {
	tried := func(batch int, status string, peak, mapped uint64) record.Run {
		return record.Run{Config: record.Config{Batch: batch, MemoryLimit: 1000}, Launches: []record.Launch{
			{Status: record.Interrupted},
			{Status: status, Reason: status + " at last", Memory: record.Memory{PeakRSS: peak, Mapped: mapped}},
		}}
	}
	r := &record.Record{Runs: []record.Run{
		tried(32, record.OK, 500, 300), tried(64, record.OK, 900, 300), tried(128, record.OOM, 0, 0), tried(96, record.OOM, 0, 0), tried(80, record.Interrupted, 0, 0),
	}}
	got := LargestBatch(r)
	if got.Fits != &r.Runs[1] || got.Fails != &r.Runs[3] || got.Why != "oom at last" || got.Held != 600 || got.Limit != 1000 || got.Device != "" {
		t.Errorf("%+v", got)
	}
	if got := LargestBatch(&record.Record{}); got != (Largest{}) {
		t.Errorf("of nothing: %+v", got)
	}
}

// What limits a batch on an accelerator is its memory.
func TestHeld(t *testing.T) {
	c := record.Config{MemoryLimit: 1000}
	l := record.Launch{
		Devices: []record.Device{{Name: "CPU:0", MemoryBytes: 10}, {Name: "GPU:0", MemoryBytes: 80}},
		Memory:  record.Memory{PeakRSS: 500, Devices: []record.DeviceMemory{{Device: "GPU:0", Reserved: 79}}},
	}
	if held, limit, device := Held(c, l); held != 500 || limit != 1000 || device != "" {
		t.Errorf("%d of %d of %q, where only what is reserved is known", held, limit, device)
	}
	l.Memory.Devices[0].Peak = 60
	if held, limit, device := Held(c, l); held != 60 || limit != 80 || device != "GPU:0" {
		t.Errorf("%d of %d of %q", held, limit, device)
	}
}
