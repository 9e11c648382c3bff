//go:build !unix

package process

import "os/exec"

// OwnGroup does nothing on this system.
func OwnGroup(*exec.Cmd) {}

// Interrupt kills the command: this system has no SIGINT for another process.
func Interrupt(c *exec.Cmd) error {
	if c.Process == nil {
		return ErrNotStarted
	}
	return c.Process.Kill()
}

// Kill kills the command, but not what it started. It does nothing if the command
// was not started or has ended.
func Kill(c *exec.Cmd) {
	if c.Process != nil {
		_ = c.Process.Kill() // it may have ended
	}
}

// EndGroup does nothing: this system has no process groups.
func EndGroup() {}
