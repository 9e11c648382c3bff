package graph

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"epochtime/internal/filehash"
)

// ArrayAlignment is the alignment of a pipeline's arrays in their file, in bytes, by
// which TensorFlow reads them in place.
const ArrayAlignment = 64

// ErrNoPipeline: the graph has no pipeline of its own. Test with errors.Is.
var ErrNoPipeline = errors.New("the graph has no tf.data pipeline of its own")

// pipelines yields the graph's own pipelines, with their names in the manifest.
func (m *Manifest) pipelines() iter.Seq2[string, *Pipeline] {
	return func(yield func(string, *Pipeline) bool) {
		if m.Pipeline != nil && !yield("pipeline", m.Pipeline) {
			return
		}
		if m.Validation != nil {
			yield("validation", &m.Validation.Pipeline)
		}
	}
}

// Files returns the files outside of the graph's folder that its own pipelines read, by
// their names in the graph.
func (m *Manifest) Files() []*File {
	if m == nil {
		return nil
	}
	var out []*File
	for _, p := range m.pipelines() {
		for i := range p.Files {
			out = append(out, &p.Files[i])
		}
	}
	return out
}

// HasMetrics reports whether the graph has signatures that reset its metrics and
// return their values.
func (m *Manifest) HasMetrics() bool {
	if m == nil {
		return false
	}
	values, reset := m.Signatures[Metrics], m.Signatures[ResetMetrics]
	return values.Key != "" && len(values.Values) > 0 && reset.Key != "" && reset.Count != ""
}

// Regular reports whether every epoch of the graph's own pipeline takes the same
// number of batches and of examples, which are then those that were drawn at the
// export.
func (m *Manifest) Regular() bool {
	if m == nil || m.Pipeline == nil {
		return false
	}
	p := m.Pipeline
	return p.Fixed && p.Batches.Whole && (p.Steps == 0 || p.Length > 0 && p.Length%p.Steps == 0)
}

// Due reports whether validation follows the epoch of that number, counted from 0.
func (v *Validation) Due(epoch int) bool {
	switch {
	case v == nil:
		return false
	case len(v.Every) == 0:
		return true
	case len(v.Every) == 1:
		return (epoch+1)%v.Every[0] == 0
	}
	return slices.Contains(v.Every, epoch+1)
}

// checkPipelines finds pipelines that are not whole, or do not go with the step.
func (m *Manifest) checkPipelines() error {
	for name, p := range m.pipelines() {
		if err := p.check(); err != nil {
			return fmt.Errorf("its %s: %w", name, err)
		}
	}
	if m.Pipeline != nil {
		if err := m.checkComponents(); err != nil {
			return err
		}
	}
	if v := m.Validation; v != nil {
		return v.check()
	}
	return nil
}

// checkComponents finds an input of the step that its pipeline does not make.
func (m *Manifest) checkComponents() error {
	if _, ok := m.Signatures[Preprocessing]; ok {
		return errors.New("it has a pipeline and a preprocess signature, which no export has")
	}
	var names []string
	for _, t := range m.Tensors() {
		names = append(names, t.Name)
		if !slices.Contains(m.Pipeline.Components, t.Name) {
			return fmt.Errorf("its pipeline makes no %s", t.Name)
		}
	}
	for _, name := range m.Pipeline.Components {
		if !slices.Contains(names, name) {
			return fmt.Errorf("its pipeline makes %s, which is no input or target", name)
		}
	}
	return nil
}

func (v *Validation) check() error {
	switch {
	case v.Evaluate == "":
		return errors.New("its validation has no signature")
	case slices.ContainsFunc(v.Values, func(o MetricOutput) bool { return o.Name == "" || o.Output == "" }):
		return errors.New("its validation has a metric without a name")
	case slices.ContainsFunc(v.Every, func(n int) bool { return n < 1 }):
		return fmt.Errorf("its validation follows the epochs %v, which count from 1", v.Every)
	}
	return nil
}

func (p *Pipeline) check() error {
	switch {
	case p.Make == "" || p.Rewind == "" || p.Next == "":
		return errors.New("it lacks a signature")
	case len(p.Components) == 0 || repeats(p.Components):
		return fmt.Errorf("its components are %q", p.Components)
	case p.Steps < 0 || p.Length < 0:
		return fmt.Errorf("it has %d steps an epoch and %d a pass", p.Steps, p.Length)
	case len(p.Losses) > 0 && !p.Fixed:
		return errors.New("it has losses, and its batches are not fixed")
	case (len(p.Arrays) > 0) != (p.File != ""):
		return fmt.Errorf("it has %d arrays in the file %q", len(p.Arrays), p.File)
	case p.File != "" && !filepath.IsLocal(filepath.FromSlash(p.File)):
		return fmt.Errorf("its file %q is outside the graph's folder", p.File)
	}
	for _, part := range []func() error{p.checkArrays, p.checkBatches, p.checkFiles} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

func repeats(names []string) bool {
	for i, name := range names {
		if name == "" || slices.Contains(names[:i], name) {
			return true
		}
	}
	return false
}

func (p *Pipeline) checkArrays() error {
	var names []string
	for _, a := range p.Arrays {
		names = append(names, a.Name)
		bytes, ok := a.size()
		switch {
		case a.DType.Size() == 0 || a.DType == String:
			return fmt.Errorf("its array %q is of dtype %q", a.Name, a.DType)
		case !ok || bytes != a.Bytes:
			return fmt.Errorf("its array %q has %d bytes for the shape %v", a.Name, a.Bytes, a.Shape)
		case a.Offset < 0 || a.Offset%ArrayAlignment != 0 || a.Offset+a.Bytes < a.Offset:
			return fmt.Errorf("its array %q begins at byte %d, which is no multiple of %d", a.Name, a.Offset, ArrayAlignment)
		}
	}
	if repeats(names) {
		return fmt.Errorf("its arrays are named %q", names)
	}
	return nil
}

// size is the number of bytes that the shape takes; false where there is none.
func (a Array) size() (int64, bool) {
	shape := []int{a.DType.Size()}
	for _, d := range a.Shape {
		shape = append(shape, int(d))
	}
	n := Count(shape)
	return int64(n), n >= 0
}

func (p *Pipeline) checkBatches() error {
	b, steps := p.Batches, 0
	for _, s := range b.Shapes {
		if s.Steps < 1 || len(s.Components) != len(p.Components) {
			return fmt.Errorf("its %d batches of the shapes %v are not of its components", s.Steps, s.Components)
		}
		for _, name := range p.Components {
			shape, ok := s.Components[name]
			if !ok || slices.ContainsFunc(shape, func(d int64) bool { return d < 0 }) {
				return fmt.Errorf("its batches have no shape of %s", name)
			}
		}
		steps += min(s.Steps, b.Steps+1)
	}
	if b.Steps < 1 || b.Examples < 0 || steps > b.Steps {
		return fmt.Errorf("it drew %d batches, %d of them with a shape, and %d examples", b.Steps, steps, b.Examples)
	}
	return nil
}

func (p *Pipeline) checkFiles() error {
	for _, f := range p.Files {
		if _, err := time.Parse(time.RFC3339Nano, f.Modified); err != nil || f.Path == "" || f.Bytes < 0 {
			return fmt.Errorf("it reads the file %q of %d bytes and the time %q", f.Path, f.Bytes, f.Modified)
		}
	}
	return nil
}

// ArraysPath is the file of a pipeline's arrays; empty where it has none.
func (m *Manifest) ArraysPath(p *Pipeline) string {
	if m == nil || p == nil || p.File == "" {
		return ""
	}
	return filepath.Join(m.Dir, filepath.FromSlash(p.File))
}

// findArrays finds a file of arrays that is missing, or too short for them.
func (m *Manifest) findArrays() error {
	for name, p := range m.pipelines() {
		path := m.ArraysPath(p)
		if path == "" {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("%w: the arrays of its %s are missing: %w: export %s again", ErrDamaged, name, err, m.Name)
		}
		for _, a := range p.Arrays {
			if a.Offset+a.Bytes > info.Size() {
				return fmt.Errorf("%w: %s ends before its array %q: export %s again", ErrDamaged, path, a.Name, m.Name)
			}
		}
	}
	return nil
}

// verifyArrays hashes the files of arrays.
func (m *Manifest) verifyArrays() error {
	for _, p := range m.pipelines() {
		path := m.ArraysPath(p)
		if path == "" {
			continue
		}
		sum, err := filehash.Sum(path)
		if err != nil {
			return fmt.Errorf("%w: %w: export %s again", ErrDamaged, err, m.Name)
		}
		if sum != p.SHA256 {
			return fmt.Errorf("%w: %s changed since the export: export %s again", ErrDamaged, path, m.Name)
		}
	}
	return nil
}

// VerifyFiles checks that the files which the graph's own pipelines read are there,
// of the size and time that they had at the export. The error is ErrData, with the
// file.
func (m *Manifest) VerifyFiles() error {
	if m == nil {
		return errNil
	}
	for name, p := range m.pipelines() {
		for _, f := range p.Files {
			if err := f.Verify(); err != nil {
				return fmt.Errorf("%w %s, which the %s of %s reads, %w: export %s again, by running its script", ErrData, f.Path, name, m.Name, err, m.Name)
			}
		}
	}
	return nil
}

// Verify says what has become of the file: it is not one any more, or has another size
// or time. One that is gone is an fs.ErrNotExist.
func (f File) Verify() error {
	info, err := os.Stat(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return missing("is missing")
	}
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	modified, err := time.Parse(time.RFC3339Nano, f.Modified)
	if err != nil || !info.Mode().IsRegular() || info.Size() != f.Bytes || !info.ModTime().Equal(modified) {
		return fmt.Errorf("has changed since the export (%d bytes of %s then, %d of %s now)", f.Bytes, f.Modified, info.Size(), info.ModTime().UTC().Format(time.RFC3339Nano))
	}
	return nil
}
