package dataset

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/sbinet/npyio/npy"
	"github.com/sbinet/npyio/npz"

	"epochtime/harness/graph"
)

// maxHeader is far above any real .npy header; it keeps a damaged length from
// being allocated.
const maxHeader = 1 << 20

// numpyTypes maps NumPy's little-endian type codes to ours.
var numpyTypes = map[string]graph.DType{
	"<f2": graph.Float16, "<f4": graph.Float32, "<f8": graph.Float64,
	"|i1": graph.Int8, "<i2": graph.Int16, "<i4": graph.Int32, "<i8": graph.Int64,
	"|u1": graph.Uint8, "<u2": graph.Uint16, "<u4": graph.Uint32, "<u8": graph.Uint64,
	"|b1": graph.Bool,
}

// Read reads the arrays that feed a graph. sources is one .npz file, or one
// NAME=FILE.npy for each input and target; arrays maps an input's name to the
// name of its array in an .npz.
func Read(sources []string, arrays map[string]string) (*Set, error) {
	if len(sources) == 1 && !strings.Contains(sources[0], "=") {
		if strings.HasSuffix(sources[0], ".npy") {
			return nil, fmt.Errorf("%w: %s holds one array: name each one, as in --data x=%s --data y=LABELS.npy",
				ErrUnreadable, sources[0], sources[0])
		}
		return readArchive(sources[0], arrays)
	}
	return readArrays(sources, arrays)
}

func readArchive(path string, arrays map[string]string) (*Set, error) {
	r, err := npz.Open(path)
	if errors.Is(err, zip.ErrFormat) {
		return nil, fmt.Errorf("%w: %s is not an .npz file, or is cut short", ErrUnreadable, path)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	defer r.Close()

	s := &Set{Source: path}
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		a, err := archiveColumn(r, path, arrays[name])
		if err != nil {
			return nil, err
		}
		if err := s.add(name, a); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// archiveColumn reads the array called name and, beside it, name.lengths if
// there is one.
func archiveColumn(r *npz.Reader, path, name string) (*array, error) {
	a, err := archiveArray(r, path, name)
	if err != nil {
		return nil, err
	}
	if a == nil {
		have := "nothing"
		if keys := r.Keys(); len(keys) > 0 {
			have = strings.ReplaceAll(strings.Join(keys, ", "), ".npy", "")
		}
		return nil, fmt.Errorf("%w: %s has no array %q; it holds %s", ErrUnfit, path, name, have)
	}
	lengths, err := archiveArray(r, path, name+".lengths")
	if err != nil || lengths == nil {
		return a, err
	}
	if err := a.split(lengths); err != nil {
		return nil, fmt.Errorf("%w: %s: %s.lengths %w", ErrUnreadable, path, name, err)
	}
	return a, nil
}

// archiveArray reads one array; nil if there is none of that name. NumPy ends
// the names in the archive in .npy, others do not.
func archiveArray(r *npz.Reader, path, name string) (*array, error) {
	for _, key := range []string{name + ".npy", name} {
		if !slices.Contains(r.Keys(), key) {
			continue
		}
		f, err := r.Open(key)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrUnreadable, path, err)
		}
		defer f.Close()
		return readArray(f, path+" ("+name+")")
	}
	return nil, nil
}

func readArrays(sources []string, arrays map[string]string) (*Set, error) {
	s := &Set{Source: strings.Join(sources, ", ")}
	for _, source := range sources {
		name, path, ok := strings.Cut(source, "=")
		if !ok {
			return nil, fmt.Errorf("%w: with several --data each is NAME=FILE.npy, which %q is not", ErrUnreadable, source)
		}
		if _, wanted := arrays[name]; !wanted || s.Column(name) != nil {
			return nil, fmt.Errorf("%w: the graph has no input or target %q left to feed", ErrUnfit, name)
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
		a, err := readArray(f, path)
		f.Close()
		if err != nil {
			return nil, err
		}
		if err := s.add(name, a); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		if s.Column(name) == nil {
			return nil, fmt.Errorf("%w: no --data %s=FILE.npy was given", ErrUnfit, name)
		}
	}
	return s, nil
}

// array is a column and the number of examples it holds.
type array struct {
	Column
	examples int
}

// add appends a column. All columns hold the same number of examples.
func (s *Set) add(name string, a *array) error {
	a.Name = name
	if len(s.Columns) > 0 && a.examples != s.Examples {
		return fmt.Errorf("%w: %s holds %d examples of %s but %d of %s",
			ErrUnfit, s.Source, a.examples, name, s.Examples, s.Columns[0].Name)
	}
	s.Examples = a.examples
	s.Columns = append(s.Columns, a.Column)
	return nil
}

// readArray reads one .npy stream. The first dimension counts the examples.
func readArray(r io.Reader, where string) (*array, error) {
	h, body, err := readHeader(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnreadable, where, err)
	}
	shape, d := h.Descr.Shape, numpyTypes[h.Descr.Type]
	switch {
	case d == "":
		return nil, fmt.Errorf("%w: %s has type %q: convert it with .astype() to a plain little-endian number type", ErrUnreadable, where, h.Descr.Type)
	case h.Descr.Fortran && len(shape) > 1:
		return nil, fmt.Errorf("%w: %s is in Fortran order: save it with numpy.ascontiguousarray()", ErrUnreadable, where)
	case len(shape) == 0:
		return nil, fmt.Errorf("%w: %s is a single value, not an array of examples", ErrUnreadable, where)
	case elements(shape) < 0 || elements(shape) > maxBytes/d.Size():
		return nil, fmt.Errorf("%w: %s claims the shape %v", ErrUnreadable, where, shape)
	}
	data, err := readBody(body, elements(shape)*d.Size())
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnreadable, where, err)
	}
	return &array{Column{DType: d, Shape: shape[1:], Data: data}, shape[0]}, nil
}

var errHeader = errors.New("its header cannot be read")

// readHeader contains the panics that the library has for a damaged header.
func readHeader(r io.Reader) (h npy.Header, body io.Reader, err error) {
	defer func() {
		if recover() != nil {
			err = errHeader
		}
	}()
	br := bufio.NewReader(r)
	lead, err := br.Peek(12)
	if err != nil || string(lead[:6]) != string(npy.Magic[:]) {
		return h, nil, errors.New("it is not an .npy array, or is cut short")
	}
	if lead[6] == 2 && binary.LittleEndian.Uint32(lead[8:]) > maxHeader {
		return h, nil, errHeader
	}
	rd, err := npy.NewReader(br)
	if err != nil {
		return h, nil, fmt.Errorf("%w: %w", errHeader, err)
	}
	return rd.Header, br, nil
}

// readBody reads n bytes. It grows as data comes, so that a header which claims
// more than the file holds costs no memory.
func readBody(r io.Reader, n int) ([]byte, error) {
	const chunk = 64 << 20
	data := allocate(min(n, chunk))
	for filled := 0; filled < n; {
		if filled == len(data) {
			grown := allocate(min(n, 2*len(data)))
			copy(grown, data)
			data = grown
		}
		k, err := io.ReadFull(r, data[filled:])
		filled += k
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("it is cut short: %d bytes of its %d are there", filled, n)
		}
		if err != nil {
			return nil, err
		}
	}
	// Reading to the end lets the archive compare its checksum.
	if _, err := io.Copy(io.Discard, r); err != nil {
		return nil, err
	}
	return data, nil
}

// split cuts an array of rows into sequences of the given lengths.
func (a *array) split(lengths *array) error {
	if lengths.DType != graph.Int64 || len(lengths.Shape) != 0 {
		return errors.New("is not a vector of int64")
	}
	rows := a.examples
	a.examples = lengths.examples
	a.Offsets = make([]int, a.examples+1)
	for i := range a.examples {
		v := int64(binary.LittleEndian.Uint64(lengths.Data[8*i:]))
		if v < 1 || v > int64(rows-a.Offsets[i]) {
			return fmt.Errorf("has the length %d at example %d, with %d rows left", v, i, rows-a.Offsets[i])
		}
		a.Offsets[i+1] = a.Offsets[i] + int(v)
	}
	if a.Offsets[a.examples] != rows {
		return fmt.Errorf("adds up to %d, the array has %d rows", a.Offsets[a.examples], rows)
	}
	return nil
}
