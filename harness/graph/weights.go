package graph

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// ErrNoWeights: the graph does not say where the model's variables lie in a file
// that Keras loads. Test with errors.Is.
var ErrNoWeights = errors.New("no Keras weights")

// Weights names the model's Keras weights file, gzip-compressed and with zeros
// in the place of its variables, and the list of these.
type Weights struct {
	File  string `json:"file"`
	Index string `json:"index"`
}

// Variable is one of a Keras weights file: Bytes bytes from Offset on.
type Variable struct {
	Path   string `json:"path"` // as Keras names it
	DType  DType  `json:"dtype"`
	Shape  []int  `json:"shape"`
	Offset int64  `json:"offset"`
	Bytes  int64  `json:"bytes"`
	Tensor string `json:"tensor"` // of the SavedModel, that reads the variable; empty where training does not change it

	Dataset string `json:"dataset"` // its place in the file, such as "layers/dense/vars/0"
}

func (m *Manifest) checkWeights() error {
	if m.Weights == nil {
		return nil
	}
	for _, name := range []string{m.Weights.File, m.Weights.Index} {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return fmt.Errorf("its weights file %q is outside the graph's folder", name)
		}
	}
	return nil
}

// WeightsFile is the model's Keras weights file, to be filled in.
type WeightsFile struct {
	Variables []Variable // that training changes, by Offset
	fixed     []string   // the data sets of all others
	path      string
}

// OpenWeights reads which variables the graph's Keras weights file has.
// Errors are ErrNoWeights and ErrDamaged.
func (m *Manifest) OpenWeights() (*WeightsFile, error) {
	if m == nil {
		return nil, errNil
	}
	if m.Weights == nil {
		return nil, fmt.Errorf("%w: %s: Keras cannot save this model's variables one by one, or an older epochtime exported it: export it again to see",
			ErrNoWeights, m.Name)
	}
	path := filepath.Join(m.Dir, filepath.FromSlash(m.Weights.Index))
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: the index of its weights: %w: export %s again", ErrDamaged, err, m.Name)
	}
	w := &WeightsFile{path: filepath.Join(m.Dir, filepath.FromSlash(m.Weights.File))}
	if err := json.Unmarshal(text, &w.Variables); err != nil {
		return nil, fmt.Errorf("%w: %s: %w: export %s again", ErrDamaged, path, err, m.Name)
	}
	if err := w.check(); err != nil {
		return nil, fmt.Errorf("%w: %s: %w: export %s again", ErrDamaged, path, err, m.Name)
	}
	return w, nil
}

// check finds variables that overlap, or whose sizes do not agree, and sorts them.
func (w *WeightsFile) check() error {
	slices.SortFunc(w.Variables, func(a, b Variable) int { return cmp.Compare(a.Offset, b.Offset) })
	end := int64(0)
	for _, v := range w.Variables {
		elements := int64(1)
		for _, d := range v.Shape {
			if d < 1 || int64(d) > v.Bytes/elements {
				return fmt.Errorf("%s has the shape %v", v.Path, v.Shape)
			}
			elements *= int64(d)
		}
		switch {
		case v.Dataset == "":
			return fmt.Errorf("%s has no data set", v.Path)
		case v.DType.Size() == 0 || v.DType == String || elements*int64(v.DType.Size()) != v.Bytes:
			return fmt.Errorf("%s has %d bytes, which shape %v of %q does not take", v.Path, v.Bytes, v.Shape, v.DType)
		case v.Offset < end || v.Offset > 1<<50 || v.Bytes > 1<<50:
			return fmt.Errorf("%s begins at byte %d, in another variable", v.Path, v.Offset)
		}
		end = v.Offset + v.Bytes
		if v.Tensor == "" {
			w.fixed = append(w.fixed, v.Dataset)
		}
	}
	w.Variables = slices.DeleteFunc(w.Variables, func(v Variable) bool { return v.Tensor == "" })
	return nil
}

// Fill writes the weights file to out, with what read gives for each variable,
// little-endian. Errors are ErrDamaged, and those of read and out.
func (w *WeightsFile) Fill(out io.Writer, read func(Variable) ([]byte, error)) error {
	if w == nil || out == nil || read == nil {
		return fmt.Errorf("%w: the weights, what reads them or where they go is nil", ErrNoWeights)
	}
	f, err := os.Open(w.path)
	if err != nil {
		return fmt.Errorf("%w: its weights file: %w", ErrDamaged, err)
	}
	defer f.Close()
	empty, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDamaged, w.path, err)
	}
	to := bufio.NewWriterSize(out, 1<<20)
	at := int64(0)
	for _, v := range w.Variables {
		if err := w.copy(to, empty, v.Offset-at); err != nil {
			return err
		}
		if err := w.copy(io.Discard, empty, v.Bytes); err != nil {
			return err
		}
		value, err := read(v)
		if err != nil {
			return err
		}
		if int64(len(value)) != v.Bytes {
			return fmt.Errorf("%w: its variable %s has %d bytes, not %d", ErrDamaged, v.Path, len(value), v.Bytes)
		}
		if _, err := to.Write(value); err != nil {
			return err
		}
		at = v.Offset + v.Bytes
	}
	if _, err := io.Copy(to, empty); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDamaged, w.path, err)
	}
	return to.Flush()
}

// copy takes n bytes of the emptied file.
func (w *WeightsFile) copy(to io.Writer, from io.Reader, n int64) error {
	if _, err := io.CopyN(to, from, n); err != nil {
		return fmt.Errorf("%w: %s is cut short or does not fit its index: %w", ErrDamaged, w.path, err)
	}
	return nil
}
