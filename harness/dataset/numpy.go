package dataset

import (
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

// SplitSource takes NAME=FILE apart. Named is false for the path of an archive,
// which may have a "=" in it if it is there and ends in .npz.
func SplitSource(source string) (name, path string, named bool) {
	name, path, named = strings.Cut(source, "=")
	if !named {
		return "", source, false
	}
	if strings.HasSuffix(source, ".npz") {
		if _, err := os.Stat(source); err == nil {
			return "", source, false
		}
	}
	return name, path, true
}

// Read opens the arrays that feed a graph. sources is one .npz file, or one
// NAME=FILE.npy for each input and target; arrays maps an input's name to the
// name of its array in an .npz. What lies in a file as it is gets mapped, so that
// it takes memory only while it is used; what must be unpacked is read into
// memory up to 256 MiB, beyond that into a scratch file in the user's cache
// folder. Close gives both back. Errors are ErrUnreadable and ErrUnfit.
func Read(sources []string, arrays map[string]string) (*Set, error) {
	return newReader(sources, unpackBytes).read(sources, arrays)
}

// unpackBytes is how much of a set is unpacked into memory.
const unpackBytes = 256 << 20

// reader opens the files of a set.
type reader struct {
	set  *Set
	room int // bytes that may still be unpacked into memory
}

func newReader(sources []string, room int) *reader {
	return &reader{&Set{source: strings.Join(sources, ", ")}, room}
}

func (r *reader) read(sources []string, arrays map[string]string) (*Set, error) {
	err := r.open(sources, arrays)
	if err != nil {
		_ = r.set.Close() // the set is of no use
		return nil, err
	}
	return r.set, nil
}

func (r *reader) open(sources []string, arrays map[string]string) error {
	if len(sources) == 1 {
		if _, path, named := SplitSource(sources[0]); !named {
			if strings.HasSuffix(path, ".npy") {
				return fmt.Errorf("%w: %s holds one array: name each one, as in --data x=%s --data y=LABELS.npy", ErrUnreadable, path, path)
			}
			return r.archive(path, arrays)
		}
	}
	for _, source := range sources {
		if err := r.named(source, arrays); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		if r.set.Column(name) == nil {
			return fmt.Errorf("%w: no --data %s=FILE.npy was given", ErrUnfit, name)
		}
	}
	return nil
}

// named adds the column of one NAME=FILE.npy.
func (r *reader) named(source string, arrays map[string]string) error {
	name, path, named := SplitSource(source)
	if !named {
		return fmt.Errorf("%w: with several --data each is NAME=FILE.npy, which %q is not", ErrUnreadable, source)
	}
	if _, wanted := arrays[name]; !wanted || r.set.Column(name) != nil {
		return fmt.Errorf("%w: the graph has no input or target %q left to feed", ErrUnfit, name)
	}
	f, file, err := r.file(path)
	if err != nil {
		return err
	}
	defer f.Close()
	s := &npyStream{Reader: f, where: path, file: file}
	if file.info.Mode().IsRegular() {
		s.in, s.end = f, file.info.Size()
	}
	a, err := r.array(s)
	if err != nil {
		return err
	}
	return r.set.addArray(name, a)
}

// file opens a file, and remembers what it is.
func (r *reader) file(path string) (*os.File, *file, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	opened := &file{path, info}
	again := slices.ContainsFunc(r.set.files, func(f *file) bool { return f.path == path })
	if info.Mode().IsRegular() && !again {
		r.set.files = append(r.set.files, opened)
	}
	return f, opened, nil
}

// with sets the number of examples of a column.
func with(c Column, n int) *Column {
	c.examples = n
	return &c
}

func (s *Set) addArray(name string, a *Column) error {
	a.name = name
	return s.add(*a)
}

// array reads one .npy stream. The first dimension counts the examples.
func (r *reader) array(s *npyStream) (*Column, error) {
	h, body, err := readHeader(s)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnreadable, s.where, err)
	}
	shape, d := h.Descr.Shape, numpyTypes[h.Descr.Type]
	size, wide, strings := stringType(h.Descr.Type)
	if strings {
		d = graph.String
	}
	switch {
	case d == "":
		return nil, fmt.Errorf("%w: %s has type %q: convert it with .astype() to a plain little-endian number type", ErrUnreadable, s.where, h.Descr.Type)
	case h.Descr.Fortran && len(shape) > 1:
		return nil, fmt.Errorf("%w: %s is in Fortran order: save it with numpy.ascontiguousarray()", ErrUnreadable, s.where)
	case len(shape) == 0:
		return nil, fmt.Errorf("%w: %s is a single value, not an array of examples", ErrUnreadable, s.where)
	case graph.Count(shape) < 0 || graph.Count(shape) > maxBytes/max(d.Size(), size):
		return nil, fmt.Errorf("%w: %s claims the shape %v", ErrUnreadable, s.where, shape)
	}
	a := &Column{dtype: d, shape: shape[1:], examples: shape[0]}
	if strings {
		err = r.unpackStrings(a, body, graph.Count(shape), size, wide)
	} else {
		err = r.hold(a, s, body, graph.Count(shape)*d.Size())
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnreadable, s.where, err)
	}
	return a, nil
}

var errHeader = errors.New("its header cannot be read")

// readHeader contains the panics that the library has for a damaged header. It
// leaves the stream's offset at the end of the header.
func readHeader(s *npyStream) (h npy.Header, body io.Reader, err error) {
	defer func() {
		if recover() != nil {
			err = errHeader
		}
	}()
	br := bufio.NewReader(s)
	lead, err := br.Peek(12)
	if err != nil || string(lead[:6]) != string(npy.Magic[:]) {
		return h, nil, errors.New("it is not an .npy array, or is cut short")
	}
	length := 10 + int64(binary.LittleEndian.Uint16(lead[8:]))
	if lead[6] == 2 {
		length = 12 + int64(binary.LittleEndian.Uint32(lead[8:]))
	}
	if length > maxHeader {
		return h, nil, errHeader
	}
	rd, err := npy.NewReader(br)
	if err != nil {
		return h, nil, fmt.Errorf("%w: %w", errHeader, err)
	}
	s.offset += length
	return rd.Header, br, nil
}

// split cuts an array of rows into sequences of the given lengths.
func (a *Column) split(lengths *Column) error {
	if lengths.dtype != graph.Int64 || len(lengths.shape) != 0 {
		return errors.New("is not a vector of int64")
	}
	rows := a.examples
	a.examples = lengths.examples
	a.offsets = make([]int, a.examples+1)
	for i := range a.examples {
		v := int64(binary.LittleEndian.Uint64(lengths.Rows(i, i+1)))
		if v < 1 || v > int64(rows-a.offsets[i]) {
			return fmt.Errorf("has the length %d at example %d, with %d rows left", v, i, rows-a.offsets[i])
		}
		a.offsets[i+1] = a.offsets[i] + int(v)
	}
	if a.offsets[a.examples] != rows {
		return fmt.Errorf("adds up to %d, the array has %d rows", a.offsets[a.examples], rows)
	}
	return nil
}
