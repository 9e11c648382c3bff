package launch

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/internal/wallclock"
)

// ErrProtocol reports that a worker said something that its job does not allow.
var ErrProtocol = errors.New("the worker broke the protocol")

// orders are the events of each kind of job after hello, in their order. An error
// may come at any point; done comes last.
var orders = map[protocol.Kind][]string{
	protocol.Train:   {protocol.EventLoaded, protocol.EventFirstStep, protocol.EventEpoch, protocol.EventMemory, protocol.EventWeights},
	protocol.Parity:  {protocol.EventLoaded, protocol.EventParity},
	protocol.Devices: {},
	protocol.Doctor:  {protocol.EventDoctor},
	protocol.Trace:   {protocol.EventLoaded, protocol.EventFirstStep, protocol.EventTrace},
}

// needed are the events without which a job of a kind is not done. First steps
// may be inside the first epoch, and parity is judged by who asked for it.
var needed = map[protocol.Kind][]string{
	protocol.Train: {protocol.EventLoaded, protocol.EventMemory},
}

// word checks what a worker says against its job.
type word struct {
	job   protocol.Job
	began func() float64 // seconds since the process was started, by the parent's clock

	said     map[string]bool
	place    int // in the order of the job's kind, of the last event
	over     bool
	resolved record.Resolved
	epochs   int
	end      float64 // of the last epoch, in seconds of the worker's clock
}

// check returns ErrProtocol for an event that cannot come now, or says what
// cannot be.
func (w *word) check(e protocol.Event) error {
	switch {
	case w.over:
		return broken("it sent %q after its last word", e.Event)
	case e.Event == protocol.EventDone:
		w.over = true
		return w.whole()
	case e.Event == protocol.EventError:
		w.over = true
		return nil
	case e.Event == protocol.EventHello:
		return w.once(e.Event)
	case !known(e.Event): // of a later version
		return nil
	}
	order := orders[w.job.Kind]
	place := slices.Index(order, e.Event)
	switch {
	case place < 0:
		return broken("it sent %q for a job of the kind %s", e.Event, w.job.Kind)
	case place+1 < w.place:
		return broken("it sent %q after %q", e.Event, order[w.place-1])
	}
	w.place = place + 1
	switch e.Event {
	case protocol.EventEpoch:
		return w.epoch(e.Epoch)
	case protocol.EventTrace:
		return nil // its parts are numbered
	case protocol.EventLoaded:
		if e.Loaded == nil {
			return broken("its event %q is empty", e.Event)
		}
		w.resolved = e.Loaded.Resolved
	}
	return w.once(e.Event)
}

// once refuses an event that came before.
func (w *word) once(event string) error {
	if w.said == nil {
		w.said = map[string]bool{}
	}
	if w.said[event] {
		return broken("it sent %q twice", event)
	}
	w.said[event] = true
	return nil
}

// epoch checks one epoch: its number, mark, examples and steps, and its times.
func (w *word) epoch(e *record.Epoch) error {
	c := w.job.Config
	switch {
	case e == nil:
		return broken("its event %q is empty", protocol.EventEpoch)
	case w.epochs >= c.Warmup+c.Epochs:
		return broken("it sent more than the %d epochs that were asked for", c.Warmup+c.Epochs)
	case e.Index != w.epochs:
		return broken("epoch %d came where epoch %d was due", e.Index, w.epochs)
	case e.Warmup != (e.Index < c.Warmup):
		return broken("epoch %d is not marked as the job says: %d epochs of warm-up were asked for", e.Index, c.Warmup)
	case w.resolved.Samples > 0 && e.Samples != w.resolved.Samples:
		return broken("epoch %d has %d examples, and the data has %d", e.Index, e.Samples, w.resolved.Samples)
	case w.resolved.Steps > 0 && e.Steps != w.resolved.Steps:
		return broken("epoch %d has %d steps, and %d batches were announced", e.Index, e.Steps, w.resolved.Steps)
	}
	w.epochs++
	return w.times(e)
}

// rounding is how far sums of seconds may be off.
const rounding = 1e-6

// times checks that an epoch's times can be: finite and not negative, within the
// epoch, after the one before, and within what the parent saw pass.
func (w *word) times(e *record.Epoch) error {
	for name, v := range map[string]float64{
		"start_s": e.Start, "seconds": e.Seconds, "wait_s": e.Wait, "step_s": e.Step, "other_s": e.Other, "preprocess_s": e.Preprocess,
	} {
		if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			return broken("%s of epoch %d is %g", name, e.Index, v)
		}
	}
	end := e.Start + e.Seconds
	slack := rounding * math.Max(1, end)
	switch parts, wall := e.Wait+e.Step+e.Other, w.began(); {
	case math.Abs(parts-e.Seconds) > slack:
		return broken("the parts of epoch %d are %g s, and the epoch %g s", e.Index, parts, e.Seconds)
	case e.Start < w.end-slack:
		return broken("epoch %d begins at %g s, before the end of the one before at %g s", e.Index, e.Start, w.end)
	case end > wall+slack:
		return broken("epoch %d ends at %g s, and the process has run for %g s", e.Index, end, wall)
	}
	w.end = end
	return nil
}

// whole checks, at the end, that nothing is missing.
func (w *word) whole() error {
	for _, event := range needed[w.job.Kind] {
		if !w.said[event] {
			return broken("it is done, and sent no %q", event)
		}
	}
	c := w.job.Config
	switch {
	case w.job.Kind != protocol.Train:
		return nil
	case w.epochs != c.Warmup+c.Epochs:
		return broken("%d epochs where %d were asked for", w.epochs, c.Warmup+c.Epochs)
	case w.job.SaveWeights != "" && !w.said[protocol.EventWeights]:
		return broken("it is done, and saved no weights")
	}
	return nil
}

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrProtocol, fmt.Sprintf(format, args...))
}

// known reports whether an event is one of this version's.
func known(event string) bool {
	for _, order := range orders {
		if slices.Contains(order, event) {
			return true
		}
	}
	return false
}

// newWord returns a check of a worker that was just started.
func newWord(job protocol.Job, r *running) *word {
	return &word{job: job, began: func() float64 { return wallclock.Since(r.began).Seconds() }}
}
