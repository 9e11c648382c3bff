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
		"cnn": false, "folder.py": false, "cnn.pyc": false, "a.py/b": false, ".py": false, "a:b.py/c": false, "model.h5": false, "": false,
	} {
		if got := IsModel(root, arg); got != want {
			t.Errorf("IsModel(%q) = %v", arg, got)
		}
	}
	for arg, want := range map[string]string{"a/b.py:f": "a/b.py", "b.keras": "b.keras", `C:\b.py`: `C:\b.py`, "keras:ResNet50": "", "cnn": ""} {
		if got := modelPath(arg); got != want {
			t.Errorf("modelPath(%q) = %q, want %q", arg, got, want)
		}
	}
}
