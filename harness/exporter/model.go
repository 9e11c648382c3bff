package exporter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// ErrModel means that there is no such model, or that its file cannot be read.
var ErrModel = errors.New("no model")

// Model is a model to export.
type Model struct {
	Spec    string // one of Forms, or the name of a built-in model
	Options Options
	Debug   bool // show whole tracebacks of an export that fails

	folder string // in which it is exported; empty: the present one
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
// its file is missing, or it takes no arguments and is given some.
func (m Model) check() error {
	path := modelPath(m.Spec)
	if !IsScript(m.Spec) && slices.ContainsFunc(m.Options, func(v Value) bool { return v.Name == scriptArg }) {
		return wrongOption("%s is no script (FILE.py or a module), and takes no arguments", m.Spec)
	}
	switch {
	case named(m.Spec), isBuiltIn(m.Spec):
		return nil
	case path == "":
		return fmt.Errorf("%w %q: it is not %s", ErrModel, m.Spec, Forms)
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%w %s: %w", ErrModel, m.Spec, err)
	}
	return nil
}

// Forms lists the forms of a model that can be exported.
const Forms = "FILE.py, FILE.py:FUNCTION, FILE.ipynb, FILE.keras, FILE.h5, keras:NAME or module:NAME"

// What models that are not named by a file begin with.
const (
	kerasPrefix  = "keras:"
	modulePrefix = "module:"
)

// Module returns the model that is the Python module with a dotted name.
func Module(name string) string { return modulePrefix + name }

// modelFile matches a model that is named by its file. The groups are the file of
// Python source, the function in it, and any other file.
var modelFile = regexp.MustCompile(`^(?:(.+\.py)(:[^/\\:]*)?|(.+\.(?:ipynb|keras|h5)))$`)

// named reports whether a model has a name in place of a file.
func named(spec string) bool {
	return strings.HasPrefix(spec, kerasPrefix) || strings.HasPrefix(spec, modulePrefix)
}

// IsModel reports whether an argument is a model that can be exported: one of Forms.
// The name of a folder, also of one in the folder graphs, is not: that is an exported
// graph.
func IsModel(graphs, arg string) bool {
	if isFolder(arg) || isFolder(filepath.Join(graphs, arg)) {
		return false
	}
	return named(arg) || modelFile.MatchString(arg)
}

// IsScript reports whether a model is a program that takes arguments: FILE.py or
// module:NAME.
func IsScript(spec string) bool {
	if strings.HasPrefix(spec, modulePrefix) {
		return true
	}
	m := modelFile.FindStringSubmatch(spec)
	return m != nil && m[1] != "" && m[2] == "" && !named(spec)
}

// isBuiltIn reports whether a model is one of the exporter's own.
func isBuiltIn(spec string) bool {
	names, err := BuiltIn()
	return err == nil && slices.Contains(names, spec)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// modelPath returns the file of a model, or nothing if it has none.
func modelPath(spec string) string {
	if m := modelFile.FindStringSubmatch(spec); m != nil && !named(spec) {
		return m[1] + m[3] // one of them is empty
	}
	return ""
}
