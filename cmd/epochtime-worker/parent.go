package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"time"

	"epochtime/harness/protocol"
	"epochtime/internal/process"
)

// Reasons why a worker stops early.
var (
	errAsked = errors.New("the parent asked the worker to stop")
	errGone  = errors.New("the parent is gone")
)

// orphanGrace is how long a worker may take to end its step once its parent is gone.
// Whoever finds it then does not wait for it.
const orphanGrace = 5 * time.Second

// heed stops the worker after its step when the parent asks for that, or is gone. In
// the latter case it ends the process after a while, because a step that hangs in
// native code ends by nothing else.
func (w *worker) heed(in *bufio.Reader, stop context.CancelCauseFunc) {
	if w.orphaned() {
		stop(errGone)
		w.abort()
	}
	for {
		if err := protocol.ReadStop(in); err != nil {
			break
		}
		stop(errAsked)
	}
	stop(errGone)
	time.Sleep(orphanGrace)
	w.abort()
}

// orphaned reports whether the process that started this one has ended before the
// worker could be told. Behind a shell, or on another machine, the job names another
// process than this one, and only the end of stdin tells.
func (w *worker) orphaned() bool {
	return w.job.Worker == os.Getpid() && w.job.Parent != os.Getppid()
}

// abort ends the process, and what is in its process group.
func abort() {
	process.EndGroup()
	os.Exit(1)
}
