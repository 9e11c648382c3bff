//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"epochtime/harness/exporter"
	"epochtime/harness/graph"
	"epochtime/internal/process"
)

// prepare exports the graphs that the contenders need, and writes their start weights.
// What is there already stays.
func (o options) prepare(ctx context.Context, w work, who []contender) error {
	for _, c := range who {
		if err := o.export(ctx, w, c); err != nil {
			return err
		}
	}
	weighed := slices.ContainsFunc(who, func(c contender) bool { return slices.Contains(c.worker, "{weights}") })
	if !weighed || isThere(o.weightsOf(w)) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(o.weightsOf(w)), 0o755); err != nil {
		return err
	}
	return quietly(ctx, exec.CommandContext(ctx, o.python, "-m", "pygen.peers.weights", o.graphOf(w, contender{}), o.weightsOf(w)))
}

// graphOf returns the folder of a contender's graph.
func (o options) graphOf(w work, c contender) string {
	return filepath.Join(o.graphs(), w.name+c.variant)
}

// export exports a contender's graph, under the name that the folder has.
func (o options) export(ctx context.Context, w work, c contender) error {
	folder := o.graphOf(w, c)
	if isThere(filepath.Join(folder, graph.ManifestName)) {
		return nil
	}
	with, err := exporter.Find(o.python)
	if err != nil {
		return err
	}
	o.say("exporting %s", filepath.Base(folder))
	words := slices.Concat([]string{"export"}, c.export, []string{"--force", "--name", filepath.Base(folder), "--out", o.graphs(), w.model()})
	return quietly(ctx, with.Command(ctx, words...))
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// forget removes what was made and measured of a work.
func (o options) forget(w work) error {
	paths := []string{o.recordOf(w), o.weightsOf(w)}
	for _, c := range contenders {
		paths = append(paths, o.graphOf(w, c))
	}
	for _, path := range paths {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}

// quietly runs a command, and returns what it says on stderr if it fails.
func quietly(ctx context.Context, c *exec.Cmd) error {
	var said bytes.Buffer
	c.Stderr = &said
	err := process.Run(ctx, c)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("%s: %w:\n%s", strings.Join(c.Args, " "), err, strings.TrimSpace(said.String()))
	}
	return nil
}

func (o options) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
