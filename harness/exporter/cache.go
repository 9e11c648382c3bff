package exporter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"epochtime/harness/graph"
	"epochtime/internal/process"
)

// ErrCache means that there is no folder to keep exported models in, or that it
// cannot be written.
var ErrCache = errors.New("the cache of exported models cannot be written")

const (
	// keptExports is how many exports a cache keeps: those used last.
	keptExports = 20
	// workAge is the age at which a folder that an export works in is abandoned.
	workAge = 24 * time.Hour
)

// Cache keeps exported models, each in a folder that is never written again:
//
//	KEY-SOURCES/in-use         locked by those who use it; its time is that of the last use
//	KEY-SOURCES/sources.json   what was read, with what shows a change
//	KEY-SOURCES/NAME/          a graph: one, or one for each phase of a script
//
// The graphs that Graphs returns stay until Close or the end of the program. The
// zero Cache is ready to use, and a Cache may be used by several goroutines. Its
// fields are not to be changed while it is used.
type Cache struct {
	Dir    string                            // empty: epochtime/graphs in the user's cache folder
	Lock   func() (unlock func(), err error) // held during an export; nil: none
	Watch  func(Event)                       // called as an export begins and ends; nil: none
	Stderr io.Writer                         // takes what the exporter says; nil: none

	mu   sync.Mutex
	held []*flock.Flock // keep graphs in use
}

// Event is the beginning or the end of an export that worked.
type Event struct {
	Spec   string            // the model
	Graphs []*graph.Manifest // nil: the export begins
	Took   time.Duration     // of the whole export
}

// Graphs returns the graph of a model, or those of a script's phases in order. It
// exports the model unless the cache has its graphs, made by the same exporter, with
// the same options in the same folder, from files that have not changed. Errors are
// ErrNoExporter, ErrNoPython, ErrModel, ErrOption, ErrCache, that of Lock, *exec.ExitError if
// the exporter failed, whose stderr has said why, and that of ctx.
func (c *Cache) Graphs(ctx context.Context, e Exporter, m Model) ([]*graph.Manifest, error) {
	switch {
	case c == nil:
		return nil, ErrCache
	case e.Home == "":
		return nil, ErrNoExporter
	case e.Python == "":
		return nil, ErrNoPython
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	dir, err := c.dir()
	if err != nil {
		return nil, err
	}
	key, err := e.key(m)
	if err != nil {
		return nil, err
	}
	if found := c.find(dir, key); found != nil {
		return found, nil
	}
	unlock, err := c.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	work, err := workspace(dir)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work) // it has another name by then, unless the export failed
	return c.export(ctx, e, m, entryName{dir, key}, work)
}

// export exports a model into the folder work, and makes that an entry.
func (c *Cache) export(ctx context.Context, e Exporter, m Model, name entryName, work string) ([]*graph.Manifest, error) {
	began := time.Now()
	c.tell(Event{Spec: m.Spec})
	words := append([]string{"export", "--out", work, "--sources", filepath.Join(work, sourcesName)}, m.words()...)
	command := e.Command(ctx, words...)
	command.Dir = m.folder
	if c.Stderr != nil {
		command.Stderr = struct{ io.Writer }{c.Stderr} // never a terminal: Watch shows progress
	}
	err := process.Run(ctx, command)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("running %s: %w", e.Python, err)
	}
	graphs, err := c.add(name, work)
	if err != nil {
		return nil, fmt.Errorf("exporting %s: %w", m.Spec, err)
	}
	c.tell(Event{Spec: m.Spec, Graphs: graphs, Took: time.Since(began)})
	prune(name.dir)
	return graphs, nil
}

// Close lets the graphs that Graphs returned be removed from the cache. It may be
// called more than once, and the Cache may be used again.
func (c *Cache) Close() error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []error
	for _, lock := range c.held {
		all = append(all, lock.Unlock())
	}
	c.held = nil
	return errors.Join(all...)
}

// Hold keeps a graph in the cache until Close, as Graphs does, given the graph's folder.
// It does nothing for a folder that is not in the cache.
func (c *Cache) Hold(folder string) {
	if c == nil {
		return
	}
	dir, err := c.dir()
	entry := filepath.Dir(folder)
	if err != nil || filepath.Dir(entry) != dir {
		return
	}
	if graphs, lock := lockEntry(entry); graphs != nil {
		c.hold(lock)
	}
}

func (c *Cache) hold(lock *flock.Flock) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = append(c.held, lock)
}

func (c *Cache) tell(e Event) {
	if c.Watch != nil {
		c.Watch(e)
	}
}

func (c *Cache) lock() (unlock func(), err error) {
	if c.Lock == nil {
		return func() {}, nil
	}
	return c.Lock()
}

func (c *Cache) dir() (string, error) {
	if c.Dir != "" {
		return c.Dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrCache, err)
	}
	return filepath.Join(dir, "epochtime", "graphs"), nil
}

// workspace makes an empty folder in the cache to export into.
func workspace(dir string) (string, error) {
	err := os.MkdirAll(dir, 0o755)
	if err == nil {
		var work string
		if work, err = os.MkdirTemp(dir, workPrefix); err == nil {
			return work, nil
		}
	}
	return "", fmt.Errorf("%w: %w", ErrCache, err)
}

// find returns the graphs of a key, or nil if there are none whose sources, and files of
// pipelines, are unchanged.
func (c *Cache) find(dir, key string) []*graph.Manifest {
	entries, _ := filepath.Glob(filepath.Join(dir, key+"-*")) // a key has no wildcards
	for _, entry := range entries {
		if graphs := c.use(entry); graphs != nil {
			return graphs
		}
	}
	return nil
}

// use returns the graphs of an entry and keeps it from being removed. It returns nil
// if the entry is damaged, its sources have changed, or a launch would refuse the files
// of its pipelines: they may have been written anew with the same content.
func (c *Cache) use(entry string) []*graph.Manifest {
	graphs, lock := lockEntry(entry)
	if graphs == nil {
		return nil
	}
	stale := func(g *graph.Manifest) bool { return g.VerifyFiles() != nil }
	if !sourcesUnchanged(filepath.Join(entry, sourcesName)) || slices.ContainsFunc(graphs, stale) {
		_ = lock.Unlock() // the end of the program releases it too
		return nil
	}
	c.hold(lock)
	return graphs
}

// entryName is the first part of an entry's name: it lacks the hash of sources.
type entryName struct{ dir, key string }

// add makes the folder work an entry, and returns its graphs. If another program
// has added the same ones meanwhile, it returns those.
func (c *Cache) add(name entryName, work string) ([]*graph.Manifest, error) {
	if _, err := graphsIn(work); err != nil {
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
	entry := filepath.Join(name.dir, name.key+"-"+shortSum(text))
	if err := c.replace(work, entry); err != nil {
		return nil, fmt.Errorf("keeping an exported model: %w", err)
	}
	graphs, lock := lockEntry(entry)
	if graphs == nil {
		return nil, fmt.Errorf("another program has removed %s: try again", entry)
	}
	c.hold(lock)
	return graphs, nil
}

// replace renames work to entry. An entry that is there already stays if it can be
// used, and is removed otherwise.
func (c *Cache) replace(work, entry string) error {
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

// prune removes all entries but those used last, and what killed exports have
// left. Entries in use stay.
func prune(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	used := map[string]time.Time{}
	var paths []string
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), workPrefix) {
			if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > workAge {
				_ = os.RemoveAll(path) // the next export tries again
			}
			continue
		}
		if info, err := os.Stat(filepath.Join(path, inUseName)); err == nil {
			used[path] = info.ModTime()
			paths = append(paths, path)
		}
	}
	slices.SortFunc(paths, func(a, b string) int { return used[b].Compare(used[a]) })
	for _, entry := range paths[min(keptExports, len(paths)):] {
		removeUnused(entry)
	}
}
