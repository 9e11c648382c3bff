package exporter

import (
	"os"
	"path/filepath"
	"testing"
)

func TestIsModel(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"folder.py", "cnn"} {
		if err := os.Mkdir(filepath.Join(root, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for arg, want := range map[string]bool{
		"my_model.py": true, "my_model.py:build": true, "a/b.py:f": true, "../b.keras": true, `C:\models\b.py:f`: true, "my model.py:": true,
		"keras:ResNet50": true, "keras:": true,
		"cnn": false, "folder.py": false, "cnn.pyc": false, "a.py/b": false, ".py": false, "a:b.py/c": false, "": false,
		"model.h5": true, "a/note.ipynb": true, "module:pkg.train": true, "b.keras:f": false, "b.ipynb:f": false, "train.py -m": false,
	} {
		if got := IsModel(root, arg); got != want {
			t.Errorf("IsModel(%q) = %v", arg, got)
		}
	}
	for arg, want := range map[string]string{"a/b.py:f": "a/b.py", "b.keras": "b.keras", `C:\b.py`: `C:\b.py`, "keras:ResNet50": "", "cnn": "", "a/n.ipynb": "a/n.ipynb", "w.h5": "w.h5", "module:a.py": ""} {
		if got := modelPath(arg); got != want {
			t.Errorf("modelPath(%q) = %q, want %q", arg, got, want)
		}
	}
}

func TestIsScript(t *testing.T) {
	for spec, want := range map[string]bool{
		"train.py": true, "a/train.py": true, "module:pkg.train": true,
		"train.py:build": false, "note.ipynb": false, "m.keras": false, "keras:a.py": false, "cnn": false, "": false,
	} {
		if got := IsScript(spec); got != want {
			t.Errorf("IsScript(%q) = %v", spec, got)
		}
	}
}
