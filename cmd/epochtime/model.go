package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"epochtime/harness/graph"
	"epochtime/internal/process"
)

// model is one that is still to be exported, and how.
type model struct {
	spec  string   // FILE.py, FILE.py:function, FILE.keras or keras:NAME
	words []string // flags of the exporter
	with  exporter
	debug bool
}

// find returns the model's graph, out of the cache or exported now. What it says
// goes to w.
func (m model) find(ctx context.Context, cache *graphCache, w io.Writer, lock func() (func(), error)) (*graph.Manifest, error) {
	if path := modelPath(m.spec); path != "" {
		if _, err := os.Stat(path); err != nil {
			return nil, usagef("no model %s: %w", m.spec, err)
		}
	}
	key, err := m.key()
	if err != nil {
		return nil, err
	}
	if g := cache.find(key); g != nil {
		return g, nil
	}
	unlock, err := lock() // exporting would disturb another measurement
	if err != nil {
		return nil, err
	}
	defer unlock()
	work, err := cache.workspace()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work) // nothing is left of it once it is an entry
	began := time.Now()
	if err := m.export(ctx, work, w); err != nil {
		return nil, err
	}
	g, err := cache.add(key, work)
	if err != nil {
		return nil, fmt.Errorf("exporting %s: %w", m.spec, err)
	}
	fmt.Fprintf(w, "notice: %s was exported in %.1f s, to %s\n", m.spec, time.Since(began).Seconds(), g.Dir)
	cache.prune()
	return g, nil
}

// export runs the exporter, which puts the graph and the list of what it read
// into a folder.
func (m model) export(ctx context.Context, work string, w io.Writer) error {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprintf(w, "exporting %s …\n", m.spec)
	}
	words := slices.Concat([]string{"export", "--out", work, "--sources", filepath.Join(work, sourcesName)}, m.words)
	if m.debug {
		words = append(words, "--debug")
	}
	c := m.with.stoppable(ctx, append(words, "--", m.spec)...)
	c.Stderr = struct{ io.Writer }{w} // no terminal: it is said above what is exported
	err := c.Run()
	process.Kill(c)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("running %s: %w", m.with.python, err)
	}
	return nil
}

// key is the same for exports that make the same graph, as long as the files that
// they read stay the same: model and flags, where relative paths begin, exporter,
// Python, and the variables that steer TensorFlow and Keras.
func (m model) key() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	sum, err := m.with.sum()
	if err != nil {
		return "", fmt.Errorf("reading the exporter: %w", err)
	}
	var variables []string
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); name == "PYTHONPATH" || strings.HasPrefix(name, "TF_") || strings.HasPrefix(name, "KERAS_") || strings.HasPrefix(name, "XLA_") {
			variables = append(variables, v)
		}
	}
	slices.Sort(variables)
	text, err := json.Marshal([]any{cmp.Or(absoluteSpec(m.spec), m.spec), m.words, here, sum, m.with.pythonStamp(), variables})
	return shortSum(text), err
}

// absoluteSpec is a model with its file's path from the root; empty where it is
// in no file.
func absoluteSpec(spec string) string {
	path := modelPath(spec)
	if path == "" {
		return ""
	}
	return absolute(path) + strings.TrimPrefix(spec, path)
}

// sum is a hash of the exporter's own files.
func (e exporter) sum() (string, error) {
	var all strings.Builder
	root := filepath.Join(e.home, "pygen")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{"tests", "peers", "__pycache__"}, d.Name()):
			return filepath.SkipDir
		case d.IsDir() || !slices.Contains([]string{".py", ".json"}, filepath.Ext(path)):
			return nil
		}
		sum, err := fileSum(path)
		fmt.Fprintln(&all, path, sum)
		return err
	})
	return shortSum([]byte(all.String())), err
}
