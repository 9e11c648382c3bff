package exporter

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"epochtime/internal/atomicfile"
	"epochtime/internal/process"
)

// Library is the file name of TensorFlow's library that every program which uses it
// loads first.
const Library = "libtensorflow_framework.so.2"

// Python is a Python and what is installed for it.
type Python struct {
	Program    string `json:"program"`
	Version    string `json:"version"`
	TensorFlow string `json:"tensorflow"` // version; empty: it is not installed
	Library    string `json:"library"`    // folder of TensorFlow, with its library; empty: TensorFlow is not installed
	Keras      string `json:"keras"`      // version; empty: it is not installed
}

// LackError means that a Python lacks a package.
type LackError struct {
	Python  string // the program
	Package string // as pip names it
}

func (e *LackError) Error() string {
	if e == nil {
		return "a package is not installed"
	}
	return fmt.Sprintf("%s is not installed for %s", e.Package, e.Python)
}

// Environment reports whether the Python is that of a virtual environment, into which
// packages can be installed.
func (e *LackError) Environment() bool {
	if e == nil {
		return false
	}
	_, err := os.Stat(filepath.Join(filepath.Dir(filepath.Dir(e.Python)), "pyvenv.cfg"))
	return err == nil
}

// FindPython returns the program that runs Python with TensorFlow. If python is empty,
// it is the first that there is of these:
//
//   - the one that the variable EPOCHTIME_PYTHON names
//   - that of .venv beside pygen, in a checkout
//   - that of VIRTUAL_ENV, if it has TensorFlow
//   - python3 on PATH, if it has TensorFlow
//
// Errors are ErrNoPython and *LackError.
func FindPython(python string) (string, error) {
	if named := cmp.Or(python, os.Getenv("EPOCHTIME_PYTHON")); named != "" {
		path, err := exec.LookPath(named)
		if err != nil {
			return "", fmt.Errorf("%w %q", ErrNoPython, named)
		}
		return path, nil
	}
	if home, err := Home(); err == nil {
		own := filepath.Join(home, ".venv", "bin", "python")
		if _, err := os.Stat(own); err == nil {
			return own, nil
		}
	}
	return pythonOf(os.Getenv("VIRTUAL_ENV"))
}

// pythonOf returns the first Python with TensorFlow of a virtual environment, which may
// be empty, and PATH.
func pythonOf(environment string) (string, error) {
	programs := []string{"python3"}
	if environment != "" {
		programs = []string{filepath.Join(environment, "bin", "python"), "python3"}
	}
	var first error
	for _, program := range programs {
		path, err := exec.LookPath(program)
		if err != nil {
			continue
		}
		if _, err = LibraryFolder(path); err == nil {
			return path, nil
		}
		first = cmp.Or(first, err)
	}
	if first != nil {
		return "", first
	}
	return "", fmt.Errorf("%w: python3 is not on PATH, and VIRTUAL_ENV names no environment", ErrNoPython)
}

//go:embed installed.py
var installedText string

// askTime is how long a Python may take to say what is installed for it.
const askTime = 30 * time.Second

// AskPython runs a Python, given as a path, to ask what is installed for it. The error
// is ErrNoPython if it does not answer, and that of ctx.
func AskPython(ctx context.Context, program string) (Python, error) {
	within, stop := context.WithTimeout(cmp.Or(ctx, context.Background()), askTime)
	defer stop()
	// -B: the environment of a person stays as it is.
	c := exec.CommandContext(within, program, "-B", "-c", installedText)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	var p Python
	err := process.Run(within, c)
	switch {
	case ctx != nil && ctx.Err() != nil:
		return Python{}, ctx.Err()
	case within.Err() != nil:
		err = fmt.Errorf("it did not answer within %v", askTime)
	}
	if err == nil {
		err = json.Unmarshal(stdout.Bytes(), &p)
	}
	if err != nil {
		return Python{}, fmt.Errorf("%w that works: %s: %w%s", ErrNoPython, program, err, lastLine(stderr.Bytes()))
	}
	if _, err := os.Stat(filepath.Join(p.Library, Library)); err != nil {
		p.TensorFlow, p.Library = "", ""
	}
	return p, nil
}

// lastLine returns the last line of an output, after a colon, or "".
func lastLine(output []byte) string {
	output = bytes.TrimSpace(output)
	if len(output) == 0 {
		return ""
	}
	return ": " + string(output[bytes.LastIndexByte(output, '\n')+1:])
}

// LibraryFolder returns the folder that holds TensorFlow's library of a Python, given as
// a path. It asks the Python once, and keeps the answer in the user's cache folder until
// another version is installed. The errors are ErrNoPython and *LackError.
func LibraryFolder(program string) (string, error) {
	memory := libraryMemory(program)
	if kept, ok := recallLibrary(memory); ok {
		return kept, nil
	}
	p, err := AskPython(context.Background(), program)
	if err != nil {
		return "", err
	}
	if p.Library == "" {
		return "", &LackError{program, "tensorflow"}
	}
	if whole, err := filepath.Abs(program); err == nil && whole == p.Program { // else it runs another, which may change
		rememberLibrary(memory, p.Library)
	}
	return p.Library, nil
}

// libraryMemory returns the file that keeps the folder of a Python, or "" if there is no
// cache folder.
func libraryMemory(program string) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	key := Exporter{Python: program}.pythonStamp() + "\n" + os.Getenv("PYTHONPATH") + "\n" + os.Getenv("PYTHONHOME")
	return filepath.Join(dir, "epochtime", "pythons", shortSum([]byte(key))+".json")
}

// libraryAt is a folder with the stamp of the library in it.
type libraryAt struct {
	Folder string `json:"folder"`
	Stamp  string `json:"stamp"`
}

func recallLibrary(path string) (string, bool) {
	text, err := os.ReadFile(path)
	var kept libraryAt
	if err != nil || json.Unmarshal(text, &kept) != nil || kept.Stamp == "" {
		return "", false
	}
	return kept.Folder, process.FileStamp(filepath.Join(kept.Folder, Library)) == kept.Stamp
}

// rememberLibrary keeps a folder. If that fails, the Python is asked again.
func rememberLibrary(path, folder string) {
	text, err := json.Marshal(libraryAt{folder, process.FileStamp(filepath.Join(folder, Library))})
	if err != nil || path == "" || os.MkdirAll(filepath.Dir(path), 0o755) != nil {
		return
	}
	_ = atomicfile.WriteFile(path, text)
}
