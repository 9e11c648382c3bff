package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/internal/process"
)

// start starts a worker with a job, and returns its stdin.
func start(t *testing.T, j protocol.Job) (*exec.Cmd, io.WriteCloser) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), asWorker+"=1", "TF_CPP_MIN_LOG_LEVEL=1")
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if j.Worker < 0 { // it is not the test's child, as one behind a shell
		j.Worker = 1
	} else if j.Parent != 0 {
		j.Worker = c.Process.Pid
	}
	j.Boot = process.Boot()
	if err := protocol.WriteJob(stdin, j); err != nil {
		t.Fatal(err)
	}
	return c, stdin
}

// A worker whose parent is gone ends, even if it hangs: here the manifest of its graph
// is a pipe to which nobody writes.
func TestEndOfStdinEndsAWorkerThatHangs(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "graph.json")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	c, stdin := start(t, protocol.Job{Kind: protocol.Train, Graph: dir, Config: record.Config{Epochs: 1, Device: "cpu"}})
	held, err := os.OpenFile(pipe, os.O_WRONLY, 0) // once the worker reads
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	stdin.Close()
	if err := c.Wait(); err == nil || c.ProcessState.ExitCode() != 1 {
		t.Errorf("the worker ended with %v", err)
	}
}

// A worker knows by its parent's number that it is an orphan, and is none where it is
// not the process that the parent started.
func TestOrphan(t *testing.T) {
	for _, c := range []struct {
		name           string
		parent, worker int
		code           int
	}{
		{"child", os.Getpid(), 0, 0},
		{"orphan", 1 << 30, 0, 1},
		{"behind a shell", 1 << 30, -1, 0},
		{"started by hand", 0, 0, 0},
	} {
		cmd, stdin := start(t, protocol.Job{Kind: protocol.Devices, Parent: c.parent, Worker: c.worker})
		_ = cmd.Wait()
		stdin.Close()
		if got := cmd.ProcessState.ExitCode(); got != c.code {
			t.Errorf("%s: exit status %d, want %d", c.name, got, c.code)
		}
	}
}

// Asked to stop, a worker ends after its step, though its stdin stays open.
func TestStopsWhenAsked(t *testing.T) {
	c, stdin := start(t, protocol.Job{Kind: protocol.Train, Graph: openGraph(t, "linear").Dir, Config: record.Config{Epochs: 1 << 30, Device: "cpu"}})
	if err := protocol.WriteStop(stdin); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	stdin.Close()
	if slices.Contains([]int{0, -1}, c.ProcessState.ExitCode()) {
		t.Errorf("exit status %d", c.ProcessState.ExitCode())
	}
}
