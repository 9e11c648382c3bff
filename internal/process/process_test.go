package process

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

func TestStamp(t *testing.T) {
	program := filepath.Join(t.TempDir(), "program.exe")
	if got := Stamp(program); got != "" {
		t.Errorf("a missing program has the stamp %q", got)
	}
	write := func(text string, at time.Time) string {
		t.Helper()
		if err := errors.Join(os.WriteFile(program, []byte(text), 0o755), os.Chtimes(program, at, at)); err != nil {
			t.Fatal(err)
		}
		return Stamp(program)
	}
	now := time.Now()
	first := write("one", now)
	if first == "" || write("one", now) != first {
		t.Errorf("the stamp %q does not stay", first)
	}
	if write("longer", now) == first {
		t.Error("another size has the same stamp")
	}
	if write("one", now.Add(time.Second)) == first {
		t.Error("another time has the same stamp")
	}
}

func TestNotStarted(t *testing.T) {
	c := exec.Command("true")
	Kill(c)
	if err := Interrupt(c); !errors.Is(err, ErrNotStarted) {
		t.Errorf("interrupting a command that was not started: %v", err)
	}
}
