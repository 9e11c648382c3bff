package launch

import (
	"time"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// Observer watches the machine while a worker runs. Its methods are called one after
// another, and the launch waits for them.
type Observer interface {
	// Begin is called when the process was started.
	Begin(pid int)
	// Event is called with each event that the job allows, and when it arrived.
	Event(e protocol.Event, at time.Time)
	// End is called after the process and all that it started have ended, also where it
	// failed. hello is nil where the worker sent none. What was seen goes into l.
	End(hello *protocol.Hello, l *record.Launch)
}

// unobserved is the Observer of a worker that has none.
type unobserved struct{}

func (unobserved) Begin(int)                           {}
func (unobserved) Event(protocol.Event, time.Time)     {}
func (unobserved) End(*protocol.Hello, *record.Launch) {}

// observer returns what watches the worker on a job.
func (w *Worker) observer(job protocol.Job) Observer {
	if w.Observe != nil {
		if o := w.Observe(job); o != nil {
			return o
		}
	}
	return unobserved{}
}
