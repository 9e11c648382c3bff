package graph

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"epochtime/harness/hdf5"
)

// ErrStored: a weights file cannot be read, or is not one of this graph's model.
// Test with errors.Is.
var ErrStored = errors.New("the weights cannot be loaded")

// optional are the groups that a file may lack as a whole: the optimizer of a
// model that is not compiled has no variables, and Keras itself saves no random
// state.
var optional = []string{"optimizer", "epochtime"}

// Stored is an open Keras weights file that has the graph's variables. Close it.
type Stored struct {
	// Variables are those whose values the file has, with their Offset in this file.
	Variables []Variable
	// Lacking are those of the optimizer, or of random state, where the file has none
	// of them: Keras wrote it of a model that was not compiled, and never saves the
	// random state of layers.
	Lacking []Variable

	file *os.File
}

// Stored opens the file that Keras's model.save_weights, or Fill, has written of
// the same model, and finds each variable in it by its place in the model.
// Errors are ErrStored, and of a file that is not there fs.ErrNotExist.
func (w *WeightsFile) Stored(path string) (*Stored, error) {
	if w == nil {
		return nil, fmt.Errorf("%w: the graph has no weights file", ErrStored)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStored, err)
	}
	s := &Stored{file: f}
	if err := s.find(w); err != nil {
		f.Close()
		return nil, fmt.Errorf("%w: %s: %w", ErrStored, path, err)
	}
	return s, nil
}

// Close closes the file.
func (s *Stored) Close() error {
	if s == nil || s.file == nil {
		return nil
	}
	return s.file.Close()
}

// Read fills dst with the value of one of Variables, little-endian.
func (s *Stored) Read(v Variable, dst []byte) error {
	if s == nil || s.file == nil {
		return fmt.Errorf("%w: no file is open", ErrStored)
	}
	if int64(len(dst)) != v.Bytes {
		return fmt.Errorf("%w: %s takes %d bytes, not %d", ErrStored, v.Path, v.Bytes, len(dst))
	}
	if len(dst) == 0 {
		return nil
	}
	if _, err := s.file.ReadAt(dst, v.Offset); err != nil {
		return fmt.Errorf("%w: %s: reading %s: %w", ErrStored, s.file.Name(), v.Path, err)
	}
	return nil
}

func (s *Stored) find(w *WeightsFile) error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is no file")
	}
	found, err := hdf5.Datasets(s.file, info.Size())
	switch {
	case errors.Is(err, hdf5.ErrUnsupported):
		return fmt.Errorf("%w: load it with Keras, and save it again by model.save_weights", err)
	case errors.Is(err, hdf5.ErrNoHDF5):
		return fmt.Errorf("%w, as model.save_weights(\"NAME.weights.h5\") of Keras writes it", err)
	case err != nil:
		return err
	}
	if err := w.unknown(found); err != nil {
		return err
	}
	at := make(map[string]hdf5.Dataset, len(found))
	has := make(map[string]bool)
	for _, d := range found {
		at[d.Name] = d
		has[group(d.Name)] = true
	}
	for _, v := range w.Variables {
		d, ok := at[v.Dataset]
		if in := group(v.Dataset); !ok && !has[in] && slices.Contains(optional, in) {
			s.Lacking = append(s.Lacking, v)
			continue
		}
		if !ok {
			return fmt.Errorf("it has nothing for %s (%s): it is of another model", v.Path, v.Dataset)
		}
		if err := v.stored(d); err != nil {
			return err
		}
		v.Offset = d.Offset
		s.Variables = append(s.Variables, v)
	}
	return nil
}

// unknown finds a data set that the model has no variable for, in a part of the
// file where all of them are known.
func (w *WeightsFile) unknown(found []hdf5.Dataset) error {
	parts, names := make(map[string]bool), make(map[string]bool)
	for _, v := range w.Variables {
		names[v.Dataset] = true
		parts[group(v.Dataset)] = true
	}
	for _, d := range found {
		if parts[group(d.Name)] && !names[d.Name] && !slices.Contains(w.fixed, d.Name) && d.Bytes > 0 {
			return fmt.Errorf("it has %s, which this model lacks: it is of another model", d.Name)
		}
	}
	return nil
}

// group is the first group that a data set is in.
func group(dataset string) string {
	first, _, _ := strings.Cut(dataset, "/")
	return first
}

// stored finds a data set that does not hold the variable's values as they are.
func (v Variable) stored(d hdf5.Dataset) error {
	class := hdf5.Integer
	switch {
	case v.DType == Bool:
		class = hdf5.Enum
	case v.DType == BFloat16:
		class = hdf5.Opaque
	case v.DType.IsFloat():
		class = hdf5.Float
	}
	signed := class == hdf5.Integer && !strings.HasPrefix(string(v.DType), "u")
	shape := make([]int, len(d.Shape))
	for i, n := range d.Shape {
		shape[i] = int(n)
	}
	switch {
	case !slices.Equal(shape, v.Shape):
		return fmt.Errorf("%s has the shape %v there and %v in this model", v.Path, shape, v.Shape)
	case d.Class != class || d.Signed != signed || d.Size != v.DType.Size() || d.BigEndian || d.Bytes != v.Bytes:
		return fmt.Errorf("%s is not %s there, as it is in this model", v.Path, v.DType)
	}
	return nil
}
