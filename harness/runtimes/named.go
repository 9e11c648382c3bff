package runtimes

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Named is a worker that was built for the TensorFlow of one Python environment. It is
// a folder:
//
//	epochtime-worker   the program
//	python             a link to the environment's Python
//	made-for           what it was made for: cpu, gpu, nightly or the environment's folder
type Named struct {
	Name   string
	Folder string // workers/NAME
}

// workersFolder holds the named workers, beside the program in a checkout.
const workersFolder = "workers"

// UnknownError means that a worker's name is that of no program on PATH and of no named
// worker.
type UnknownError struct {
	Name string
	Have []string // names of the named workers
}

func (e *UnknownError) Error() string {
	switch {
	case e == nil:
		return "no such worker"
	case len(e.Have) == 0:
		return fmt.Sprintf("no worker is named %q, and no program on PATH: there are no named workers", e.Name)
	}
	return fmt.Sprintf("no worker is named %q, and no program on PATH: there are %s", e.Name, strings.Join(e.Have, ", "))
}

// Program returns the path of the worker's program, or "" for no worker.
func (n Named) Program() string { return n.path(workerName) }

func (n Named) path(name string) string {
	if n.Folder == "" {
		return ""
	}
	return filepath.Join(n.Folder, name)
}

// Python returns the path of the worker's Python, which may be gone. It is not resolved
// further than the link itself, because an environment is known by the path of its
// Python. It is empty if there is no link.
func (n Named) Python() string {
	path, err := os.Readlink(n.path("python"))
	if err != nil {
		return ""
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(n.Folder, path)
	}
	return path
}

// MadeFor returns what the worker was made for: cpu, gpu, nightly or the folder of an
// environment. It is empty if that is not known.
func (n Named) MadeFor() string {
	text, err := os.ReadFile(n.path("made-for"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// BrokenError means that a part of a named worker is gone.
type BrokenError struct {
	Worker Named
	Part   string // with its path
}

func (e *BrokenError) Error() string {
	if e == nil {
		return "a worker is broken"
	}
	return fmt.Sprintf("the worker %s is broken: %s is gone", e.Worker.Name, e.Part)
}

// Check returns a *BrokenError if the worker's program or its Python is gone.
func (n Named) Check() error {
	if err := n.checkProgram(); err != nil {
		return err
	}
	python := n.Python()
	if _, err := os.Stat(python); err != nil {
		return &BrokenError{n, strings.TrimSpace("its Python " + python)}
	}
	return nil
}

// workingPython returns the worker's Python, or a *BrokenError if it is gone.
func (n Named) workingPython() (string, error) { return n.Python(), n.Check() }

func (n Named) checkProgram() error {
	if _, err := os.Stat(n.Program()); err != nil {
		return &BrokenError{n, "its program " + n.Program()}
	}
	return nil
}

// List returns the named workers of this program by name: the folders in workers beside
// the program, or in lib/epochtime/workers where it is installed.
func List() ([]Named, error) {
	var out []Named
	for _, place := range places() {
		found, err := listIn(place)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func listIn(place string) ([]Named, error) {
	entries, err := os.ReadDir(place)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing the named workers: %w", err)
	}
	var out []Named
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			out = append(out, Named{e.Name(), filepath.Join(place, e.Name())})
		}
	}
	return out, nil
}

// places returns the folders that may hold named workers.
func places() []string {
	program, err := os.Executable()
	if err != nil {
		return nil
	}
	return placesFor(program)
}

func placesFor(program string) []string {
	if whole, err := filepath.EvalSymlinks(program); err == nil {
		program = whole
	}
	beside := filepath.Dir(program)
	return []string{filepath.Join(beside, workersFolder), filepath.Join(filepath.Dir(beside), "lib", "epochtime", workersFolder)}
}

// FindNamed returns the named worker that a command means: one word without a slash that
// is the name of one. ok is false for every other command.
func FindNamed(command []string) (named Named, ok bool) {
	if len(command) != 1 {
		return Named{}, false
	}
	return findIn(places(), command[0])
}

func findIn(places []string, name string) (Named, bool) {
	if name == "" || strings.HasPrefix(name, ".") || filepath.Base(name) != name {
		return Named{}, false
	}
	for _, place := range places {
		folder := filepath.Join(place, name)
		if info, err := os.Stat(folder); err == nil && info.IsDir() {
			return Named{name, folder}, true
		}
	}
	return Named{}, false
}

// missing returns an *UnknownError for a command of one word that is no program. A path
// that does not exist is found out by the start.
func missing(command []string) error {
	if len(command) != 1 || filepath.Base(command[0]) != command[0] {
		return nil
	}
	if _, err := exec.LookPath(command[0]); !errors.Is(err, exec.ErrNotFound) {
		return nil
	}
	out := &UnknownError{Name: command[0]}
	list, err := List()
	for _, n := range list {
		out.Have = append(out.Have, n.Name)
	}
	return errors.Join(out, err)
}
