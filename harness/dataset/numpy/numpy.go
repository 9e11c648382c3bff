// Package numpy reads arrays that NumPy wrote: .npz archives and .npy files. What
// is in a file as it is gets mapped, so it takes memory only while it is used.
package numpy

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// Format reads one .npz archive, or NAME=FILE.npy for each input and target.
var Format dataset.Format = format{}

type format struct{}

// Name implements dataset.Format.
func (format) Name() string { return "NumPy arrays" }

// Endings implements dataset.Format.
func (format) Endings() []string { return []string{".npz", ".npy"} }

// Takes implements dataset.Format.
func (f format) Takes(source string) bool { return dataset.HasEnding(source, f.Endings()) }

// Holds implements dataset.Format. The first member of an archive is an array.
func (format) Holds(head []byte) bool {
	const nameSize, name = 26, 30 // where they are in the header of a member
	if !bytes.HasPrefix(head, []byte("PK\x03\x04")) || len(head) < name {
		return false
	}
	end := name + int(binary.LittleEndian.Uint16(head[nameSize:]))
	return end <= len(head) && bytes.HasSuffix(head[name:end], []byte(".npy"))
}

// Fields implements dataset.Format.
func (format) Fields(_ *dataset.Builder, _ dataset.Request, paths []string) ([]dataset.Field, error) {
	arrays := make(map[string]bool)
	for _, path := range paths {
		if name, _, named := dataset.SplitSource(path); named {
			arrays[name] = true
			continue
		}
		z, err := zip.OpenReader(path)
		if err != nil {
			return nil, notArchive(path, err)
		}
		defer z.Close()
		for _, name := range names(&z.Reader) {
			arrays[name] = true
		}
	}
	var out []dataset.Field
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		if base, is := strings.CutSuffix(name, lengthsSuffix); !is || !arrays[base] {
			out = append(out, dataset.Field{Name: name})
		}
	}
	return out, nil
}

// Read implements dataset.Format.
func (format) Read(b *dataset.Builder, q dataset.Request, paths []string) error {
	arrays := make(map[string]string)
	for _, t := range q.Tensors {
		arrays[t.Name] = t.Name
		if name, ok := q.Columns[t.Name]; ok {
			arrays[t.Name] = name
		}
	}
	return read(b, paths, arrays)
}

// Read opens the arrays that feed a graph. sources is one .npz file, or one
// NAME=FILE.npy for each input and target; arrays maps an input's name to the name
// of its array in an .npz. Up to 256 MiB are unpacked into memory, and what exceeds
// that into a scratch file in the user's cache folder. The caller closes the set.
// Errors are dataset.ErrUnreadable and dataset.ErrUnfit.
func Read(sources []string, arrays map[string]string) (*dataset.Set, error) {
	b := dataset.NewBuilder(context.Background(), strings.Join(sources, ", "), 0)
	if err := read(b, sources, arrays); err != nil {
		_ = b.Close() // the set is of no use
		return nil, err
	}
	return b.Set(), nil
}

func read(b *dataset.Builder, sources []string, arrays map[string]string) error {
	if len(sources) == 0 && len(arrays) == 0 {
		return dataset.Errorf(dataset.ErrUnreadable, nil, "no file was named")
	}
	if len(sources) == 1 {
		if _, path, named := dataset.SplitSource(sources[0]); !named {
			if dataset.HasEnding(path, []string{".npy"}) {
				return dataset.Errorf(dataset.ErrUnreadable, []error{dataset.ErrArray},
					"%s holds one array: name the input or target that each file feeds, as in x=%s and y=LABELS.npy", path, path)
			}
			return readArchive(b, path, arrays)
		}
	}
	for _, source := range sources {
		if err := readNamed(b, source, arrays); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		if !b.Has(name) {
			return dataset.Errorf(dataset.ErrUnfit, []error{dataset.ErrArray}, "no %s=FILE.npy was given", name)
		}
	}
	return nil
}

// readNamed adds the column of one NAME=FILE.npy.
func readNamed(b *dataset.Builder, source string, arrays map[string]string) error {
	name, path, named := dataset.SplitSource(source)
	if !named {
		return dataset.Errorf(dataset.ErrUnreadable, []error{dataset.ErrArray}, "of several sources each is NAME=FILE.npy, which %q is not", source)
	}
	if _, wanted := arrays[name]; !wanted || b.Has(name) {
		return dataset.Errorf(dataset.ErrUnfit, []error{dataset.ErrArray}, "the graph has no input or target %q left to feed", name)
	}
	f, info, err := b.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	body := &dataset.Body{Reader: f, Path: path}
	if info.Mode().IsRegular() {
		body.File, body.End = f, info.Size()
	}
	c, err := readArray(b, path, body)
	if err != nil {
		return err
	}
	return b.Add(name, c)
}

// readArray reads one .npy stream. The first dimension counts the examples.
func readArray(b *dataset.Builder, where string, body *dataset.Body) (dataset.Column, error) {
	none := dataset.Column{}
	h, size, err := readHeader(body)
	if err != nil {
		return none, fmt.Errorf("%w: %s: %w", dataset.ErrUnreadable, where, err)
	}
	body.Offset += size
	d, text := numberTypes[h.descr], stringType(h.descr)
	elements := graph.Count(h.shape)
	switch {
	case d == "" && text.size == 0:
		return none, fmt.Errorf("%w: %s has type %q: convert it with .astype() to a plain little-endian number type", dataset.ErrUnreadable, where, h.descr)
	case h.fortran && len(h.shape) > 1:
		return none, fmt.Errorf("%w: %s is in Fortran order: save it with numpy.ascontiguousarray()", dataset.ErrUnreadable, where)
	case len(h.shape) == 0:
		return none, fmt.Errorf("%w: %s is a single value, not an array of examples", dataset.ErrUnreadable, where)
	case elements < 0 || elements > dataset.MaxBytes/max(d.Size(), text.size, 1):
		return none, fmt.Errorf("%w: %s claims the shape %v", dataset.ErrUnreadable, where, h.shape)
	case text.size > 0:
		return readStrings(b, where, body, text, h.shape)
	}
	c, err := b.Hold(d, h.shape[1:], h.shape[0], body)
	if err != nil {
		return none, fmt.Errorf("%w: %s: %w", dataset.ErrUnreadable, where, err)
	}
	return c, nil
}

// lengthsSuffix ends the name of the array that cuts another into sequences.
const lengthsSuffix = ".lengths"

// archive is an open .npz file.
type archive struct {
	*zip.Reader
	f    *os.File
	path string
}

// readArchive adds the columns of an .npz file.
func readArchive(b *dataset.Builder, path string, arrays map[string]string) error {
	f, info, err := b.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return notArchive(path, err)
	}
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		c, err := readColumn(b, &archive{z, f, path}, arrays[name])
		if err != nil {
			if err := b.Refuse(name, err); err != nil {
				return err
			}
			continue
		}
		if err := b.Add(name, c); err != nil {
			return err
		}
	}
	return nil
}

func notArchive(path string, err error) error {
	if errors.Is(err, zip.ErrFormat) {
		return fmt.Errorf("%w: %s is not an .npz file, or is cut short", dataset.ErrUnreadable, path)
	}
	return fmt.Errorf("%w: %w", dataset.ErrUnreadable, err)
}

// readColumn reads the array called name and, beside it, name.lengths if there is
// one.
func readColumn(b *dataset.Builder, z *archive, name string) (dataset.Column, error) {
	c, found, err := readMember(b, z, name)
	if err != nil {
		return c, err
	}
	if !found {
		holds := strings.Join(names(z.Reader), ", ")
		if holds == "" {
			holds = "nothing"
		}
		return c, dataset.Errorf(dataset.ErrUnfit, []error{dataset.ErrColumn}, "%s has no array %q; it holds %s", z.path, name, holds)
	}
	lengths, found, err := readMember(b, z, name+lengthsSuffix)
	if err != nil || !found {
		return c, err
	}
	var all []int
	if lost := b.Guard(func() { all, err = lengthsOf(&lengths, c.Examples()) }); lost != nil {
		return c, lost
	}
	if err != nil {
		return c, fmt.Errorf("%w: %s: %s%s %w", dataset.ErrUnreadable, z.path, name, lengthsSuffix, err)
	}
	return dataset.Ragged(c, all), nil
}

// lengthsOf reads the lengths of the sequences that rows are cut into.
func lengthsOf(c *dataset.Column, rows int) ([]int, error) {
	if c.DType() != graph.Int64 || len(c.Shape()) != 0 {
		return nil, errors.New("is not a vector of int64")
	}
	out, left := make([]int, c.Examples()), rows
	for i := range out {
		v := graph.Int64.Elements().Int(c.Rows(i, i+1), 0)
		if v < 1 || v > int64(left) {
			return nil, fmt.Errorf("has the length %d at example %d, with %d rows left", v, i, left)
		}
		out[i] = int(v)
		left -= int(v)
	}
	if left > 0 {
		return nil, fmt.Errorf("adds up to %d, the array has %d rows", rows-left, rows)
	}
	return out, nil
}

// names lists the arrays of an archive.
func names(z *zip.Reader) []string {
	var out []string
	for _, m := range z.File {
		out = append(out, strings.TrimSuffix(m.Name, ".npy"))
	}
	return out
}

// readMember reads one array, if there is one of that name. NumPy ends the names in
// an archive in .npy, others do not.
func readMember(b *dataset.Builder, z *archive, name string) (c dataset.Column, found bool, err error) {
	i := slices.IndexFunc(z.File, func(m *zip.File) bool { return m.Name == name+".npy" })
	if i < 0 {
		i = slices.IndexFunc(z.File, func(m *zip.File) bool { return m.Name == name })
	}
	if i < 0 {
		return c, false, nil
	}
	m, where := z.File[i], z.path+" ("+name+")"
	r, err := m.Open()
	if err != nil {
		return c, true, fmt.Errorf("%w: %s: %w", dataset.ErrUnreadable, where, err)
	}
	defer r.Close()
	body := &dataset.Body{Reader: r, Path: z.path, Verify: true}
	if m.Method == zip.Store {
		if body.Offset, err = m.DataOffset(); err != nil {
			return c, true, fmt.Errorf("%w: %s: %w", dataset.ErrUnreadable, where, err)
		}
		body.File = z.f
	}
	c, err = readArray(b, where, body)
	return c, true, err
}
