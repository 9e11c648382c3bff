package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/internal/process"
)

// drainTime is how long to wait for output after the worker has ended. A process
// that it started may hold the pipe open, as ssh does for its next connections.
const drainTime = 500 * time.Millisecond

// follow takes events until both the worker and its output have ended.
func (r *running) follow(ctx context.Context) {
	defer r.stdout.Close()
	events, ended := r.read()
	exited := make(chan error, 1)
	go func() { exited <- r.cmd.Wait() }()
	timeout, interrupted := timer(r.worker.Timeout), ctx.Done()
	var grace, drained <-chan time.Time
	for ended != nil || exited != nil {
		select {
		case e := <-events:
			r.take(e)
		case err := <-ended:
			ended = nil
			r.lastLine(err)
		case r.exit = <-exited:
			exited = nil
			r.kill() // processes that it left would disturb the next launch
			drained = time.After(drainTime)
		case <-drained:
			r.stdout.Close()
		case <-interrupted:
			interrupted = nil
			r.stop(record.Interrupted)
			r.stdin.Close()
			grace = time.After(r.worker.Grace)
		case <-r.ticks():
			r.look()
		case <-timeout:
			r.stop(record.Timeout)
			r.kill()
		case <-grace:
			r.kill()
		}
	}
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

func timer(d time.Duration) <-chan time.Time {
	if d <= 0 {
		return nil
	}
	return time.After(d)
}

// stop notes why the worker is stopped. The first reason counts.
func (r *running) stop(status string) {
	if r.stopped == "" {
		r.stopped = status
	}
}

// lastLine takes the error that ended the events.
func (r *running) lastLine(err error) {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, os.ErrClosed), r.stopped != "", r.wrong != nil:
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
	l := &r.out.Launch
	switch {
	case r.wrong != nil:
		return
	case r.out.Hello == nil && e.Event != protocol.EventHello && e.Event != protocol.EventError:
		r.refuse(fmt.Errorf("the worker's first event is %q, not hello", e.Event))
		return
	}
	if err := r.word.check(e); err != nil {
		r.refuse(err)
		return
	}
	switch {
	case e.Event == protocol.EventHello && e.Hello != nil:
		if e.Hello.Protocol != protocol.Version {
			r.refuse(fmt.Errorf("the worker speaks protocol %d and this epochtime %d: use programs of one build", e.Hello.Protocol, protocol.Version))
			return
		}
		r.out.Hello = e.Hello
		l.Cold.Start = time.Since(r.began).Seconds()
		l.TensorFlow = e.Hello.TensorFlow
	case e.Event == protocol.EventLoaded && e.Loaded != nil:
		l.Cold.Data, l.Cold.Load = e.Loaded.Data, e.Loaded.Seconds
		l.Devices = e.Loaded.Devices
		l.Resolved = e.Loaded.Resolved
	case e.Event == protocol.EventFirstStep && e.FirstStep != nil:
		l.Cold.FirstStep, l.Cold.Compile, l.Cold.Upload = e.FirstStep.Seconds, e.FirstStep.Compile, e.FirstStep.Upload
		l.Resolved.Copied, l.Resolved.Borrowed = e.FirstStep.Kept, e.FirstStep.Borrowed
	case e.Event == protocol.EventEpoch && e.Epoch != nil:
		l.Epochs = append(l.Epochs, *e.Epoch)
	case e.Event == protocol.EventMemory && e.Memory != nil:
		l.Memory, l.Disturbance = e.Memory.Memory, e.Memory.Disturbance
	case e.Event == protocol.EventParity:
		r.out.Parity = e.Parity
	case e.Event == protocol.EventDoctor:
		r.out.Doctor = e.Doctor
	case e.Event == protocol.EventTrace && e.Trace != nil:
		if err := r.traced.add(e.Trace); err != nil {
			r.refuse(err)
			return
		}
	case e.Event == protocol.EventError:
		r.out.Failure = e.Error
	case e.Event == protocol.EventDone:
		r.done = true
		r.stdin.Close() // a program in between may wait for its end
	}
	if r.onEvent != nil {
		r.onEvent(e)
	}
}

func (r *running) kill() { process.Kill(r.cmd) }
