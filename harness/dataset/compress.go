package dataset

import (
	"bufio"
	"compress/bzip2"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// HeadBytes is how much of a file's start tells its format.
const HeadBytes = 4 << 10

// compressions are what files are compressed by: how they begin, and what opens them.
var compressions = []struct {
	begins string
	open   func(io.Reader) (io.ReadCloser, error)
}{
	{"\x1f\x8b", func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }},
	{"\x28\xb5\x2f\xfd", func(r io.Reader) (io.ReadCloser, error) {
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	}},
	{"\xfd7zXZ\x00", func(r io.Reader) (io.ReadCloser, error) {
		z, err := xz.NewReader(r)
		return io.NopCloser(z), err
	}},
	{"BZh?1AY&SY", func(r io.Reader) (io.ReadCloser, error) { return io.NopCloser(bzip2.NewReader(r)), nil }},
	// zlib, without the forms that text could begin with
	{"\x78\x01", zlib.NewReader},
	{"\x78\x9c", zlib.NewReader},
	{"\x78\xda", zlib.NewReader},
}

// Decompress returns what r holds: decompressed, if it is compressed by gzip, zstd,
// xz, bzip2 or zlib, which its first bytes tell, and otherwise as it is.
func Decompress(r io.Reader) (io.ReadCloser, error) {
	if r == nil {
		return nil, fmt.Errorf("%w: there is nothing to decompress", ErrUnreadable)
	}
	in := bufio.NewReaderSize(r, 1<<18)
	out, err := decompress(in)
	if out == nil && err == nil {
		out = io.NopCloser(in)
	}
	return out, err
}

// decompress returns what in holds decompressed, or nil if it is not compressed.
func decompress(in *bufio.Reader) (io.ReadCloser, error) {
	head, err := in.Peek(10)
	if err != nil && len(head) == 0 && err != io.EOF {
		return nil, err
	}
	for _, c := range compressions {
		if matches(head, c.begins) {
			return c.open(in)
		}
	}
	return nil, nil
}

// matches reports whether b begins as begins says, in which ? is any byte.
func matches(b []byte, begins string) bool {
	if len(b) < len(begins) {
		return false
	}
	for i := range len(begins) {
		if begins[i] != '?' && b[i] != begins[i] {
			return false
		}
	}
	return true
}
