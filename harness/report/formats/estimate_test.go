package formats

import (
	"math"
	"strings"
	"testing"

	"epochtime/harness/record"
	"epochtime/internal/harmless"
)

// anEstimate is a record with an answer.
func anEstimate() *record.Record {
	known := record.Interval{Median: 192, Low: 178, High: 210, Confidence: 0.9}
	whole := record.Interval{Median: 17290, Low: 16030, High: 18910, Confidence: 0.9}
	memory := record.Interval{Median: 1 << 30, Low: 1 << 29, High: 1 << 31, Confidence: 0.9}
	run := record.Run{
		Graph:  record.Graph{Name: "cnn"},
		Config: record.Config{Batch: 256, Samples: 2048, Epochs: 3, Warmup: 1, Device: "cpu", Feed: record.FeedBatches},
	}
	return &record.Record{
		Schema: record.Schema, ID: "1", Status: record.Complete, Plan: record.Plan{Kind: record.KindEstimate, Blocks: 4},
		Runs: []record.Run{run, run},
		Estimate: &record.Estimate{
			Asked: record.Asked{Samples: 1200000, Batch: 256, Epochs: 90}, Held: 1, Steps: 4688, Epoch: known, Total: whole, Cold: record.Interval{Median: 10, Low: 8, High: 12, Confidence: 0.9},
			Memory: &memory, Joules: &known, Cost: &record.Cost{PerEpoch: money(0.13), Total: money(11.9), Currency: "EUR"},
			Parts:    []record.EstimatePart{{Name: record.PartExamples, Each: 125e-6, Seconds: 150, Share: 0.78}, {Name: record.PartSteps, Each: 9e-3, Seconds: 42, Share: 0.22}},
			Launches: 16, Spread: 0.04, Model: 0.03, Probed: 9.5, Furthest: 293, Notes: []string{"a note"},
			Measured: &record.Verified{Epoch: known, Launches: 4, Error: -0.02, Within: true},
		},
	}
}

func money(v float64) record.Interval {
	return record.Interval{Median: v, Low: record.Number(v / 2), High: record.Number(2 * v), Confidence: 0.9}
}

func TestEstimateEverywhere(t *testing.T) {
	r := anEstimate()
	checkAll(t, r, nil)
	for _, c := range []struct{ format, want string }{
		{"text", "An epoch of 1,200,000 examples at batch 256: 3m 12s (2m 58s–3m 30s, 90 %)"},
		{"text", "90 epochs with the cold start: 4h 48m 10s (4h 27m 10s–5h 15m 10s, 90 %)"},
		{"text", "Cost: 11.9 EUR (5.95–23.8 EUR, 90 %), and 0.13 EUR for an epoch"},
		{"markdown", "- An epoch of 1,200,000 examples at batch 256: 3m 12s"},
		{"markdown", "| steps, whatever their batch |"},
		{"csv", ",epoch_s,192,178,210,"},
		{"openmetrics", `epochtime_estimate_total_high_seconds{graph="cnn",samples="1200000",batch="256",epochs="90"} 18910`},
	} {
		out, err := Write(c.format, r, Options{Width: 80})
		if err != nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s lacks %q (%v):\n%s", c.format, c.want, err, out)
		}
	}
}

// Without an answer, each format that is for people or tables says why.
func TestNoEstimate(t *testing.T) {
	r := anEstimate()
	r.Estimate = &record.Estimate{Asked: r.Estimate.Asked, Reason: "no launch of a probe worked"}
	checkAll(t, r, nil)
	for _, format := range []string{"text", "markdown", "csv"} {
		out, err := Write(format, r, Options{})
		if err != nil || !strings.Contains(string(out), "no launch of a probe worked") {
			t.Errorf("%s does not say why there is no answer (%v):\n%s", format, err, out)
		}
	}
	out, err := Write("openmetrics", r, Options{})
	if err != nil || strings.Contains(string(out), "epochtime_estimate") {
		t.Errorf("openmetrics has an estimate of nothing (%v):\n%s", err, out)
	}
}

// checkEstimate reads the estimate of a record back from every format that has numbers.
func checkEstimate(t *testing.T, r *record.Record) {
	t.Helper()
	if r.Estimate == nil {
		return
	}
	for _, epochs := range []bool{false, true} {
		data, err := CSV(r, epochs)
		got := map[string]map[string]string{}
		for _, row := range parsed(t, data, err, readCSV) {
			if isFigure(row) {
				got[row["estimate"]] = row
			}
		}
		figures := estimateFigures(r.Estimate)
		for _, f := range figures {
			row := got[f.name]
			same(t, "csv estimate_value of "+f.name, row["estimate_value"], f.seconds.Median)
			same(t, "csv estimate_low", row["estimate_low"], float64(f.seconds.Low))
			same(t, "csv estimate_share", row["estimate_share"], f.share)
		}
		if len(got) != len(figures) {
			t.Errorf("csv has %d figures of %d", len(got), len(figures))
		}
	}
	values, series, err := readOpenMetrics(OpenMetrics(r, nil))
	if err != nil {
		t.Fatal(err)
	}
	has := func(name, part string, want float64) bool {
		for key, l := range series {
			if l.Get("__name__") == name && l.Get("part") == harmless.Lines(part) && values[key] == want {
				return true
			}
		}
		return math.IsNaN(want)
	}
	if e := r.Estimate; e.Reason == "" {
		if !has("epochtime_estimate_epoch_seconds", "", e.Epoch.Median) || !has("epochtime_estimate_epoch_low_seconds", "", float64(e.Epoch.Low)) {
			t.Error("openmetrics has no epoch of the estimate")
		}
		for _, p := range e.Parts {
			if !has("epochtime_estimate_part_seconds", p.Name, p.Seconds) {
				t.Errorf("openmetrics has no part %q", p.Name)
			}
		}
	}
}
