package graph

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// What is missing is told from what is damaged by fs.ErrNotExist, as for files.
func TestMissingFilesAreErrNotExist(t *testing.T) {
	dir := t.TempDir()
	_, open := Open(filepath.Join(dir, "none"))
	_, find := Find(dir, "none")
	_, hash := Hash(filepath.Join(dir, "none"))
	data := (&Manifest{Name: "digits", Dir: dir, Data: Data{Kind: "file", Path: "none.npz"}}).VerifyData()
	for name, c := range map[string]struct{ err, kind error }{
		"Open": {open, ErrNoManifest}, "Find": {find, nil}, "Hash": {hash, ErrDamaged}, "VerifyData": {data, ErrData},
	} {
		if !errors.Is(c.err, fs.ErrNotExist) || c.kind != nil && !errors.Is(c.err, c.kind) {
			t.Errorf("%s: %v, want fs.ErrNotExist and %v", name, c.err, c.kind)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, ManifestName), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); errors.Is(err, fs.ErrNotExist) || !errors.Is(err, ErrDamaged) {
		t.Errorf("a damaged manifest: %v, want ErrDamaged alone", err)
	}
}
