package launch

import (
	"errors"
	"time"

	"epochtime/harness/record"
)

// Memory limits the memory of a worker and of the processes that it starts. The
// kernel enforces the limit where NewGroup works. Elsewhere the worker's memory is
// read at intervals, and the worker is killed once it exceeds the limit.
type Memory struct {
	Limit uint64 // bytes; 0 is none
	// NewGroup makes a group with that limit. It may be nil, and may fail.
	NewGroup func(limit uint64) (MemoryGroup, error)
	// Resident returns the memory, in bytes, that the processes of a process group
	// hold, and false where that is not known. It may be nil.
	Resident func(pid int) (uint64, bool)
}

// MemoryGroup is a set of processes whose memory the kernel limits.
type MemoryGroup interface {
	Add(pid int) error    // also adds what the process starts from then on
	Kills() (int64, bool) // by the kernel, for lack of memory
	Kill() error          // ends all of its processes
	Close() error
}

// Intervals at which a worker's memory is read, without a group and with one. With
// a group, a wrapper's child may have been started before the wrapper was added.
const (
	watchEvery = 100 * time.Millisecond
	checkEvery = time.Second
)

// watched enforces a running worker's memory limit.
type watched struct {
	group MemoryGroup
	tick  *time.Ticker
	over  bool // the worker exceeded the limit
}

// ErrNoLimit means that this system cannot limit a worker's memory.
var ErrNoLimit = errors.New("this system cannot limit the memory of a worker")

// limit begins to enforce the memory limit of the worker that was just started. The
// worker has no job yet, and so holds little memory. The error is ErrNoLimit.
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
				_ = group.Close() // it is empty
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

// ticks returns when to read the worker's memory; nil is never.
func (r *running) ticks() <-chan time.Time {
	if r.memory.tick == nil {
		return nil
	}
	return r.memory.tick.C
}

// look kills the worker if it exceeds its memory limit.
func (r *running) look() {
	if size, ok := r.worker.Memory.Resident(r.cmd.Process.Pid); ok && size > r.worker.Memory.Limit {
		r.memory.over = true
		r.stop(&Ending{Status: record.OOM})
		r.kill()
	}
}

// overLimit reports whether the worker ended because it exceeded its memory limit.
func (r *running) overLimit() bool {
	if r.memory.over {
		return true
	}
	if r.memory.group == nil {
		return false
	}
	kills, ok := r.memory.group.Kills()
	return ok && kills > 0
}

// release frees what watched the worker and its memory limit, and ends what supplied it.
func (r *running) release() {
	if r.heard != nil {
		r.heard.Stop()
	}
	if r.supply != nil {
		r.supply.cancel()
		<-r.supply.over
	}
	if r.memory.tick != nil {
		r.memory.tick.Stop()
	}
	if r.memory.group != nil {
		_ = r.memory.group.Close() // a group that stays behind is empty
	}
}
