//go:build unix

package launch

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps a terminal's Ctrl-C from the worker: the parent tells it to
// stop, so that what was measured is kept.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills the worker and whatever it started.
func killGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // gone already: nothing to do
}

// ending is how the process ended: its exit status, or the signal it died of.
func ending(cmd *exec.Cmd) (code int, signal string) {
	if cmd.ProcessState == nil {
		return -1, ""
	}
	if s, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && s.Signaled() {
		return -1, s.Signal().String()
	}
	return cmd.ProcessState.ExitCode(), ""
}
