package measure

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"epochtime/harness/graph"
	"epochtime/harness/setting"
)

// The data of a graph is read once for all of its configurations.
func TestDataIsVerifiedOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "own.npz")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(nil)
	g := &graph.Manifest{Name: "own", Dir: dir, Data: graph.Data{Kind: "file", Path: "own.npz", SHA256: hex.EncodeToString(sum[:])}}
	checks := dataChecks{}
	for range 2 {
		if _, err := checks.resolve(g, setting.Defaults()); err != nil {
			t.Error(err)
		}
		_ = os.Remove(path)
	}
	if _, err := Resolve(g, setting.Defaults()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the data: %v", err)
	}
}
