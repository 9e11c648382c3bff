package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"epochtime/harness/bundle"
	"epochtime/harness/compare"
	"epochtime/harness/estimate"
	"epochtime/harness/exporter"
	"epochtime/harness/fleet"
	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/machine"
	"epochtime/harness/measure"
	"epochtime/harness/price"
	"epochtime/harness/roster"
	"epochtime/harness/setting"
	"epochtime/harness/store"
	"epochtime/internal/flaghint"
	"epochtime/internal/harmless"
	"epochtime/internal/output"
)

// Exit codes, as in the help of the program.
const (
	exitDone         = 0
	exitError        = 1
	exitUsage        = 2
	exitRegression   = 3
	exitInconclusive = 4
	exitInterrupted  = 130
	exitPipe         = 141 // as shells report a program that SIGPIPE ended
)

// errUsage means that the program was called wrongly.
var errUsage = errors.New("wrong use")

// errFailed means that something failed, which has been printed.
var errFailed = errors.New("failed")

// Verdicts that do not pass. They have been printed.
var (
	errRegression   = errors.New("a regression")
	errInconclusive = errors.New("inconclusive")
)

// verdictError returns the error for a verdict, or nil if it passes.
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

// usagef returns an errUsage.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// input returns an error of reading an input that the command line names. It is an
// errUsage if the input does not exist.
func input(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return usageError{err}
	}
	return err
}

// toldError is an error that has been printed.
type toldError struct{ error }

func (t toldError) Unwrap() error { return t.error }

// told marks an error as printed, without changing its exit code.
func told(err error) error { return toldError{err} }

// resumable is an interruption of a session that can be continued.
type resumable struct {
	error
	how string
}

func (r resumable) Unwrap() error { return r.error }

// exitCode prints an error that has not been printed, and returns the exit code.
func exitCode(w io.Writer, err error) int {
	var python *exec.ExitError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errPipe):
		return exitPipe
	case errors.As(err, &python) && python.ExitCode() > 0: // export: Python has printed the error
		return python.ExitCode()
	case errors.Is(err, context.Canceled), python != nil && python.ExitCode() < 0 && python.String() == "signal: interrupt":
		text := "epochtime: interrupted"
		if r := (resumable{}); errors.As(err, &r) {
			text += ": " + r.how
		}
		fmt.Fprintln(w, text)
		return exitInterrupted
	case errors.Is(err, errFailed), errors.Is(err, measure.ErrFailed):
		return exitError
	case errors.Is(err, errRegression):
		return exitRegression
	case errors.Is(err, errInconclusive):
		return exitInconclusive
	}
	if !errors.As(err, new(toldError)) {
		fmt.Fprintln(w, "epochtime: "+harmless.Hanging(inFlags(err)+hint(err)))
	}
	if slices.ContainsFunc(wrongUse, func(target error) bool { return errors.Is(err, target) }) ||
		errors.As(err, new(*graph.NotFoundError)) || errors.As(err, new(*setting.Error)) {
		return exitUsage
	}
	return exitError
}

// wrongUse are the errors with exit code 2.
var wrongUse = []error{errUsage, store.ErrNone, exporter.ErrModel, exporter.ErrOption, price.ErrPrice, measure.ErrFactor, measure.ErrBest, roster.ErrRoster, graph.ErrBatch, graph.ErrResident, measure.ErrWeights, estimate.ErrAsked}

// starved are errors of a system that has no more to give: open files, processes or
// memory.
var starved = []error{syscall.EMFILE, syscall.ENFILE, syscall.EAGAIN, syscall.ENOMEM}

// inFlags returns the text of an error, with the flag in place of a setting's name.
func inFlags(err error) string {
	var wrong *setting.Error
	switch {
	case errors.Is(err, measure.ErrWeights):
		return "--save-weights: " + err.Error()
	case !errors.As(err, &wrong):
		return err.Error()
	}
	return strings.Replace(err.Error(), wrong.Error(), "--"+wrong.Error(), 1)
}

// hint returns what to do about an error, in terms of flags and commands.
func hint(err error) string {
	var notFound *graph.NotFoundError
	var wrong *setting.Error
	var packing packingError
	switch {
	case errors.As(err, &notFound):
		return suggestion(notFound.Name, notFound.Have)
	case errors.As(err, &wrong) && wrong.Typed != "":
		if hint := suggestion(wrong.Typed, wrong.Known); hint != "" {
			return hint
		}
		return ": there are " + strings.Join(wrong.Known, ", ")
	case errors.Is(err, measure.ErrResume) && errors.Is(err, fs.ErrNotExist):
		return ": put it back where it was measured, or measure again"
	case slices.ContainsFunc(starved, func(e error) bool { return errors.Is(err, e) }):
		return ": raise the limits of this user (ulimit -a shows them), or end other programs"
	case mend(err) != "":
		return ": " + mend(err)
	case errors.Is(err, exporter.ErrCache):
		return ": set XDG_CACHE_HOME to another folder, or use 'epochtime export' and measure the graph"
	case errors.Is(err, launch.ErrStart) && errors.Is(err, os.ErrPermission):
		return ": it is not executable: use chmod +x, or name another --worker"
	case errors.Is(err, launch.ErrStart) && exporter.Installed():
		return ": 'make install' in a checkout installs it, or name it with --worker"
	case errors.Is(err, launch.ErrStart):
		return ": build it with 'make build', or name it with --worker"
	case errors.Is(err, launch.ErrNoLimit):
		return ": leave out --memory-limit"
	case errors.Is(err, bundle.ErrPrograms) && errors.As(err, &packing):
		return ": '" + packing.make + "' in a checkout builds them and packs them"
	case errors.Is(err, store.ErrNone):
		return ": 'epochtime history' lists the records"
	case errors.Is(err, store.ErrDamaged):
		return ": 'epochtime history check' names all that is, and 'epochtime history prune --damaged' removes it"
	case errors.Is(err, store.ErrConflict):
		return ": leave it, or remove the kept one first with 'epochtime history prune --id ID --yes'"
	case errors.As(err, new(fromError)):
		return ": 'epochtime estimate' on that machine makes probes, with --json FILE; no machine is predicted that nothing was measured on"
	case errors.Is(err, compare.ErrDifferent):
		return " with --allow-different"
	case errors.Is(err, fleet.ErrDifferent):
		return ", or show them apart with --allow-different"
	case errors.Is(err, machine.ErrBusy):
		return ": wait for it, or use --allow-concurrent and accept that they disturb each other"
	case errors.Is(err, machine.ErrLock):
		return ", or measure with --allow-concurrent"
	case errors.Is(err, output.ErrBusy):
		return ": wait for it, or name another file"
	case errors.Is(err, errUsage):
		return ""
	}
	if flag := flaghint.For(err); flag != "" {
		return ": " + flag
	}
	return ""
}
