package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"epochtime/harness/launch"
	"epochtime/harness/nvml"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// Where no driver is loaded, a monitor says so; elsewhere it reads until it is asked to
// stop.
func TestMonitor(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	d, none := nvml.Open()
	d.Close()
	w := &launch.Worker{Argv: []string{self}, Grace: time.Minute, Quiet: map[string]string{asWorker: "1"}}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	readings := 0
	out, err := w.Run(ctx, protocol.Job{Kind: protocol.Monitor, Config: record.Config{Device: "cpu"}, Every: 0.05}, func(e protocol.Event) {
		if e.Event == protocol.EventReading {
			readings++
			stop()
		}
	})
	switch {
	case err != nil:
		t.Fatal(err)
	case none != nil && (out.Failure == nil || out.Failure.Code != protocol.CodeDevice || !strings.HasPrefix(out.Launch.Reason, nvml.ErrNone.Error()) || len(out.Hello.Machine.GPUs) > 0):
		t.Errorf("without a driver: %+v", out)
	case none == nil && (out.Launch.Status != record.OK || readings < 2 || len(out.Hello.Machine.GPUs) == 0):
		t.Errorf("%d readings: %+v", readings, out)
	}
}

// A launch for a time measures whole epochs until it has passed, and one at least.
func TestForTime(t *testing.T) {
	for _, c := range []record.Config{
		{Batch: 32, Device: "cpu", Warmup: 1, For: 0.2},
		{Batch: 32, Device: "cpu", Warmup: 2, For: 1e-9},
		{Batch: 32, Device: "cpu", For: 0.01, Feed: record.FeedResident},
	} {
		out := trained(t, "linear", c)
		measured := out.Launch.Epochs[c.Warmup:] // the parent has checked the marks
		if len(measured) == 0 {
			t.Fatalf("%+v: no epoch is measured", c)
		}
		took := func(i int) float64 { return measured[i].Start + measured[i].Seconds - measured[0].Start }
		if n := len(measured); took(n-1) < c.For || n > 1 && took(n-2) >= c.For {
			t.Errorf("%+v: %g s after %d epochs", c, took(n-1), n)
		}
		if c.For < 1e-6 && len(measured) != 1 {
			t.Errorf("%d epochs where one takes longer", len(measured))
		}
	}
}
