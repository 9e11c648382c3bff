//go:build !unix

package lockfile

import (
	"fmt"
	"os"

	"github.com/gofrs/flock"
)

// Here a locked file can be neither read by others nor removed: it names no holder,
// and stays.
func take(path string, shared bool) (*Lock, error) {
	l := flock.New(path, flock.SetPermissions(0o666))
	switch got, err := l.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("locking %s: %w", path, err)
	case !got:
		return nil, &HeldError{Path: path}
	}
	return &Lock{func() {
		_ = l.Unlock()
		if !shared {
			_ = os.Remove(path) // fails where another process has opened it
		}
	}}, nil
}

// alive reports whether there may be such a process.
func alive(int) bool { return true }
