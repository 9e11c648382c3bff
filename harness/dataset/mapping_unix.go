//go:build unix

package dataset

import (
	"os"

	"golang.org/x/sys/unix"
)

// mappable: files can be mapped on this system.
const mappable = true

func mapFile(f *os.File, offset int64, n int) ([]byte, error) {
	return unix.Mmap(int(f.Fd()), offset, n, unix.PROT_READ, unix.MAP_SHARED)
}

func unmap(b []byte) error { return unix.Munmap(b) }

// The three below are advice: where it is not taken, reading is only slower or
// takes more memory.

// drop takes pages out of the process. They stay in the page cache.
func drop(b []byte) { _ = unix.Madvise(b, unix.MADV_DONTNEED) }

// readAlone makes the system read no pages around those that are touched.
func readAlone(b []byte) { _ = unix.Madvise(b, unix.MADV_RANDOM) }

// prefetch reads pages in one go, which would be read one by one otherwise.
func prefetch(b []byte) { _ = unix.Madvise(b, unix.MADV_WILLNEED) }
