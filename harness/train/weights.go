package train

import (
	"fmt"
	"os"

	"epochtime/internal/atomicfile"
)

// SaveWeights writes the variables to path: the model's, the optimizer's and the
// random state of layers, from which LoadWeights goes on. Keras reads the file by
// model.load_weights, which wants its name to end in .weights.h5 and takes no random
// state. A file of that name is replaced once the new one is whole. SaveWeights
// returns the file's size in bytes. Errors are ErrClosed, graph.ErrNoWeights,
// graph.ErrDamaged, those of package tfsession, and of the file.
func (t *Trainer) SaveWeights(path string) (int64, error) {
	if err := t.enter(); err != nil {
		return 0, err
	}
	defer t.mu.Unlock()
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
