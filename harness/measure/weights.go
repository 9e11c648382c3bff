package measure

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// Saved is a file with trained weights.
type Saved struct {
	Title string // of the run
	Path  string // absolute
	Bytes uint64 // size of the file
}

// Saved returns the files with trained weights that the session has written.
func (s *Session) Saved() []Saved {
	if s == nil {
		return nil
	}
	return s.saved
}

// weightsSuffix ends the name of such a file: Keras requires it.
const weightsSuffix = ".weights.h5"

// prepareWeights makes the first launch of each configuration that works save its
// trained weights. It fails before anything is launched if a file exists already, or
// the weights cannot be saved.
func (s *Session) prepareWeights() error {
	dir := s.o.SaveWeights
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return kindError{err, ErrWeights}
	}
	taken := map[string]bool{}
	for i, run := range s.rec.Runs {
		if _, err := s.configs[i].Graph.OpenWeights(); err != nil {
			return kindError{err, ErrWeights}
		}
		path := filepath.Join(absolute(dir), weightsName(run))
		if taken[path] {
			return kindError{fmt.Errorf("two graphs are called %s: measure them one at a time", run.Graph.Name), ErrWeights}
		}
		taken[path] = true
		_, err := os.Lstat(path)
		if err == nil && run.Summary != nil { // saved before the session was resumed
			continue
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return kindError{fmt.Errorf("%s exists already: move it away, or name another folder", path), ErrWeights}
		}
		s.configs[i].weights = path
	}
	return nil
}

// weightsName returns the name of the file for a run's weights.
func weightsName(run record.Run) string {
	return strings.ReplaceAll(run.Title(), ", ", "-") + weightsSuffix
}

// weightsFile returns the absolute path of the file of weights that a graph
// starts from: path itself, or the graph's file in the folder path.
func weightsFile(g *graph.Manifest, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		path = filepath.Join(path, g.Name+weightsSuffix)
		_, err = os.Stat(path)
	}
	if err == nil {
		_, err = g.OpenWeights()
	}
	if err != nil {
		return "", setting.Errorf("load-weights", "%w", err)
	}
	return filepath.Abs(path)
}
