package launch

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// diary is an Observer that notes what it is told.
type diary struct{ notes []string }

func (d *diary) note(format string, args ...any) {
	d.notes = append(d.notes, fmt.Sprintf(format, args...))
}

func (d *diary) Begin(pid int) { d.note("begin %v", pid > 0) }

func (d *diary) Event(e protocol.Event, at time.Time) { d.note("%s %v", e.Event, !at.IsZero()) }

func (d *diary) End(hello *protocol.Hello, l *record.Launch) {
	d.note("end %v %s %v", hello != nil, l.Status, l.Wall > 0)
	l.Unreadable = []string{"energy"}
}

func observed(t *testing.T, script string) (*diary, *Outcome) {
	d := new(diary)
	w := worker(t, script)
	w.Observe = func(j protocol.Job) Observer {
		d.note("%s", j.Kind)
		return d
	}
	return d, launch(t, w)
}

func TestObserver(t *testing.T) {
	d, out := observed(t, trained+"done")
	want := []string{"train", "begin true", "hello true", "loaded true", "first_step true", "epoch true", "epoch true", "epoch true", "memory true", "done true", "end true ok true"}
	if diff := cmp.Diff(want, d.notes); diff != "" {
		t.Error(diff)
	}
	if len(out.Launch.Unreadable) != 1 {
		t.Errorf("what it saw is not in the launch: %+v", out.Launch)
	}
}

// It is told the end of a worker that fails, and nothing that the job does not allow.
func TestObserverOfFailure(t *testing.T) {
	for script, want := range map[string][]string{
		"job\nexit 3":               {"train", "begin true", "end false error true"},
		"job\nhello\nparity\nwait ": {"train", "begin true", "hello true", "end true error true"},
	} {
		if d, _ := observed(t, script); !cmp.Equal(want, d.notes) {
			t.Errorf("%q: %q", script, d.notes)
		}
	}
}

func TestNoObserver(t *testing.T) {
	w := worker(t, trained+"done")
	w.Observe = func(protocol.Job) Observer { return nil }
	if out := launch(t, w); out.Launch.Status != record.OK {
		t.Errorf("%+v", out.Launch)
	}
}
