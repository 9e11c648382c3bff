package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// lockMachine keeps two measurements from running on one machine at a time:
// they would disturb each other. The lock ends with the process.
func lockMachine() (unlock func(), err error) {
	path := filepath.Join(os.TempDir(), "epochtime.lock")
	how := []flock.Option{flock.SetPermissions(0o666)}
	if _, err := os.Stat(path); err == nil {
		// Another user's: in a folder like /tmp, it may not be opened for creation.
		how = append(how, flock.SetFlag(os.O_RDONLY))
	}
	l := flock.New(path, how...)
	got, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w: remove it, or measure with --allow-concurrent", path, err)
	}
	if !got {
		return nil, fmt.Errorf("another measurement is running on this machine: wait for it, or use --allow-concurrent and accept that they disturb each other")
	}
	return func() { _ = l.Unlock() }, nil
}
