package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// exported makes what an exporter leaves in a workspace of the cache: a graph, and
// that it was made of the files.
func exported(t *testing.T, c *graphCache, sources ...string) (work string) {
	t.Helper()
	work, err := c.workspace()
	if err != nil {
		t.Fatal(err)
	}
	if err := writeGraph(filepath.Join(work, "mine"), nil); err != nil {
		t.Fatal(err)
	}
	if err := listSources(filepath.Join(work, sourcesName), sources); err != nil {
		t.Fatal(err)
	}
	return work
}

func newCache(t *testing.T) (c *graphCache, model string) {
	t.Helper()
	dir := t.TempDir()
	model = filepath.Join(dir, "model.py")
	write(t, model, "one")
	return &graphCache{dir: filepath.Join(dir, "graphs")}, model
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func entries(t *testing.T, c *graphCache) []string {
	t.Helper()
	list, err := os.ReadDir(c.dir)
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
	if g := c.find("key"); g != nil {
		t.Fatalf("an empty cache holds %s", g.Dir)
	}
	g, err := c.add("key", exported(t, c, model))
	if err != nil {
		t.Fatal(err)
	}
	if again := c.find("key"); again == nil || again.Dir != g.Dir || again.SHA256 != g.SHA256 {
		t.Errorf("found %+v, want %s", again, g.Dir)
	}
	if other := c.find("other"); other != nil {
		t.Errorf("another key finds %s", other.Dir)
	}
	write(t, model, "two")
	if g := c.find("key"); g != nil {
		t.Errorf("its source has changed, and %s is found", g.Dir)
	}
	write(t, model, "one")
	if c.find("key") == nil {
		t.Error("its source is what it was, and nothing is found")
	}
	if err := os.Remove(model); err != nil {
		t.Fatal(err)
	}
	if g := c.find("key"); g != nil {
		t.Errorf("its source is gone, and %s is found", g.Dir)
	}
}

// A graph that something has damaged is not used, and makes way for a new one.
func TestCacheReplacesADamagedGraph(t *testing.T) {
	for _, file := range []string{"mine/saved_model.pb", "mine/graph.json", sourcesName} {
		t.Run(file, func(t *testing.T) {
			c, model := newCache(t)
			g, err := c.add("key", exported(t, c, model))
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(filepath.Dir(g.Dir), filepath.FromSlash(file)), "rubbish")
			if g := c.find("key"); g != nil {
				t.Fatalf("%s is damaged, and found", g.Dir)
			}
			if _, err := c.add("key", exported(t, c, model)); err != nil {
				t.Fatal(err)
			}
			if c.find("key") == nil || len(entries(t, c)) != 1 {
				t.Errorf("after it was exported anew, the cache holds %q", entries(t, c))
			}
		})
	}
}

func TestCacheRefusesHalfAnExport(t *testing.T) {
	c, model := newCache(t)
	for name, spoil := range map[string]func(work string) error{
		"no graph":     func(work string) error { return os.RemoveAll(filepath.Join(work, "mine")) },
		"two graphs":   func(work string) error { return writeGraph(filepath.Join(work, "second"), nil) },
		"no list":      func(work string) error { return os.Remove(filepath.Join(work, sourcesName)) },
		"half a list":  func(work string) error { return os.WriteFile(filepath.Join(work, sourcesName), []byte("[{"), 0o644) },
		"half a graph": func(work string) error { return os.Remove(filepath.Join(work, "mine", "saved_model.pb")) },
		"another graph": func(work string) error {
			return os.WriteFile(filepath.Join(work, "mine", "saved_model.pb"), nil, 0o644)
		},
	} {
		work := exported(t, c, model)
		if err := spoil(work); err != nil {
			t.Fatal(err)
		}
		if g, err := c.add("key", work); err == nil {
			t.Errorf("%s: it is kept as %s", name, g.Dir)
		}
		if g := c.find("key"); g != nil {
			t.Errorf("%s: %s is found", name, g.Dir)
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
			mine := &graphCache{dir: c.dir}
			g, err := mine.add("key", work)
			if err != nil {
				t.Error(err)
				return
			}
			if err := g.Verify(); err != nil {
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
	const unused = cachedGraphs + 5
	for i := range unused {
		mine := &graphCache{dir: c.dir}
		g, err := mine.add(fmt.Sprintf("key%02d", i), exported(t, c, model))
		if err != nil {
			t.Fatal(err)
		}
		age(filepath.Join(filepath.Dir(g.Dir), inUseName), i)
		for _, lock := range mine.held {
			if i == unused-1 { // the oldest is in use
				defer lock.Unlock()
			} else if err := lock.Unlock(); err != nil {
				t.Fatal(err)
			}
		}
	}
	old, young := exported(t, c, model), exported(t, c, model)
	age(old, 25)
	c.prune()
	for i := range unused {
		wanted := i < cachedGraphs || i == unused-1
		if found := c.find(fmt.Sprintf("key%02d", i)) != nil; found != wanted {
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

func TestIsModel(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"folder.py", "cnn"} {
		if err := os.Mkdir(filepath.Join(root, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for arg, want := range map[string]bool{
		"my_model.py": true, "my_model.py:build": true, "a/b.py:f": true, "../b.keras": true, `C:\models\b.py:f`: true, "my model.py:": true,
		"keras:ResNet50": true, "keras:": true,
		"cnn": false, "folder.py": false, "cnn.pyc": false, "a.py/b": false, ".py": false, "a:b.py/c": false, "model.h5": false, "": false,
	} {
		if got := isModel(root, arg); got != want {
			t.Errorf("isModel(%q) = %v", arg, got)
		}
	}
	for arg, want := range map[string]string{"a/b.py:f": "a/b.py", "b.keras": "b.keras", `C:\b.py`: `C:\b.py`, "keras:ResNet50": "", "cnn": ""} {
		if got := modelPath(arg); got != want {
			t.Errorf("modelPath(%q) = %q, want %q", arg, got, want)
		}
	}
}
