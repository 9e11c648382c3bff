// Package testgraph writes graph folders and makes tensors, for tests. The manifests of
// its folders are complete; TensorFlow cannot read the other files.
package testgraph

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"epochtime/harness/graph"
)

// plain is the smallest complete manifest.
const plain = `{
 "format": 1, "name": "", "sha256": "",
 "model": {"architecture": "test", "parameters": 54410, "trainable_parameters": 54410, "loss": "mse",
  "optimizer": {"name": "adam", "settings": {}}, "flops_per_example": 1240000},
 "variant": {"precision": "float32", "jit": false, "unroll": false, "batch": null, "device": "cpu"},
 "inputs": [{"name": "x", "dtype": "float32", "shape": [null, 1]}],
 "targets": [{"name": "y", "dtype": "float32", "shape": [null, 1]}],
 "signatures": {"train": {"key": "train", "loss": "loss"}, "accumulate": {"key": "accumulate", "examples": "examples"}, "total": {"key": "total", "loss": "loss", "examples": "examples"}},
 "reset": {"kind": "restore", "filename_tensor": "saver_filename:0", "operation": "restore"},
 "preprocess": [],
 "data": {"kind": "synthetic", "columns": {"x": {"generator": "normal"}, "y": {"generator": "normal"}}},
 "settings": {"samples": 1000, "batch": 32, "epochs": 2},
 "parity": {"file": "parity.npz", "batch": 8, "steps": 3, "losses": [3, 2, 1], "tolerance": 1e-05},
 "made_with": {"tensorflow": "2.21.0"}
}`

const residentSignatures = `{
 "train": {"key": "train", "loss": "loss"},
 "upload": {"key": "upload", "examples": "examples", "lengths": {}},
 "epoch": {"key": "epoch", "batch": "batch", "loss": "loss", "steps": "steps"}}`

// Write writes a graph folder with the correct sha256. The graph has the folder's name.
// A change PATH=JSON sets the field of the manifest at a dotted path, fixed=N fixes the
// batch, and resident adds the signatures for resident data.
func Write(dir string, changes ...string) error {
	var manifest map[string]any
	if err := json.Unmarshal([]byte(plain), &manifest); err != nil {
		return err
	}
	manifest["name"] = filepath.Base(dir)
	for _, item := range changes {
		if err := change(manifest, item); err != nil {
			return err
		}
	}
	for name, text := range map[string]string{
		"saved_model.pb": "the graph " + filepath.Base(dir), "variables/variables.index": "an index", "variables/variables.data-00000-of-00001": "values", "parity.npz": "batches",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			return err
		}
	}
	write := func() error {
		text, err := json.MarshalIndent(manifest, "", " ")
		return errors.Join(err, os.WriteFile(filepath.Join(dir, graph.ManifestName), text, 0o644))
	}
	if err := write(); err != nil {
		return err
	}
	sum, err := graph.Hash(dir)
	if err != nil {
		return err
	}
	manifest["sha256"] = sum
	return write()
}

func change(manifest map[string]any, item string) error {
	path, text, _ := strings.Cut(item, "=")
	switch path {
	case "fixed":
		return fixBatch(manifest, text)
	case "resident":
		path, text = "signatures", residentSignatures
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return err
	}
	keys := strings.Split(path, ".")
	fields := manifest
	for _, key := range keys[:len(keys)-1] {
		inner, ok := fields[key].(map[string]any)
		if !ok {
			return fmt.Errorf("the manifest has no field %s of %s", key, path)
		}
		fields = inner
	}
	fields[keys[len(keys)-1]] = value
	return nil
}

func fixBatch(manifest map[string]any, text string) error {
	n, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	manifest["variant"].(map[string]any)["batch"] = n
	manifest["settings"].(map[string]any)["batch"] = n
	manifest["settings"].(map[string]any)["samples"] = 10 * n
	manifest["parity"].(map[string]any)["batch"] = n
	for _, list := range []string{"inputs", "targets"} {
		manifest[list].([]any)[0].(map[string]any)["shape"] = []int{n, 1}
	}
	return nil
}
