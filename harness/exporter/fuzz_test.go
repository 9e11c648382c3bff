package exporter

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzSources: a list of sources that is damaged is never one of unchanged files,
// and one that names a device comes to an end.
func FuzzSources(f *testing.F) {
	dir := f.TempDir()
	list, file := filepath.Join(dir, sourcesName), filepath.Join(dir, "model.py")
	if err := os.WriteFile(file, []byte("model"), 0o644); err != nil {
		f.Fatal(err)
	}
	f.Add(`[{"path":"model.py","sha256":"9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"}]`)
	f.Add(`[{"path":"/dev/zero"},{"path":"model.py"}]`)
	f.Add(`{"path":null}`)
	f.Chdir(dir)
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(list, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := readSources(list); err != nil && sourcesUnchanged(list) {
			t.Fatalf("%q is taken for unchanged: %v", text, err)
		}
	})
}
