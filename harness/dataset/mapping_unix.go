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

// drop takes pages out of the process. They stay in the page cache. Where it
// fails, they only stay longer.
func drop(b []byte) { _ = unix.Madvise(b, unix.MADV_DONTNEED) }
