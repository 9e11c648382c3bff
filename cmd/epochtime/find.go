package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"epochtime/harness/exporter"
	"epochtime/harness/graph"
	"epochtime/internal/interrupt"
)

// suiteGraphs returns the names under which a suite's models are exported.
func suiteGraphs(suite string) ([]string, error) {
	names, err := exporter.SuiteGraphs(suite)
	if err != nil {
		hint := suggestion(suite, exporter.Suites())
		if hint == "" {
			hint = ": there are " + strings.Join(exporter.Suites(), ", ")
		}
		return nil, usagef("%w%s", err, hint)
	}
	return names, nil
}

// namedGraph is a graph with the name of it, or of its model, on the command line.
type namedGraph struct {
	*graph.Manifest
	name string
}

// findGraphs opens and verifies the graphs of arguments or of a suite, and exports
// models.
func (f *measureFlags) findGraphs(ctx context.Context, s streams, suite string, args []string) ([]namedGraph, error) {
	names := args
	if err := f.checkModels(args); err != nil {
		return nil, err
	}
	switch {
	case suite != "" && len(args) > 0:
		return nil, usagef("name graphs or --suite, not both")
	case suite != "":
		var err error
		if names, err = suiteGraphs(suite); err != nil {
			return nil, err
		}
		if err := f.graphs.missing(suite, names); err != nil {
			return nil, err
		}
	case len(args) == 0:
		return nil, usagef("name a graph, a model or --suite article; 'epochtime list' shows the graphs")
	}
	var out []namedGraph
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, usagef("graph %s is named twice", name)
		}
		found, err := f.graphsOf(ctx, s, name)
		if err != nil {
			return nil, err
		}
		for _, g := range found {
			out = append(out, namedGraph{g, name})
		}
	}
	return out, nil
}

// findGraph is graphsOf for a verb that takes one graph.
func (f *measureFlags) findGraph(ctx context.Context, s streams, name string) (*graph.Manifest, error) {
	found, err := f.graphsOf(ctx, s, name)
	if err != nil {
		return nil, err
	}
	return f.one(name, found)
}

// graphsOf opens a graph, or exports a model and returns its graphs, of a script those
// of the phases that are asked for.
func (f *measureFlags) graphsOf(ctx context.Context, s streams, name string) ([]*graph.Manifest, error) {
	if !exporter.IsModel(f.graphs.root, name) {
		m, err := graph.Find(f.graphs.root, name)
		if err != nil {
			return nil, err
		}
		return []*graph.Manifest{m}, m.Verify()
	}
	with, err := f.exporter(ctx, s)
	if err != nil {
		return nil, err
	}
	found, err := f.cache.Graphs(ctx, with, exporter.Model{Spec: name, Options: f.models.options, Debug: f.models.debug})
	if err != nil {
		return nil, err
	}
	return f.models.script.pick(name, found)
}

// exporter returns what exports models, which shows progress on stderr.
func (f *measureFlags) exporter(ctx context.Context, s streams) (exporter.Exporter, error) {
	interrupt.Hold(ctx) // Python cleans up
	with, err := exporter.Find(f.models.python)
	if err != nil {
		return with, err
	}
	f.cache.Lock, f.cache.Stderr = f.lock, s.err // an export disturbs other measurements
	f.cache.Watch = func(e exporter.Event) { showExport(s.err, e) }
	return with, nil
}

// showExport reports the end of an export, and to a terminal also its begin.
func showExport(w io.Writer, e exporter.Event) {
	switch {
	case len(e.Graphs) == 1:
		fmt.Fprintf(w, "notice: %s was exported in %.1f s, to %s\n", e.Spec, e.Took.Seconds(), e.Graphs[0].Dir)
	case e.Graphs != nil:
		fmt.Fprintf(w, "notice: %s was exported in %.1f s, to %s; it trains %s\n", e.Spec, e.Took.Seconds(), filepath.Dir(e.Graphs[0].Dir), phases(e.Graphs))
	default:
		if _, yes := isTerminal(w); yes {
			fmt.Fprintf(w, "exporting %s …\n", e.Spec)
		}
	}
}

// checkModels refuses flags of the exporter if none of the names is a model.
func (f *measureFlags) checkModels(names []string) error {
	if flag := f.models.given(f.own); flag != "" && !slices.ContainsFunc(names, func(n string) bool { return exporter.IsModel(f.graphs.root, n) }) {
		return usagef("--%s is for a model (FILE.py, FILE.keras or keras:NAME), and none is named: use 'epochtime export' for graphs", flag)
	}
	return nil
}

// missing returns an error if graphs of a suite do not exist, which says how to make
// them.
func (f *graphFlags) missing(suite string, names []string) error {
	lacking := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		info, err := os.Stat(filepath.Join(f.root, name))
		return err == nil && info.IsDir()
	})
	if len(lacking) == 0 {
		return nil
	}
	return usagef("%s lacks %s, of the suite %s: 'epochtime export --suite %s --out %s' exports the suite", f.root, strings.Join(lacking, ", "), suite, suite, f.root)
}
