package process

import (
	"os/exec"
	"runtime"
)

// Start starts a command in a process group of its own. On Linux the kernel kills
// it when this process ends, however that ends. The error of the command's Wait
// arrives in exited; nobody else may call Wait.
func Start(c *exec.Cmd) (exited <-chan error, err error) {
	OwnGroup(c)
	dieWithParent(c)
	started, ended := make(chan error), make(chan error, 1)
	go func() {
		// The kernel watches the thread that forks, which has to outlive the command.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.Start()
		started <- err
		if err == nil {
			ended <- c.Wait()
		}
	}()
	return ended, <-started
}
