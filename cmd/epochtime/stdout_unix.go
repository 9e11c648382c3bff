//go:build unix

package main

import (
	"os"
	"syscall"
)

// fileTooLarge is the signal for a write beyond the limit of a file's size.
var fileTooLarge = []os.Signal{syscall.SIGXFSZ}
