package process

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the kernel kill a command that is not started yet when the
// thread that starts it ends.
func dieWithParent(c *exec.Cmd) { c.SysProcAttr.Pdeathsig = syscall.SIGKILL }
