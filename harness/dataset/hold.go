package dataset

import (
	"epochtime/harness/graph"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// npyStream is an .npy array that is read from its start.
type npyStream struct {
	io.Reader
	where  string   // for messages
	file   *file    // that it comes from
	in     *os.File // in which its bytes lie as they are; nil if they do not
	offset int64    // of what comes next, in that file
	end    int64    // of the stream, in that file; unknown with a sum
	sum    bool     // reading to the end compares a checksum
}

// hold makes the next n bytes of a stream, whose header has been read, the
// column's data: mapped where they lie, if they are aligned, otherwise unpacked.
func (r *reader) hold(c *Column, s *npyStream, body io.Reader, n int) error {
	var err error
	switch {
	case mappable && n > 0 && s.in != nil && s.offset%int64(c.dtype.Size()) == 0:
		have := s.end - s.offset
		if s.sum {
			have, err = io.Copy(io.Discard, body)
		}
		if have < int64(n) {
			return short(have, n)
		}
		if err != nil {
			return err
		}
		return r.mapped(c, s.in, s, s.offset, n)
	case n <= r.room || !mappable:
		r.room -= n
		c.data, err = readBody(body, n)
		return err
	}
	f, err := newScratch()
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unpack(f, body, n); err != nil {
		return err
	}
	return r.mapped(c, f, s, 0, n)
}

// mapped makes n mapped bytes of f the column's data.
func (r *reader) mapped(c *Column, f *os.File, s *npyStream, offset int64, n int) error {
	m, data, err := newMapping(f, s.file, offset, n)
	if err != nil {
		return err
	}
	r.set.mappings = append(r.set.mappings, m)
	c.data, c.mapped = data, m
	return nil
}

// short is the error of an array with fewer bytes than its header says.
func short(have int64, n int) error {
	return fmt.Errorf("it is cut short: %d bytes of its %d are there", max(0, have), n)
}

// readBody reads n bytes. It grows as data comes, so that a header which claims
// more than the file holds costs no memory.
func readBody(r io.Reader, n int) ([]byte, error) {
	const chunk = 64 << 20
	data := graph.Allocate(min(n, chunk))
	for filled := 0; filled < n; {
		if filled == len(data) {
			grown := graph.Allocate(min(n, 2*len(data)))
			copy(grown, data)
			data = grown
		}
		k, err := io.ReadFull(r, data[filled:])
		filled += k
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, short(int64(filled), n)
		}
		if err != nil {
			return nil, err
		}
	}
	return data, drain(r)
}

// drain reads to the end, which lets an archive compare its checksum.
func drain(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

// newScratch makes a file without a name, whose room is free again once it is
// neither open nor mapped. The cache folder comes first: the temporary one is
// often memory.
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
		return short(have, n)
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
