package dataset

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// HeadBytes is how much of a file's start tells its format.
const HeadBytes = 4 << 10

// compressions are what files are compressed by: what it is called, how their names end,
// how they begin, and what opens them.
var compressions = []struct {
	name   string
	ending string // "" where there is none
	begins string
	open   func(io.Reader) (io.ReadCloser, error)
}{
	{"gzip", ".gz", "\x1f\x8b\x08", func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }},
	{"zstd", ".zst", "\x28\xb5\x2f\xfd", func(r io.Reader) (io.ReadCloser, error) {
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	}},
	{"xz", ".xz", "\xfd7zXZ\x00", func(r io.Reader) (io.ReadCloser, error) {
		z, err := xz.NewReader(r)
		return io.NopCloser(z), err
	}},
	{"bzip2", ".bz2", "BZh?1AY&SY", func(r io.Reader) (io.ReadCloser, error) { return io.NopCloser(bzip2.NewReader(r)), nil }},
	// zlib, without the forms that text could begin with
	{"zlib", "", "\x78\x01", zlib.NewReader},
	{"zlib", "", "\x78\x9c", zlib.NewReader},
	{"zlib", "", "\x78\xda", zlib.NewReader},
}

// Packed returns endings of names with those of the same files compressed, as in
// .csv.gz for .csv.
func Packed(endings ...string) []string {
	var out []string
	for _, ending := range endings {
		out = append(out, ending)
		for _, c := range compressions {
			if c.ending != "" {
				out = append(out, ending+c.ending)
			}
		}
	}
	return out
}

// Unpacked returns what a file is called without the ending of its compression, in any
// case.
func Unpacked(name string) string {
	for _, c := range compressions {
		if c.ending != "" && HasEnding(name, []string{c.ending}) {
			return name[:len(name)-len(c.ending)]
		}
	}
	return name
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
	head, err := in.Peek(HeadBytes)
	if err != nil && len(head) == 0 && err != io.EOF {
		return nil, err
	}
	name := Compression(head)
	for _, c := range compressions {
		if c.name == name {
			return c.open(in)
		}
	}
	return nil, nil
}

// Compression returns what a file is compressed by that begins with head, HeadBytes of
// it: gzip, zstd, xz, bzip2, zlib, or "" if it is not.
func Compression(head []byte) string {
	for _, c := range compressions {
		if matches(head, c.begins) && (c.name != "zlib" || inflates(head)) {
			return c.name
		}
	}
	return ""
}

// inflates reports whether zlib compressed what begins with head. Its mark is short: it
// is the length of the first record in many a TFRecord file.
func inflates(head []byte) bool {
	z, err := zlib.NewReader(bytes.NewReader(head))
	if err == nil {
		_, err = io.Copy(io.Discard, z)
	}
	return err == nil || errors.Is(err, io.ErrUnexpectedEOF)
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

// ReadError is the error of a file that does not read to its end.
func ReadError(path string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %s is cut short", ErrUnreadable, path)
	}
	for _, damage := range []error{gzip.ErrChecksum, gzip.ErrHeader, zlib.ErrChecksum} {
		if errors.Is(err, damage) {
			return fmt.Errorf("%w: %s is damaged (%w): copy the file again", ErrUnreadable, path, err)
		}
	}
	return fmt.Errorf("%w: %s: %w", ErrUnreadable, path, err)
}
