package exporter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"epochtime/internal/scripted"
	"epochtime/internal/testgraph"
)

// exported makes a workspace of the cache with what an exporter leaves in it: a
// graph, and the list of its sources.
func exported(t *testing.T, c *Cache, paths ...string) (work string) {
	t.Helper()
	work, err := workspace(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := testgraph.Write(filepath.Join(work, "mine")); err != nil {
		t.Fatal(err)
	}
	var sources []scripted.Source
	for _, path := range paths {
		sources = append(sources, scripted.Source{Path: path})
	}
	if err := scripted.ListSources(filepath.Join(work, sourcesName), sources); err != nil {
		t.Fatal(err)
	}
	return work
}

func newCache(t *testing.T) (c *Cache, model string) {
	t.Helper()
	dir := t.TempDir()
	model = filepath.Join(dir, "model.py")
	write(t, model, "one")
	return &Cache{Dir: filepath.Join(dir, "graphs")}, model
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func entries(t *testing.T, c *Cache) []string {
	t.Helper()
	list, err := os.ReadDir(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestCacheFindsWhatItWasMadeOf(t *testing.T) {
	c, model := newCache(t)
	if found := c.find(c.Dir, "key"); found != nil {
		t.Fatalf("an empty cache holds %s", found[0].Dir)
	}
	added, err := c.add(entryName{c.Dir, "key"}, exported(t, c, model))
	if err != nil {
		t.Fatal(err)
	}
	if again := c.find(c.Dir, "key"); len(again) != 1 || again[0].Dir != added[0].Dir || again[0].SHA256 != added[0].SHA256 {
		t.Errorf("found %+v, want %s", again, added[0].Dir)
	}
	if other := c.find(c.Dir, "other"); other != nil {
		t.Errorf("another key finds %s", other[0].Dir)
	}
	write(t, model, "two")
	if found := c.find(c.Dir, "key"); found != nil {
		t.Errorf("its source has changed, and %s is found", found[0].Dir)
	}
	write(t, model, "one")
	if c.find(c.Dir, "key") == nil {
		t.Error("its source is what it was, and nothing is found")
	}
	if err := os.Remove(model); err != nil {
		t.Fatal(err)
	}
	if found := c.find(c.Dir, "key"); found != nil {
		t.Errorf("its source is gone, and %s is found", found[0].Dir)
	}
}

// A graph that something has damaged is not used, and makes way for a new one.
func TestCacheReplacesADamagedGraph(t *testing.T) {
	for _, file := range []string{"mine/saved_model.pb", "mine/graph.json", sourcesName} {
		t.Run(file, func(t *testing.T) {
			c, model := newCache(t)
			added, err := c.add(entryName{c.Dir, "key"}, exported(t, c, model))
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(filepath.Dir(added[0].Dir), filepath.FromSlash(file)), "rubbish")
			if found := c.find(c.Dir, "key"); found != nil {
				t.Fatalf("%s is damaged, and found", found[0].Dir)
			}
			if _, err := c.add(entryName{c.Dir, "key"}, exported(t, c, model)); err != nil {
				t.Fatal(err)
			}
			if c.find(c.Dir, "key") == nil || len(entries(t, c)) != 1 {
				t.Errorf("after it was exported anew, the cache holds %q", entries(t, c))
			}
		})
	}
}

// A script's data file that is written anew, with the same content, is another one to a
// launch: the entry that has its time takes the place of the one before.
func TestCacheReplacesAGraphOfOlderFiles(t *testing.T) {
	c, model := newCache(t)
	data := filepath.Join(filepath.Dir(model), "data.tfrecord")
	write(t, data, "records")
	var work string
	for hour := range 2 {
		at := time.Date(2026, 1, 2, hour, 0, 0, 5, time.UTC)
		if err := os.Chtimes(data, at, at); err != nil {
			t.Fatal(err)
		}
		if found := c.find(c.Dir, "key"); found != nil {
			t.Fatalf("the graph of an older file is found: %s", found[0].Dir)
		}
		work = exported(t, c, model, data)
		stamp := fmt.Sprintf(`{"path":%q,"bytes":7,"modified":%q}`, data, at.Format(time.RFC3339Nano))
		if err := testgraph.Write(filepath.Join(work, "mine"), `data={"kind":"pipeline","columns":{}}`,
			`pipeline={"make":"m","rewind":"r","next":"n","components":["x","y"],"batches":{"steps":3,"examples":80,"shapes":[]},"files":[`+stamp+`]}`); err != nil {
			t.Fatal(err)
		}
		if _, err := c.add(entryName{c.Dir, "key"}, work); err != nil {
			t.Fatal(err)
		}
		if c.find(c.Dir, "key") == nil {
			t.Fatal("what was just exported is not found")
		}
	}
	if got := entries(t, c); len(got) != 1 && !slices.Contains(got, filepath.Base(work)) {
		t.Errorf("the cache holds %q", got)
	}
}

func TestCacheRefusesHalfAnExport(t *testing.T) {
	c, model := newCache(t)
	for name, spoil := range map[string]func(work string) error{
		"no graph":    func(work string) error { return os.RemoveAll(filepath.Join(work, "mine")) },
		"two graphs":  func(work string) error { return testgraph.Write(filepath.Join(work, "second")) },
		"no list":     func(work string) error { return os.Remove(filepath.Join(work, sourcesName)) },
		"half a list": func(work string) error { return os.WriteFile(filepath.Join(work, sourcesName), []byte("[{"), 0o644) },
		"a list without hashes": func(work string) error {
			return os.WriteFile(filepath.Join(work, sourcesName), []byte(`[{"path":"/model.py"}]`), 0o644)
		},
		"one phase of two": func(work string) error {
			return testgraph.Write(filepath.Join(work, "mine"), `script={"file":"a.py","call":"fit","line":3,"phase":2,"phases":2}`)
		},
		"a phase twice": func(work string) error {
			const one = `script={"file":"a.py","call":"fit","line":3,"phase":1,"phases":2}`
			return errors.Join(testgraph.Write(filepath.Join(work, "mine"), one), testgraph.Write(filepath.Join(work, "second"), one))
		},
		"half a graph": func(work string) error { return os.Remove(filepath.Join(work, "mine", "saved_model.pb")) },
		"another graph": func(work string) error {
			return os.WriteFile(filepath.Join(work, "mine", "saved_model.pb"), nil, 0o644)
		},
	} {
		work := exported(t, c, model)
		if err := spoil(work); err != nil {
			t.Fatal(err)
		}
		if added, err := c.add(entryName{c.Dir, "key"}, work); err == nil {
			t.Errorf("%s: it is kept as %s", name, added[0].Dir)
		}
		if found := c.find(c.Dir, "key"); found != nil {
			t.Errorf("%s: %s is found", name, found[0].Dir)
		}
	}
}

// Programs that export the same at once all get a graph that is whole.
func TestCacheTakesTwoAtOnce(t *testing.T) {
	c, model := newCache(t)
	works := make([]string, 8)
	for i := range works {
		works[i] = exported(t, c, model)
	}
	var all sync.WaitGroup
	for _, work := range works {
		all.Go(func() {
			mine := &Cache{Dir: c.Dir}
			added, err := mine.add(entryName{mine.Dir, "key"}, work)
			if err != nil {
				t.Error(err)
				return
			}
			if err := added[0].Verify(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, work := range works {
		if err := os.RemoveAll(work); err != nil {
			t.Fatal(err)
		}
	}
	if got := entries(t, c); len(got) != 1 || !strings.HasPrefix(got[0], "key-") {
		t.Errorf("the cache holds %q", got)
	}
}

func TestCachePrunes(t *testing.T) {
	c, model := newCache(t)
	now := time.Now()
	age := func(path string, hours int) {
		t.Helper()
		if err := os.Chtimes(path, time.Time{}, now.Add(-time.Duration(hours)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	const unused = keptExports + 5
	for i := range unused {
		mine := &Cache{Dir: c.Dir}
		added, err := mine.add(entryName{mine.Dir, fmt.Sprintf("key%02d", i)}, exported(t, c, model))
		if err != nil {
			t.Fatal(err)
		}
		age(filepath.Join(filepath.Dir(added[0].Dir), inUseName), i)
		if i == unused-1 { // the oldest is in use
			defer mine.Close()
		} else if err := mine.Close(); err != nil {
			t.Fatal(err)
		}
	}
	old, young := exported(t, c, model), exported(t, c, model)
	age(old, 25)
	prune(c.Dir)
	for i := range unused {
		wanted := i < keptExports || i == unused-1
		if found := c.find(c.Dir, fmt.Sprintf("key%02d", i)) != nil; found != wanted {
			t.Errorf("entry %d by age: kept is %v, want %v", i, found, wanted)
		}
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("what a killed export left a day ago is still there")
	}
	if _, err := os.Stat(young); err != nil {
		t.Error("the folder of an export that may still run is gone")
	}
}
