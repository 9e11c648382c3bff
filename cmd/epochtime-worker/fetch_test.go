package main

import (
	"math"
	"strings"
	"testing"

	"epochtime/harness/dataset/datatest"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// The same losses, whether each step's is read or their mean at the end, and TensorFlow
// does not wait for the device at the end of a step, unless it is told to.
func TestLossAtEndLaunch(t *testing.T) {
	for _, c := range []struct {
		graph     string
		config    record.Config
		tolerance float64
	}{
		{"linear", record.Config{Batch: 30, Samples: 100}, 1e-6},
		{"mlp", record.Config{Batch: 64, Samples: 500, Executor: record.ThreadPool}, 1e-5},
		{"rnn", record.Config{Batch: 32, Samples: 100}, 1e-5},
	} {
		t.Run(c.graph, func(t *testing.T) {
			c.config.Epochs, c.config.Warmup, c.config.Device, c.config.Seed, c.config.Prefetch = 2, 1, "cpu", 3, 2
			every := trained(t, c.graph, c.config).Launch
			c.config.Fetch = record.FetchLast
			last := trained(t, c.graph, c.config).Launch
			for i, e := range last.Epochs {
				want := every.Epochs[i]
				if d := math.Abs(float64(e.Loss-want.Loss)) / float64(want.Loss); !(d <= c.tolerance) || e.Steps != want.Steps || e.Samples != want.Samples {
					t.Errorf("epoch %d: %+v, want as %+v", i, e, want)
				}
				if e.Step <= 0 || math.Abs(e.Seconds-e.Wait-e.Step-e.Other) > 1e-6 {
					t.Errorf("epoch %d: its parts are not its time: %+v", i, e)
				}
			}
			if got := last.Resolved.Env[syncOnFinish]; got != "0" || every.Resolved.Env[syncOnFinish] != "" {
				t.Errorf("%s is %q, and %q where each loss is read", syncOnFinish, got, every.Resolved.Env[syncOnFinish])
			}
		})
	}
	told := job(t, protocol.Train, openGraph(t, "linear"), record.Config{Epochs: 1, Device: "cpu", Fetch: record.FetchLast}, map[string]string{syncOnFinish: "1"})
	if got := told.Launch.Resolved.Env[syncOnFinish]; told.Launch.Status != record.OK || got != "1" {
		t.Errorf("%s: %s is %q, want what was set", told.Launch.Status, syncOnFinish, got)
	}
}

// The comparison with Keras runs what is then timed: the mean of all steps follows their
// losses.
func TestParityOfLossAtEnd(t *testing.T) {
	for _, name := range []string{"linear", "mlp", "gru", "mlp-jit", "cnn-digits"} {
		m := openGraph(t, name)
		out := job(t, protocol.Parity, m, record.Config{Device: "cpu", Fetch: record.FetchLast}, nil)
		if out.Launch.Status != record.OK || out.Parity == nil || len(out.Parity.Got) != m.Parity.Steps+1 {
			t.Fatalf("%s: %s %s, %+v\n%s", name, out.Launch.Status, out.Launch.Reason, out.Parity, out.Stderr)
		}
		got, want := float64(out.Parity.Got[m.Parity.Steps]), m.Parity.Mean()
		if d := math.Abs(got-want) / want; !(d <= m.Parity.Tolerance) || float64(out.Parity.Want[m.Parity.Steps]) != want {
			t.Errorf("%s: the mean is %v here, %v in Keras: %.2g apart", name, got, want, d)
		}
	}
}

// A loss that is not finite ends the launch at the end of its epoch.
func TestLossAtEndDiverges(t *testing.T) {
	x, y := make([]float32, 100), make([]float32, 100)
	for i := range x {
		x[i], y[i] = 1e18, -1e18
	}
	c := record.Config{Epochs: 20, Device: "cpu", Data: []string{datatest.Vectors(t, map[string]any{"x": x, "y": y})}, Fetch: record.FetchLast}
	out := job(t, protocol.Train, openGraph(t, "linear"), c, nil)
	if out.Launch.Status != record.Nonfinite || !strings.Contains(out.Launch.Reason, "at one of its steps") {
		t.Errorf("status %s: %s, want %s", out.Launch.Status, out.Launch.Reason, record.Nonfinite)
	}
}
