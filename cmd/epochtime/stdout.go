package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// stdout is the program's stdout. It remembers the first error of writing, so that
// whoever prints need not ask, and writes nothing after it. See outcome.
type stdout struct {
	file *os.File
	err  error
}

// Write writes to stdout, unless that has failed before.
func (s *stdout) Write(text []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.file.Write(text)
	s.err = err
	return n, err
}

// Fd returns the descriptor, for the width of a terminal.
func (s *stdout) Fd() uintptr { return s.file.Fd() }

// errPipe means that who reads stdout has read enough, as head does.
var errPipe = errors.New("stdout was closed by its reader")

// outcome returns the error of a command that returned err. A failed write to
// stdout is one where the command had none, or only one whose text was part of what
// nobody could read, such as a verdict.
func (s *stdout) outcome(err error) error {
	silent := err == nil || errors.Is(err, s.err)
	printed := slices.ContainsFunc([]error{errRegression, errInconclusive, errFailed}, func(e error) bool { return errors.Is(err, e) })
	switch {
	case s.err == nil || !silent && !printed:
		return err
	case errors.Is(s.err, syscall.EPIPE) && silent:
		return errPipe
	case errors.Is(s.err, syscall.EPIPE): // the exit code still tells it
		return err
	}
	cause := s.err
	if path := (*fs.PathError)(nil); errors.As(cause, &path) { // it names /dev/stdout
		cause = path.Err
	}
	return fmt.Errorf("writing to stdout: %w", cause)
}

// catchClosedPipe makes a write to a closed pipe an error of that write. Without it,
// the signal of the system ends the program, also in the midst of a measurement.
// Programs that are started do not inherit it.
func catchClosedPipe() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }
