//go:build !unix

package launch

import "os/exec"

// ending returns the exit status of the process.
func ending(cmd *exec.Cmd) (code int, signal string) {
	if cmd.ProcessState == nil {
		return -1, ""
	}
	return cmd.ProcessState.ExitCode(), ""
}
