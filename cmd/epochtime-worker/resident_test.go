package main

import (
	"math"
	"strings"
	"testing"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// The same losses, whether batches are fed or the data stays on the device.
func TestResidentLaunch(t *testing.T) {
	sequences := []string{sequencesFile(t)}
	for _, c := range []struct {
		graph     string
		config    record.Config
		steps     int
		tolerance float64
	}{
		{"linear", record.Config{Batch: 30, Samples: 100}, 4, 1e-5},
		{"cnn", record.Config{Batch: 64, Samples: 200, Preprocess: []string{"x:normalize=0.5,0.3"}}, 4, 1e-4},
		{"cnn-digits", record.Config{Batch: 500}, 4, 1e-4},
		{"rnn", record.Config{Batch: 7, Data: sequences}, 6, 1e-5},
		{"rnn-jit", record.Config{Batch: 16, Data: sequences, PadTo: 8}, 3, 1e-3},
	} {
		t.Run(c.graph, func(t *testing.T) {
			c.config.Epochs, c.config.Warmup, c.config.Device, c.config.Seed, c.config.Prefetch = 2, 1, "cpu", 3, 2
			c.config.Feed = record.FeedBatches
			fed := trained(t, c.graph, c.config).Launch
			c.config.Feed = record.FeedResident
			got := trained(t, c.graph, c.config).Launch
			for i, e := range got.Epochs {
				want := fed.Epochs[i]
				if d := math.Abs(float64(e.Loss-want.Loss)) / float64(want.Loss); !(d <= c.tolerance) {
					t.Errorf("epoch %d: loss %v, fed in batches %v: %.2g apart", i, e.Loss, want.Loss, d)
				}
				if e.Steps != c.steps || want.Steps != c.steps || e.Samples != want.Samples || e.Index != i || e.Warmup != (i == 0) {
					t.Errorf("epoch %d: %+v, fed in batches %+v", i, e, want)
				}
				if e.Seconds <= 0 || e.Step != e.Seconds || e.Wait != 0 || e.Preprocess != 0 {
					t.Errorf("epoch %d: %+v; all of its time is one call's", i, e)
				}
			}
			if c := got.Cold; c.Upload <= 0 || c.FirstStep <= 0 || c.Compile != c.FirstStep || fed.Cold.Upload != 0 {
				t.Errorf("cold %+v, fed in batches %+v", c, fed.Cold)
			}
			if got.Resolved.Prefetch != 0 {
				t.Errorf("%d batches are prefetched", got.Resolved.Prefetch)
			}
		})
	}
}

func TestSetsThatDoNotFit(t *testing.T) {
	for feed, hint := range map[string]string{record.FeedBatches: "lower --samples", record.FeedResident: "--feed batches"} {
		for _, samples := range []int{1 << 33, 1 << 62} {
			c := record.Config{Epochs: 1, Samples: samples, Device: "cpu", Feed: feed}
			out := job(t, protocol.Train, openGraph(t, "cnn"), c, nil)
			if out.Launch.Status != record.OOM || out.Failure == nil || out.Launch.Signal != "" || out.Setup {
				t.Fatalf("%s, %d examples: status %s, %v, signal %q", feed, samples, out.Launch.Status, out.Failure, out.Launch.Signal)
			}
			for _, says := range []string{"it takes ", "iB are free", "lower --samples", hint} {
				if !strings.Contains(out.Failure.Error(), says) {
					t.Errorf("%v; it should say %q", out.Failure, says)
				}
			}
		}
	}
}

func TestResidentRefusals(t *testing.T) {
	for says, change := range map[string]func(*record.Config){
		"--shuffle":           func(c *record.Config) { c.Shuffle = new(true) },
		"flip of x":           func(c *record.Config) { c.Preprocess = []string{"x:flip"} },
		"resident or batches": func(c *record.Config) { c.Feed = "by hand" },
	} {
		c := record.Config{Epochs: 1, Device: "cpu", Feed: record.FeedResident}
		change(&c)
		out := job(t, protocol.Train, openGraph(t, "cnn"), c, nil)
		if out.Failure == nil || !out.Setup || !strings.Contains(out.Failure.Error(), says) {
			t.Errorf("%s, %v; want a failure that says %s", out.Launch.Status, out.Failure, says)
		}
	}
}
