package exporter

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"epochtime/harness/graph"
	"epochtime/internal/filehash"
)

// Names in a cache's folder.
const (
	sourcesName = "sources.json"
	inUseName   = "in-use"
	workPrefix  = ".work-"
)

// source is a file that an export read.
type source struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// lockEntry returns the graph of an entry, and the lock that keeps the entry from
// being removed. Both are nil if the entry cannot be used.
func lockEntry(entry string) (*graph.Manifest, *flock.Flock) {
	path := filepath.Join(entry, inUseName)
	if _, err := os.Stat(path); err != nil {
		return nil, nil
	}
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	if got, err := lock.TryRLock(); err != nil || !got { // it is being removed
		return nil, nil
	}
	g, err := graphIn(entry)
	if err != nil {
		_ = lock.Unlock()
		return nil, nil
	}
	_ = os.Chtimes(path, time.Time{}, time.Now()) // a read-only cache can still be used
	return g, lock
}

// graphIn returns the only graph in a folder, verified.
func graphIn(dir string) (*graph.Manifest, error) {
	found, broken, err := graph.List(dir)
	switch {
	case err != nil:
		return nil, err
	case len(broken) > 0:
		return nil, broken[0]
	case len(found) != 1:
		return nil, fmt.Errorf("the exporter made %d graphs, not one", len(found))
	}
	return found[0], found[0].Verify()
}

// sourcesUnchanged reports whether the files that a list names have the hashes that
// it gives.
func sourcesUnchanged(list string) bool {
	sources, err := readSources(list)
	return err == nil && !slices.ContainsFunc(sources, func(s source) bool {
		sum, err := filehash.Sum(s.Path)
		return err != nil || sum != s.SHA256
	})
}

// readSources returns the sources that a list names, sorted by path.
func readSources(path string) ([]source, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []source
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	slices.SortFunc(out, func(a, b source) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// removeUnused removes an entry unless it is in use.
func removeUnused(entry string) {
	lock := flock.New(filepath.Join(entry, inUseName), flock.SetFlag(os.O_RDONLY))
	if got, err := lock.TryLock(); err != nil || !got {
		return
	}
	away := filepath.Join(filepath.Dir(entry), workPrefix+filepath.Base(entry))
	err := os.Rename(entry, away)
	_ = lock.Unlock()
	if err == nil {
		_ = os.RemoveAll(away) // the next export tries again
	}
}
