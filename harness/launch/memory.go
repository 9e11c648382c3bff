package launch

import (
	"errors"
	"time"

	"epochtime/harness/record"
)

// Memory bounds what a worker, with all that it starts, may take. Where the
// system offers a group that the kernel watches over, that is used; else the
// worker is looked at now and then, and killed when it has grown too large.
type Memory struct {
	Limit uint64 // bytes; 0 is none
	// NewGroup makes a group of that limit; nil, or an error, where there is none.
	NewGroup func(limit uint64) (MemoryGroup, error)
	// Resident is the memory, in bytes, that a process and those of its process
	// group hold; false where that is not known.
	Resident func(pid int) (uint64, bool)
}

// MemoryGroup is a set of processes whose memory the kernel limits.
type MemoryGroup interface {
	Add(pid int) error // and whatever it starts from then on
	Kills() (int64, bool)
	Close() error
}

// How often a worker's memory is looked at where no kernel does, and where one
// does: a wrapper's child may have been started before it was in the group.
const (
	watchEvery = 100 * time.Millisecond
	checkEvery = time.Second
)

// watched is what holds a running worker to its limit.
type watched struct {
	group MemoryGroup
	tick  *time.Ticker
	grown bool
}

// ErrNoLimit reports that this system cannot hold a worker to a memory limit.
var ErrNoLimit = errors.New("this system has no way to hold a worker to a memory limit")

// limit holds the worker that was just started to its memory limit. It is given
// no job before, and so has taken little. An error says that there is no way to.
func (r *running) limit() error {
	m := r.worker.Memory
	if m.Limit == 0 {
		return nil
	}
	if m.NewGroup != nil {
		if group, err := m.NewGroup(m.Limit); err == nil {
			if err := group.Add(r.cmd.Process.Pid); err == nil {
				r.memory.group = group
			} else {
				_ = group.Close() // it is empty: the watch takes over
			}
		}
	}
	if m.Resident != nil {
		every := watchEvery
		if r.memory.group != nil {
			every = checkEvery
		}
		r.memory.tick = time.NewTicker(every)
	}
	if r.memory.group == nil && m.Resident == nil {
		return ErrNoLimit
	}
	return nil
}

// ticks is nil where no memory is watched.
func (r *running) ticks() <-chan time.Time {
	if r.memory.tick == nil {
		return nil
	}
	return r.memory.tick.C
}

// look kills a worker that has grown too large.
func (r *running) look() {
	if size, ok := r.worker.Memory.Resident(r.cmd.Process.Pid); ok && size > r.worker.Memory.Limit {
		r.memory.grown = true
		r.stop(record.OOM)
		r.kill()
	}
}

// overLimit tells whether the worker ended because it took too much memory.
func (r *running) overLimit() bool {
	if r.memory.grown {
		return true
	}
	if r.memory.group == nil {
		return false
	}
	kills, ok := r.memory.group.Kills()
	return ok && kills > 0
}

// release gives up what held the worker to its limit.
func (r *running) release() {
	if r.memory.tick != nil {
		r.memory.tick.Stop()
	}
	if r.memory.group != nil {
		_ = r.memory.group.Close() // a group that stays behind is empty
	}
}
