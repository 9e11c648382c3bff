// Package monitor watches the machine beside a launch, from the parent of the worker: what
// the machine is like before, while and after it runs, the memory of the worker, and the
// energy that whole epochs take. What cannot be read is said, and never 0.
package monitor

import (
	"cmp"
	"context"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"epochtime/harness/energy"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// defaultEvery is Options.Every where none is set.
const defaultEvery = time.Second

// Reading takes at most one part in costShare of a processor. Where a reading takes long, as
// on a machine of many cores, readings are further apart, but no further than longest:
// counters wrap.
const (
	costShare = 500
	longest   = 30 * time.Second
)

// Options of a Monitor.
type Options struct {
	Root    string                // of the system's files; empty is /
	Every   time.Duration         // between readings; 0 is a second
	Machine func() record.Machine // this machine; nil: all workers are taken to run on it
	Members func(group int) []int // the processes of a process group; nil: not known
	Now     func() time.Time      // nil is time.Now

	// GPUs runs until ctx is done, and calls on with each reading of the accelerators that a
	// worker with this configuration sees; nil: they are not read.
	GPUs func(ctx context.Context, of record.Machine, c record.Config, every time.Duration, on func(protocol.Reading)) error
}

// Monitor watches one machine. A nil Monitor watches nothing.
type Monitor struct {
	o          Options
	sensors    sensors
	this       record.Machine
	unreadable []string // for a record

	mu       sync.Mutex // of what follows
	counters *energy.Counters
	last     energy.Reading
}

// New returns a Monitor of this machine.
func New(o Options) *Monitor {
	o.Root, o.Every = cmp.Or(o.Root, "/"), cmp.Or(o.Every, defaultEvery)
	if o.Now == nil {
		o.Now = time.Now
	}
	m := &Monitor{o: o, sensors: findSensors(o.Root)}
	if o.Machine != nil {
		m.this = o.Machine()
	}
	var err error
	if m.counters, err = energy.Open(o.Root, o.Now); err != nil {
		m.unreadable = append(m.unreadable, energyOf+err.Error())
	}
	m.unreadable = append(m.unreadable, m.sensors.missing...)
	return m
}

// Unreadable says what of this machine cannot be read, and why.
func (m *Monitor) Unreadable() []string {
	if m == nil {
		return nil
	}
	return m.unreadable
}

// Energy says which energy counters of this machine can be read, or why none can.
func (m *Monitor) Energy() string {
	switch {
	case m == nil:
		return ""
	case m.counters == nil:
		return strings.TrimPrefix(m.unreadable[0], energyOf)
	}
	return "counted of " + strings.Join(m.counters.Domains(), ", ")
}

// energyOf begins what is said of energy that cannot be read.
const energyOf = "energy: "

// joules reads the energy counters. A reading that is younger than the counters' own
// update is returned again.
func (m *Monitor) joules() energy.Reading {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.counters == nil {
		return energy.Reading{At: m.o.Now()}
	}
	if m.last.At.IsZero() || m.o.Now().Sub(m.last.At) >= energy.Update {
		m.last = m.counters.Read()
	}
	return m.last
}

// Idle measures the power of each domain for that time, while nothing is measured. It is
// nil where energy cannot be read, or ctx ends before.
func (m *Monitor) Idle(ctx context.Context, d time.Duration) []record.Power {
	if m == nil || m.counters == nil {
		return nil
	}
	from := m.joules()
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(d):
	}
	return m.counters.Power(from, m.joules())
}

// Here reports whether a worker runs on this machine, by what it says of its own. One
// that says nothing does.
func (m *Monitor) Here(worker record.Machine) bool {
	if m == nil || worker.Cores == 0 || m.o.Machine == nil {
		return true
	}
	// Its cores may be fewer: a wrapper may keep it to some.
	return worker.Hostname == m.this.Hostname && worker.Kernel == m.this.Kernel && worker.Arch == m.this.Arch && worker.CPU == m.this.CPU
}

// processes are those of a worker.
type processes struct {
	proc    string
	members func(group int) []int
	group   int
	known   []int
	looks   int // until they are listed anew
}

// lookEvery is how many readings use the same list of processes.
const lookEvery = 16

// resident returns the memory that the processes hold, in bytes; 0 is unknown.
func (p *processes) resident(page int) uint64 {
	if p.looks--; p.looks < 0 {
		p.looks, p.known = lookEvery, []int{p.group}
		if p.members != nil {
			p.known = p.members(p.group)
		}
	}
	var pages uint64
	for _, pid := range p.known {
		fields := strings.Fields(read(filepath.Join(p.proc, strconv.Itoa(pid), "statm")))
		if len(fields) > 1 {
			n, _ := strconv.ParseUint(fields[1], 10, 64) // 0 of what has ended
			pages += n
		}
	}
	return pages * uint64(page)
}
