package launch

import (
	"errors"
	"fmt"
	"os/exec"
	"time"

	"github.com/dustin/go-humanize"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// finish records how the launch ended.
func (r *running) finish() {
	r.stdin.Close()
	if errors.Is(r.exit, exec.ErrWaitDelay) {
		r.exit = nil // the worker ended well; another process holds its stderr
	}
	l := &r.out.Launch
	r.out.Stderr = r.stderr.String()
	l.ExitCode, l.Signal = ending(r.cmd)
	if r.done && r.wrong == nil {
		r.out.Trace, r.wrong = r.traced.whole()
	}
	switch {
	case r.done && r.wrong == nil && !r.cut && (r.exit == nil || r.late):
		l.Status = record.OK
	case r.overLimit():
		l.Status, l.Reason = record.OOM, fmt.Sprintf("the worker exceeded its memory limit of %s", humanize.IBytes(r.worker.Memory.Limit))
	case r.stopped != nil:
		l.Status, l.Reason = r.stopped.Status, r.stopped.Reason
	case r.out.Failure != nil:
		l.Status, l.Reason = statusOf(r.out.Failure.Code), r.out.Failure.Error()
		r.out.Setup = r.out.Failure.Code.Setup()
	case r.wrong != nil:
		l.Status, l.Reason = record.Error, r.wrong.Error()
		r.out.Setup = r.out.Hello == nil || len(l.Epochs) == 0
	case l.Signal != "" || l.ExitCode == 128+9: // how a shell or ssh passes on a signal
		l.Status, l.Reason = r.killed()
		r.out.Setup = r.out.Hello == nil && l.Status == record.Killed
	case r.cut:
		l.Status, l.Reason = record.Error, fmt.Sprintf("the worker ended in the middle of an event (exit status %d)", l.ExitCode)
		r.out.Setup = r.out.Hello == nil
	case !r.done:
		l.Status, l.Reason = record.Error, withoutResult(r)
		r.out.Setup = r.out.Hello == nil
	default:
		l.Status, l.Reason = record.Error, fmt.Sprintf("the worker failed after its last event: %v", r.exit)
	}
	ended := time.Now()
	l.Setup, l.Wall = r.out.Setup, ended.Sub(r.began).Seconds()
	if r.done {
		l.Ending = ended.Sub(r.said).Seconds()
	}
}

// sshLost is the exit status of ssh where not the program over there ended by itself.
const sshLost = 255

// withoutResult returns the reason for a worker that ended without an error event.
func withoutResult(r *running) string {
	l := &r.out.Launch
	text := fmt.Sprintf("the worker ended without a result (exit status %d)", l.ExitCode)
	last := lastWord(r.out.Stderr)
	switch h := r.out.Hello; {
	case h == nil:
	case h.Elsewhere && last != "": // of what is in between, such as srun
		return text + ": " + last
	case h.Elsewhere && l.ExitCode == sshLost:
		return text + ": so ends ssh where the connection is lost, or the worker over there is killed"
	default:
		return text
	}
	if explain := r.worker.Explain; explain != nil {
		if why := explain(r.out.Stderr); why != "" {
			return why
		}
	}
	if last != "" && l.ExitCode != 0 {
		return text + ": " + last
	}
	return text + ": is the program an epochtime-worker?"
}

// killed distinguishes the kernel's out-of-memory killer from other senders of a
// signal.
func (r *running) killed() (status, reason string) {
	if now, ok := r.oomKills(); ok && now > r.oom {
		return record.OOM, "the kernel killed the worker: out of memory"
	}
	signal := r.out.Launch.Signal
	if signal == "" {
		signal = "killed"
	}
	return record.Killed, "the worker was killed by a signal: " + signal
}

// statusOf returns the status of a launch whose worker failed by itself. One that says
// it was interrupted, and was not asked to stop, has failed too.
func statusOf(c protocol.Code) string {
	switch c {
	case protocol.CodeOOM:
		return record.OOM
	case protocol.CodeNonfinite:
		return record.Nonfinite
	}
	return record.Error
}

func (r *running) oomKills() (int64, bool) {
	if r.worker.OOMKills == nil {
		return 0, false
	}
	return r.worker.OOMKills()
}
