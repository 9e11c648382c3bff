//go:build unix

package exporter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fakePython writes a program that answers as a Python for which TensorFlow's folder is
// library; empty: it is not installed. It returns a function that counts the answers.
func fakePython(t *testing.T, program, library string) (asked func() int) {
	t.Helper()
	p := Python{Program: program, Version: "3.12.1", Library: library, Keras: "3.15.1"}
	if library != "" {
		p.TensorFlow = "2.21.0"
		put(t, filepath.Join(library, Library), "a library")
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	log := program + ".log"
	put(t, program, fmt.Sprintf("#!/bin/sh\necho >>'%s'\ncat <<'END'\n%s\nEND\n", log, text))
	return func() int {
		text, _ := os.ReadFile(log) // it is not there before the first
		return strings.Count(string(text), "\n")
	}
}

// put writes a file that can be run, and its folders.
func put(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o755)); err != nil {
		t.Fatal(err)
	}
}

// lonely makes a folder in which nothing is found by the environment, and returns it.
func lonely(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	t.Setenv("PATH", filepath.Join(dir, "path")+string(os.PathListSeparator)+"/usr/bin"+string(os.PathListSeparator)+"/bin")
	t.Setenv("EPOCHTIME_PYTHON", "")
	t.Setenv("VIRTUAL_ENV", "")
	return dir
}

// Each Python is found where those before it are not there.
func TestFindPythonInOrder(t *testing.T) {
	dir := lonely(t)
	put(t, "pygen/__main__.py", "")
	var order []string
	for _, place := range []string{"named", "variable", ".venv/bin/python", "active/bin/python", "path/python3"} {
		path := filepath.Join(dir, place)
		fakePython(t, path, filepath.Join(dir, "tensorflow"))
		order = append(order, path)
	}
	t.Setenv("EPOCHTIME_PYTHON", order[1])
	t.Setenv("VIRTUAL_ENV", filepath.Join(dir, "active"))
	python := order[0]
	for i, want := range order {
		if got, err := FindPython(python); got != want || err != nil {
			t.Errorf("place %d: got %s, %v, want %s", i, got, err, want)
		}
		python = ""
		if i == 1 {
			t.Setenv("EPOCHTIME_PYTHON", "")
		}
		if i > 0 {
			if err := os.Remove(want); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(t, "path/python3", "#!/bin/sh\nexit 1\n")
	if got, err := FindPython(""); !errors.Is(err, ErrNoPython) {
		t.Errorf("of a Python that does not work: %q, %v", got, err)
	}
	t.Setenv("PATH", "")
	if got, err := FindPython(""); !errors.Is(err, ErrNoPython) {
		t.Errorf("with none at all: %q, %v", got, err)
	}
}

// Of Pythons without TensorFlow, the first is named. One that has it is taken.
func TestFindPythonWithTensorFlow(t *testing.T) {
	dir := lonely(t)
	active, other := filepath.Join(dir, "active/bin/python"), filepath.Join(dir, "path/python3")
	fakePython(t, active, "")
	fakePython(t, other, "")
	t.Setenv("VIRTUAL_ENV", filepath.Join(dir, "active"))
	var lack *LackError
	if got, err := FindPython(""); !errors.As(err, &lack) || lack.Python != active || lack.Package != "tensorflow" || lack.Environment() {
		t.Errorf("got %q, %v", got, err)
	}
	put(t, "active/pyvenv.cfg", "")
	if !lack.Environment() {
		t.Error("a virtual environment is not seen as one")
	}
	fakePython(t, other, filepath.Join(dir, "tensorflow"))
	if got, err := FindPython(""); got != other || err != nil {
		t.Errorf("got %q, %v, want %s", got, err, other)
	}
}

// A Python is asked once, and again when something else is installed.
func TestLibraryFolder(t *testing.T) {
	dir := lonely(t)
	python, library := filepath.Join(dir, "env/bin/python"), filepath.Join(dir, "tensorflow")
	asked := fakePython(t, python, library)
	want := func(times int, why string) {
		t.Helper()
		for range 2 {
			if got, err := LibraryFolder(python); got != library || err != nil {
				t.Errorf("%s: got %q, %v", why, got, err)
			}
		}
		if asked() != times {
			t.Errorf("%s: it was asked %d times, want %d", why, asked(), times)
		}
	}
	want(1, "at first")
	put(t, "env/lib/python3.12/site-packages/tensorflow-2.22.0.dist-info/METADATA", "")
	want(2, "after an installation")
	put(t, filepath.Join(library, Library), "another library")
	want(3, "with another library")
	if err := os.Chtimes(python, time.Time{}, time.Unix(1e9, 0)); err != nil {
		t.Fatal(err)
	}
	want(4, "with another Python")
	if err := os.RemoveAll(library); err != nil {
		t.Fatal(err)
	}
	if got, err := LibraryFolder(python); !errors.As(err, new(*LackError)) {
		t.Errorf("without a library: %q, %v", got, err)
	}
}

// What a program says of another, as pyenv's python3 does, may change with the folder.
func TestLibraryFolderOfAnother(t *testing.T) {
	dir := lonely(t)
	asked := fakePython(t, filepath.Join(dir, "real"), filepath.Join(dir, "tensorflow"))
	put(t, "shim", "#!/bin/sh\nexec ./real\n")
	for range 2 {
		if _, err := LibraryFolder(filepath.Join(dir, "shim")); err != nil {
			t.Error(err)
		}
	}
	if asked() != 2 {
		t.Errorf("it was asked %d times", asked())
	}
}

func TestAskPython(t *testing.T) {
	dir := lonely(t)
	for text, want := range map[string]string{
		"echo no such module >&2; exit 3": "exit status 3: no such module",
		"echo hello":                      "invalid character",
	} {
		put(t, "python", "#!/bin/sh\n"+text+"\n")
		if _, err := AskPython(t.Context(), "./python"); !errors.Is(err, ErrNoPython) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	put(t, "python", "#!/bin/sh\nsleep 600\n")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := AskPython(ended, "./python"); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	fakePython(t, filepath.Join(dir, "python"), filepath.Join(dir, "tensorflow"))
	if got, err := AskPython(t.Context(), "./python"); err != nil || got.TensorFlow != "2.21.0" || got.Keras != "3.15.1" || got.Version != "3.12.1" {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := os.RemoveAll("tensorflow"); err != nil {
		t.Fatal(err)
	}
	if got, err := AskPython(t.Context(), "./python"); err != nil || got.TensorFlow != "" || got.Library != "" {
		t.Errorf("without the library: %+v, %v", got, err)
	}
}
