package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"epochtime/internal/process"
)

// exporter is the Python program pygen, and the Python that runs it.
type exporter struct{ home, python string }

// findExporter finds it. asked is the Python of --python, or empty.
func findExporter(asked string) (exporter, error) {
	home, err := exporterHome()
	if err != nil {
		return exporter{}, err
	}
	python, err := findPython(asked, home)
	return exporter{home, python}, err
}

// command runs pygen with arguments. The folder of the exporter comes first in
// PYTHONPATH, so that a module of the same name elsewhere does not.
func (e exporter) command(args ...string) *exec.Cmd {
	return e.prepared(exec.Command(e.python, pygenArgs(args)...))
}

// stoppable is a command that ends, with all that it started, once ctx does.
func (e exporter) stoppable(ctx context.Context, args ...string) *exec.Cmd {
	c := e.prepared(exec.CommandContext(ctx, e.python, pygenArgs(args)...))
	process.OwnGroup(c)
	c.Cancel = func() error { return process.Interrupt(c) }
	c.WaitDelay = 10 * time.Second
	return c
}

func pygenArgs(args []string) []string { return append([]string{"-m", "pygen"}, args...) }

func (e exporter) prepared(c *exec.Cmd) *exec.Cmd {
	path := e.home
	if more := os.Getenv("PYTHONPATH"); more != "" {
		path += string(os.PathListSeparator) + more
	}
	c.Env = append(os.Environ(), "PYTHONPATH="+path, "PYTHONDONTWRITEBYTECODE=1", "EPOCHTIME_EXPORT=1")
	return c
}

// exporterHome is the folder that holds pygen: beside bin/, or this one.
func exporterHome() (string, error) {
	var places []string
	if self, err := os.Executable(); err == nil {
		places = append(places, filepath.Dir(filepath.Dir(self)))
	}
	if here, err := os.Getwd(); err == nil {
		places = append(places, here)
	}
	for _, p := range places {
		if _, err := os.Stat(filepath.Join(p, "pygen", "__main__.py")); err == nil {
			return p, nil
		}
	}
	return "", fmt.Errorf("the exporter, the folder pygen, is neither beside bin/ nor here: run epochtime from its own checkout")
}

// findPython picks the Python that has TensorFlow.
func findPython(asked, home string) (string, error) {
	if asked == "" {
		asked = os.Getenv("EPOCHTIME_PYTHON")
	}
	if asked != "" {
		path, err := exec.LookPath(asked)
		if err != nil {
			return "", fmt.Errorf("no Python %q: name one with TensorFlow by --python or EPOCHTIME_PYTHON", asked)
		}
		return path, nil
	}
	path := filepath.Join(home, ".venv", "bin", "python")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("no %s: make it with 'make setup', or name a Python with TensorFlow by --python", path)
	}
	return path, nil
}

// pythonStamp is the same as long as that Python and its packages are: the
// program, and the names, with versions, of what is installed beside it. Python
// is not started.
func (e exporter) pythonStamp() string {
	stamp := process.Stamp(e.python)
	bin := filepath.Dir(absolute(e.python))
	for _, pattern := range []string{"lib/python*/site-packages/*.dist-info", "Lib/site-packages/*.dist-info"} {
		found, _ := filepath.Glob(filepath.Join(filepath.Dir(bin), filepath.FromSlash(pattern))) // a fixed pattern is never wrong
		for _, path := range found {
			stamp += "\n" + filepath.Base(path)
		}
	}
	return stamp
}
