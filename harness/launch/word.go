package launch

import (
	"errors"
	"fmt"
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
	protocol.Trace:   {protocol.EventLoaded, protocol.EventFirstStep, protocol.EventTrace, protocol.EventMemory},

	protocol.Examples: {protocol.EventExamples},
	protocol.Stages:   {protocol.EventStages},
	protocol.Monitor:  {protocol.EventReading},
	protocol.Probe:    {protocol.EventProbe},
}

// received are the events that come before those of a worker elsewhere that reads files.
var received = []string{protocol.EventWant, protocol.EventReceived}

// needed are the events without which a job of a kind is not done. First steps
// may be inside the first epoch.
var needed = map[protocol.Kind][]string{
	protocol.Train:  {protocol.EventLoaded, protocol.EventEpoch, protocol.EventMemory},
	protocol.Parity: {protocol.EventParity},
	protocol.Doctor: {protocol.EventDoctor},
	protocol.Trace:  {protocol.EventTrace},

	protocol.Examples: {protocol.EventExamples},
	protocol.Stages:   {protocol.EventStages},
	protocol.Probe:    {protocol.EventProbe},
}

// word checks what a worker says against its job.
type word struct {
	job   protocol.Job
	began func() float64 // seconds since the process was started, by the parent's clock

	elsewhere bool // as the worker says

	said     map[string]bool
	place    int // in the order of the job's kind, of the last event
	over     bool
	resolved record.Resolved
	epochs   int
	begin    float64 // of the first measured epoch, in seconds of the worker's clock
	end      float64 // of the last epoch, likewise
	resident uint64  // the largest memory after an epoch, in bytes
}

// newWord returns a check of a worker that was just started.
func newWord(job protocol.Job, r *running) *word {
	return &word{job: job, said: map[string]bool{}, began: func() float64 { return wallclock.Since(r.began).Seconds() }}
}

// check returns ErrProtocol for an event that cannot come now, or says what
// cannot be.
func (w *word) check(e protocol.Event) error {
	switch {
	case e.Event == protocol.EventAlive && w.elsewhere: // also while it ends
		return nil
	case w.over:
		return broken("it sent %q after its last word", e.Event)
	case empty(e):
		return broken("its event %q is empty", e.Event)
	case e.Event == protocol.EventError:
		w.over = true
		return nil
	case len(w.said) == 0 && e.Event != protocol.EventHello:
		return broken("its first event is %q, not hello", e.Event)
	case e.Event == protocol.EventDone:
		w.over = true
		return w.whole()
	}
	if err := w.inOrder(e.Event); err != nil {
		return err
	}
	w.said[e.Event] = true
	return w.content(e)
}

// inOrder returns ErrProtocol for an event that its job does not have, or that comes
// too late or again. A worker of another version was refused at its hello, so an
// unknown event is no other version's.
func (w *word) inOrder(event string) error {
	if event == protocol.EventHello {
		return w.once(event)
	}
	order := orders[w.job.Kind]
	if w.elsewhere && w.job.Kind.ReadsFiles() {
		order = slices.Concat(received, order)
	}
	place := slices.Index(order, event)
	switch {
	case place < 0:
		return broken("it sent %q for a job of the kind %s", event, w.job.Kind)
	case place+1 < w.place:
		return broken("it sent %q after %q", event, order[w.place-1])
	}
	w.place = place + 1
	switch event {
	case protocol.EventEpoch, protocol.EventTrace, protocol.EventReading, protocol.EventWant: // the first two are numbered
		return nil
	}
	return w.once(event)
}

// once refuses an event that came before.
func (w *word) once(event string) error {
	if w.said[event] {
		return broken("it sent %q twice", event)
	}
	return nil
}

// content checks what an event says.
func (w *word) content(e protocol.Event) error {
	switch e.Event {
	case protocol.EventHello:
		w.elsewhere = e.Hello.Elsewhere
		return hello(e.Hello)
	case protocol.EventReceived:
		if err := possible("the files", figure{"bytes", float64(e.Received.Bytes)}, figure{"seconds", e.Received.Seconds}); err != nil {
			return err
		}
		return w.within("the files", e.Received.Seconds)
	case protocol.EventLoaded:
		w.resolved = e.Loaded.Resolved
		return w.loaded(e.Loaded)
	case protocol.EventFirstStep:
		return w.firstStep(e.FirstStep)
	case protocol.EventEpoch:
		return w.epoch(e.Epoch)
	case protocol.EventMemory:
		return w.usage(e.Memory)
	case protocol.EventWeights:
		return saved("weights", e.Weights, w.job.SaveWeights)
	case protocol.EventExamples:
		return saved("examples", e.Examples, w.job.Examples)
	case protocol.EventStages:
		return stages(e.Stages)
	case protocol.EventReading:
		return reading(e.Reading)
	case protocol.EventProbe:
		return w.limits(e.Probe)
	case protocol.EventParity:
		return losses(e.Parity)
	case protocol.EventDoctor:
		return health(e.Doctor)
	case protocol.EventTrace:
		return spans(e.Trace)
	}
	return nil
}

// epoch checks one epoch: its number, mark, examples and steps, its loss and times.
func (w *word) epoch(e *record.Epoch) error {
	c := w.job.Config
	switch {
	case !w.said[protocol.EventLoaded]:
		return broken("it sent no %q before its first epoch", protocol.EventLoaded)
	case w.enough() && c.Timed():
		return broken("epoch %d came after %g s of epochs, and %g s were asked for", e.Index, w.took(), c.For)
	case w.enough():
		return broken("it sent more than the %d epochs that were asked for", c.Warmup+c.Epochs)
	case e.Index != w.epochs:
		return broken("epoch %d came where epoch %d was due", e.Index, w.epochs)
	case e.Warmup != (e.Index < c.Warmup):
		return broken("epoch %d is not marked as the job says: %d epochs of warm-up were asked for", e.Index, c.Warmup)
	case e.Steps < 1 || e.Samples < e.Steps:
		return broken("epoch %d has %d examples in %d steps", e.Index, e.Samples, e.Steps)
	case w.resolved.Samples > 0 && e.Samples != w.resolved.Samples:
		return broken("epoch %d has %d examples, and the data has %d", e.Index, e.Samples, w.resolved.Samples)
	case w.resolved.Steps > 0 && e.Steps != w.resolved.Steps:
		return broken("epoch %d has %d steps, and %d batches were announced", e.Index, e.Steps, w.resolved.Steps)
	case e.NewShapes < 0:
		return broken("epoch %d has %d new shapes", e.Index, e.NewShapes)
	case !finite(float64(e.Loss)):
		return broken("the loss of epoch %d is not finite", e.Index)
	}
	if w.epochs == c.Warmup {
		w.begin = e.Start
	}
	w.epochs++
	w.resident = max(w.resident, e.RSS)
	if err := w.validation(e); err != nil {
		return err
	}
	return w.times(e)
}

// enough reports whether the job has all of its epochs.
func (w *word) enough() bool {
	c := w.job.Config
	return w.epochs >= c.Warmup && c.Enough(w.epochs-c.Warmup, w.took())
}

// took is how long the measured epochs took so far, in seconds.
func (w *word) took() float64 {
	if w.epochs <= w.job.Config.Warmup {
		return 0
	}
	return w.end - w.begin
}

// whole checks, at the end, that nothing is missing.
func (w *word) whole() error {
	c := w.job.Config
	switch {
	case w.job.Kind == protocol.Train && c.Epochs < 1 && !c.Timed():
		return broken("it is done, and measured no epoch")
	case w.job.Kind == protocol.Train && w.said[protocol.EventLoaded] && !w.enough() && c.Timed():
		return broken("it is done after %g s of epochs where %g s were asked for", w.took(), c.For)
	case w.job.Kind == protocol.Train && w.said[protocol.EventLoaded] && !w.enough():
		return broken("%d epochs where %d were asked for", w.epochs, c.Warmup+c.Epochs)
	}
	for _, event := range needed[w.job.Kind] {
		if !w.said[event] {
			return broken("it is done, and sent no %q", event)
		}
	}
	if w.job.Kind == protocol.Train && w.job.SaveWeights != "" && !w.said[protocol.EventWeights] {
		return broken("it is done, and saved no weights")
	}
	return nil
}

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrProtocol, fmt.Sprintf(format, args...))
}

// empty reports whether an event of this version lacks the field of its name.
func empty(e protocol.Event) bool {
	switch e.Event {
	case protocol.EventHello:
		return e.Hello == nil
	case protocol.EventWant:
		return e.Want == nil
	case protocol.EventReceived:
		return e.Received == nil
	case protocol.EventLoaded:
		return e.Loaded == nil
	case protocol.EventFirstStep:
		return e.FirstStep == nil
	case protocol.EventEpoch:
		return e.Epoch == nil
	case protocol.EventMemory:
		return e.Memory == nil
	case protocol.EventWeights:
		return e.Weights == nil
	case protocol.EventExamples:
		return e.Examples == nil
	case protocol.EventStages:
		return e.Stages == nil
	case protocol.EventReading:
		return e.Reading == nil
	case protocol.EventParity:
		return e.Parity == nil
	case protocol.EventDoctor:
		return e.Doctor == nil
	case protocol.EventTrace:
		return e.Trace == nil
	case protocol.EventProbe:
		return e.Probe == nil
	case protocol.EventError:
		return e.Error == nil
	}
	return false
}
