package graph

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// odd copies testdata/odd, a whole graph folder, to a folder of the test's own.
func odd(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "odd")
	if err := os.CopyFS(dir, os.DirFS("testdata/odd")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func manifestText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/odd/graph.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// replace changes the one place in a file where old stands.
func replace(t *testing.T, path, old, with string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, replaceOne(t, string(text), old, with))
}

func replaceOne(t *testing.T, text, old, with string) string {
	t.Helper()
	if n := strings.Count(text, old); n != 1 {
		t.Fatalf("%q stands in the text %d times, not once", old, n)
	}
	return strings.Replace(text, old, with, 1)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// wantError fails unless the error says all of the words.
func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error is %q, want it to say %q", err, w)
		}
	}
}
