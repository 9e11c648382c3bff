//go:build unix

package machine

import "syscall"

func involuntarySwitches() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return int64(u.Nivcsw) //nolint:unconvert // int32 on some systems
}
