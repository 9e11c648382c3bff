// Package launch runs one launch: it starts a worker process, gives it a job,
// follows its events, and says how it ended, whatever happens to the worker.
package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// ErrStart: the worker program cannot be started.
var ErrStart = errors.New("cannot start the worker")

// Worker says how workers are started.
type Worker struct {
	Argv     []string             // the program and its arguments
	Env      map[string]string    // set beside the parent's own environment, and expected by the worker
	Quiet    map[string]string    // set where the parent's environment has no value; not expected
	Timeout  time.Duration        // of one launch; 0 is none
	Grace    time.Duration        // how long a worker may take to stop before it is killed
	OOMKills func() (int64, bool) // the memory group's out-of-memory counter; may be nil
}

// Outcome is what one worker did.
type Outcome struct {
	Launch  record.Launch
	Hello   *protocol.Hello   // nil if it never said hello
	Parity  *protocol.Losses  // kind parity
	Doctor  *protocol.Health  // kind doctor
	Failure *protocol.Failure // its error event, if it sent one
	Setup   bool              // it failed in a way that every launch of this job would
	Stderr  string            // the last 64 KiB
}

// Run starts a worker on the job and returns when it has ended. onEvent, which
// may be nil, sees every event as it comes. When ctx ends, the worker is asked
// to stop by the end of its stdin, and killed if it does not.
func (w *Worker) Run(ctx context.Context, job protocol.Job, onEvent func(protocol.Event)) (*Outcome, error) {
	job.Env = w.Env
	r := &running{worker: w, onEvent: onEvent, out: &Outcome{}, stderr: &tail{}}
	r.out.Launch = record.Launch{Started: time.Now(), Worker: w.Argv}
	if err := r.start(job); err != nil {
		return nil, err
	}
	r.follow(ctx)
	r.finish()
	return r.out, nil
}

// running is a worker that was started.
type running struct {
	worker  *Worker
	onEvent func(protocol.Event)
	out     *Outcome

	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.Reader
	stderr *tail
	began  time.Time
	oom    int64

	stopped string // why it was stopped: a status of record.Launch, or empty
	wrong   error  // what was wrong with its events
	done    bool
}

func (r *running) start(job protocol.Job) error {
	w := r.worker
	r.cmd = exec.Command(w.Argv[0], w.Argv[1:]...)
	r.cmd.Env = environment(os.Environ(), w.Env, w.Quiet)
	r.cmd.Stderr = r.stderr
	r.cmd.WaitDelay = 2 * time.Second // a grandchild may hold stderr open
	ownGroup(r.cmd)
	var err error
	if r.stdin, err = r.cmd.StdinPipe(); err != nil {
		return fmt.Errorf("%w: %w", ErrStart, err)
	}
	if r.stdout, err = r.cmd.StdoutPipe(); err != nil {
		return fmt.Errorf("%w: %w", ErrStart, err)
	}
	r.oom, _ = r.oomKills()
	r.began = time.Now()
	if err := r.cmd.Start(); err != nil {
		return fmt.Errorf("%w %s: %w", ErrStart, w.Argv[0], err)
	}
	// A worker that is gone already shows in how it ends.
	go protocol.WriteJob(r.stdin, job) //nolint:errcheck
	return nil
}

// follow reads events until the worker's output ends.
func (r *running) follow(ctx context.Context) {
	events := make(chan protocol.Event)
	readers := make(chan error, 1)
	quit := make(chan struct{})
	defer close(quit)
	go func() {
		in := protocol.NewReader(r.stdout)
		for {
			e, err := in.Next()
			if err != nil {
				readers <- err
				return
			}
			select {
			case events <- e:
			case <-quit:
				return
			}
		}
	}()
	timeout := timer(r.worker.Timeout)
	var grace <-chan time.Time
	stop := ctx.Done()
	for {
		select {
		case e := <-events:
			if err := r.take(e); err != nil {
				r.wrong = err
				r.kill()
				return
			}
		case err := <-readers:
			if !errors.Is(err, io.EOF) && r.stopped == "" {
				r.wrong = err
				r.kill()
			}
			return
		case <-stop:
			stop = nil
			r.stopped = record.Interrupted
			r.stdin.Close()
			grace = timer(r.worker.Grace)
		case <-timeout:
			r.stopped = record.Timeout
			r.kill()
			return
		case <-grace:
			r.kill()
			return
		}
	}
}

func timer(d time.Duration) <-chan time.Time {
	if d <= 0 {
		return nil
	}
	return time.After(d)
}

// take records one event.
func (r *running) take(e protocol.Event) error {
	l := &r.out.Launch
	if r.out.Hello == nil && e.Event != protocol.EventHello && e.Event != protocol.EventError {
		return fmt.Errorf("the worker's first event is %q, not hello", e.Event)
	}
	switch {
	case e.Event == protocol.EventHello && e.Hello != nil:
		if e.Hello.Protocol != protocol.Version {
			return fmt.Errorf("the worker speaks protocol %d, this epochtime %d: use programs of one build", e.Hello.Protocol, protocol.Version)
		}
		r.out.Hello = e.Hello
		l.Cold.Start = time.Since(r.began).Seconds()
		l.TensorFlow = e.Hello.TensorFlow
	case e.Event == protocol.EventLoaded && e.Loaded != nil:
		l.Cold.Load = e.Loaded.Seconds
		l.Devices = e.Loaded.Devices
		l.Resolved = e.Loaded.Resolved
	case e.Event == protocol.EventFirstStep && e.FirstStep != nil:
		l.Cold.FirstStep, l.Cold.Compile = e.FirstStep.Seconds, e.FirstStep.Compile
	case e.Event == protocol.EventEpoch && e.Epoch != nil:
		l.Epochs = append(l.Epochs, *e.Epoch)
	case e.Event == protocol.EventMemory && e.Memory != nil:
		l.Memory, l.Disturbance = e.Memory.Memory, e.Memory.Disturbance
	case e.Event == protocol.EventParity:
		r.out.Parity = e.Parity
	case e.Event == protocol.EventDoctor:
		r.out.Doctor = e.Doctor
	case e.Event == protocol.EventError:
		r.out.Failure = e.Error
	case e.Event == protocol.EventDone:
		r.done = true
	}
	if r.onEvent != nil {
		r.onEvent(e)
	}
	return nil
}

func (r *running) kill() { killGroup(r.cmd) }

func (r *running) oomKills() (int64, bool) {
	if r.worker.OOMKills == nil {
		return 0, false
	}
	return r.worker.OOMKills()
}

// environment is base with quiet where base has no value, and env over all.
func environment(base []string, env, quiet map[string]string) []string {
	out := append([]string(nil), base...)
	for name, value := range quiet {
		if _, ok := os.LookupEnv(name); !ok {
			out = append(out, name+"="+value)
		}
	}
	for name, value := range env {
		out = append(out, name+"="+value) // the last of two entries counts
	}
	return out
}

// tail keeps the last 64 KiB of what is written to it.
type tail struct{ kept []byte }

const tailSize = 64 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if extra := len(t.kept) - tailSize; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.ToValidUTF8(string(t.kept), "�") }
