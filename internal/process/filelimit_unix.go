//go:build unix

package process

import (
	"os"
	"os/signal"
	"syscall"
)

// CatchFileLimit makes a write beyond the largest size that a file may have (ulimit
// -f) an error of that write. Without it, the signal of the system makes Go's runtime
// end the program with a dump of its state. Programs that are started do not inherit
// it.
func CatchFileLimit() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGXFSZ)
}
