package process

import (
	"context"
	"os/exec"
	"runtime"

	"epochtime/internal/interrupt"
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

// Run starts a command as Start does, waits until it ends, and ends what it left
// behind. It kills the command if ctx is hurried (see package interrupt). That ctx is
// done is for the command's own Cancel. The error is that of the command.
func Run(ctx context.Context, c *exec.Cmd) error {
	exited, err := Start(c)
	if err != nil {
		return err
	}
	defer Kill(c)
	select {
	case err := <-exited:
		return err
	case <-interrupt.Now(ctx):
		Kill(c)
		return <-exited
	}
}
