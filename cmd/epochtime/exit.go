package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"epochtime/harness/graph"
)

// The exit codes, as the help of the program gives them.
const (
	exitDone        = 0
	exitError       = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// errUsage: the program was called wrongly.
var errUsage = errors.New("wrong use")

// errFailed: something failed, and all there is to say has been said.
var errFailed = errors.New("failed")

type usageError struct{ error }

func (usageError) Is(target error) bool { return target == errUsage }
func (u usageError) Unwrap() error      { return u.error }

// usagef is an error in how the program was called.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitCode prints an error, if there is one to print, and returns the exit code.
func exitCode(w io.Writer, err error) int {
	var notFound *graph.NotFoundError
	var python *exec.ExitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &python) && python.ExitCode() > 0: // export: Python has said what is wrong
		return python.ExitCode()
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(w, "epochtime: interrupted")
		return exitInterrupted
	case errors.Is(err, errFailed):
		return exitError
	case errors.As(err, &notFound):
		fmt.Fprintln(w, "epochtime: "+err.Error()+suggestion(notFound.Name, notFound.Have))
		return exitUsage
	case errors.Is(err, errUsage), errors.Is(err, graph.ErrBatch), errors.Is(err, graph.ErrResident):
		fmt.Fprintln(w, "epochtime:", err)
		return exitUsage
	}
	fmt.Fprintln(w, "epochtime:", err)
	return exitError
}
