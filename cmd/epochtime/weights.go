package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/report"
)

// weightsSuffix is how Keras wants such a file to be called.
const weightsSuffix = ".weights.h5"

// saveWeights makes the first launch of each configuration that works save its
// trained weights in a folder. It finds, before anything is launched, what keeps
// it from that; a file that is there already is never replaced.
func (m *measurement) saveWeights(dir string) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("--save-weights: %w", err)
	}
	taken := map[string]bool{}
	for i, run := range m.rec.Runs {
		if _, err := m.setups[i].manifest.OpenWeights(); err != nil {
			return fmt.Errorf("--save-weights: %w", err)
		}
		path := filepath.Join(absolute(dir), weightsName(run))
		if taken[path] {
			return usagef("--save-weights: two graphs are called %s: measure them one at a time", run.Graph.Name)
		}
		taken[path] = true
		if run.Summary != nil { // a launch of an earlier session has worked
			continue
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return usagef("--save-weights: %s is there already: move it away, or name another folder", path)
		}
		m.setups[i].weights = path
	}
	return nil
}

// weightsName is that of the file for a configuration.
func weightsName(run record.Run) string {
	return strings.ReplaceAll(run.Title(), ", ", "-") + weightsSuffix
}

// saved notes which file the weights of a run were saved in.
func (m *measurement) saved(run int, s *protocol.Saved) {
	m.setups[run].weights = ""
	m.weights = append(m.weights, fmt.Sprintf("The trained weights of %s are in %s (%s).", m.title(run), s.Path, report.Bytes(uint64(max(0, s.Bytes)))))
}

// showWeights says where the weights are, if any were saved.
func (m *measurement) showWeights(out io.Writer) {
	for i, line := range m.weights {
		if i == 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintln(out, line)
	}
	if len(m.weights) > 0 {
		fmt.Fprintln(out, "In Keras, the same model reads them by model.load_weights(FILE).")
	}
}
