//go:build unix

package machine

import (
	"syscall"
	"time"
)

// ProcessorTime returns the processor time that this process used so far, without its
// children, and 0 where that is not known.
func ProcessorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
