package measure

import (
	"context"
	"testing"
	"time"

	"epochtime/harness/launch"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// timed gives each thing that a session does a time of its own on a lab's clock.
type timed struct{ *lab }

// worker says where the second between hello and the last word went; Start and Ending are
// the launcher's.
func (l timed) Run(ctx context.Context, job protocol.Job, onEvent func(protocol.Event)) (*launch.Outcome, error) {
	if job.Kind != protocol.Train {
		l.clock.at = l.clock.at.Add(3 * time.Second)
		return l.lab.Run(ctx, job, onEvent)
	}
	out, err := l.lab.Run(ctx, job, onEvent)
	out.Launch.Cold = record.Cold{Start: 1, Data: 0.25, Load: 0.5, First: 0.125, Reset: 0.125}
	out.Launch.Ending = 1
	l.clock.at = l.clock.at.Add(3*time.Second + time.Second/2) // half of it to prepare and clear away the process
	out.Launch.Wall += 3
	return out, err
}

// TestSpent fails where something that a session does is in no part of its time.
func TestSpent(t *testing.T) {
	l := newLab()
	o := l.options()
	o.Workers = func(record.Config) (Launcher, error) { return timed{l}, nil }
	o.Began = l.clock.at.Add(-5 * time.Second) // exporting
	o.Recheck = true                           // other tests may have compared the graph
	saves := 0
	o.Save = func(*record.Record) error {
		saves++
		l.clock.at = l.clock.at.Add(2 * time.Second)
		return nil
	}
	s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"))}, o)
	l.clock.at = l.clock.at.Add(time.Second) // what is between making a session and measuring
	rec := measured(t, s, err)
	if want := (record.Spent{Wall: rec.Spent.Wall, Graphs: 6, Parity: 3, Between: 3, Saving: float64(2 * (saves - 1))}); *rec.Spent != want {
		t.Errorf("the session spent %+v, want %+v", *rec.Spent, want)
	}
	p, known := stats.PartsOf(rec)
	if share := p.Explained(); !known || share < 0.9999 || share > 1.0001 {
		t.Errorf("the parts explain %g of %g s: %v", share, p.Wall, p.List)
	}
}

// A resumed session adds to what the record has.
func TestSpentResumed(t *testing.T) {
	l := newLab()
	o := l.options()
	ctx, stop := context.WithCancel(t.Context())
	o.Save = func(*record.Record) error { stop(); return nil }
	s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"))}, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Measure(ctx); err == nil {
		t.Fatal("it was not interrupted")
	}
	rec := s.Record()
	before := rec.Spent.Wall
	l.clock.at = l.clock.at.Add(time.Hour) // nobody measures
	o = l.options()
	s, err = Resume(rec, o)
	rec = measured(t, s, err)
	p, _ := stats.PartsOf(rec)
	if share := p.Explained(); before <= 0 || rec.Spent.Wall <= before || share < 0.99 || share > 1.0001 {
		t.Errorf("after %g s, the parts explain %g of %g s: %v", before, share, p.Wall, p.List)
	}
}

// The first machine has the name that is asked for, and keeps it.
func TestMachineName(t *testing.T) {
	l := newLab()
	o := l.options()
	o.MachineName = "candidate"
	s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"))}, o)
	rec := measured(t, s, err)
	if len(rec.Machines) != 1 || rec.Machines[0].Name != "candidate" {
		t.Fatalf("the machines are %+v", rec.Machines)
	}
	rec.Status = record.Incomplete
	s, err = Resume(rec, l.options())
	if err != nil {
		t.Fatal(err)
	}
	lab := rec.Machines[0]
	lab.Name, lab.Kernel = "", "another"
	if i := s.machine(lab); i != 1 || rec.Machines[1].Name != "candidate" {
		t.Errorf("after an upgrade of its kernel, the machines are %+v", rec.Machines)
	}
	lab.Hostname, lab.ID = "second", "0000000000000000"
	if i := s.machine(lab); i != 2 || rec.Machines[2].Name != "" {
		t.Errorf("with another machine, they are %+v", rec.Machines)
	}
	for name, ok := range map[string]bool{"": true, "node 7 (Köln)": true, " x": false, "a\nb": false, "\x1b[31m": false, "\xff": false, string(make([]byte, 65)): false} {
		if err := CheckMachineName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}
