//go:build unix

package atomicfile

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// hold locks a new file, so that removeAbandoned leaves it alone for as long as this
// process lives and has it open. It reports whether the file is still there. A file
// system without locks does without.
func hold(f *os.File) bool {
	if errors.Is(unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB), unix.EWOULDBLOCK) {
		return false
	}
	return there(f)
}

// there reports whether the name of an open file is still its own.
func there(f *os.File) bool {
	have, err := f.Stat()
	if err != nil {
		return false
	}
	now, err := os.Lstat(f.Name())
	return err == nil && os.SameFile(have, now)
}

// removeAbandoned removes a file that create has made, unless its maker lives.
func removeAbandoned(path string) {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return
	}
	if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil && there(f) {
		_ = os.Remove(path) // fails if it is another user's
	}
}

// publish gives a written file its name. The file stays locked until it has it.
func publish(f *os.File, path string) error {
	err := os.Rename(f.Name(), path)
	return errors.Join(err, f.Close())
}
