package launch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
	"epochtime/internal/scripted"
	"epochtime/internal/wallclock"
)

// asWorker makes this test binary a scripted worker.
const asWorker = "EPOCHTIME_TEST_WORKER"

func TestMain(m *testing.M) {
	if scripted.Wanted(asWorker) {
		scripted.Main()
		return
	}
	wallclock.Unbounded()
	os.Setenv(asWorker, "1")
	os.Setenv("GORACE", "atexit_sleep_ms=0") // else each worker waits a second at its end
	goleak.VerifyTestMain(m)
}

// worker is a Worker that follows a script.
func worker(t *testing.T, script string) *Worker {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	return &Worker{Argv: []string{self(t), path}, Grace: time.Minute}
}

func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var job = protocol.Job{Kind: protocol.Train, Graph: "graphs/cnn", Config: record.Config{Batch: 32, Epochs: 2, Warmup: 1}}

func launch(t *testing.T, w *Worker) *Outcome {
	t.Helper()
	out, err := w.Run(t.Context(), job, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// seconds are those of the launch's epochs.
func seconds(out *Outcome) []float64 {
	var list []float64
	for _, e := range out.Launch.Epochs {
		list = append(list, e.Seconds)
	}
	return list
}

// trained sends all the events of a launch of two epochs after one of warm-up.
const trained = "job\nhello\nloaded\nfirst_step\nepochs 1 4 2 3\nmemory 0.5\n"

func TestGoodLaunch(t *testing.T) {
	w := worker(t, trained+"done")
	var events []string
	out, err := w.Run(t.Context(), job, func(e protocol.Event) { events = append(events, e.Event) })
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"hello", "loaded", "first_step", "epoch", "epoch", "epoch", "memory", "done"}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	l := out.Launch
	if l.Cold.Start <= 0 {
		t.Errorf("start took %v s", l.Cold.Start)
	}
	l.Started, l.Cold.Start = time.Time{}, 0
	wanted := record.Launch{
		Status: record.OK, Worker: w.Argv, TensorFlow: "2.21.0-scripted",
		Devices:  []record.Device{{Name: "/device:CPU:0", Type: "CPU"}},
		Resolved: record.Resolved{Batch: 32, Samples: 1000, Steps: 32, IntraOp: 8, InterOp: 8, Copied: []string{"k"}, Borrowed: []string{"b"}},
		Cold:     record.Cold{Data: 0.0625, Load: 0.125, FirstStep: 0.5, Compile: 0.75},
		Epochs: []record.Epoch{
			{Index: 0, Warmup: true, Start: 0, Seconds: 4, Wait: 1, Step: 2, Other: 1, Steps: 32, Samples: 1000, Loss: 2},
			{Index: 1, Start: 4, Seconds: 2, Wait: 0.5, Step: 1, Other: 0.5, Steps: 32, Samples: 1000, Loss: 1},
			{Index: 2, Start: 6, Seconds: 3, Wait: 0.75, Step: 1.5, Other: 0.75, Steps: 32, Samples: 1000, Loss: record.Number(2.0 / 3)},
		},
		Memory: record.Memory{PeakRSS: 300 << 20}, Disturbance: record.Disturbance{Steal: 0.5},
	}
	if l.Wall < l.Cold.Start+l.Ending || l.Ending <= 0 {
		t.Errorf("the launch took %v s, %v s to its hello and %v s after its last word", l.Wall, l.Cold.Start, l.Ending)
	}
	l.Wall, l.Ending = 0, 0
	if diff := cmp.Diff(wanted, l); diff != "" {
		t.Errorf("launch (-want +got):\n%s", diff)
	}
	if out.Setup || out.Hello == nil || out.Failure != nil || out.Stderr != "" {
		t.Errorf("outcome %+v", out)
	}
}

func TestJobReachesTheWorker(t *testing.T) {
	w := worker(t, "job\nexpect kind=train graph=graphs/cnn protocol=3 config.batch=32 config.warmup=1 env.A=1\nhello\nloaded\nepochs 1 4 2 3\nmemory\ndone")
	w.Env = map[string]string{"A": "1"}
	if out := launch(t, w); out.Launch.Status != record.OK {
		t.Errorf("%s: %s\n%s", out.Launch.Status, out.Launch.Reason, out.Stderr)
	}
}

func TestOtherKinds(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "graph.json"), []byte(`{"parity": {"losses": [4, 2]}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	w := worker(t, "job\nhello\n[parity]\nparity 1.5\n[doctor]\ndoctor 0.25\n[any]\ndone")
	out, err := w.Run(t.Context(), protocol.Job{Kind: protocol.Parity, Graph: dir}, nil)
	if err != nil || out.Launch.Status != record.OK {
		t.Fatal(out, err)
	}
	want := &protocol.Losses{Got: []record.Number{6, 3}, Want: []record.Number{4, 2}, Placement: &trace.Placement{Devices: map[string]int{"CPU:0": 40}}}
	if diff := cmp.Diff(want, out.Parity); diff != "" {
		t.Errorf("parity (-want +got):\n%s", diff)
	}
	out, err = w.Run(t.Context(), protocol.Job{Kind: protocol.Doctor}, nil)
	if err != nil || out.Doctor == nil || out.Doctor.MatMulError != 0.25 {
		t.Errorf("doctor: %+v", out.Doctor)
	}
}

// A probe's own work has a time.
func TestProbing(t *testing.T) {
	w := worker(t, "job\nhello\n[probe]\nprobe\ndone")
	out, err := w.Run(t.Context(), protocol.Job{Kind: protocol.Probe, Config: record.Config{Device: "cpu"}}, nil)
	if err != nil || out.Launch.Status != record.OK {
		t.Fatal(out, err)
	}
	if l := out.Launch; l.Probing <= 0 || l.Wall < l.Cold.Start+l.Probing+l.Ending-1e-9 { // sums are rounded
		t.Errorf("of %v s, %v s are the start, %v s probing and %v s the ending", l.Wall, l.Cold.Start, l.Probing, l.Ending)
	}
}

// Every way in which a worker can end by itself.
func TestEndings(t *testing.T) {
	rising := func() func() (int64, bool) {
		kills := int64(6)
		return func() (int64, bool) { kills++; return kills, true }
	}
	still := func() (int64, bool) { return 7, true }
	for _, c := range []struct {
		name   string
		script string
		oom    func() (int64, bool)

		status string
		reason string // a part of it
		code   int
		signal string
		setup  bool
		epochs int
	}{
		{name: "done", script: trained + "done", status: "ok", epochs: 3},
		{name: "done, with much on stderr", script: "spill 200000\n" + trained + "done", status: "ok", epochs: 3},
		{name: "done, but fails", script: trained + "done\nexit 3", status: "error", reason: "failed after its last event: exit status 3", code: 3, epochs: 3},
		{name: "done, but dies", script: trained + "done\nsignal 9", status: "killed", reason: "killed", code: -1, signal: "killed", epochs: 3},
		{name: "an unknown event", script: trained + `print {"event":"weather","sun":true}` + "\nwait", status: "error", reason: `it sent "weather" for a job`, code: -1, signal: "killed", epochs: 3},
		{name: "an unknown field is ignored", script: strings.Replace(trained, "memory 0.5", `print {"event":"memory","memory":{"new":1},"x":2}`, 1) + "done", status: "ok", epochs: 3},
		{name: "an event without its field", script: "job\nhello\nloaded\n" + `print {"event":"epoch"}` + "\nwait", status: "error", reason: `its event "epoch" is empty`, code: -1, signal: "killed", setup: true},

		{name: "nothing at all", script: "exit 0", status: "error", reason: "without a result (exit status 0)", setup: true},
		{name: "exits at once", script: "exit 127", status: "error", reason: "without a result (exit status 127)", code: 127, setup: true},
		{name: "exits in training", script: "job\nhello\nloaded\nepochs 1 4 2\nexit 4", status: "error", reason: "exit status 4", code: 4, epochs: 2},
		{name: "no done", script: trained, status: "error", reason: "without a result (exit status 0)", epochs: 3},

		{name: "killed", script: "job\nhello\nloaded\nepochs 1 4\nsignal 9", oom: still, status: "killed", reason: "killed", code: -1, signal: "killed", epochs: 1},
		{name: "killed, nobody counts", script: "job\nhello\nsignal 9", status: "killed", reason: "killed", code: -1, signal: "killed"},
		{name: "terminated", script: "job\nhello\nsignal 15", oom: still, status: "killed", reason: "terminated", code: -1, signal: "terminated"},
		{name: "killed before hello", script: "job\nsignal 9", status: "killed", reason: "killed", code: -1, signal: "killed", setup: true},
		{name: "killed by the kernel", script: "job\nhello\nloaded\nepochs 1 4\nsignal 9", oom: rising(), status: "oom", reason: "out of memory", code: -1, signal: "killed", epochs: 1},
		{name: "killed in the middle of a line", script: "job\nhello\nwrite {\"event\":\nsignal 9", oom: rising(), status: "oom", reason: "out of memory", code: -1, signal: "killed"},
		{name: "killed behind a shell", script: "job\nhello\nexit 137", oom: rising(), status: "oom", reason: "out of memory", code: 137},
		{name: "killed behind a shell, not by the kernel", script: "job\nhello\nexit 137", oom: still, status: "killed", reason: "killed", code: 137},
		{name: "another fails while the counter rises", script: "job\nhello\nexit 1", oom: rising(), status: "error", reason: "exit status 1", code: 1},

		{name: "says out of memory", script: "job\nhello\nloaded\nepochs 1 4\nfail oom no memory for 2 GiB\nexit 1", status: "oom", reason: "no memory for 2 GiB", code: 1, epochs: 1},
		{name: "says nonfinite", script: "job\nhello\nfail nonfinite the loss is NaN\nexit 1", status: "nonfinite", reason: "the loss is NaN", code: 1},
		{name: "says interrupted unasked", script: "job\nhello\nfail interrupted stopped\nexit 1", status: "error", reason: "stopped", code: 1},
		{name: "says step", script: "job\nhello\nfail step it failed\nexit 1", status: "error", reason: "it failed", code: 1},
		{name: "says job", script: "job\nfail job I know no such job\nexit 1", status: "error", reason: "I know no such job", code: 1, setup: true},
		{name: "says env", script: "job\nfail env A is not set\nexit 1", status: "error", reason: "A is not set", code: 1, setup: true},
		{name: "says graph", script: "job\nhello\nfail graph it is broken\nexit 1", status: "error", reason: "it is broken", code: 1, setup: true},
		{name: "says data", script: "job\nhello\nfail data it does not fit\nexit 1", status: "error", reason: "it does not fit", code: 1, setup: true},
		{name: "says device", script: "job\nhello\nfail device no GPU\nexit 1", status: "error", reason: "no GPU", code: 1, setup: true},
		{name: "says an unknown code", script: "job\nhello\nfail moon it is full\nexit 1", status: "error", reason: "it is full", code: 1},
		{name: "says an error and exits with 0", script: "job\nhello\nfail step it failed", status: "error", reason: "it failed"},

		{name: "another protocol", script: "job\nhello 99\nwait", status: "error", reason: "protocol 99", code: -1, signal: "killed", setup: true},
		{name: "no hello", script: "job\nloaded\nwait", status: "error", reason: `first event is "loaded"`, code: -1, signal: "killed", setup: true},
		{name: "garbage at once", script: "print Welcome to gpu7!\nwait", status: "error", reason: `"Welcome to gpu7!"`, code: -1, signal: "killed", setup: true},
		{name: "garbage later", script: "job\nhello\nloaded\nepochs 1 4 2\nprint W tensorflow: hm\nwait", status: "error", reason: "not an event", code: -1, signal: "killed", epochs: 2},
		{name: "JSON, but no event", script: "print {}\nwait", status: "error", reason: "not an event", code: -1, signal: "killed", setup: true},
		{name: "a line without end", script: "job\nhello\nloaded\nepochs 1 4\nflood 4000000\nwait", status: "error", reason: "longer than 1048576 bytes", code: -1, signal: "killed", epochs: 1},
		{name: "a last line cut short", script: "job\nhello\nwrite {\"event\":", status: "error", reason: "in the middle of an event"},
		{name: "done, and a line cut short", script: trained + "done\nwrite {", status: "error", reason: "in the middle of an event", epochs: 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := worker(t, c.script)
			w.OOMKills = c.oom
			out := launch(t, w)
			l := out.Launch
			if l.Status != c.status || !strings.Contains(l.Reason, c.reason) || (c.reason == "") != (l.Reason == "") {
				t.Errorf("%s (%s), want %s (%s)", l.Status, l.Reason, c.status, c.reason)
			}
			if l.ExitCode != c.code || l.Signal != c.signal {
				t.Errorf("exit status %d, signal %q, want %d, %q", l.ExitCode, l.Signal, c.code, c.signal)
			}
			if out.Setup != c.setup {
				t.Errorf("Setup is %v", out.Setup)
			}
			if len(l.Epochs) != c.epochs {
				t.Errorf("%d epochs kept, want %d", len(l.Epochs), c.epochs)
			}
		})
	}
}

func TestExitStatusOfAShell(t *testing.T) {
	w := worker(t, "job\nhello\nsignal 9")
	w.Argv = []string{"sh", "-c", `"$@"; exit $?`, "sh", w.Argv[0], w.Argv[1]}
	out := launch(t, w)
	if l := out.Launch; l.Status != record.Killed || l.ExitCode != 137 || l.Signal != "" {
		t.Errorf("%s (%s), exit status %d, signal %q", l.Status, l.Reason, l.ExitCode, l.Signal)
	}
}

func TestEndOfContextBeforeTheStart(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	w := worker(t, "job\nhello\nwait\nfail interrupted stopped\nexit 1")
	out, err := w.Run(ctx, job, nil)
	if err != nil || out.Launch.Status != record.Interrupted {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestStderrIsKept(t *testing.T) {
	out := launch(t, worker(t, "stderr first\nspill 300000\nstderr last words\n"+trained+"done"))
	if n := len(out.Stderr); n != tailSize {
		t.Errorf("%d bytes of stderr kept, want %d", n, tailSize)
	}
	if !strings.HasSuffix(out.Stderr, "a line on stderr\nlast words\n") {
		t.Errorf("stderr ends in %q", out.Stderr[max(0, len(out.Stderr)-40):])
	}
	short := launch(t, worker(t, "stderr one\nexit 1"))
	if short.Stderr != "one\n" {
		t.Errorf("stderr is %q", short.Stderr)
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("QUIET_TAKEN", "mine")
	t.Setenv("OVERRIDDEN", "mine")
	w := worker(t, "job\nenv A=1\nenv EMPTY=\nenv OVERRIDDEN=new\nenv QUIET_FREE=q\nenv QUIET_TAKEN=mine\nenv BOTH=env\n"+
		"env UNSET_BY_NOBODY\nhello\nloaded\nepochs 1 4 2 3\nmemory\ndone")
	w.Env = map[string]string{"A": "1", "EMPTY": "", "OVERRIDDEN": "new", "BOTH": "env"}
	w.Quiet = map[string]string{"QUIET_FREE": "q", "QUIET_TAKEN": "not mine", "BOTH": "quiet"}
	out := launch(t, w)
	if out.Launch.Status != record.OK {
		t.Errorf("%s: %s", out.Launch.Reason, out.Stderr)
	}
}

func TestWorkerCannotStart(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("#!/bin/sh\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		program string
		is      error
	}{
		"missing path":   {filepath.Join(dir, "none"), os.ErrNotExist},
		"missing name":   {"epochtime-no-such-worker", nil},
		"not executable": {plain, os.ErrPermission},
		"folder":         {dir, os.ErrPermission},
	} {
		t.Run(name, func(t *testing.T) {
			w := &Worker{Argv: []string{c.program}}
			out, err := w.Run(t.Context(), job, nil)
			if out != nil || !errors.Is(err, ErrStart) || (c.is != nil && !errors.Is(err, c.is)) {
				t.Fatalf("%v, %v", out, err)
			}
			if !strings.Contains(err.Error(), c.program) {
				t.Errorf("%v does not name the program", err)
			}
		})
	}
}

func TestStatusOfEveryCode(t *testing.T) {
	for code, want := range map[protocol.Code]string{
		protocol.CodeOOM: record.OOM, protocol.CodeNonfinite: record.Nonfinite,
		protocol.CodeInterrupted: record.Error, // nobody asked it to stop: it would be launched again and again
		protocol.CodeJob:         record.Error, protocol.CodeInternal: record.Error, "": record.Error,
	} {
		if got := statusOf(code); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}

func TestTail(t *testing.T) {
	for _, chunk := range []int{1, 1000, tailSize - 1, tailSize, tailSize + 1, 3 * tailSize} {
		var all strings.Builder
		kept := &tail{}
		for i := 0; all.Len() < 4*tailSize; i++ {
			p := strings.Repeat(string(rune('a'+i%26)), chunk)
			all.WriteString(p)
			if n, err := kept.Write([]byte(p)); n != chunk || err != nil {
				t.Fatal(n, err)
			}
		}
		if want := all.String()[all.Len()-tailSize:]; kept.String() != want {
			t.Errorf("writes of %d bytes: the tail is not what was written last", chunk)
		}
	}
	cut := &tail{kept: []byte("\x80\x80 half a letter")}
	if got := cut.String(); got != "� half a letter" {
		t.Errorf("cut letter: %q", got)
	}
}
