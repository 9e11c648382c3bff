package main

import (
	"testing"
	"time"

	"epochtime/harness/launch"
	"epochtime/harness/measure"
	"epochtime/harness/record"
)

func TestCosts(t *testing.T) {
	now, cpu := time.Unix(0, 0), time.Duration(0)
	c := &costs{now: func() time.Time { return now }, cpu: func() time.Duration { return cpu }}
	pass := func(wall, took time.Duration) { now, cpu = now.Add(wall), cpu+took }
	pass(time.Second, time.Second) // before any launch
	for run := range 2 {
		c.Launching(measure.Progress{Run: run})
		pass(time.Second, time.Duration(1+run)*time.Millisecond)
	}
	c.Idle()
	pass(time.Hour, time.Hour)
	c.Idle()
	if c.share(0) != 0.001 || c.share(1) != 0.002 {
		t.Errorf("%g and %g", c.share(0), c.share(1))
	}
}

// One side is watched, the other is not.
func TestAlternately(t *testing.T) {
	workers := alternately(func(record.Config) (measure.Launcher, error) { return new(launch.Worker), nil })
	for i, unwatched := range []bool{true, false, true} {
		w, err := workers(record.Config{})
		if got := w.(*launch.Worker).Observe != nil; got != unwatched || err != nil {
			t.Errorf("worker %d has an observer of its own: %v", i, got)
		}
	}
}
