package main

import (
	"strings"
	"testing"

	"epochtime/harness/graph"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// A probe finds every limit that a CPU has, with the threads that were asked for.
func TestProbe(t *testing.T) {
	out := job(t, protocol.Probe, &graph.Manifest{}, record.Config{Device: "cpu", IntraOp: 1}, nil)
	l := out.Launch
	if l.Status != record.OK || l.Resolved.Device != "cpu" || l.Resolved.IntraOp != 1 || l.Resolved.InterOp < 1 || l.TensorFlow == "" {
		t.Fatalf("%s %s: %+v", l.Status, l.Reason, l.Resolved)
	}
	limits := record.Limits{Rates: l.Rates}
	for _, name := range []string{record.RateMatMul + "-float32", record.RateConv + "-float32", record.RateMemory, record.RateEmptyStep} {
		if _, ok := limits.Rate(name); !ok {
			t.Errorf("no %s among %+v", name, l.Rates)
		}
	}
}

func TestProbeWithoutDevice(t *testing.T) {
	out := job(t, protocol.Probe, &graph.Manifest{}, record.Config{Device: "gpu"}, nil)
	if out.Launch.Status != record.Error || !out.Setup || !strings.Contains(out.Launch.Reason, "sees CPU:0") {
		t.Errorf("%s %s", out.Launch.Status, out.Launch.Reason)
	}
}
