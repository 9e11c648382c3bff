//go:build unix

// Package mapfile has whole files in memory, to be read in place.
package mapfile

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Open returns a file's bytes, which nobody may write, aligned to 64 bytes at least.
// They lie outside Go's memory, and stay until Close. The system reads them when they
// are touched, and is told to begin now.
func Open(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return nil, err
	}
	b, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", path, err)
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
