// Package lockfile keeps two processes from doing the same at once, by a lock on a
// file. The lock ends with its process, however that ends; a file that is left
// behind is no obstacle. The file says who holds it.
package lockfile

import (
	"errors"
	"fmt"
)

// ErrHeld means that another process holds the lock. The error is a *HeldError.
var ErrHeld = errors.New("another process holds the lock")

// HeldError is an ErrHeld.
type HeldError struct {
	Path   string
	Holder *Holder // nil: not known
}

func (e *HeldError) Error() string {
	if e.Holder == nil {
		return fmt.Sprintf("%s: %v", e.Path, ErrHeld)
	}
	return fmt.Sprintf("%s: %v: %v", e.Path, ErrHeld, e.Holder)
}

// Is reports whether target is ErrHeld.
func (e *HeldError) Is(target error) bool { return target == ErrHeld }

// Lock is a lock that this process holds.
type Lock struct{ release func() }

// Release gives the lock up. It must be called once.
func (l *Lock) Release() { l.release() }

// Take takes the lock of a file, and makes the file if it is missing. Release
// removes it. The error is an ErrHeld, an errors.ErrUnsupported where the file
// system has no locks, or one of opening the file, which has to be a regular file.
func Take(path string) (*Lock, error) { return take(path, false) }

// TakeShared is Take for a file that stays, and that every user can lock.
func TakeShared(path string) (*Lock, error) { return take(path, true) }
