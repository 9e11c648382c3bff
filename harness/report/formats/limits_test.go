package formats

import (
	"math"
	"testing"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// found is what one launch of a probe found, some of it none.
func found(by float64) []record.Rate {
	none := record.Number(math.NaN())
	rate := func(name, unit string, value float64, note string) record.Rate {
		return record.Rate{Name: name, Unit: unit, Value: record.Interval{Median: by * value, Low: none, High: none}, Note: note}
	}
	return []record.Rate{
		rate("matmul-float32", record.FlopPerSecond, 250e9, ""), rate("matmul-float16", record.FlopPerSecond, 0, "no kernel takes it"),
		rate("memory", record.BytePerSecond, 60e9, "an array of 64 MiB | two reads"), rate("to-device", record.BytePerSecond, 0, "not applicable on cpu"),
		rate("from-device", record.BytePerSecond, 0, "not applicable on cpu"), rate("empty-step", record.Second, 12.5e-6, ""),
	}
}

// probeRecord is of a probe of six launches, and one that failed.
func probeRecord() *record.Record {
	r := of(record.KindProbe, record.Run{Graph: record.Graph{Name: "probe"}, Config: record.Config{Device: "cpu", Feed: record.FeedBatches, FeedThreads: 1, Seed: 1}})
	for i, by := range []float64{1, 1.01, 0.99, 1.02, 0.98, 1} {
		l := launch(i)
		l.Epochs, l.Rates, l.Resolved = nil, found(by), record.Resolved{Device: "cpu", IntraOp: 2, InterOp: 2}
		r.Runs[0].Launches = append(r.Runs[0].Launches, l)
	}
	r.Runs[0].Launches = append(r.Runs[0].Launches, record.Launch{Status: record.Killed, Reason: "killed", Order: 6, Started: began})
	r.Runs[0].Summary, r.Runs[0].Warnings = stats.Summarize(&r.Runs[0])
	r.Limits = stats.Limits(r)
	return r
}

// limitedRecord is of runs on a machine whose limits are known: one that is bound by
// arithmetic, one of which that is not told, and one without a result.
func limitedRecord() *record.Record {
	r := of(record.KindRun, run("vgg", config(), six...), run("cnn", config(), six...), run("rnn", config()))
	r.Limits = probeRecord().Limits
	none := record.Interval{Low: record.Number(math.NaN()), High: record.Number(math.NaN())}
	share := func(compute float64) []record.Share {
		return []record.Share{{Of: record.BoundCompute, Share: compute}, {Of: record.BoundFeeding, Share: 0.25}, {Of: record.BoundCalls, Share: 0.0001}}
	}
	interval := func(median float64, confidence float64) record.Interval {
		return record.Interval{Median: median, Low: record.Number(0.9 * median), High: record.Number(1.1 * median), Confidence: confidence}
	}
	r.Runs[0].Roofline = &record.Roofline{Flops: 51e9, Achieved: interval(200e9, 0.95), Peak: "matmul-float32", Utilized: interval(0.8, 0.9), Shares: share(0.8), Bound: record.BoundCompute}
	r.Runs[1].Roofline = &record.Roofline{Achieved: none, Utilized: none, Shares: share(0)[1:], Note: "the graph's floating-point operations are not known"}
	return r
}

// largestRecord is of a search that tried four batches.
func largestRecord() *record.Record {
	tried := func(batch int, status string, peak uint64) record.Run {
		c := config()
		c.Batch, c.Samples, c.Epochs, c.Warmup, c.MemoryLimit = batch, 2*batch, 1, 0, 1<<30
		out := record.Run{Graph: record.Graph{Name: "cnn", SHA256: "5904"}, Config: c}
		l := launch(len(out.Launches), 0.5)
		l.Status, l.Epochs[0].Warmup, l.Memory = status, false, record.Memory{PeakRSS: peak, Mapped: 200 << 20}
		if status != record.OK {
			l.Reason, l.Epochs, l.Memory = "the worker exceeded its memory limit of 1.0 GiB", nil, record.Memory{}
		}
		out.Launches = append(out.Launches, l)
		return out
	}
	r := of(record.KindLargest, tried(1024, record.OK, 700<<20), tried(2048, record.OK, 1200<<20), tried(4096, record.OOM, 0), tried(2176, record.OOM, 0))
	r.Plan.Blocks, r.Plan.Most = 1, 1<<20
	return r
}

// checkProbeBenchfmt compares the lines of a probe with what its launches found.
func checkProbeBenchfmt(t *testing.T, r *record.Record, got []benchmark) {
	t.Helper()
	n := 0
	for _, run := range r.Runs {
		for _, l := range run.Launches {
			if l.Status != record.OK || len(l.Rates) == 0 {
				continue
			}
			if n >= len(got) {
				t.Fatalf("benchfmt has %d lines", n)
			}
			for _, rate := range l.Rates {
				if v, there := got[n].values[rateUnit(rate)]; there != (rate.Value.Median > 0) || v != rate.Value.Median {
					t.Errorf("benchfmt: %s is %v, want %v", rate.Name, v, rate.Value.Median)
				}
			}
			n++
		}
	}
	if n != len(got) {
		t.Errorf("benchfmt has %d lines for %d launches", len(got), n)
	}
}
