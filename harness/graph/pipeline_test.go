package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// piped is a folder with a pipeline over two arrays and a file, and validation.
func piped(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "piped")
	if err := os.CopyFS(dir, os.DirFS("testdata/odd")); err != nil {
		t.Fatal(err)
	}
	arrays := make([]byte, 88)
	if err := os.WriteFile(filepath.Join(dir, "pipeline.bin"), arrays, 0o644); err != nil {
		t.Fatal(err)
	}
	read := filepath.Join(dir, "read.tfrecord")
	if err := os.WriteFile(read, []byte("records"), 0o644); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.UTC)
	if err := os.Chtimes(read, at, at); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(arrays)
	writeManifest(t, dir, pipedText(t, hex.EncodeToString(sum[:]), read))
	reseal(t, dir)
	return dir
}

// pipedText is the manifest of piped.
func pipedText(t testing.TB, sum, read string) string {
	t.Helper()
	odd, err := os.ReadFile("testdata/odd/graph.json")
	if err != nil {
		t.Fatal(err)
	}
	first, rest, _ := strings.Cut(string(odd), `"data": {`)
	_, rest, _ = strings.Cut(rest, "\n")
	return first + fmt.Sprintf(`"data": {"kind": "pipeline", "columns": {}},
  "pipeline": {
    "file": "pipeline.bin", "sha256": %q,
    "arrays": [{"name": "a", "dtype": "float32", "shape": [3, 2], "offset": 0, "bytes": 24}, {"name": "b", "dtype": "int64", "shape": [3], "offset": 64, "bytes": 24}],
    "make": "pipeline", "rewind": "pipeline_rewind", "next": "pipeline_next", "components": ["x", "y"],
    "batches": {"steps": 2, "examples": 3, "whole": true, "shapes": [{"steps": 1, "components": {"x": [2, 2], "y": [2]}}, {"steps": 1, "components": {"x": [1, 2], "y": [1]}}]},
    "fixed": true, "losses": [1.5], "length": 2,
    "files": [{"path": %q, "bytes": 7, "modified": "2026-01-02T03:04:05.678901234Z"}]
  },
  "validation": {
    "make": "validation", "rewind": "validation_rewind", "next": "validation_next", "components": ["v"],
    "batches": {"steps": 1, "examples": 3, "shapes": []},
    "evaluate": "validate", "values": [{"name": "loss", "output": "loss"}], "every": [2]
  },
`, sum, read) + rest
}

func writeManifest(t testing.TB, dir, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, ManifestName), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// reseal writes the identity that the folder has into its manifest.
func reseal(t testing.TB, dir string) {
	t.Helper()
	sum, err := Hash(dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), `"sha256": "`)
	writeManifest(t, dir, strings.Replace(string(text), rest[:64], sum, 1))
}

func TestPipeline(t *testing.T) {
	m, err := Open(piped(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]func() error{"Verify": m.Verify, "VerifyData": m.VerifyData} {
		if err := check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !m.Regular() {
		t.Error("a fixed pipeline of known length is not regular")
	}
	for steps, regular := range map[int]bool{1: true, 2: true, 3: false} {
		if m.Pipeline.Steps = steps; m.Regular() != regular {
			t.Errorf("passes of 2 batches, %d an epoch: regular is %t", steps, !regular)
		}
	}
	for epoch, due := range []bool{false, true, false, true} {
		if m.Validation.Due(epoch) != due {
			t.Errorf("validation after every second epoch is due after epoch %d: %t", epoch, !due)
		}
	}
	for text, due := range map[string][]bool{"[]": {true, true, true}, "[1,3]": {true, false, true}} {
		v := Validation{}
		if text != "[]" {
			v.Every = []int{1, 3}
		}
		for epoch, want := range due {
			if v.Due(epoch) != want {
				t.Errorf("every %s is due after epoch %d: %t", text, epoch, !want)
			}
		}
	}
}

func TestPipelinesThatAreNotWhole(t *testing.T) {
	for name, c := range map[string]struct{ old, with, says string }{
		"no pipeline of its kind":  {`"kind": "pipeline"`, `"kind": "synthetic"`, `data kind is "synthetic"`},
		"no pipeline":              {`"pipeline": {`, `"pipelines": {`, `data kind is "pipeline"`},
		"no signature":             {`"make": "pipeline"`, `"make": ""`, "lacks a signature"},
		"a component twice":        {`["x", "y"]`, `["x", "x"]`, "its components are"},
		"a component too few":      {`"components": ["x", "y"]`, `"components": ["x"]`, "are not of its components"},
		"another component":        {`["x", "y"]`, `["x", "z"]`, "no shape of z"},
		"a negative length":        {`"length": 2`, `"length": -2`, "-2 a pass"},
		"losses without order":     {`"fixed": true`, `"fixed": false`, "not fixed"},
		"a file elsewhere":         {`"file": "pipeline.bin"`, `"file": "../pipeline.bin"`, "outside the graph's folder"},
		"arrays without a file":    {`"file": "pipeline.bin"`, `"file": ""`, "2 arrays in the file"},
		"an array of strings":      {`"dtype": "int64"`, `"dtype": "string"`, "of dtype"},
		"an array that is smaller": {`"shape": [3], "offset"`, `"shape": [2], "offset"`, "24 bytes for the shape"},
		"a shape that overflows":   {`"shape": [3], "offset"`, `"shape": [3000000000, 3000000000, 3000000000], "offset"`, "24 bytes for the shape"},
		"an array between":         {`"offset": 64`, `"offset": 32`, "no multiple of 64"},
		"an array twice":           {`"name": "b"`, `"name": "a"`, "its arrays are named"},
		"an array behind the file": {`"offset": 64`, `"offset": 128`, `ends before its array "b"`},
		"fewer batches":            {`"steps": 2, "examples"`, `"steps": 1, "examples"`, "it drew 1 batches"},
		"a negative dimension":     {`"y": [2]`, `"y": [-2]`, "no shape of y"},
		"a time that is none":      {`"modified": "2026-01-02`, `"modified": "yesterday`, "reads the file"},
		"no validation":            {`"evaluate": "validate"`, `"evaluate": ""`, "validation has no signature"},
		"a metric without a name":  {`"values": [{"name": "loss", "output": "loss"}], "every"`, `"values": [{"name": "loss"}], "every"`, "metric without a name"},
		"validation before all":    {`"every": [2]`, `"every": [0]`, "count from 1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := piped(t)
			replace(t, filepath.Join(dir, ManifestName), c.old, c.with)
			_, err := Open(dir)
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("%v is no ErrDamaged", err)
			}
			wantError(t, err, c.says, "again")
		})
	}
}

// What the step is fed comes from the pipeline, all of it.
func TestComponentsAreTheStepsInputs(t *testing.T) {
	dir := piped(t)
	replace(t, filepath.Join(dir, ManifestName), `"inputs": [`, `"inputs": [{"name": "z", "dtype": "float32", "shape": [null]}, `)
	_, err := Open(dir)
	wantError(t, err, "its pipeline makes no z")
}

func TestArraysThatChanged(t *testing.T) {
	dir := piped(t)
	m, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "pipeline.bin")
	if err := os.WriteFile(path, append(make([]byte, 87), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := m.Verify(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), path) {
		t.Errorf("one byte has changed: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), path) {
		t.Errorf("the file is gone: %v", err)
	}
}

// The manifest's word on the arrays is part of what the graph is.
func TestIdentityHoldsThePipeline(t *testing.T) {
	dir := piped(t)
	before, err := Hash(dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, ManifestName)
	replace(t, path, `"losses": [1.5], "length"`, `"losses": [1.25], "length"`)
	if after, err := Hash(dir); err != nil || after != before {
		t.Errorf("Keras's losses are part of the identity: %v", err)
	}
	replace(t, path, `"length": 2`, `"length": 3`)
	if after, err := Hash(dir); err != nil || after == before {
		t.Errorf("the length of a pass is no part of the identity: %v", err)
	}
}

func TestFilesThatAPipelineReads(t *testing.T) {
	m, err := Open(piped(t))
	if err != nil {
		t.Fatal(err)
	}
	path := m.Pipeline.Files[0].Path
	later := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	err = m.VerifyData()
	if !errors.Is(err, ErrData) || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file of another time: %v", err)
	}
	wantError(t, err, path, "has changed since the export", "export odd again, by running its script")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	err = m.VerifyData()
	if !errors.Is(err, ErrData) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is gone: %v", err)
	}
	wantError(t, err, path, "is missing: export odd again")
}
