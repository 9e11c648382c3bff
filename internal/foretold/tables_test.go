package main

import (
	"strings"
	"testing"

	"epochtime/harness/record"
)

func TestQuantile(t *testing.T) {
	values := []float64{5, 1, 4, 2, 3, 6, 7, 10, 9, 8}
	for share, want := range map[float64]float64{0: 1, 0.5: 5, 0.9: 9, 1: 10} {
		if got := quantile(values, share); got != want {
			t.Errorf("%g: %g, want %g", share, got, want)
		}
	}
}

// made is a session of one model at a batch, whose steps take as long as they have
// examples, in tenths of milliseconds.
func made(batch, samples int) session {
	launches := func(n int) []record.Launch {
		var out []record.Launch
		for block := range 6 {
			l := record.Launch{Status: record.OK, Block: block, Resolved: record.Resolved{Batch: batch, Samples: n, Steps: n / batch}, Wall: 1}
			for e := range 3 {
				l.Epochs = append(l.Epochs, record.Epoch{Index: e, Warmup: e == 0, Seconds: 1e-4 * float64(n) * (1 + 0.01*float64(block)), Steps: n / batch, Samples: n})
			}
			out = append(out, l)
		}
		return out
	}
	run := func(n int) record.Run {
		return record.Run{Graph: record.Graph{Name: "cnn", SHA256: "a"}, Config: record.Config{Batch: batch, Samples: n, Feed: record.FeedBatches}, Launches: launches(n)}
	}
	return session{model: "cnn", batch: batch, record: &record.Record{
		Schema: record.Schema, ID: "1", Status: record.Complete, Plan: record.Plan{Kind: record.KindEstimate, Blocks: 6}, Machines: []record.Machine{{Hostname: "lab"}},
		Runs:     []record.Run{run(4 * batch), run(samples), run(8 * batch), run(64 * batch)},
		Estimate: &record.Estimate{Asked: record.Asked{Samples: samples, Batch: batch, Epochs: 1}, Held: 1},
	}}
}

// What is held out is no probe, neither of its own session nor of another one.
func TestTables(t *testing.T) {
	list := []session{made(32, 32_000), made(32, 64_000)}
	list[1].batch = 33 // of another session
	out := tables(list)
	for _, want := range []string{"2 estimates. Error beyond the measured interval: median 0.0 %", "| cnn | its own | 32 | 32000 | 15.6 |", "| cnn | batch 33 | 32 | 32000 | 15.6 |", "Within the stated interval: 100 %"} {
		if !strings.Contains(out, want) {
			t.Errorf("it lacks %q:\n%s", want, out)
		}
	}
	if out := costs(list); !strings.Contains(out, "| cnn | 32000 |") {
		t.Error(out)
	}
}
