//go:build unix

package runtimes

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"epochtime/harness/record"
)

// named makes a named worker in the folder place, with a link to a Python.
func named(t *testing.T, place, name, python string) {
	t.Helper()
	put(t, filepath.Join(place, name, "epochtime-worker"), "#!/bin/sh\n")
	put(t, filepath.Join(place, name, "made-for"), "cpu\n")
	if err := os.Symlink(python, filepath.Join(place, name, "python")); err != nil {
		t.Fatal(err)
	}
}

func TestPlaces(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	program := put(t, filepath.Join(root, "bin", "epochtime"), "")
	link := filepath.Join(root, "elsewhere")
	if err := os.Symlink(program, link); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{program, link} {
		got := placesFor(p)
		if len(got) != 2 || got[0] != filepath.Join(root, "bin/workers") || got[1] != filepath.Join(root, "lib/epochtime/workers") {
			t.Errorf("of %s: %q", p, got)
		}
	}
}

func TestNamed(t *testing.T) {
	place, program := t.TempDir(), put(t, filepath.Join(t.TempDir(), "python"), "")
	named(t, place, "tf220", program)
	named(t, place, ".new", program)
	put(t, filepath.Join(place, "notes"), "")
	list, err := listIn(place)
	if err != nil || len(list) != 1 || list[0].Name != "tf220" || list[0].MadeFor() != "cpu" || list[0].Python() != program {
		t.Errorf("got %+v, %v", list, err)
	}
	if none, err := listIn(filepath.Join(place, "nowhere")); none != nil || err != nil {
		t.Errorf("without a folder: %+v, %v", none, err)
	}
	for name, want := range map[string]bool{"tf220": true, "tf219": false, "": false, ".": false, "..": false, ".new": false, "./tf220": false, "x/../tf220": false, "notes": false} {
		if got, ok := findIn([]string{filepath.Join(place, "nowhere"), place}, name); ok != want || ok && got.Folder != filepath.Join(place, "tf220") {
			t.Errorf("%q: %+v, %v", name, got, ok)
		}
	}
	n := list[0]
	if err := n.Check(); err != nil {
		t.Error(err)
	}
	var broken *BrokenError
	for _, part := range []string{program, n.Program()} {
		if err := os.Remove(part); err != nil {
			t.Fatal(err)
		}
		if err := n.Check(); !errors.As(err, &broken) || broken.Worker != n || filepath.Base(broken.Part) != filepath.Base(part) {
			t.Errorf("without %s: %v", part, err)
		}
	}
}

// The first of two places counts, and one word that is a program stays one.
func TestFindNamedBesideThisProgram(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(filepath.Dir(self), workersFolder)
	t.Cleanup(func() { os.RemoveAll(place) })
	t.Chdir("../..") // pygen is here
	python := program(t)
	named(t, place, "tf220", python)
	want := filepath.Join(place, "tf220", workerName)
	got, err := Find(record.Config{Worker: []string{"tf220"}}, "")
	if err != nil || len(got.Argv) != 1 || got.Argv[0] != want {
		t.Errorf("got %q, %v, want %s", got.Argv, err, want)
	}
	for _, runtime := range []string{record.RuntimeFit, record.RuntimeFitJAX, record.RuntimeTFFunction} {
		if got, err := Find(record.Config{Worker: []string{"tf220"}, Runtime: runtime}, "another"); err != nil || got.Argv[0] != python {
			t.Errorf("%s: got %q, %v, want %s", runtime, got.Argv, err, python)
		}
	}
	for _, command := range [][]string{{"sh"}, {"tf220", "x"}, {"./tf219"}} {
		if got, err := Find(record.Config{Worker: command}, ""); err != nil || got.Argv[0] != command[0] {
			t.Errorf("%q: %q, %v", command, got.Argv, err)
		}
	}
	var unknown *UnknownError
	if _, err := Find(record.Config{Worker: []string{"tf219"}}, ""); !errors.As(err, &unknown) || unknown.Name != "tf219" || len(unknown.Have) != 1 {
		t.Errorf("a name that is not there: %v", err)
	}
	for _, part := range []string{python, want} {
		if err := os.Remove(part); err != nil {
			t.Fatal(err)
		}
	}
	for _, runtime := range []string{"", record.RuntimeFit} {
		if _, err := Find(record.Config{Worker: []string{"tf220"}, Runtime: runtime}, ""); !errors.As(err, new(*BrokenError)) {
			t.Errorf("broken, %q: %v", runtime, err)
		}
	}
}
