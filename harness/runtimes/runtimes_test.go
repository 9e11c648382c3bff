package runtimes

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/record"
	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{
		"Find":          func(c record.Config) []string { found, _ := Find(c, ""); return found.Argv },
		"DefaultWorker": func() error { return errors.New(DefaultWorker()) }, // a name in any case
		"List":          List, "FindNamed": FindNamed, "LinkedWith": LinkedWith,
	}, &Named{}, &UnknownError{}, &BrokenError{})
}

// program makes a file that can be run.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFind(t *testing.T) {
	t.Chdir("../..") // pygen is here
	python, other := program(t), program(t)
	t.Setenv("EPOCHTIME_RUNTIMES_PYTHON", other)
	for _, c := range []struct {
		config  record.Config
		argv    []string
		backend string
	}{
		{record.Config{}, []string{"epochtime-worker"}, ""},
		{record.Config{Worker: []string{"ssh", "gpu7", "w"}}, []string{"ssh", "gpu7", "w"}, ""},
		{record.Config{Runtime: record.RuntimePeer, Worker: []string{"w"}}, []string{"w"}, ""},
		{record.Config{Runtime: record.RuntimeFit}, []string{python, "-m", "pygen.worker"}, "tensorflow"},
		{record.Config{Runtime: record.RuntimeTFFunction}, []string{python, "-m", "pygen.worker"}, "tensorflow"},
		{record.Config{Runtime: record.RuntimeFitJAX}, []string{other, "-m", "pygen.worker"}, "jax"},
		{record.Config{Runtime: record.RuntimeFitTorch}, []string{other, "-m", "pygen.worker"}, "torch"},
	} {
		got, err := Find(c.config, python)
		if err != nil || !slices.Equal(got.Argv, c.argv) || got.Env["KERAS_BACKEND"] != c.backend {
			t.Errorf("Find(%q) = %+v, %v; want %q and the backend %q", c.config.Runtime, got, err, c.argv, c.backend)
		}
		if c.backend != "" && !strings.HasPrefix(got.Env["PYTHONPATH"], mustGetwd(t)) {
			t.Errorf("Find(%q): Python looks for modules in %s", c.config.Runtime, got.Env["PYTHONPATH"])
		}
	}
}

func mustGetwd(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFindWhatIsMissing(t *testing.T) {
	t.Chdir("../..")
	t.Setenv("EPOCHTIME_RUNTIMES_PYTHON", filepath.Join(t.TempDir(), "gone"))
	for _, c := range []record.Config{{Runtime: record.RuntimeFitJAX}, {Runtime: record.RuntimeFitTorch}, {Runtime: record.RuntimePeer}} {
		if _, err := Find(c, ""); !errors.Is(err, ErrMissing) {
			t.Errorf("Find(%q): the error is %v, want ErrMissing", c.Runtime, err)
		}
	}
}
