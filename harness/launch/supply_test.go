package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/transfer"
)

// supplies returns a Supply of so many files of so many bytes each.
func supplies(t *testing.T, files, bytes int) func(context.Context, protocol.Job) ([]protocol.Parcel, error) {
	t.Helper()
	var out []protocol.Parcel
	for i := range files {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.bin", i))
		if err := os.WriteFile(path, []byte(strings.Repeat(fmt.Sprint(i%10), bytes)), 0o644); err != nil {
			t.Fatal(err)
		}
		p, err := transfer.Describe(t.Context(), path, nil)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return func(context.Context, protocol.Job) ([]protocol.Parcel, error) { return out, nil }
}

// farTrained sends all events of a launch of a worker elsewhere, once it has its files.
const farTrained = "loaded\nfirst_step\nepochs 1 4 2 3\nmemory 0.5\ndone"

func TestSupply(t *testing.T) {
	for name, c := range map[string]struct {
		script       string
		files, bytes int
		none         bool // there is no Supply
		sent         int64
	}{
		"everything is there":    {script: "offered", files: 3, bytes: 10},
		"everything is lacking":  {script: "offered all", files: 3, bytes: 1 << 20, sent: 3 << 20},
		"more than an offer has": {script: "offered all", files: protocol.MostParcels + 2, bytes: 1, sent: protocol.MostParcels + 2},
		"no files":               {script: "offered all"},
		"no supply":              {script: "offered all", none: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := worker(t, "job\nfar\nalive\n"+c.script+"\nalive\n"+farTrained)
			if !c.none {
				w.Supply = supplies(t, c.files, c.bytes)
			}
			l := launch(t, w).Launch
			if l.Status != record.OK || len(l.Epochs) != 3 || l.Cold.Sent != c.sent {
				t.Errorf("%s (%s), %d epochs, %d bytes sent, want %d", l.Status, l.Reason, len(l.Epochs), l.Cold.Sent, c.sent)
			}
		})
	}
}

// The limit of memory would be that of ssh.
func TestNoMemoryLimitElsewhere(t *testing.T) {
	w := worker(t, "job\nfar\noffered\nwait")
	w.Memory = Memory{Limit: 1 << 40, Resident: func(int) (uint64, bool) { return 1, true }}
	if l := launch(t, w).Launch; l.Status != record.Error || !strings.Contains(l.Reason, "the memory of a worker elsewhere cannot be limited") {
		t.Errorf("%s (%s)", l.Status, l.Reason)
	}
}

// A job that reads no files offers none.
func TestNothingToSupply(t *testing.T) {
	w := worker(t, "job\nfar\ndoctor\ndone")
	w.Supply = func(context.Context, protocol.Job) ([]protocol.Parcel, error) { return nil, errors.New("asked") }
	out, err := w.Run(t.Context(), protocol.Job{Kind: protocol.Doctor}, nil)
	if err != nil || out.Launch.Status != record.OK {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestSupplyFails(t *testing.T) {
	one := supplies(t, 1, 1<<20)
	gone := func(context.Context, protocol.Job) ([]protocol.Parcel, error) {
		return nil, errors.New("no such graph")
	}
	changed := func(ctx context.Context, j protocol.Job) ([]protocol.Parcel, error) {
		list, err := one(ctx, j)
		p := list[0]
		p.Path += ".gone"
		return []protocol.Parcel{p}, err
	}
	for name, c := range map[string]struct {
		script string
		supply func(context.Context, protocol.Job) ([]protocol.Parcel, error)
		reason string
		setup  bool
	}{
		"it cannot be described":     {"far\nwait", gone, "sending files to the worker: no such graph", true},
		"it is gone":                 {"far\noffered all\nwait", changed, "no such file", true},
		"a file that is none":        {"far\nwant 7\nwait", one, "it asked for file 7 of 1, or twice for it", true},
		"one twice":                  {"far\nwant 0 0\nwait", one, "or twice for it", true},
		"twice":                      {"far\nwant 0\nwant 0\nwant 0\nwait", one, "it asked for files that were not offered", true},
		"of a worker that sees them": {"hello\nwant 0\nwait", one, `it sent "want" for a job of the kind train`, true},
		"alive where it is here":     {"hello\nalive\nwait", one, `it sent "alive" for a job of the kind train`, true},
		"loaded before its files":    {"far\nloaded\nwant\nwait", one, `it sent "want" after "loaded"`, true},
		"the disk is full there":     {"far\nfail transfer keeping /g/cnn: no space left on device\nexit 1", one, "no space left on device", true},
		"it ends in the middle":      {"far\nwant 0\nexit 3", one, "exit status 3", false},
		"a scheduler cancels it":     {"far\nwant 0\nstderr srun: error: node: task 0: Terminated\nexit 143", one, "(exit status 143): srun: error: node: task 0: Terminated", false},
		"it is killed":               {"far\nwant 0\nsignal 9", one, "killed", false},
		"the connection is lost":     {"far\nwant 0\nexit 255", one, "so ends ssh where the connection is lost", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := worker(t, "job\n"+c.script)
			w.Supply = c.supply
			out := launch(t, w)
			if l := out.Launch; l.Status == record.OK || !strings.Contains(l.Reason, c.reason) || out.Setup != c.setup {
				t.Errorf("%s (%s), setup %v, want %q", l.Status, l.Reason, out.Setup, c.reason)
			}
		})
	}
}

// Stopped while files are sent, a launch does not send them to their end.
func TestStopWhileSending(t *testing.T) {
	w := worker(t, "job\nfar\nwant 0\nwait\nfail interrupted stopped\nexit 1")
	w.Supply, w.Grace = supplies(t, 1, 64<<20), 200*time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	out, err := w.Run(ctx, job, func(e protocol.Event) {
		if e.Event == protocol.EventWant {
			stop()
		}
	})
	if err != nil || out.Launch.Status != record.Interrupted {
		t.Errorf("%+v, %v", out, err)
	}
}

// A worker elsewhere of which nothing is heard is lost, and its launch has failed.
func TestSilence(t *testing.T) {
	w := worker(t, "job\nfar\noffered\nloaded\nwait")
	w.Alive = 10 * time.Millisecond
	l := launch(t, w).Launch
	if l.Status != record.Error || !strings.Contains(l.Reason, "nothing was heard of the worker for") {
		t.Errorf("%s (%s)", l.Status, l.Reason)
	}
}

// The last line on stderr is the reason, where the program failed before its hello.
func TestReasonBeforeHello(t *testing.T) {
	for script, want := range map[string]string{
		"stderr Permission denied (publickey).\r\nexit 255": "(exit status 255): Permission denied (publickey).",
		"exit 255":                            "is the program an epochtime-worker?",
		"stderr first\nstderr oops\nexit 127": "(exit status 127): oops",
		"stderr oops\nexit 0":                 "is the program an epochtime-worker?",
	} {
		if l := launch(t, worker(t, script)).Launch; !strings.Contains(l.Reason, want) {
			t.Errorf("%q: %s, want %q", script, l.Reason, want)
		}
	}
}
