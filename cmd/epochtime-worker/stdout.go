package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// takeStdout moves stdout to another descriptor, for events alone, and points
// descriptor 1 at stderr: native libraries print on stdout (ONEDNN_VERBOSE=1).
func takeStdout() (*os.File, error) {
	fd, err := unix.FcntlInt(1, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("stdout is not open: %w", err)
	}
	if err := unix.Dup2(2, 1); err != nil {
		return nil, fmt.Errorf("stderr is not open: %w", err)
	}
	return os.NewFile(uintptr(fd), "events"), nil
}
