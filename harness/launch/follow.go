package launch

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"time"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/internal/interrupt"
	"epochtime/internal/process"
)

// drainTime is how long to wait for output after the worker has ended. A process
// that it started may hold the pipe open, as ssh does for its next connections.
const drainTime = 500 * time.Millisecond

// follow takes events until both the worker and its output have ended.
func (r *running) follow(ctx context.Context) {
	defer r.stdout.Close()
	events, ended := r.read()
	exited, interrupted, hurried := r.exited, ctx.Done(), interrupt.Now(ctx)
	var grace, drained <-chan time.Time
	for ended != nil || exited != nil {
		select {
		case e := <-events:
			r.take(e)
		case err := <-ended:
			ended = nil
			r.lastLine(err)
			if exited != nil { // it can say nothing any more
				grace = r.grace(grace)
			}
		case r.exit = <-exited:
			exited, r.ended = nil, true
			r.kill() // processes that it left would disturb the next launch
			drained = time.After(drainTime)
		case <-drained:
			if unread(r.stdout) { // by this process, which is late
				drained = time.After(drainTime)
				continue
			}
			r.stdout.Close()
		case <-interrupted:
			interrupted = nil
			if r.interrupt(context.Cause(ctx)) {
				grace = r.grace(grace)
			}
		case <-r.ticks():
			r.look()
		case <-r.silences():
			r.listen()
		case err := <-r.supplies():
			r.supplied(err)
		case <-hurried:
			hurried = nil
			r.stop(&Ending{record.Interrupted, stoppedEarly})
			r.giveUp()
		case <-grace:
			r.giveUp()
		}
		if r.word.over { // nothing but its end is missing
			interrupted, grace = nil, r.grace(grace)
		}
	}
}

// grace returns when a worker that has to end is killed, which is not put off.
func (r *running) grace(begun <-chan time.Time) <-chan time.Time {
	if begun != nil {
		return begun
	}
	return time.After(cmp.Or(r.worker.Grace, defaultGrace))
}

// giveUp kills a worker that does not end.
func (r *running) giveUp() {
	r.late = r.late || r.done && !r.ended
	r.kill()
}

// stoppedEarly is the reason of a launch that the user interrupts.
const stoppedEarly = "stopped before it was done"

// interrupt stops the worker because ctx has ended by cause. It reports whether the
// worker may take its time.
func (r *running) interrupt(cause error) bool {
	end := &Ending{record.Interrupted, stoppedEarly}
	errors.As(cause, &end)
	r.stop(end)
	if end.Status == record.Timeout {
		r.kill()
		return false
	}
	r.ask()
	return true
}

// read sends events until there are no more, and then the error that ended them.
func (r *running) read() (<-chan protocol.Event, <-chan error) {
	events, ended := make(chan protocol.Event), make(chan error, 1)
	go func() {
		in := protocol.NewReader(r.stdout)
		for {
			e, err := in.Next()
			if err != nil {
				ended <- err
				return
			}
			events <- e
		}
	}()
	return events, ended
}

// stop notes why the worker is stopped. The first reason counts.
func (r *running) stop(why *Ending) {
	if r.stopped == nil {
		r.stopped = why
	}
}

// lastLine takes the error that ended the events.
func (r *running) lastLine(err error) {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, os.ErrClosed), r.stopped != nil, r.wrong != nil:
	case errors.Is(err, io.ErrUnexpectedEOF):
		r.cut = true // the way it ended says more
	default:
		r.refuse(err)
	}
}

// refuse kills a worker that sent a wrong event.
func (r *running) refuse(err error) {
	r.wrong = err
	r.kill()
}

// take records one event.
func (r *running) take(e protocol.Event) {
	if r.wrong != nil {
		return
	}
	if err := r.word.check(e); err != nil {
		r.refuse(err)
		return
	}
	now := time.Now()
	r.last = now
	r.observer.Event(e, now) // first: the time that passes is in what it measures

	if e.Event != protocol.EventDone { // what a script does after its training is of the ending
		r.said = now
	}
	l := &r.out.Launch
	switch e.Event {
	case protocol.EventHello:
		r.out.Hello = e.Hello
		l.Cold.Start = now.Sub(r.began).Seconds()
		l.TensorFlow, l.Build, l.Versions = e.Hello.TensorFlow, e.Hello.Build, e.Hello.Versions
		if e.Hello.Elsewhere && r.worker.Memory.Limit > 0 {
			r.refuse(errMemoryElsewhere)
			return
		}
		if e.Hello.Elsewhere {
			r.elsewhere()
		}
	case protocol.EventReceived:
		l.Cold.Transfer, l.Cold.Sent = e.Received.Seconds, e.Received.Bytes
	case protocol.EventLoaded:
		l.Cold.Data, l.Cold.Load = e.Loaded.Data, e.Loaded.Seconds
		l.Devices, l.Resolved, l.Warnings = e.Loaded.Devices, e.Loaded.Resolved, e.Loaded.Warnings
	case protocol.EventFirstStep:
		f := e.FirstStep
		l.Cold.FirstStep, l.Cold.Compile, l.Cold.Upload, l.Cold.First, l.Cold.Reset = f.Seconds, f.Compile, f.Upload, f.All, f.Reset
		l.Resolved.Copied, l.Resolved.Borrowed = f.Kept, f.Borrowed
	case protocol.EventEpoch:
		r.kept.add(l, *e.Epoch, r.word.job.Config.Timed())
		if l.Resolved.Samples == 0 { // of a pipeline whose passes may differ
			l.Resolved.Samples, l.Resolved.Steps = e.Epoch.Samples, e.Epoch.Steps
		}
	case protocol.EventMemory:
		l.Memory, l.Disturbance, l.Around = e.Memory.Memory, e.Memory.Disturbance, e.Memory.Around
	case protocol.EventProbe:
		l.Resolved, l.Rates = e.Probe.Resolved, e.Probe.Rates
		l.Probing = now.Sub(r.began).Seconds() - l.Cold.Start
	case protocol.EventError:
		r.out.Failure = e.Error
	case protocol.EventDone:
		r.done = true
		r.stdin.Close() // a program in between may wait for its end
	default:
		if err := r.answer(e); err != nil {
			r.refuse(err)
			return
		}
	}
	if r.onEvent != nil {
		r.onEvent(e)
	}
}

// answer records an event that is a result of its own.
func (r *running) answer(e protocol.Event) error {
	switch e.Event {
	case protocol.EventWant:
		return r.want(e.Want)
	case protocol.EventParity:
		r.out.Parity = e.Parity
	case protocol.EventDoctor:
		r.out.Doctor = e.Doctor
	case protocol.EventTrace:
		return r.traced.add(e.Trace)
	case protocol.EventWeights:
		r.out.Launch.Saving = e.Weights.Seconds
	case protocol.EventExamples:
		r.out.Launch.Warnings = e.Examples.Warnings
	case protocol.EventStages:
		r.out.Stages = e.Stages.Stages
	}
	return nil
}

// kill kills the worker and all that it started.
func (r *running) kill() {
	process.Kill(r.cmd)
	if r.memory.group != nil { // also holds what left the process group
		_ = r.memory.group.Kill()
	}
}
