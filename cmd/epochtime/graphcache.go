package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"epochtime/harness/graph"
)

// graphCache keeps models that were exported to be measured, each in a folder
// that is never written again:
//
//	KEY-SOURCES/in-use         locked by who uses it; its time is that of the last use
//	KEY-SOURCES/sources.json   the files that were read, with their sha256
//	KEY-SOURCES/NAME/          the graph
type graphCache struct {
	dir  string
	held []*flock.Flock // keeps graphs in use until the program ends
}

const (
	sourcesName = "sources.json"
	inUseName   = "in-use"
	// cachedGraphs is how many are kept, those used last.
	cachedGraphs = 20
	// workAge is when a folder that an export works in has been left behind.
	workAge = 24 * time.Hour
)

// source is a file that an export read.
type source struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// find returns the graph of a key, if there is one whose sources are as they were.
func (c *graphCache) find(key string) *graph.Manifest {
	entries, _ := filepath.Glob(filepath.Join(c.dir, key+"-*")) // a key has no wildcards
	for _, entry := range entries {
		if g := c.use(entry); g != nil {
			return g
		}
	}
	return nil
}

// use returns the graph of an entry and keeps it from being removed; nil where it
// is not, or no longer, what it was made from, or damaged.
func (c *graphCache) use(entry string) *graph.Manifest {
	g, lock := lockEntry(entry)
	if g == nil {
		return nil
	}
	if sourcesUnchanged(filepath.Join(entry, sourcesName)) {
		c.held = append(c.held, lock)
		return g
	}
	_ = lock.Unlock() // it is closed with the program, too
	return nil
}

// lockEntry returns the graph of an entry that is in use from now on.
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
	_ = os.Chtimes(path, time.Time{}, time.Now()) // a cache that cannot be written is no reason to stop
	return g, lock
}

// graphIn is the one graph that a folder holds.
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

// sourcesUnchanged tells whether all files that a list names have the content it gives.
func sourcesUnchanged(list string) bool {
	sources, err := readSources(list)
	return err == nil && !slices.ContainsFunc(sources, func(s source) bool {
		sum, err := fileSum(s.Path)
		return err != nil || sum != s.SHA256
	})
}

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

func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// workspace makes an empty folder in the cache to export into.
func (c *graphCache) workspace() (string, error) {
	err := os.MkdirAll(c.dir, 0o755)
	if err == nil {
		var work string
		if work, err = os.MkdirTemp(c.dir, ".work-"); err == nil {
			return work, nil
		}
	}
	return "", fmt.Errorf("exported models are kept in the user's cache folder, which cannot be written: %w: set XDG_CACHE_HOME to one that can, or use 'epochtime export' and measure what it makes", err)
}

// add makes what was exported into work the entry of a key, and returns its graph.
// Where another program has added the same meanwhile, that one is used.
func (c *graphCache) add(key, work string) (*graph.Manifest, error) {
	if _, err := graphIn(work); err != nil {
		return nil, err
	}
	sources, err := readSources(filepath.Join(work, sourcesName))
	if err != nil {
		return nil, fmt.Errorf("the exporter did not say what it read: %w", err)
	}
	text, err := json.Marshal(sources)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(work, inUseName), nil, 0o644); err != nil {
		return nil, err
	}
	entry := filepath.Join(c.dir, key+"-"+shortSum(text))
	if err := c.replace(work, entry); err != nil {
		return nil, fmt.Errorf("keeping an exported model: %w", err)
	}
	g, lock := lockEntry(entry)
	if g == nil {
		return nil, fmt.Errorf("%s went away again: run it once more", entry)
	}
	c.held = append(c.held, lock)
	return g, nil
}

// replace renames work to entry. What stands there already stays if it can be
// used, and is removed else.
func (c *graphCache) replace(work, entry string) error {
	err := os.Rename(work, entry)
	if err == nil || c.use(entry) != nil {
		return nil
	}
	old := work + ".old"
	if os.Rename(entry, old) != nil {
		return err
	}
	defer os.RemoveAll(old)
	return os.Rename(work, entry)
}

// prune removes all but the graphs that were used last, and what exports that
// were killed have left. What is in use stays.
func (c *graphCache) prune() {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	used := map[string]time.Time{}
	var names []string
	for _, e := range entries {
		path := filepath.Join(c.dir, e.Name())
		if strings.HasPrefix(e.Name(), ".work-") {
			if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > workAge {
				_ = os.RemoveAll(path) // the next run tries again
			}
			continue
		}
		if info, err := os.Stat(filepath.Join(path, inUseName)); err == nil {
			used[path] = info.ModTime()
			names = append(names, path)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return used[b].Compare(used[a]) })
	for _, entry := range names[min(cachedGraphs, len(names)):] {
		removeUnused(entry)
	}
}

// removeUnused removes an entry that nobody uses.
func removeUnused(entry string) {
	lock := flock.New(filepath.Join(entry, inUseName), flock.SetFlag(os.O_RDONLY))
	if got, err := lock.TryLock(); err != nil || !got {
		return
	}
	away := filepath.Join(filepath.Dir(entry), ".work-"+filepath.Base(entry))
	err := os.Rename(entry, away)
	_ = lock.Unlock()
	if err == nil {
		_ = os.RemoveAll(away) // the next run tries again
	}
}

// shortSum is enough of a hash for a name.
func shortSum(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
