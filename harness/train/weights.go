package train

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"epochtime/internal/atomicfile"
)

// SaveWeights writes the variables to path: the model's, the optimizer's and the
// random state of layers, from which LoadWeights goes on. Keras reads the file by
// model.load_weights, which wants its name to end in .weights.h5 and takes no random
// state. A file of that name is replaced once the new one is whole. SaveWeights
// returns the file's size in bytes. Errors are ErrClosed, graph.ErrNoWeights,
// graph.ErrDamaged, those of package tfsession, and of the file: fs.ErrInvalid for
// an empty path, fs.ErrNotExist if its folder is missing, and another if it is a
// folder.
func (t *Trainer) SaveWeights(path string) (int64, error) {
	if err := t.enter(); err != nil {
		return 0, err
	}
	defer t.mu.Unlock()
	if err := checkPath(path); err != nil {
		return 0, fmt.Errorf("saving the weights: %w", err)
	}
	w, err := t.manifest.OpenWeights()
	if err != nil {
		return 0, err
	}
	var size int64
	err = atomicfile.Write(path, func(f *os.File) error {
		if err := w.Fill(f, t.session.Variable); err != nil {
			return err
		}
		info, err := f.Stat()
		if err == nil {
			size = info.Size()
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("saving the weights in %s: %w", path, err)
	}
	return size, nil
}

// checkPath returns an error if no file can have the path. What else is wrong with
// it is found by writing.
func checkPath(path string) error {
	if path == "" {
		return fmt.Errorf("the path is empty: %w", fs.ErrInvalid)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s: %w: name a file in it", path, syscall.EISDIR)
	}
	folder := filepath.Dir(path)
	info, err := os.Stat(folder)
	switch {
	case err != nil:
		return fmt.Errorf("%s: its folder: %w", path, err)
	case !info.IsDir():
		return fmt.Errorf("%s: %s: %w", path, folder, syscall.ENOTDIR)
	}
	return nil
}
