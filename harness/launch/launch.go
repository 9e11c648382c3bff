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
	"slices"
	"strings"
	"time"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
	"epochtime/internal/process"
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
	Memory   Memory               // the most that the worker may take
}

// Outcome is what one worker did.
type Outcome struct {
	Launch  record.Launch
	Hello   *protocol.Hello   // nil if it never said hello
	Parity  *protocol.Losses  // kind parity
	Doctor  *protocol.Health  // kind doctor
	Trace   []trace.Span      // kind trace: all of it, or nil
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
	defer r.release()
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
	stdout *os.File
	stderr *tail
	began  time.Time
	oom    int64
	memory watched

	traced  traced
	stopped string // why it was stopped: a status of record.Launch, or empty
	wrong   error  // what was wrong with its events
	cut     bool   // its last line has no end
	done    bool
	exit    error // of the process
}

func (r *running) start(job protocol.Job) error {
	w := r.worker
	r.cmd = exec.Command(w.Argv[0], w.Argv[1:]...)
	r.cmd.Env = environment(os.Environ(), w.Env, w.Quiet)
	r.cmd.Stderr = r.stderr
	r.cmd.WaitDelay = drainTime
	process.OwnGroup(r.cmd)
	var err error
	if r.stdin, err = r.cmd.StdinPipe(); err != nil {
		return fmt.Errorf("%w: %w", ErrStart, err)
	}
	// Not StdoutPipe: that may not be waited for before all of it is read.
	var stdout *os.File
	if r.stdout, stdout, err = os.Pipe(); err != nil {
		r.stdin.Close()
		return fmt.Errorf("%w: %w", ErrStart, err)
	}
	defer stdout.Close() // the worker has its own
	r.cmd.Stdout = stdout
	r.oom, _ = r.oomKills()
	r.began = time.Now()
	if err := r.cmd.Start(); err != nil {
		r.stdout.Close()
		return fmt.Errorf("%w %s: %w", ErrStart, w.Argv[0], err)
	}
	if err := r.limit(); err != nil {
		r.kill()
		r.stdout.Close()
		_ = r.cmd.Wait() // it was killed
		return err
	}
	// A worker that is gone already shows in how it ends.
	go protocol.WriteJob(r.stdin, job) //nolint:errcheck
	return nil
}

// environment is base with quiet where base has no value, and env over all.
func environment(base []string, env, quiet map[string]string) []string {
	out := append([]string(nil), base...)
	for name, value := range quiet {
		set := func(entry string) bool { return strings.HasPrefix(entry, name+"=") }
		if !slices.ContainsFunc(base, set) {
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
	if len(t.kept) > 2*tailSize { // seldom, because it moves all that is kept
		t.kept = append(t.kept[:0], t.last()...)
	}
	return len(p), nil
}

func (t *tail) last() []byte { return t.kept[max(0, len(t.kept)-tailSize):] }

func (t *tail) String() string { return strings.ToValidUTF8(string(t.last()), "�") }
