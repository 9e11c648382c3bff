//go:build unix

package launch

import (
	"os/exec"
	"syscall"
)

// ending returns how the process ended: with an exit status, or by a signal.
func ending(cmd *exec.Cmd) (code int, signal string) {
	if cmd.ProcessState == nil {
		return -1, ""
	}
	if s, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && s.Signaled() {
		return -1, s.Signal().String()
	}
	return cmd.ProcessState.ExitCode(), ""
}
