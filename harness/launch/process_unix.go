//go:build unix

package launch

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
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

// unread reports whether a pipe holds what was written to it and not read yet.
func unread(pipe *os.File) bool {
	raw, err := pipe.SyscallConn()
	if err != nil {
		return false
	}
	poll := make([]unix.PollFd, 1)
	err = raw.Control(func(fd uintptr) {
		poll[0] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
		_, _ = unix.Poll(poll, 0)
	})
	return err == nil && poll[0].Revents&unix.POLLIN != 0
}
