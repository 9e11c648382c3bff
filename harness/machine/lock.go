package machine

import (
	"errors"
	"fmt"

	"epochtime/internal/lockfile"
)

// ErrBusy means that another measurement is running on this machine. The error
// names who has begun it, where that is known.
var ErrBusy = errors.New("another measurement is running on this machine")

// ErrLock means that the lock of this machine cannot be taken.
var ErrLock = errors.New("this machine cannot be locked")

// Lock takes the lock of this machine, which is that of a file (see LockFile). It
// keeps measurements from running at the same time and disturbing each other. The
// lock ends with unlock or the process. The errors are ErrBusy and ErrLock.
func Lock(path string) (unlock func(), err error) {
	l, err := lockfile.TakeShared(path)
	var held *lockfile.HeldError
	switch {
	case errors.As(err, &held) && held.Holder != nil:
		return nil, fmt.Errorf("%w (%v)", ErrBusy, held.Holder)
	case errors.As(err, &held):
		return nil, ErrBusy
	case err != nil:
		return nil, fmt.Errorf("%w: %w: remove the file, or have its owner or root do it", ErrLock, err)
	}
	return l.Release, nil
}
