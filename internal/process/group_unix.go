//go:build unix

package process

import (
	"os"
	"os/exec"
	"syscall"
)

// OwnGroup makes a command that is not started yet the leader of a process group.
// A Ctrl-C in the terminal then reaches this program alone, which decides how the
// command ends.
func OwnGroup(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// Interrupt sends SIGINT to the group of a command that was started.
func Interrupt(c *exec.Cmd) error {
	if c.Process == nil {
		return ErrNotStarted
	}
	return syscall.Kill(-c.Process.Pid, syscall.SIGINT)
}

// Kill kills the group of a command, also what the command left behind when it
// ended. It does nothing if the command was not started or the group is gone.
func Kill(c *exec.Cmd) {
	if c.Process != nil {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // the group may be gone
	}
}

// EndGroup kills the process group of this process, itself included, if it leads
// one.
func EndGroup() {
	if syscall.Getpgrp() == os.Getpid() {
		_ = syscall.Kill(0, syscall.SIGKILL) // its own group
	}
}
