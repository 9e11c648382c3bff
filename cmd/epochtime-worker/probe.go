package main

import (
	"os"

	"epochtime/harness/machine"
	"epochtime/harness/probe"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// probe finds what the machine can do at most.
func (w *worker) probe() error {
	c := w.job.Config
	session := sessionOptions(c)
	session.Executor = "" // it tries more than one
	o := probe.Options{Session: session, Cache: lastCache(machine.Fingerprint())}
	o.Room, _ = machine.Available() // 0 where it is not known
	rates, err := probe.Rates(w.ctx, o)
	if err != nil {
		return err
	}
	return w.events.Send(protocol.Event{Event: protocol.EventProbe, Probe: &protocol.Limits{
		Rates:    rates,
		Resolved: record.Resolved{Device: c.Device, IntraOp: threads(c.IntraOp), InterOp: threads(c.InterOp), Env: machine.Steering(os.Environ())},
	}})
}

// lastCache is the size in bytes of the largest cache of a machine; 0: not known.
func lastCache(m record.Machine) uint64 {
	var out uint64
	for _, c := range m.Caches {
		out = max(out, c.Bytes)
	}
	return out
}
