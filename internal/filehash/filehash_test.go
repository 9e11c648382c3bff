package filehash

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestSum(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte("abc"), 0o644); err != nil {
		t.Fatal(err)
	}
	// The first test vector of FIPS 180-4.
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got, err := Sum(path); got != want || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	for path, want := range map[string]error{dir: fs.ErrInvalid, os.DevNull: fs.ErrInvalid, filepath.Join(dir, "none"): fs.ErrNotExist} {
		if got, err := Sum(path); got != "" || !errors.Is(err, want) {
			t.Errorf("%s: %q, %v, want %v", path, got, err, want)
		}
	}
}
