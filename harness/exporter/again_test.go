package exporter

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// A graph is exported again with the options that it was exported with, and others.
func TestAgain(t *testing.T) {
	g := &graph.Manifest{Origin: &graph.Origin{Model: "a/m.py:build", Folder: "/home/me", Options: []string{"--arg=width=8", "--fused", "--jit", "--optimizer=sgd"}}}
	m, err := Again(g)
	if err != nil || m.Spec != "a/m.py:build" || m.folder != "/home/me" {
		t.Fatalf("%+v, %v", m, err)
	}
	if want := append(slices.Clone(g.Origin.Options), "--", m.Spec); !slices.Equal(m.words(), want) {
		t.Errorf("words %q, want %q", m.words(), want)
	}
	for _, c := range []struct {
		name, value string
		want        []string
	}{
		{"jit", "false", []string{"--arg=width=8", "--fused", "--optimizer=sgd"}},
		{"width", "2", []string{"--arg=width=8", "--fused", "--jit", "--optimizer=sgd", "--width=2"}},
	} {
		o, err := m.Options.Add(c.name, c.value)
		if err != nil || !slices.Equal(o.Words(), c.want) {
			t.Errorf("%s=%s: %q, %v, want %q", c.name, c.value, o.Words(), err, c.want)
		}
	}
	for name, g := range map[string]*graph.Manifest{"nothing": nil, "an older export": {}, "no model": {Origin: new(graph.Origin)}} {
		if _, err := Again(g); !errors.Is(err, ErrAgain) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A folder that is gone, an option that there is not, and a script that trains more often
// than it did are errors.
func TestVariantCannotBeMade(t *testing.T) {
	c, model := newCache(t)
	at := filepath.Dir(model)
	g := &graph.Manifest{Origin: &graph.Origin{Model: model, Folder: at}}
	e := Exporter{Home: at, Python: model}
	if err := os.MkdirAll(filepath.Join(at, "pygen"), 0o755); err != nil {
		t.Fatal(err)
	}
	m, err := Again(g)
	if err != nil {
		t.Fatal(err)
	}
	if m.Options, err = m.Options.Add("jit", "true"); err != nil {
		t.Fatal(err)
	}
	key, err := e.key(m)
	if err != nil {
		t.Fatal(err)
	}
	work := exported(t, c, model)
	for i, name := range []string{"mine", "other"} {
		script := `script={"file":"m.py","call":"fit","line":1,"phase":` + string(rune('1'+i)) + `,"phases":2}`
		if err := testgraph.Write(filepath.Join(work, name), script); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.add(entryName{c.Dir, key}, work); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Variant(t.Context(), e, g, "jit", "true"); !errors.Is(err, ErrAgain) {
		t.Errorf("another number of phases: %v", err)
	}
	second := &graph.Manifest{Origin: g.Origin, Script: &graph.Script{Phase: 2, Phases: 2}}
	if got, err := c.Variant(t.Context(), e, second, "jit", "true"); err != nil || got.Name != "other" {
		t.Errorf("the second phase: %+v, %v", got, err)
	}
	if _, err := c.Variant(t.Context(), e, g, "fast", "true"); !errors.Is(err, ErrOption) {
		t.Errorf("an unknown option: %v", err)
	}
	g.Origin.Folder = filepath.Join(at, "gone")
	if _, err := c.Variant(t.Context(), e, g, "jit", "true"); !errors.Is(err, ErrAgain) {
		t.Errorf("a folder that is gone: %v", err)
	}
}
