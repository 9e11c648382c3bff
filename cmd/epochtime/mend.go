package main

import (
	"errors"
	"fmt"

	"epochtime/harness/exporter"
	"epochtime/harness/runtimes"
	"epochtime/internal/harmless"
)

// mend returns what puts a part of the installation that is missing there: the command
// that does. It is empty for other errors.
func mend(err error) string {
	var lack *exporter.LackError
	var broken *runtimes.BrokenError
	var unknown *runtimes.UnknownError
	var worker brokenWorker
	switch {
	case errors.As(err, &worker):
		return worker.mend()
	case errors.As(err, &unknown):
		return fmt.Sprintf("'%s' makes one in a checkout", makeNamed("/path/to/venv", unknown.Name))
	case errors.As(err, &broken):
		return fmt.Sprintf("'%s' makes it anew", makeNamed(broken.Worker.MadeFor(), broken.Worker.Name))
	case errors.As(err, &lack) && lack.Environment():
		return fmt.Sprintf("'%s -m pip install %s' installs it", harmless.Command([]string{lack.Python}), versioned(lack.Package))
	case errors.As(err, &lack):
		return makePython()
	case errors.Is(err, runtimes.ErrMissing):
		return "'make runtimes' installs it in a checkout, and EPOCHTIME_RUNTIMES_PYTHON names another Python"
	case errors.Is(err, exporter.ErrNoPython):
		return "name a Python with TensorFlow by --python or EPOCHTIME_PYTHON; " + makePython()
	case errors.Is(err, exporter.ErrNoExporter):
		return "run epochtime from its checkout, or install it with 'make install'"
	}
	return ""
}

// makeNamed returns the command that makes a named worker.
func makeNamed(tensorflow, name string) string {
	if tensorflow == "" {
		tensorflow = "/path/to/venv"
	}
	return harmless.Command([]string{"make", "setup", "TF=" + tensorflow, "NAME=" + name})
}

// makePython says which command makes a Python with TensorFlow.
func makePython() string {
	if exporter.Installed() {
		return fmt.Sprintf("'python3 -m venv tf && tf/bin/pip install %s' makes one for --python tf/bin/python", versioned("tensorflow"))
	}
	return "'make setup' installs one in a checkout's .venv"
}

// versioned returns a package as pip takes it: TensorFlow in the version that the worker
// was linked with.
func versioned(name string) string {
	if linked := runtimes.LinkedWith(runtimes.DefaultWorker()); linked != "" && name == "tensorflow" {
		return name + "==" + linked
	}
	return name
}
