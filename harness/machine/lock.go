package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// ErrBusy reports that another measurement is running on this machine.
var ErrBusy = errors.New("another measurement is running on this machine")

// ErrLock reports that the lock of this machine cannot be taken.
var ErrLock = errors.New("this machine cannot be locked")

// Lock keeps two measurements from running on this machine at a time: they would
// disturb each other. The lock ends with unlock, or with the process.
func Lock() (unlock func(), err error) {
	path := filepath.Join(os.TempDir(), "epochtime.lock")
	how := []flock.Option{flock.SetPermissions(0o666)}
	if _, err := os.Stat(path); err == nil {
		// Another user's: in a folder like /tmp, it may not be opened for creation.
		how = append(how, flock.SetFlag(os.O_RDONLY))
	}
	l := flock.New(path, how...)
	switch got, err := l.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("%w: %s: %w: remove the file", ErrLock, path, err)
	case !got:
		return nil, ErrBusy
	}
	return func() { _ = l.Unlock() }, nil
}
