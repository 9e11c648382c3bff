package monitor

import (
	"math"
	"time"

	"epochtime/harness/energy"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// bounds finds where measured epochs begin and end by the counters of the machine: the
// worker tells an epoch's end, and the counters are read as that arrives. A worker tells
// of short epochs several at a time, so that the first of them arrive late. Where the
// epochs begin, the last that arrived together counts then, as it does where they end.
type bounds struct {
	warmup     int
	read       func() energy.Reading
	begin, end *bound
}

// bound is the end of an epoch, or the beginning of the first.
type bound struct {
	epoch  int     // index of the epoch that ended; -1 before the first
	clock  float64 // seconds of the worker's; NaN is not known yet
	at     time.Time
	energy energy.Reading
}

// event takes one event of the worker.
func (b *bounds) event(e protocol.Event, at time.Time) {
	switch {
	case (e.Event == protocol.EventLoaded || e.Event == protocol.EventFirstStep) && b.warmup == 0:
		b.begin = &bound{epoch: -1, clock: math.NaN(), at: at, energy: b.read()}
	case e.Event == protocol.EventEpoch && e.Epoch != nil && e.Epoch.Index >= b.warmup-1:
		b.ended(*e.Epoch, at)
	}
}

func (b *bounds) ended(e record.Epoch, at time.Time) {
	now := &bound{epoch: e.Index, clock: e.Start + e.Seconds + e.Validation, at: at, energy: b.read()}
	switch {
	case e.Warmup:
		b.begin = now
		return
	case b.begin == nil:
		return
	case math.IsNaN(b.begin.clock):
		b.begin.clock = e.Start
	}
	if together := at.Sub(b.begin.at).Seconds() < (now.clock-b.begin.clock)/2; b.end == nil && together {
		b.begin = now
		return
	}
	b.end = now
}

// known reports whether any epoch lies between.
func (b *bounds) known() bool { return b.begin != nil && b.end != nil && b.end.epoch > b.begin.epoch }

// apart returns how much longer the parent saw the epochs take than the worker.
func (b *bounds) apart() time.Duration {
	seen := b.end.at.Sub(b.begin.at)
	return seen - time.Duration((b.end.clock-b.begin.clock)*float64(time.Second))
}
