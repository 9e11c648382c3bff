//go:build unix

package interrupt

import (
	"os"
	"os/signal"
	"syscall"
)

// interrupting returns the signals that end a program. One that nohup ignores stays
// ignored.
func interrupting() []os.Signal {
	out := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		out = append(out, syscall.SIGHUP)
	}
	return out
}
