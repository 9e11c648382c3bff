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
}

// backends are the Keras backends of runtimes that train in Python.
var backends = map[string]string{
	record.RuntimeFit: "tensorflow", record.RuntimeFitJAX: "jax", record.RuntimeFitTorch: "torch", record.RuntimeTFFunction: "tensorflow",
}

// Find returns the command for a configuration. python runs what trains in Python; if
// it is empty, it is that of the exporter. Workers of the runtimes fit-jax and fit-torch
// have a Python of their own: that of the variable EPOCHTIME_RUNTIMES_PYTHON, or else of
// the folder .venv-runtimes beside pygen. The errors are ErrMissing and those of
// exporter.Find.
func Find(c record.Config, python string) (Command, error) {
	backend, inPython := backends[c.Runtime]
	if !inPython {
		if len(c.Worker) > 0 {
			return Command{Argv: c.Worker}, nil
		}
		if c.Runtime == record.RuntimePeer {
			return Command{}, fmt.Errorf("%w: %s is a worker that is named", ErrMissing, record.RuntimePeer)
		}
		return Command{Argv: []string{DefaultWorker()}}, nil
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

// pythonOf returns the exporter with the Python that a runtime takes.
func pythonOf(c record.Config, python string) (exporter.Exporter, error) {
	if c.Runtime != record.RuntimeFitJAX && c.Runtime != record.RuntimeFitTorch {
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
	const name = "epochtime-worker"
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if _, err := os.Stat(beside); err == nil {
			return beside
		}
	}
	return name
}
