package monitor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"epochtime/harness/energy"
	"epochtime/harness/machine"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// Watch is the watching of one launch. It is a launch.Observer.
type Watch struct {
	m      *Monitor
	config record.Config
	before record.Conditions
	began  time.Time
	here   bool

	bounds   bounds
	readings thinned // of the goroutine that reads, until ended is closed
	gpus     *gpus   // nil: they are not read
	stop     context.CancelFunc
	ended    chan struct{}
}

// reading is a reading with what the domains took until then.
type reading struct {
	record.Reading
	energy energy.Reading
}

// Watch begins to watch a launch on a job, before its process is started.
func (m *Monitor) Watch(job protocol.Job) *Watch {
	if m == nil {
		return nil
	}
	return &Watch{m: m, config: job.Config, here: true, before: m.sensors.read(), began: m.o.Now(), bounds: bounds{warmup: job.Config.Warmup, read: m.joules}}
}

// Begin begins the readings.
func (w *Watch) Begin(pid int) {
	ctx, stop := context.WithCancel(context.Background())
	w.began, w.stop, w.ended = w.m.o.Now(), stop, make(chan struct{})
	go func() {
		defer close(w.ended)
		w.take(ctx, &processes{proc: filepath.Join(w.m.o.Root, "proc"), members: w.m.o.Members, group: pid})
	}()
}

// take takes readings until ctx is done.
func (w *Watch) take(ctx context.Context, of *processes) {
	every, cost := w.m.o.Every, longest
	timer := time.NewTimer(every)
	defer timer.Stop()
	for first := true; ; first = false {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		before := machine.ProcessorTime()
		w.readings.add(w.read(of))
		if first { // it is cold, and lists processes
			timer.Reset(every)
			continue
		}
		cost = min(cost, machine.ProcessorTime()-before) // the least: others may run meanwhile
		timer.Reset(min(max(every, costShare*cost), max(every, longest)))
	}
}

// read takes one reading.
func (w *Watch) read(of *processes) reading {
	r := reading{energy: w.m.joules()}
	r.Conditions = w.m.sensors.read()
	r.RSS = of.resident(os.Getpagesize())
	r.At = r.energy.At.Sub(w.began).Seconds()
	return r
}

// Event notes where the machine's counters were when an epoch ended, and begins to read
// accelerators once the worker says that it has some.
func (w *Watch) Event(e protocol.Event, at time.Time) {
	if e.Event == protocol.EventHello && e.Hello != nil {
		w.here = w.m.Here(e.Hello.Machine)
		w.gpus = w.m.readGPUs(e.Hello.Machine, w.config)
	}
	w.bounds.event(e, at)
}

// End ends the readings, and writes into a launch what was seen.
func (w *Watch) End(hello *protocol.Hello, l *record.Launch) {
	w.stop()
	<-w.ended
	w.gpus.end()
	readings := w.readings.list
	if w.here {
		after := w.m.sensors.read()
		l.Before, l.After = &w.before, &after
		var lost []string
		l.Energy, lost = w.energy()
		l.Unreadable = slices.Concat(l.Unreadable, w.m.unreadable, lost)
	} else {
		readings = nil
		l.Unreadable = append(l.Unreadable, fmt.Sprintf("clock, temperature and energy: not readable here: the worker runs on another machine, %s", hello.Machine.Hostname))
	}
	l.Readings = w.recorded(readings)
	w.gpus.write(l, w.began, w.bounds)
}

// energy returns what the measured epochs took, or else why that is not known: a part of
// the domains would look like all of them.
func (w *Watch) energy() (took []record.Energy, lost []string) {
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	for _, err := range w.m.counters.Lost() {
		lost = append(lost, "energy: not readable any more: "+err.Error())
	}
	if len(lost) == 0 && w.m.counters != nil && w.bounds.begin != nil && w.bounds.end == nil {
		lost = append(lost, "energy: not known: the epochs are too short and few to be told from the warm-up: measure more of them")
	}
	if len(lost) > 0 || !w.bounds.known() {
		return nil, lost
	}
	from, to := w.bounds.begin, w.bounds.end
	return w.m.counters.Between(from.energy, to.energy, to.epoch-from.epoch, w.bounds.apart()), nil
}

// recorded returns readings as a record has them.
func (w *Watch) recorded(list []reading) []record.Reading {
	out := make([]record.Reading, len(list))
	for i, r := range list {
		out[i] = r.Reading
		if i > 0 {
			out[i].Power = w.m.counters.Power(list[i-1].energy, r.energy)
		}
	}
	return out
}
