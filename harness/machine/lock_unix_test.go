//go:build unix

package machine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(path); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "pid ") {
		t.Errorf("a second measurement: %v", err)
	}
	unlock()
	if unlock, err = Lock(path); err != nil {
		t.Fatal(err)
	}
	unlock()
	if _, err := Lock(filepath.Join(path, "in a file")); !errors.Is(err, ErrLock) {
		t.Errorf("no folder: %v", err)
	}
}

// The file depends on nothing that differs between users.
func TestLockFile(t *testing.T) {
	before := LockFile()
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if now := LockFile(); now != before || !filepath.IsAbs(now) {
		t.Errorf("%s, and with another environment %s", before, now)
	}
	dir := t.TempDir()
	var folders []string
	for name, mode := range map[string]os.FileMode{"own": 0o755, "group": 0o775 | os.ModeSticky, "open": 0o777} {
		folders = append(folders, filepath.Join(dir, name))
		mkdir(t, filepath.Join(dir, name), mode)
	}
	shared := filepath.Join(dir, "common")
	mkdir(t, shared, 0o777|os.ModeSticky)
	missing := filepath.Join(dir, "missing")
	if got := common(append(folders, missing, shared, dir)...); got != shared {
		t.Errorf("chosen is %s", got)
	}
	if got := common(append(folders, missing)...); got != missing {
		t.Errorf("without a common one, chosen is %s", got)
	}
}

func mkdir(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := errors.Join(os.Mkdir(path, 0o700), os.Chmod(path, mode)); err != nil {
		t.Fatal(err)
	}
}
