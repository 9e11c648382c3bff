//go:build unix

package scripted

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// lock opens and locks a file. The lock lasts until this process and the children that
// inherit the file have ended, which a test can wait for.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	return f, syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// child starts a process that outlives this one and holds a lock.
func child(_ *worker, text string) error {
	path, streams, _ := strings.Cut(text, " ")
	f, err := lock(path)
	if err != nil {
		return err
	}
	defer f.Close()
	cmd := exec.Command("sleep", "60")
	cmd.ExtraFiles = []*os.File{f}
	if streams != "" {
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	}
	return cmd.Start()
}

func signal(_ *worker, number string) error {
	n, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	if err := syscall.Kill(os.Getpid(), syscall.Signal(n)); err != nil {
		return err
	}
	time.Sleep(time.Minute) // the signal may arrive later
	return nil
}
