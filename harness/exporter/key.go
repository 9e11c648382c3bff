package exporter

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"epochtime/harness/machine"
	"epochtime/internal/filehash"
	"epochtime/internal/process"
)

// key is equal for exports that make the same graph as long as the files that they
// read stay the same. It covers the model and its options, the working directory,
// the exporter, its Python, and the variables that steer them.
func (e Exporter) key(m Model) (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	if m.folder != "" {
		here = m.folder
	}
	spec := m.Spec
	if path := modelPath(spec); path != "" && !filepath.IsAbs(path) {
		spec = filepath.Join(here, path) + strings.TrimPrefix(spec, path)
	}
	own, err := hashSources(filepath.Join(e.Home, "pygen"))
	if err != nil {
		return "", fmt.Errorf("reading the exporter: %w", err)
	}
	text, err := json.Marshal([]any{spec, m.Options.Words(), here, own, e.pythonStamp(), machine.SteeringExport(os.Environ())})
	return shortSum(text), err
}

// hashSources returns a hash of the exporter's files that matter to a graph.
func hashSources(root string) (string, error) {
	var all strings.Builder
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{"tests", "peers", "__pycache__"}, d.Name()):
			return filepath.SkipDir
		case d.IsDir() || !slices.Contains([]string{".py", ".json"}, filepath.Ext(path)):
			return nil
		}
		sum, err := filehash.Sum(path)
		fmt.Fprintln(&all, path, sum)
		return err
	})
	return shortSum([]byte(all.String())), err
}

// pythonStamp identifies the Python and what is installed in its environment, by
// names and versions. It does not start Python.
func (e Exporter) pythonStamp() string {
	stamp := process.Stamp(e.Python)
	python, err := filepath.Abs(e.Python)
	if err != nil {
		return stamp
	}
	prefix := filepath.Dir(filepath.Dir(python)) // python is in bin
	for _, pattern := range []string{"lib/python*/site-packages/*.dist-info", "Lib/site-packages/*.dist-info"} {
		found, _ := filepath.Glob(filepath.Join(prefix, filepath.FromSlash(pattern))) // only a wrong pattern is an error
		for _, path := range found {
			stamp += "\n" + filepath.Base(path)
		}
	}
	return stamp
}

// shortSum returns enough of a hash for a name.
func shortSum(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
