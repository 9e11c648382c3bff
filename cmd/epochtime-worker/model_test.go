package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"epochtime/harness/record"
)

// modelFile is one as a person writes it, with all that it may hold.
const modelFile = `import keras
import numpy as np
from keras import layers

def build(width=4):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(width, "relu"), layers.Dropout(0.1), layers.Dense(1)])
    model.compile("adam", "mse")
    return model

def data(n, seed):
    x = np.random.default_rng(seed).normal(10, 3, (n, 3)).astype("float32")
    return x, x.sum(axis=1, keepdims=True)

def preprocess():
    layer = layers.Normalization()
    layer.adapt(data(1000, 0)[0])
    return layer

fit = {"batch_size": 50, "epochs": 3}
print("a word on stdout")
`

// From a model file to a table: exported once, measured, exported anew when the
// file changes, its weights saved.
func TestModelFile(t *testing.T) {
	dir := t.TempDir()
	program, worker := buildTool(t, dir)
	model, weights := filepath.Join(dir, "my_model.py"), filepath.Join(dir, "trained")
	if err := os.WriteFile(model, []byte(modelFile), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(more ...string) (rec *record.Record, notices string) {
		t.Helper()
		args := append([]string{"run", model + ":build", "--arg", "width=8", "--launches", "1"}, more...)
		return measured(t, dir, program, worker, args...)
	}

	rec, notices := run("--save-weights", weights)
	first := rec.Runs[0]
	if c := first.Config; c.Batch != 50 || c.Epochs != 3 || first.Graph.Parameters < 41 || first.Parity == nil {
		t.Errorf("the graph is %+v, its settings %+v, parity %v", first.Graph, c, first.Parity)
	}
	if !strings.Contains(notices, "my_model.py:build was exported in ") {
		t.Errorf("the export is not told:\n%s", notices)
	}
	if found, err := filepath.Glob(filepath.Join(weights, "my_model*.weights.h5")); err != nil || len(found) != 1 {
		t.Errorf("the weights are in %q, %v", found, err)
	}

	if again, notices := run(); strings.Contains(notices, "exported") || again.Runs[0].Graph.SHA256 != first.Graph.SHA256 {
		t.Errorf("nothing has changed, and it says\n%s", notices)
	}

	changed := strings.Replace(modelFile, "layers.Dense(1)", "layers.Dense(2), layers.Dense(1)", 1)
	if err := os.WriteFile(model, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	if other, notices := run(); !strings.Contains(notices, "exported") || other.Runs[0].Graph.Parameters <= first.Graph.Parameters {
		t.Errorf("the file has changed; %d parameters after %d, and it says\n%s", other.Runs[0].Graph.Parameters, first.Graph.Parameters, notices)
	}
}

// measured runs the tool in the checkout, where the exporter is, with a cache and
// temporary files in dir, and returns its record and what it told.
func measured(t *testing.T, dir, program, worker string, args ...string) (rec *record.Record, notices string) {
	t.Helper()
	cmd := exec.Command(program, append(args, "--json", "-", "--allow-concurrent", "--worker", "env "+asWorker+"=1 "+worker)...)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "TMPDIR="+dir, "EPOCHTIME_DB=none", "EPOCHTIME_PYTHON="+filepath.Join(".venv", "bin", "python"))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	rec, err := record.Read(&stdout)
	if err != nil {
		t.Fatal(err)
	}
	return rec, stderr.String()
}
