//go:build unix

package mapfile

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// contents are the bytes of a file, outside Go's memory. The system reads them when they
// are touched, and is told to begin now.
func contents(f *os.File, size int64) ([]byte, error) {
	b, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", f.Name(), err)
	}
	_ = unix.Madvise(b, unix.MADV_WILLNEED) // without it, reading is only slower
	return b, nil
}

// Close gives the bytes of Open back.
func Close(b []byte) error {
	if b == nil {
		return nil
	}
	return unix.Munmap(b)
}
