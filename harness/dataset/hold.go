package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"epochtime/harness/graph"
)

// Body is where the bytes of a column come from.
type Body struct {
	io.Reader        // the bytes, from the first on
	Path      string // of the file, for messages

	// File is where the bytes are as they are, from Offset on up to End; nil if
	// they are not, as in a compressed file. With Verify, End is unknown: the reader
	// counts the bytes and compares a checksum at its end.
	File        *os.File
	Offset, End int64
	Verify      bool

	BigEndian bool // the first byte of a number is the highest
	Fortran   bool // the first index counts fastest
}

// OpenBody opens a file whose bytes are those of a body, decompressed if it is
// compressed. head is how it begins, at most HeadBytes. The caller closes the closer.
func (b *Builder) OpenBody(path string) (body *Body, head []byte, closer io.Closer, err error) {
	f, info, err := b.Open(path)
	if err != nil {
		return nil, nil, nil, err
	}
	raw := bufio.NewReaderSize(f, 1<<18)
	unpacked, err := decompress(raw)
	if err != nil {
		return nil, nil, nil, errors.Join(ReadError(path, err), f.Close())
	}
	body, closer = &Body{Reader: raw, Path: path}, f
	switch {
	case unpacked != nil:
		raw, closer = bufio.NewReaderSize(unpacked, 1<<18), decompressed{unpacked, f}
		body.Reader = raw
	case info.Mode().IsRegular():
		body.File, body.End = f, info.Size()
	}
	head, err = raw.Peek(HeadBytes)
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, nil, nil, errors.Join(ReadError(path, err), closer.Close())
	}
	return body, head, closer, nil
}

// Hold makes a column of examples of that type and shape, whose bytes come next:
// mapped where they are, if they are there as a column holds them and aligned,
// otherwise read into memory or a scratch file. It returns an error without a class.
func (b *Builder) Hold(d graph.DType, shape []int, examples int, body *Body) (Column, error) {
	c := Column{dtype: d, shape: slices.Clone(shape), examples: examples}
	whole := append([]int{examples}, shape...)
	n := graph.Count(whole)
	if b == nil || body == nil || body.Reader == nil || n < 0 || d.Size() == 0 || n > MaxBytes/d.Size() {
		return c, fmt.Errorf("%d examples of %s %v cannot be read", examples, d, shape)
	}
	known := 0 // bytes that are there
	if body.File != nil {
		known = int(body.End - body.Offset)
	}
	body, done, err := b.plain(body, d.Size(), whole)
	if err != nil {
		return c, err
	}
	defer done()
	n *= d.Size()
	r := b.Reader(body.Reader)
	switch {
	case mappable && n > 0 && body.File != nil && body.Offset >= 0 && body.Offset%int64(d.Size()) == 0:
		if err := body.whole(r, n); err != nil {
			return c, err
		}
		return c, b.mapped(&c, body.File, body.Path, body.Offset, n)
	case n <= b.room || !mappable:
		data, err := readBody(r, n, known)
		if err == nil {
			b.room -= n
		}
		c.data = data
		return c, err
	}
	f, err := newScratch()
	if err != nil {
		return c, err
	}
	defer f.Close()
	if err := unpack(f, r, n); err != nil {
		return c, err
	}
	return c, b.mapped(&c, f, body.Path, 0, n)
}

// whole returns an error unless the body's n bytes are in its file.
func (body *Body) whole(r io.Reader, n int) error {
	have, err := body.End-body.Offset, error(nil)
	if body.Verify {
		have, err = io.Copy(io.Discard, r)
	}
	if have < int64(n) && (err == nil || errors.Is(err, io.ErrUnexpectedEOF)) {
		return tooShort(have, n)
	}
	return err
}

// mapped makes n mapped bytes of f the column's data.
func (b *Builder) mapped(c *Column, f *os.File, path string, offset int64, n int) error {
	m, data, err := newMapping(f, path, offset, n)
	if err != nil {
		return err
	}
	s := b.building()
	s.mappings = append(s.mappings, m)
	c.data, c.mapped = data, m
	return nil
}

// tooShort is the error of an array with fewer bytes than its header claims.
func tooShort(have int64, n int) error {
	return fmt.Errorf("it is cut short: %d bytes of its %d are there", max(0, have), n)
}

// readBody reads n bytes. It grows as data comes beyond those that are known to be
// there, so that a header which claims more than the file holds costs no memory.
func readBody(r io.Reader, n, known int) ([]byte, error) {
	const chunk = 64 << 20
	data := graph.Allocate(min(n, max(known, chunk)))
	for filled := 0; filled < n; {
		if filled == len(data) {
			grown := graph.Allocate(min(n, 2*len(data)))
			copy(grown, data)
			data = grown
		}
		k, err := io.ReadFull(r, data[filled:])
		filled += k
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, tooShort(int64(filled), n)
		}
		if err != nil {
			return nil, err
		}
	}
	return data, drain(r)
}

// drain reads to the end, where an archive compares its checksum.
func drain(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

// newScratch makes a file without a name, whose room is free again once it is
// neither open nor mapped. The cache folder comes first, because the temporary
// one is often memory.
func newScratch() (*os.File, error) {
	dirs := []string{os.TempDir()}
	if cache, err := os.UserCacheDir(); err == nil {
		own := filepath.Join(cache, "epochtime")
		if os.MkdirAll(own, 0o755) == nil {
			dirs = []string{own, os.TempDir()}
		}
	}
	var err error
	for _, dir := range dirs {
		var f *os.File
		if f, err = os.CreateTemp(dir, "unpacked-*"); err == nil {
			return f, os.Remove(f.Name())
		}
	}
	return nil, fmt.Errorf("no place to unpack it: %w", err)
}

// unpack writes n bytes of r to the scratch file f.
func unpack(f *os.File, r io.Reader, n int) error {
	have, err := io.CopyBuffer(scratch{f}, io.LimitReader(r, int64(n)), make([]byte, 1<<20))
	if have < int64(n) && (err == nil || errors.Is(err, io.ErrUnexpectedEOF)) {
		return tooShort(have, n)
	}
	if err != nil {
		return err
	}
	return drain(r)
}

// scratch says where there was no room.
type scratch struct{ f *os.File }

func (s scratch) Write(b []byte) (int, error) {
	n, err := s.f.Write(b)
	if err == nil {
		return n, nil
	}
	var failed *fs.PathError // it would name a file that has no name any more
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return n, fmt.Errorf("unpacking it into %s: %w: make room there, or save each array as an .npy file, which needs no unpacking",
		filepath.Dir(s.f.Name()), err)
}
