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
	f.Add(`[{"path":"/dev/zero","sha256":"00"},{"path":"model.py","sha256":"00"}]`)
	f.Add(`[{"path":"model.py","bytes":5,"modified":"2026-03-01T10:00:00.123456789Z"}]`)
	f.Add(`[{"path":"/dev/zero","bytes":0,"modified":"2026-03-01T10:00:00Z"}]`)
	f.Add(`[{"path":".","listing":"35c9"}]`)
	f.Add(`[{"path":"model.py","sha256":"00","listing":"00"},{"path":"model.py","bytes":-1}]`)
	f.Add(`{"path":null}`)
	f.Chdir(dir)
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(list, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		sources, err := readSources(list)
		if err != nil && sourcesUnchanged(list) {
			t.Fatalf("%q is taken for unchanged: %v", text, err)
		}
		for _, s := range sources {
			if s.SHA256 == "" && s.Modified == "" && s.Listing == "" {
				t.Fatalf("nothing shows a change of %q", s.Path)
			}
		}
	})
}
