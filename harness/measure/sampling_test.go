package measure

import (
	"testing"

	"epochtime/harness/launch"
	"epochtime/harness/record"
)

// quiet is a worker on this machine, which says nothing of its own.
const quiet = "job\nkeras\n[parity]\nparity\n[train]\ntrain 0.5\n[any]\ndone\n"

func TestSampling(t *testing.T) {
	for _, off := range []bool{false, true} {
		c := configured(t, makeGraph(t, "cnn"))
		c.Config.Worker = scriptedWorker(t, quiet)
		s, err := NewRun([]Configuration{c}, Options{NoSampling: off})
		l := measured(t, s, err).Runs[0].Launches[0]
		if seen := l.Before != nil && l.After != nil; seen == off {
			t.Errorf("without sampling %v: %+v", off, l)
		}
		if off && (len(l.Unreadable) > 0 || len(l.Readings) > 0) {
			t.Errorf("%+v", l)
		}
	}
}

// Of a worker on another machine, the record says why its conditions are not known.
func TestSamplingElsewhere(t *testing.T) {
	c := configured(t, makeGraph(t, "cnn"))
	c.Config.Worker = scriptedWorker(t, "job\nhello\n[parity]\nparity\n[train]\ntrain 0.5\n[any]\ndone\n")
	s, err := NewRun([]Configuration{c}, Options{})
	l := measured(t, s, err).Runs[0].Launches[0]
	const want = "clock, temperature and energy: not readable here: the worker runs on another machine, lab"
	if l.Before != nil || len(l.Unreadable) != 1 || l.Unreadable[0] != want {
		t.Errorf("%+v", l)
	}
}

// The idle power is of the machine of the first launch that was watched, once.
func TestIdlePower(t *testing.T) {
	s := &Session{rec: &record.Record{Machines: make([]record.Machine, 2)}, idle: []record.Power{{Domain: "package-0", Watts: 12}}}
	s.noteIdle(record.Launch{Machine: 1})
	if len(s.rec.Idle) != 0 {
		t.Errorf("of a launch that was not watched: %+v", s.rec.Idle)
	}
	for range 2 {
		s.noteIdle(record.Launch{Machine: 1, Before: &record.Conditions{}})
	}
	if len(s.rec.Idle) != 1 || s.rec.Idle[0] != (record.Power{Machine: 1, Domain: "package-0", Watts: 12}) {
		t.Errorf("%+v", s.rec.Idle)
	}
}

// A worker that has an observer keeps it, and what is no process has none.
func TestSampledWorkers(t *testing.T) {
	m := newMonitor(Options{})
	w := new(launch.Worker)
	if sampled(w, nil); w.Observe != nil {
		t.Error("it is watched by nothing")
	}
	if sampled(w, m); w.Observe == nil {
		t.Error("it is not watched")
	}
	for _, other := range []Launcher{nil, (*launch.Worker)(nil), &lab{}} {
		if got := sampled(other, m); got != other {
			t.Errorf("%T became %T", other, got)
		}
	}
}
