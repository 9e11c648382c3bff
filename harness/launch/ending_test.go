package launch

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// limit is the cause by which a test ends a launch.
var limit = &Ending{Status: record.Timeout, Reason: "it took too long"}

// A launch over its time is killed, whatever it does.
func TestTimeout(t *testing.T) {
	for name, ending := range map[string]string{"waiting": "wait\nsleep 1m", "deaf": "deaf\nsleep 1m"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithTimeoutCause(t.Context(), 500*time.Millisecond, limit)
			defer stop()
			out, err := worker(t, "job\nhello\nloaded\nepochs 1 4 2\n"+ending).Run(ctx, job, nil)
			if err != nil {
				t.Fatal(err)
			}
			if l := out.Launch; l.Status != record.Timeout || l.Reason != limit.Reason || l.Signal != "killed" {
				t.Errorf("%s (%s), signal %q, exit status %d", l.Status, l.Reason, l.Signal, l.ExitCode)
			}
		})
	}
}

// A worker that outlives its last word is killed, and the launch is what it said.
func TestLastWord(t *testing.T) {
	for name, c := range map[string]struct{ ending, status string }{
		"done":        {"print " + thirdEpoch + "\nmemory\ndone\nsleep 1m", record.OK},
		"done, waits": {"print " + thirdEpoch + "\nmemory\ndone\nwait\nsleep 1m", record.OK},
		"failed":      {"fail step it burst\nsleep 1m", record.Error},
		"mute":        {"mute\nsleep 1m", record.Killed},
		"and another": {"print " + thirdEpoch + "\nmemory\ndone\nmemory\nsleep 1m", record.Error},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := worker(t, "job\ndeaf\nhello\nloaded\nepochs 1 4 2\n"+c.ending)
			w.Grace = 200 * time.Millisecond
			if l := launch(t, w).Launch; l.Status != c.status || l.Signal != "killed" {
				t.Errorf("%s (%s), signal %q, exit status %d", l.Status, l.Reason, l.Signal, l.ExitCode)
			}
		})
	}
}

// A context that ends for a reason of its own gives it to the launch, and the worker
// is asked to stop.
func TestEnding(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	w := worker(t, "job\nhello\nloaded\nepochs 1 4 2\nwait\nfail interrupted stopped\nexit 1")
	out, err := w.Run(ctx, job, func(e protocol.Event) {
		if e.Event == protocol.EventEpoch && e.Epoch.Index == 1 {
			stop(&Ending{Status: record.Interrupted, Reason: "the time is up"})
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if l := out.Launch; l.Status != record.Interrupted || l.Reason != "the time is up" || l.Signal != "" || len(l.Epochs) != 2 {
		t.Errorf("%s (%s), signal %q, %d epochs", l.Status, l.Reason, l.Signal, len(l.Epochs))
	}
}

// interrupted runs a worker and interrupts it at its second epoch.
func interrupted(t *testing.T, w *Worker) *Outcome {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, err := w.Run(ctx, job, func(e protocol.Event) {
		if e.Event == protocol.EventEpoch && e.Epoch.Index == 1 {
			stop()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// thirdEpoch is the event of the last epoch of the job.
const thirdEpoch = `{"event":"epoch","epoch":{"index":2,"start_s":6,"seconds":1,"step_s":1,"steps":32,"samples":1000,"loss":1}}`

func TestInterruption(t *testing.T) {
	for _, c := range []struct {
		name, ending string
		status       string
		signal       string
	}{
		{"stops", "wait\nfail interrupted stopped\nexit 1", "interrupted", ""},
		{"stops in silence", "wait", "interrupted", ""},
		{"ends its step first", "wait\nfail interrupted stopped\nexit 1", "interrupted", ""},
		{"had just done", "print " + thirdEpoch + "\nmemory\ndone", "ok", ""},
		{"is deaf", "sleep 1m", "interrupted", "killed"},
		{"is deaf and mute", "mute\nsleep 1m", "interrupted", "killed"},
		{"is deaf to signals", "deaf\nsleep 1m", "interrupted", "killed"},
		{"prints garbage", "wait\nprint Terminated\nexit 1", "interrupted", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worker(t, "job\nhello\nloaded\nepochs 1 4 2\n"+c.ending)
			if c.signal != "" {
				w.Grace = 100 * time.Millisecond
			}
			out := interrupted(t, w)
			if l := out.Launch; l.Status != c.status || l.Signal != c.signal || !slices.Equal(seconds(out)[:2], []float64{4, 2}) {
				t.Errorf("%s (%s), signal %q, epochs %v", l.Status, l.Reason, l.Signal, seconds(out))
			}
			if out.Setup {
				t.Error("an interruption would come back at every launch")
			}
		})
	}
}

// A worker that ends before its first event may be explained by what it wrote.
func TestExplain(t *testing.T) {
	for script, want := range map[string]string{
		"stderr no library\nexit 127":                      "of no library",
		"stderr else\nexit 127":                            "the worker ended without a result (exit status 127): else",
		"job\nhello\nstderr no library\nexit 127":          "the worker ended without a result (exit status 127)",
		"job\nfail graph it is damaged\nstderr no library": "it is damaged",
	} {
		w := worker(t, script)
		w.Explain = func(stderr string) string {
			if strings.HasPrefix(stderr, "no library") {
				return "of " + strings.TrimSpace(stderr)
			}
			return ""
		}
		if l := launch(t, w).Launch; l.Reason != want {
			t.Errorf("%q: %q, want %q", script, l.Reason, want)
		}
	}
}
