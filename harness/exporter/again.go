package exporter

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"epochtime/harness/graph"
)

// ErrAgain means that a graph cannot be exported again in another form.
var ErrAgain = errors.New("it cannot be exported again")

// Again returns the model of which a graph was exported, with the same options. The
// error is ErrAgain: an older export does not say of what it was made.
func Again(g *graph.Manifest) (Model, error) {
	if g == nil || g.Origin == nil || g.Origin.Model == "" {
		return Model{}, fmt.Errorf("%w: it does not say from what it was exported: export it anew", ErrAgain)
	}
	m := Model{Spec: g.Origin.Model}
	if !isBuiltIn(m.Spec) { // what it reads does not depend on the folder
		m.folder = g.Origin.Folder
	}
	for _, word := range g.Origin.Options {
		name, value, _ := strings.Cut(strings.TrimPrefix(word, "--"), "=")
		m.Options = append(m.Options, Value{name, value})
	}
	return m, nil
}

// Variant returns a graph of the model of which g was exported, and of the same phase of
// a script, with one option changed: one of Table, as Options.Add takes it. It exports
// the model where the cache has no such graph. The errors are ErrAgain, that of
// Options.Add, and those of Graphs.
func (c *Cache) Variant(ctx context.Context, e Exporter, g *graph.Manifest, option, value string) (*graph.Manifest, error) {
	m, err := Again(g)
	if err != nil {
		return nil, err
	}
	if m.folder != "" {
		if _, err := os.Stat(m.folder); err != nil {
			return nil, fmt.Errorf("%w: the folder in which it was exported is gone: %w", ErrAgain, err)
		}
	}
	if m.Options, err = m.Options.Add(option, value); err != nil {
		return nil, err
	}
	found, err := c.Graphs(ctx, e, m)
	if err != nil {
		return nil, err
	}
	for _, other := range found {
		if phaseOf(other) == phaseOf(g) && len(found) == g.Phases() {
			return other, nil
		}
	}
	return nil, fmt.Errorf("%w: its script trains %d times now, and %d times then", ErrAgain, len(found), g.Phases())
}
