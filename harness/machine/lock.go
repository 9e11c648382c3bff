package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// ErrBusy means that another measurement is running on this machine.
var ErrBusy = errors.New("another measurement is running on this machine")

// ErrLock means that the lock of this machine cannot be taken.
var ErrLock = errors.New("this machine cannot be locked")

// Lock takes the lock of this machine, which keeps measurements from running at the
// same time and disturbing each other. The lock ends with unlock or the process. The
// errors are ErrBusy and ErrLock.
func Lock() (unlock func(), err error) {
	path := filepath.Join(os.TempDir(), "epochtime.lock")
	how := []flock.Option{flock.SetPermissions(0o666)}
	if _, err := os.Stat(path); err == nil {
		// It may be another user's, and a folder like /tmp then refuses O_CREATE.
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
