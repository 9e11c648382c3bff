package measure

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"epochtime/harness/record"
)

// Saved is a file of trained weights.
type Saved struct {
	Title string // of the run whose first good launch trained them
	Path  string
	Bytes uint64
}

// Saved returns the files of trained weights that the session has written.
func (s *Session) Saved() []Saved { return s.saved }

// weightsSuffix is how Keras wants such a file to be called.
const weightsSuffix = ".weights.h5"

// prepareWeights makes the first good launch of each configuration save its
// trained weights. It finds what keeps it from that before anything is launched:
// a file that is there already is never replaced.
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
		if run.Summary != nil { // a launch before the session was resumed has worked
			continue
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return kindError{fmt.Errorf("%s is there already: move it away, or name another folder", path), ErrWeights}
		}
		s.configs[i].weights = path
	}
	return nil
}

// weightsName is that of the file for a configuration.
func weightsName(run record.Run) string {
	return strings.ReplaceAll(run.Title(), ", ", "-") + weightsSuffix
}
