// Package runtimes knows which command trains under each runtime of a configuration.
package runtimes

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"epochtime/harness/exporter"
	"epochtime/harness/record"
)

// ErrMissing means that a runtime is not installed.
var ErrMissing = errors.New("the runtime is not installed")

// Command is how the worker of a configuration is started.
type Command struct {
	Argv []string
	Env  map[string]string // that it needs, beside the configuration's own

	// Explain returns why a worker that ended at once did, given what it wrote to
	// stderr; "" if that is not known. It may be nil.
	Explain func(stderr string) string
}

// workerName is the name of every worker program.
const workerName = "epochtime-worker"

// backends are the Keras backends of runtimes that train in Python.
var backends = map[string]string{
	record.RuntimeFit: "tensorflow", record.RuntimeFitJAX: "jax", record.RuntimeFitTorch: "torch", record.RuntimeTFFunction: "tensorflow",
}

// Find returns the command for a configuration. Its worker may be the name of one that
// List returns. python runs what trains in Python, and has the TensorFlow of a worker
// program that does not know its own; if it is empty, it is that of the exporter. That of
// a named worker is before both. Other workers of the runtimes fit-jax and fit-torch have
// a Python of their own: that of the variable EPOCHTIME_RUNTIMES_PYTHON, or else of the
// folder .venv-runtimes beside pygen. The errors are ErrMissing, *UnknownError,
// *BrokenError, and those of exporter.Find and exporter.LibraryFolder.
func Find(c record.Config, python string) (Command, error) {
	backend, inPython := backends[c.Runtime]
	if !inPython {
		return ofProgram(c, python)
	}
	with, err := pythonOf(c, python)
	if err != nil {
		return Command{}, err
	}
	return Command{
		Argv: []string{with.Python, "-m", "pygen.worker"},
		Env:  map[string]string{"PYTHONPATH": with.Path(), "PYTHONDONTWRITEBYTECODE": "1", "KERAS_BACKEND": backend},
	}, nil
}

// ofProgram returns the command of a worker program.
func ofProgram(c record.Config, python string) (Command, error) {
	argv := c.Worker
	find := func() (string, error) { return exporter.FindPython(python) }
	if named, ok := FindNamed(c.Worker); ok {
		if err := named.checkProgram(); err != nil {
			return Command{}, err
		}
		argv, find = []string{named.Program()}, named.workingPython
	} else if err := missing(c.Worker); err != nil {
		return Command{}, err
	}
	switch {
	case len(argv) == 0 && c.Runtime == record.RuntimePeer:
		return Command{}, fmt.Errorf("%w: %s is a worker that is named", ErrMissing, record.RuntimePeer)
	case len(argv) == 0:
		argv = []string{DefaultWorker()}
	}
	l, err := findLibrary(argv[0], c.Env, find)
	if err != nil {
		return Command{}, err
	}
	return Command{Argv: argv, Env: l.environment(), Explain: l.explain}, nil
}

// pythonOf returns the exporter with the Python that a runtime takes.
func pythonOf(c record.Config, python string) (exporter.Exporter, error) {
	named, isNamed := FindNamed(c.Worker)
	switch {
	case isNamed:
		own, err := named.workingPython()
		if err != nil {
			return exporter.Exporter{}, err
		}
		return exporter.Find(own)
	case c.Runtime != record.RuntimeFitJAX && c.Runtime != record.RuntimeFitTorch:
		return exporter.Find(python)
	}
	home, err := exporter.Home()
	if err != nil {
		return exporter.Exporter{}, err
	}
	own := os.Getenv("EPOCHTIME_RUNTIMES_PYTHON")
	if own == "" {
		own = filepath.Join(home, ".venv-runtimes", "bin", "python")
	}
	if _, err := os.Stat(own); err != nil {
		return exporter.Exporter{}, fmt.Errorf("%w: %s has no Python with JAX and PyTorch, %s", ErrMissing, c.Runtime, own)
	}
	return exporter.Exporter{Home: home, Python: own}, nil
}

// DefaultWorker returns the worker program that is installed beside this one, or else
// its name, to be found on PATH.
func DefaultWorker() string {
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), workerName)
		if _, err := os.Stat(beside); err == nil {
			return beside
		}
	}
	return workerName
}
