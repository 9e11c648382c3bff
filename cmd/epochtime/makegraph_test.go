package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"epochtime/harness/graph"
)

// plainGraph is the smallest manifest that is whole.
const plainGraph = `{
 "format": 1, "name": "", "sha256": "",
 "model": {"architecture": "test", "parameters": 54410, "trainable_parameters": 54410, "loss": "mse",
  "optimizer": {"name": "adam", "settings": {}}, "flops_per_example": 1240000},
 "variant": {"precision": "float32", "jit": false, "unroll": false, "batch": null, "device": "cpu"},
 "inputs": [{"name": "x", "dtype": "float32", "shape": [null, 1]}],
 "targets": [{"name": "y", "dtype": "float32", "shape": [null, 1]}],
 "signatures": {"train": {"key": "train", "loss": "loss"}},
 "reset": {"kind": "restore", "filename_tensor": "saver_filename:0", "operation": "restore"},
 "preprocess": [],
 "data": {"kind": "synthetic", "columns": {"x": {"generator": "normal"}, "y": {"generator": "normal"}}},
 "settings": {"samples": 1000, "batch": 32, "epochs": 2},
 "parity": {"file": "parity.npz", "batch": 8, "steps": 3, "losses": [3, 2, 1]},
 "made_with": {"tensorflow": "2.21.0"}
}`

const residentSignatures = `{
 "train": {"key": "train", "loss": "loss"},
 "upload": {"key": "upload", "examples": "examples", "lengths": {}},
 "epoch": {"key": "epoch", "batch": "batch", "loss": "loss", "steps": "steps"}}`

// makegraph DIR [PATH=JSON…]: writes a graph folder, its manifest changed at the
// dotted paths, with the sha256 that belongs to it. fixed=N fixes the batch;
// resident adds what keeps data on the device.
func makeGraph(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: makegraph DIR [PATH=JSON…]")
	}
	dir := ts.MkAbs(args[0])
	var manifest map[string]any
	ts.Check(json.Unmarshal([]byte(plainGraph), &manifest))
	manifest["name"] = filepath.Base(dir)
	for _, item := range args[1:] {
		path, text, _ := strings.Cut(item, "=")
		switch path {
		case "fixed":
			fixBatch(ts, manifest, text)
			continue
		case "resident":
			path, text = "signatures", residentSignatures
		}
		var value any
		ts.Check(json.Unmarshal([]byte(text), &value))
		keys := strings.Split(path, ".")
		fields := manifest
		for _, key := range keys[:len(keys)-1] {
			fields = fields[key].(map[string]any)
		}
		fields[keys[len(keys)-1]] = value
	}
	ts.Check(os.MkdirAll(filepath.Join(dir, "variables"), 0o755))
	for name, text := range map[string]string{
		"saved_model.pb": "the graph " + filepath.Base(dir), "variables/variables.index": "an index", "variables/variables.data-00000-of-00001": "values", "parity.npz": "batches",
	} {
		ts.Check(os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o644))
	}
	write := func() {
		text, err := json.MarshalIndent(manifest, "", " ")
		ts.Check(err)
		ts.Check(os.WriteFile(filepath.Join(dir, graph.ManifestName), text, 0o644))
	}
	write()
	sum, err := graph.Hash(dir)
	ts.Check(err)
	manifest["sha256"] = sum
	write()
}

func fixBatch(ts *testscript.TestScript, manifest map[string]any, text string) {
	n, err := strconv.Atoi(text)
	ts.Check(err)
	manifest["variant"].(map[string]any)["batch"] = n
	manifest["settings"].(map[string]any)["batch"] = n
	manifest["settings"].(map[string]any)["samples"] = 10 * n
	manifest["parity"].(map[string]any)["batch"] = n
	for _, list := range []string{"inputs", "targets"} {
		manifest[list].([]any)[0].(map[string]any)["shape"] = []int{n, 1}
	}
}
