package exporter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// ErrModel means that there is no such model, or that its file cannot be read.
var ErrModel = errors.New("no model")

// Model is a model to export.
type Model struct {
	Spec    string // FILE.py, FILE.py:FUNCTION, FILE.keras or keras:NAME
	Options Options
	Debug   bool // show whole tracebacks of an export that fails
}

// words returns the model's part of the exporter's command line.
func (m Model) words() []string {
	words := m.Options.Words()
	if m.Debug {
		words = append(words, "--debug")
	}
	return append(words, "--", m.Spec)
}

// check returns an error if the model cannot be exported: it is of no known form,
// or its file is missing.
func (m Model) check() error {
	path := modelPath(m.Spec)
	switch {
	case strings.HasPrefix(m.Spec, kerasPrefix):
		return nil
	case path == "":
		return fmt.Errorf("%w %q: it is not FILE.py, FILE.py:FUNCTION, FILE.keras or keras:NAME", ErrModel, m.Spec)
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%w %s: %w", ErrModel, m.Spec, err)
	}
	return nil
}

const kerasPrefix = "keras:"

var modelFile = regexp.MustCompile(`^(.+\.(?:py|keras))(:[^/\\:]*)?$`)

// IsModel reports whether an argument is a model that can be exported: FILE.py,
// FILE.py:FUNCTION, FILE.keras or keras:NAME. The name of a folder, also of one in
// the folder graphs, is not: that is an exported graph.
func IsModel(graphs, arg string) bool {
	if isFolder(arg) || isFolder(filepath.Join(graphs, arg)) {
		return false
	}
	return strings.HasPrefix(arg, kerasPrefix) || modelFile.MatchString(arg)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// modelPath returns the file of a model, or nothing if it has none.
func modelPath(spec string) string {
	if m := modelFile.FindStringSubmatch(spec); m != nil && !strings.HasPrefix(spec, kerasPrefix) {
		return m[1]
	}
	return ""
}
