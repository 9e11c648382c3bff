package measure

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"epochtime/harness/record"
)

// asWorker makes this test binary a scripted worker.
const asWorker = "EPOCHTIME_TEST_WORKER"

// scriptedWorker returns the command of a worker that follows a script.
func scriptedWorker(t *testing.T, script string) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	return []string{self, path}
}

// A session runs worker processes, and keeps what they say.
func TestWorkerProcesses(t *testing.T) {
	c := configured(t, makeGraph(t, "cnn"))
	c.Config.Worker = scriptedWorker(t, "job\nhello\n[parity]\nparity\n[train]\ntrain 0.5\n[any]\ndone\n")
	s, err := NewRun([]Configuration{c}, Options{Launches: 2})
	rec := measured(t, s, err)
	if rec.Runs[0].Summary.EpochSeconds.Median != 0.5 || len(rec.Runs[0].Launches) != 2 || rec.Runs[0].Launches[1].Order != 1 {
		t.Errorf("%+v", rec.Runs[0])
	}
}

// Every way in which a worker can fail leaves a record, a notice and an error.
func TestWorkersFail(t *testing.T) {
	cnn := makeGraph(t, "cnn")
	for name, c := range map[string]struct{ train, status, notice string }{
		"dies":       {"train\nsignal 9", record.Killed, "launch 2 of 2 failed: the worker was killed by a signal"},
		"fails":      {"train\nfail step it burst\nexit 1", record.Error, "failed: it burst"},
		"nonsense":   {"print nonsense", record.Error, "failed: "},
		"no memory":  {"fail oom too large\nexit 1", record.OOM, "failed: too large"},
		"not finite": {"fail nonfinite the loss is NaN\nexit 1", record.Nonfinite, "failed: the loss is NaN"},
	} {
		config := configured(t, cnn)
		config.Config.Worker = scriptedWorker(t, "job\nlog "+filepath.Join(t.TempDir(), "log")+"\nhello\n[parity]\nparity\n[train 1]\ntrain\n[train 2]\n"+c.train+"\n[any]\ndone\n")
		var notices []string
		s, err := NewRun([]Configuration{config}, Options{Launches: 2, Watcher: &listener{notice: func(_ NoticeKind, text string) { notices = append(notices, text) }}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Measure(t.Context()); !errors.Is(err, ErrFailed) {
			t.Errorf("%s: %v", name, err)
		}
		launches := s.Record().Runs[0].Launches
		if len(launches) != 2 || launches[0].Status != record.OK || launches[1].Status != c.status {
			t.Errorf("%s: %d launches, the last %+v", name, len(launches), launches[len(launches)-1])
		}
		if len(notices) != 1 || !strings.Contains(notices[0], c.notice) {
			t.Errorf("%s: notices %q", name, notices)
		}
		if s.Record().Status != record.Complete {
			t.Errorf("%s: the record is %s", name, s.Record().Status)
		}
	}
}

// A worker that cannot be started, or fails before any epoch, ends a run at once.
func TestWorkerCannotStart(t *testing.T) {
	c := configured(t, makeGraph(t, "never"))
	c.Config.Worker = []string{filepath.Join(t.TempDir(), "nowhere")}
	s, err := NewRun([]Configuration{c}, Options{Launches: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Measure(context.Background()); err == nil || s.Launched() != 0 {
		t.Errorf("%v after %d launches", err, s.Launched())
	}
}
