package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"epochtime/harness/graph"
)

//go:embed suites.json
var suitesText []byte

// suites are named sets of models.
var suites = readSuites(suitesText)

func readSuites(text []byte) map[string][]string {
	out := map[string][]string{}
	if err := json.Unmarshal(text, &out); err != nil { // it is part of the program, and tested
		return nil
	}
	return out
}

// suiteNames are the names of all suites, as a sentence has them.
func suiteNames() string { return strings.Join(slices.Sorted(maps.Keys(suites)), ", ") }

// suiteGraphs are the names under which a suite's models are exported.
func suiteGraphs(suite string) ([]string, error) {
	models, ok := suites[suite]
	if !ok {
		hint := suggestion(suite, slices.Collect(maps.Keys(suites)))
		if hint == "" {
			hint = ": there are " + suiteNames()
		}
		return nil, usagef("no suite %q%s", suite, hint)
	}
	var out []string
	for _, m := range models {
		if name, keras := strings.CutPrefix(m, "keras:"); keras {
			m = strings.ToLower(name)
		}
		out = append(out, m)
	}
	return out, nil
}

// findGraphs opens the graphs that arguments or a suite name, exports those that
// are models, and checks that their files are whole.
func (f *measureFlags) findGraphs(ctx context.Context, s streams, suite string, args []string) ([]*graph.Manifest, error) {
	names := args
	if err := f.checkModels(args); err != nil {
		return nil, err
	}
	switch {
	case suite != "" && len(args) > 0:
		return nil, usagef("give graphs or --suite, not both")
	case suite != "":
		var err error
		if names, err = suiteGraphs(suite); err != nil {
			return nil, err
		}
		if err := f.graphs.missing(suite, names); err != nil {
			return nil, err
		}
	case len(args) == 0:
		return nil, usagef("name a graph, a model file or --suite article; 'epochtime list' shows the graphs there are")
	}
	var out []*graph.Manifest
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, usagef("graph %s is named twice", name)
		}
		m, err := f.findGraph(ctx, s, name)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// findGraph opens a graph, or exports a model.
func (f *measureFlags) findGraph(ctx context.Context, s streams, name string) (*graph.Manifest, error) {
	if !isModel(f.graphs.root, name) {
		m, err := graph.Find(f.graphs.root, name)
		if err != nil {
			return nil, err
		}
		return m, m.Verify()
	}
	with, err := findExporter(f.models.python)
	if err != nil {
		return nil, err
	}
	if f.cache.dir == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("exported models are kept in the user's cache folder: %w", err)
		}
		f.cache.dir = filepath.Join(dir, "epochtime", "graphs")
	}
	return model{spec: name, words: f.models.words, with: with, debug: f.models.debug}.find(ctx, f.cache, s.err, f.lock)
}

// checkModels refuses flags of the exporter where nothing is exported.
func (f *measureFlags) checkModels(names []string) error {
	if flag := f.models.given(f.own); flag != "" && !slices.ContainsFunc(names, func(n string) bool { return isModel(f.graphs.root, n) }) {
		return usagef("--%s is for a model given as FILE.py, FILE.keras or keras:NAME, and what is named is exported already: use 'epochtime export'", flag)
	}
	return nil
}

// missing says how to make the graphs of a suite that are not there.
func (f *graphFlags) missing(suite string, names []string) error {
	lacking := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return isFolder(filepath.Join(f.root, name)) })
	if len(lacking) == 0 {
		return nil
	}
	return usagef("the suite %s has %s, not in %s: make all of it with 'epochtime export --suite %s --out %s'", suite, strings.Join(lacking, ", "), f.root, suite, f.root)
}
