// Package launch runs one launch: it starts a worker process, gives it a job,
// follows its events, and reports how it ended.
package launch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
	"epochtime/internal/process"
)

// ErrStart means that the worker program cannot be started.
var ErrStart = errors.New("cannot start the worker")

// Worker describes how workers are started.
type Worker struct {
	Argv     []string             // the program and its arguments
	Env      map[string]string    // added to the parent's environment; the worker checks it
	Base     map[string]string    // added likewise, below Env; not checked
	Quiet    map[string]string    // added where the parent's environment has no value; not checked
	Grace    time.Duration        // how long a worker may take to end, once it is asked to stop or has said its last word; 0 is 5 s
	Explain  func(string) string  // given stderr, says why a worker ended before its first event, or ""; may be nil
	OOMKills func() (int64, bool) // counts kills by the kernel for lack of memory; may be nil
	Memory   Memory               // limit of the worker's memory

	// Supply returns the files that a job reads, for a worker that may not see those of
	// this machine; nil: there are none. It may be nil.
	Supply func(context.Context, protocol.Job) ([]protocol.Parcel, error)
	Alive  time.Duration // how often such a worker says that it is alive; 0 is 10 s, and after six times that it is lost

	// Observe is called before a worker is started, and returns what watches the machine
	// meanwhile; nil: nothing does. It may be nil.
	Observe func(protocol.Job) Observer
}

// Outcome is what one worker did.
type Outcome struct {
	Launch  record.Launch
	Hello   *protocol.Hello   // nil if it sent none
	Parity  *protocol.Losses  // kind parity
	Doctor  *protocol.Health  // kind doctor
	Trace   []trace.Span      // kind trace: complete, or nil
	Stages  []record.Stage    // kind stages
	Failure *protocol.Failure // its error event, if it sent one
	Setup   bool              // every launch of this job would fail in the same way
	Stderr  string            // the last 64 KiB
}

// defaultGrace is Worker.Grace where none is set.
const defaultGrace = 5 * time.Second

// Ending is the cause of a context that ends a launch for a reason of its own, as in
// context.WithTimeoutCause. It is an error.
type Ending struct {
	Status string // of the launch: record.Timeout, which kills the worker, or record.Interrupted, which asks it to stop first
	Reason string // of the launch
}

func (e *Ending) Error() string {
	if e == nil {
		return "the launch was ended"
	}
	return e.Reason
}

// Run starts a worker on the job and returns when it has ended, and with it all that
// it started. onEvent, which may be nil, is called with each event as it arrives. When
// ctx is done, Run asks the worker to stop, and kills it after the grace period, or at
// once if ctx is hurried (see package interrupt). An *Ending as ctx's cause says how
// the launch ends then. A worker that outlives its last word by the grace period is
// killed, and that changes nothing. The error is ErrStart, or ErrNoLimit. A launch
// that fails is an Outcome.
func (w *Worker) Run(ctx context.Context, job protocol.Job, onEvent func(protocol.Event)) (*Outcome, error) {
	if w == nil || len(w.Argv) == 0 {
		return nil, fmt.Errorf("%w: it has no command", ErrStart)
	}
	ctx = cmp.Or(ctx, context.Background())
	job.Env = w.Env
	r := &running{worker: w, onEvent: onEvent, out: &Outcome{}, stderr: &tail{}, posted: make(chan struct{})}
	r.out.Launch = record.Launch{Started: time.Now(), Worker: w.Argv}
	r.word, r.observer = newWord(job, r), w.observer(job)
	if err := r.start(job); err != nil {
		return nil, err
	}
	defer r.release()
	r.observer.Begin(r.cmd.Process.Pid)
	r.follow(ctx)
	r.finish()
	r.observer.End(r.out.Hello, &r.out.Launch)
	return r.out, nil
}

// running is a worker that has been started.
type running struct {
	worker  *Worker
	onEvent func(protocol.Event)
	out     *Outcome

	cmd    *exec.Cmd
	exited <-chan error
	stdin  io.WriteCloser
	posted chan struct{} // closed once the job is written, or cannot be
	stdout *os.File
	stderr *tail
	began  time.Time
	oom    int64
	memory watched

	word     *word // what it may say
	observer Observer
	supply   *supply      // nil: the worker sees the files of this machine
	heard    *time.Ticker // when to see whether a worker elsewhere is silent; nil: it is not elsewhere
	last     time.Time    // that anything was heard
	kept     kept
	traced   traced
	stopped  *Ending // why it was stopped; nil: it was not
	wrong    error   // what was wrong with its events
	cut      bool    // its last line is incomplete
	done     bool
	said     time.Time // the last thing but that it is done
	ended    bool      // the process
	late     bool      // it was killed because it did not end after it was done
	exit     error     // of the process
}

func (r *running) start(job protocol.Job) error {
	w := r.worker
	r.cmd = exec.Command(w.Argv[0], w.Argv[1:]...)
	r.cmd.Env = environment(os.Environ(), w.Quiet, w.Base, w.Env)
	r.cmd.Stderr = r.stderr
	r.cmd.WaitDelay = drainTime
	var err error
	if r.stdin, err = r.cmd.StdinPipe(); err != nil {
		return fmt.Errorf("%w: %w", ErrStart, err)
	}
	// Wait may not be called before all of a StdoutPipe is read.
	var stdout *os.File
	if r.stdout, stdout, err = os.Pipe(); err != nil {
		r.stdin.Close()
		return fmt.Errorf("%w: %w", ErrStart, err)
	}
	defer stdout.Close() // the worker has its own
	r.cmd.Stdout = stdout
	r.oom, _ = r.oomKills()
	r.began = time.Now()
	if r.exited, err = process.Start(r.cmd); err != nil {
		r.stdout.Close()
		return fmt.Errorf("%w %s: %w", ErrStart, w.Argv[0], err)
	}
	if err := r.limit(); err != nil {
		r.kill()
		r.stdout.Close()
		<-r.exited
		return err
	}
	job.Parent, job.Worker, job.Boot, job.Alive = os.Getpid(), r.cmd.Process.Pid, process.Boot(), r.alive().Seconds()
	go func() {
		defer close(r.posted)
		_ = protocol.WriteJob(r.stdin, job) // finish reports a worker that has ended
	}()
	return nil
}

// ask asks the worker to stop. Files are not sent to their end.
func (r *running) ask() {
	s := r.supply
	go func() {
		<-r.posted
		if s != nil {
			s.cancel()
			<-s.over
		}
		_ = protocol.WriteStop(r.stdin) // one that does not read is killed
	}()
}

// environment returns base, with quiet where base has no value, and with each of over,
// which override what is before them.
func environment(base []string, quiet map[string]string, over ...map[string]string) []string {
	out := append([]string(nil), base...)
	for name, value := range quiet {
		set := func(entry string) bool { return strings.HasPrefix(entry, name+"=") }
		if !slices.ContainsFunc(base, set) {
			out = append(out, name+"="+value)
		}
	}
	for _, env := range over {
		for name, value := range env {
			out = append(out, name+"="+value) // the last of two entries counts
		}
	}
	return out
}

// tail keeps the last 64 KiB of what is written to it.
type tail struct{ kept []byte }

const tailSize = 64 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if len(t.kept) > 2*tailSize { // not at every write, because it copies all that is kept
		t.kept = append(t.kept[:0], t.last()...)
	}
	return len(p), nil
}

func (t *tail) last() []byte { return t.kept[max(0, len(t.kept)-tailSize):] }

func (t *tail) String() string { return strings.ToValidUTF8(string(t.last()), "�") }
