//go:build !unix

package interrupt

import (
	"os"
	"syscall"
)

// interrupting returns the signals that end a program.
func interrupting() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }
