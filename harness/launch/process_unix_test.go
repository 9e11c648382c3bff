//go:build unix

package launch

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"epochtime/harness/record"
)

// gone fails the test unless the process that holds the file ends soon.
func gone(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for range 1000 {
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("the process that holds %s still lives", filepath.Base(path))
}

// Whatever way a launch ends, no process of it is left to disturb the next.
func TestNoProcessIsLeft(t *testing.T) {
	for _, c := range []struct {
		name, ending string
		status       string
	}{
		{"done", "memory\ndone", record.Error}, // of three epochs, one,
		{"fails", "exit 1", record.Error},
		{"dies", "signal 9", record.Killed},
		{"garbage", "print hm\nsleep 1m", record.Error},
	} {
		for _, streams := range []string{"", " streams"} {
			t.Run(c.name+streams, func(t *testing.T) {
				dir := t.TempDir()
				w := worker(t, "job\nhold "+dir+"/worker\nchild "+dir+"/child"+streams+"\nhello\nloaded\nepochs 1 4\n"+c.ending)
				out := launch(t, w)
				if l := out.Launch; l.Status != c.status || len(l.Epochs) != 1 {
					t.Errorf("%s (%s), %d epochs\n%s", l.Status, l.Reason, len(l.Epochs), out.Stderr)
				}
				gone(t, dir+"/worker")
				gone(t, dir+"/child")
			})
		}
	}
}

func TestInterruptionEndsEveryProcess(t *testing.T) {
	for _, ending := range []string{"wait", "sleep 1m"} {
		dir := t.TempDir()
		w := worker(t, "job\nhold "+dir+"/worker\nchild "+dir+"/child streams\nhello\nloaded\nepochs 1 4 2\n"+ending)
		w.Grace = 300 * time.Millisecond
		out := interrupted(t, w)
		if out.Launch.Status != record.Interrupted {
			t.Errorf("%s: %s (%s)", ending, out.Launch.Status, out.Launch.Reason)
		}
		gone(t, dir+"/worker")
		gone(t, dir+"/child")
	}
}
