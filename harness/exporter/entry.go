package exporter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"epochtime/harness/graph"
)

// Names in a cache's folder.
const (
	sourcesName = "sources.json"
	inUseName   = "in-use"
	workPrefix  = ".work-"
)

// lockEntry returns the graphs of an entry, and the lock that keeps the entry from
// being removed. Both are nil if the entry cannot be used.
func lockEntry(entry string) ([]*graph.Manifest, *flock.Flock) {
	path := filepath.Join(entry, inUseName)
	if _, err := os.Stat(path); err != nil {
		return nil, nil
	}
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	if got, err := lock.TryRLock(); err != nil || !got { // it is being removed
		return nil, nil
	}
	graphs, err := graphsIn(entry)
	if err != nil {
		_ = lock.Unlock()
		return nil, nil
	}
	_ = os.Chtimes(path, time.Time{}, time.Now()) // a read-only cache can still be used
	return graphs, lock
}

// graphsIn returns the graphs in a folder, verified: one, or all phases of a script
// in order.
func graphsIn(dir string) ([]*graph.Manifest, error) {
	found, broken, err := graph.List(dir)
	switch {
	case err != nil:
		return nil, err
	case len(broken) > 0:
		return nil, broken[0]
	case len(found) == 0:
		return nil, errors.New("the exporter made no graph")
	}
	slices.SortFunc(found, func(a, b *graph.Manifest) int { return phaseOf(a) - phaseOf(b) })
	for i, g := range found {
		if phases := g.Phases(); phaseOf(g) != i+1 || phases != len(found) {
			return nil, fmt.Errorf("the exporter made %d graphs that are not the phases of one script: %s is phase %d of %d", len(found), g.Name, phaseOf(g), phases)
		}
		if err := g.Verify(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// phaseOf returns which phase of its script a graph is; one that is of no script is
// the first.
func phaseOf(g *graph.Manifest) int {
	if g.Script == nil {
		return 1
	}
	return g.Script.Phase
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
