//go:build linux && cgo

package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"epochtime/harness/graph"
	"epochtime/harness/tfsession"
)

//go:embed reference.py
var referenceProgram string

// agreement is how far an epoch from Go is from that of a script's own fit.
type agreement struct {
	script       string
	steps        int
	plain, timed difference // one thread and nothing rewritten; as it is timed
	moved        difference // Keras, from weights moved by their last bit
	beyond       []string   // figures as timed that are further than rounding takes them
}

func (a agreement) holds() bool { return a.plain.within(tolerance) && len(a.beyond) == 0 }

// maker runs Python on scripts. root is the repository.
type maker struct{ root, python, scratch string }

// compare trains a script's first fit with Keras and from Go.
func (k maker) compare(ctx context.Context, script string) (agreement, error) {
	m, err := k.export(ctx, script)
	if err != nil {
		return agreement{}, err
	}
	r, err := k.keras(ctx, script)
	if err != nil {
		return agreement{}, err
	}
	out := agreement{script: strings.TrimSuffix(filepath.Base(script), ".py"), steps: len(r.Keras.Losses)}
	for _, moved := range r.Moved {
		d := differ(moved, r.Keras)
		out.moved = difference{max(out.moved.losses, d.losses), max(out.moved.metrics, d.metrics), max(out.moved.validation, d.validation)}
	}
	plain, err := here(ctx, m, tfsession.Options{Device: "cpu", IntraOp: 1, InterOp: 1, Unrewritten: true}, false)
	if err != nil {
		return agreement{}, err
	}
	timed, err := here(ctx, m, tfsession.Options{Device: "cpu"}, true)
	if err != nil {
		return agreement{}, err
	}
	out.plain, out.timed, out.beyond = differ(plain, r.Keras), differ(timed, r.Keras), r.beyond(timed)
	return out, nil
}

// export exports the script's first phase.
func (k maker) export(ctx context.Context, script string) (*graph.Manifest, error) {
	out, err := os.MkdirTemp(k.scratch, "graphs")
	if err != nil {
		return nil, err
	}
	if _, err := k.run(ctx, "-m", "pygen", "export", script, "--out", out); err != nil {
		return nil, fmt.Errorf("%s cannot be exported: %w", script, err)
	}
	name := strings.TrimSuffix(filepath.Base(script), ".py")
	for _, folder := range []string{name, name + "-1"} {
		if _, err := os.Stat(filepath.Join(out, folder)); err == nil {
			return graph.Open(filepath.Join(out, folder))
		}
	}
	return nil, fmt.Errorf("%s was exported under another name", script)
}

// keras runs the script's own fit.
func (k maker) keras(ctx context.Context, script string) (reference, error) {
	program := filepath.Join(k.scratch, "reference.py")
	if err := os.WriteFile(program, []byte(referenceProgram), 0o600); err != nil {
		return reference{}, err
	}
	text, err := k.run(ctx, program, script)
	if err != nil {
		return reference{}, fmt.Errorf("%s cannot be trained by Keras: %w", script, err)
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	var r reference
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &r); err != nil {
		return reference{}, fmt.Errorf("%s: Keras's figures: %w", script, err)
	}
	return r, nil
}

func (k maker) run(ctx context.Context, arguments ...string) (string, error) {
	cmd := exec.CommandContext(ctx, k.python, arguments...)
	cmd.Dir = k.root
	cmd.Env = append(os.Environ(), "TF_CPP_MIN_LOG_LEVEL=3", "PYTHONDONTWRITEBYTECODE=1")
	var told strings.Builder
	cmd.Stderr = &told
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, told.String())
	}
	return string(out), nil
}
