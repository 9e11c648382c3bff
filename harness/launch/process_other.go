//go:build !unix

package launch

import (
	"os"
	"os/exec"
)

// ending returns the exit status of the process.
func ending(cmd *exec.Cmd) (code int, signal string) {
	if cmd.ProcessState == nil {
		return -1, ""
	}
	return cmd.ProcessState.ExitCode(), ""
}

// unread reports whether a pipe holds what was not read yet, as far as is known here.
func unread(*os.File) bool { return false }
