//go:build unix

package process

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// TestCatchFileLimit writes in a process of its own, under a limit of its own.
func TestCatchFileLimit(t *testing.T) {
	if path := os.Getenv("PROCESS_FILE"); path != "" {
		CatchFileLimit()
		if err := os.WriteFile(path, make([]byte, 1<<20), 0o600); !errors.Is(err, syscall.EFBIG) {
			t.Errorf("writing: %v, want %v", err, syscall.EFBIG)
		}
		return
	}
	cmd := exec.Command("sh", "-c", `ulimit -f 8; exec "$0" -test.run='^TestCatchFileLimit$'`, os.Args[0])
	cmd.Env = append(os.Environ(), "PROCESS_FILE="+filepath.Join(t.TempDir(), "file"), "GORACE=atexit_sleep_ms=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("the writer: %v\n%s", err, out)
	}
}
