// Package exporter exports Keras models as training graphs by running the Python
// program pygen, and keeps the graphs of models that it has exported before.
package exporter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"epochtime/internal/process"
)

var (
	// ErrNoExporter means that the folder pygen was not found.
	ErrNoExporter = errors.New("the exporter, the folder pygen, was not found")
	// ErrNoPython means that there is no Python to run the exporter.
	ErrNoPython = errors.New("no Python")
)

// Exporter is the Python program pygen and the Python that runs it.
type Exporter struct {
	Home   string // the folder that holds pygen
	Python string // a program
}

// Find returns the exporter of this program, to be run by the Python that FindPython
// returns. Errors are ErrNoExporter, ErrNoPython and *LackError.
func Find(python string) (Exporter, error) {
	home, err := Home()
	if err != nil {
		return Exporter{}, err
	}
	python, err = FindPython(python)
	if err != nil {
		return Exporter{}, err
	}
	return Exporter{home, python}, nil
}

// Home returns the folder that holds pygen: the one above this program's own
// folder, the folder share/epochtime in it, or the working directory. The error is
// ErrNoExporter.
func Home() (string, error) {
	var places []string
	if self, err := os.Executable(); err == nil {
		places = placesFor(self)
	}
	if here, err := os.Getwd(); err == nil {
		places = append(places, here)
	}
	return firstHome(places)
}

// placesFor returns where the exporter of a program may be: in a checkout, where
// the program is in bin, or where both are installed.
func placesFor(program string) []string {
	if whole, err := filepath.EvalSymlinks(program); err == nil {
		program = whole
	}
	prefix := filepath.Dir(filepath.Dir(program))
	return []string{prefix, filepath.Join(prefix, "share", "epochtime")}
}

// Installed reports whether the exporter is that of 'make install', and not of a
// checkout.
func Installed() bool {
	home, err := Home()
	return err == nil && strings.HasSuffix(home, filepath.Join("share", "epochtime"))
}

func firstHome(places []string) (string, error) {
	for _, p := range places {
		if _, err := os.Stat(filepath.Join(p, "pygen", "__main__.py")); err == nil {
			return p, nil
		}
	}
	return "", fmt.Errorf("%w in any of %q", ErrNoExporter, places)
}

// stopTime is how long an exporter may take to end when it is interrupted.
const stopTime = 10 * time.Second

// Command returns a command that runs pygen with arguments, for process.Run.
func (e Exporter) Command(ctx context.Context, args ...string) *exec.Cmd {
	c := e.prepare(exec.CommandContext(cmp.Or(ctx, context.Background()), e.Python, pygen(args)...))
	c.Cancel = func() error { return process.Interrupt(c) }
	c.WaitDelay = stopTime
	return c
}

func pygen(args []string) []string { return append([]string{"-m", "pygen"}, args...) }

// prepare sets the command's environment. The exporter's folder is the first of
// PYTHONPATH, because a module of the same name may be elsewhere.
func (e Exporter) prepare(c *exec.Cmd) *exec.Cmd {
	c.Env = append(os.Environ(), "PYTHONPATH="+e.Path(), "PYTHONDONTWRITEBYTECODE=1", "EPOCHTIME_EXPORT=1")
	return c
}

// Path returns the value of PYTHONPATH with which Python finds pygen.
func (e Exporter) Path() string {
	if more := os.Getenv("PYTHONPATH"); more != "" {
		return e.Home + string(os.PathListSeparator) + more
	}
	return e.Home
}

// BuiltIn returns the names of the exporter's own models.
func BuiltIn() ([]string, error) {
	home, err := Home()
	if err != nil {
		return nil, err
	}
	return builtIn(os.DirFS(home))
}

func builtIn(home fs.FS) ([]string, error) {
	files, err := fs.Glob(home, "pygen/models/[^_]*.py")
	for i, path := range files {
		files[i] = path[len("pygen/models/") : len(path)-len(".py")]
	}
	return files, err
}
