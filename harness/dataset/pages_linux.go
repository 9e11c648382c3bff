package dataset

import "golang.org/x/sys/unix"

// largePages advises the system to bring memory in by pages of 2 MiB: to bring it in
// by small ones takes longer than to decode what is written there.
func largePages(b []byte) {
	const worth = 4 << 20
	if len(b) >= worth {
		_ = unix.Madvise(b, unix.MADV_HUGEPAGE) // advice
	}
}
