//go:build unix

package lockfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// errPlanted means that the file is not one that this package made.
var errPlanted = errors.New("it is not a regular file of its own")

// tries is how often a lock file may come or go between two calls.
const tries = 100

// errRestless means that it never stayed as it was.
var errRestless = errors.New("it comes and goes all the time")

func take(path string, shared bool) (*Lock, error) {
	for range tries {
		f, err := open(path, shared)
		if err != nil {
			return nil, err
		}
		switch err := flock(f); {
		case errors.Is(err, unix.EWOULDBLOCK):
			held := &HeldError{Path: path, Holder: readHolder(f)}
			f.Close()
			return nil, held
		case errors.Is(err, unix.ENOLCK):
			err = errors.ErrUnsupported
			fallthrough
		case err != nil:
			f.Close()
			return nil, fmt.Errorf("locking %s: %w", path, err)
		}
		if !is(path, f) { // its holder has removed it since it was opened
			f.Close()
			continue
		}
		writeHolder(f)
		return &Lock{func() { release(path, f, shared) }}, nil
	}
	return nil, fmt.Errorf("locking %s: %w", path, errRestless)
}

// release ends the lock. A file that stays no longer names a holder.
func release(path string, f *os.File, shared bool) {
	if shared {
		_ = f.Truncate(0) // fails if this user may only read it
	} else {
		_ = os.Remove(path) // before the lock ends: what is there later is another's
	}
	_ = f.Close() // nothing in it matters
}

// open opens a lock file, or makes it. In a folder for all it may be anything: a
// link is not followed, a pipe does not block, and a second name of a file that
// matters is refused, because the holder is written into it.
func open(path string, shared bool) (*os.File, error) {
	const careful = unix.O_NOFOLLOW | unix.O_NONBLOCK
	for range tries {
		f, err := os.OpenFile(path, os.O_RDWR|careful, 0)
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, unix.EROFS) { // another user's: reading is enough to lock it
			f, err = os.OpenFile(path, os.O_RDONLY|careful, 0)
		}
		made := errors.Is(err, fs.ErrNotExist)
		if made {
			f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|careful, 0o666)
		}
		switch {
		case made && errors.Is(err, fs.ErrExist): // another process was faster
			continue
		case errors.Is(err, unix.ELOOP), errors.Is(err, unix.ENXIO), errors.Is(err, unix.EISDIR):
			return nil, fmt.Errorf("%s: %w", path, errPlanted)
		case err != nil:
			return nil, err
		}
		if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() || info.Sys().(*syscall.Stat_t).Nlink > 1 {
			f.Close()
			return nil, errors.Join(err, fmt.Errorf("%s: %w", path, errPlanted))
		}
		if made && shared {
			_ = f.Chmod(0o666) // whatever the umask is
		}
		return f, nil
	}
	return nil, fmt.Errorf("%s: %w", path, errRestless)
}

func flock(f *os.File) error {
	for {
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// is reports whether path still names the open file.
func is(path string, f *os.File) bool {
	have, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(have, there)
}

// alive reports whether there is such a process.
func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
