package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"epochtime/harness/compare"
	"epochtime/harness/graph"
	"epochtime/harness/store"
)

// The exit codes, as the help of the program gives them.
const (
	exitDone         = 0
	exitError        = 1
	exitUsage        = 2
	exitRegression   = 3
	exitInconclusive = 4
	exitInterrupted  = 130
)

// errUsage: the program was called wrongly.
var errUsage = errors.New("wrong use")

// errFailed: something failed, and all there is to say has been said.
var errFailed = errors.New("failed")

// What a comparison found, where that is no pass. Its report has been printed.
var (
	errRegression   = errors.New("a regression")
	errInconclusive = errors.New("inconclusive")
)

// verdictError is nil for a verdict that passes.
func verdictError(v compare.Verdict) error {
	switch v {
	case compare.Slower:
		return errRegression
	case compare.Inconclusive:
		return errInconclusive
	}
	return nil
}

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
	case errors.Is(err, context.Canceled), python != nil && python.ExitCode() < 0 && python.String() == "signal: interrupt":
		fmt.Fprintln(w, "epochtime: interrupted")
		return exitInterrupted
	case errors.Is(err, errFailed):
		return exitError
	case errors.Is(err, errRegression):
		return exitRegression
	case errors.Is(err, errInconclusive):
		return exitInconclusive
	case errors.As(err, &notFound):
		fmt.Fprintln(w, "epochtime: "+err.Error()+suggestion(notFound.Name, notFound.Have))
		return exitUsage
	case errors.Is(err, errUsage), errors.Is(err, store.ErrNone), errors.Is(err, graph.ErrBatch), errors.Is(err, graph.ErrResident):
		fmt.Fprintln(w, "epochtime:", hinted(err))
		return exitUsage
	}
	fmt.Fprintln(w, "epochtime:", hinted(err))
	return exitError
}
