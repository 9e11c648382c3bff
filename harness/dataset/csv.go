package dataset

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
)

const (
	chunkBytes = 1 << 20   // of a stream that one goroutine decodes at a time
	mostBytes  = 256 << 20 // of one record
)

// csvFile is a CSV file whose header has been read.
type csvFile struct {
	path   string
	comma  rune
	names  []string
	from   io.Reader
	closer []io.Closer

	rest []byte // that was read and not cut into chunks yet
	line int    // of its start
	done bool
}

// csvChunk is some whole records.
type csvChunk struct {
	data []byte
	line int // of its first record
}

// stream opens a file that may be compressed.
func (r *reader) stream(path string) (io.Reader, []io.Closer, error) {
	f, _, err := r.file(path)
	if err != nil {
		return nil, nil, err
	}
	if !strings.HasSuffix(strings.ToLower(path), ".gz") {
		return f, []io.Closer{f}, nil
	}
	z, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<18))
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("%w: %s is not compressed by gzip, or is cut short: %w", ErrUnreadable, path, err)
	}
	return z, []io.Closer{z, f}, nil
}

// csv opens a CSV file and reads its header.
func (r *reader) csv(path string) (*csvFile, error) {
	c := &csvFile{path: path, comma: ',', line: 1}
	if strings.HasSuffix(strings.TrimSuffix(strings.ToLower(path), ".gz"), ".tsv") {
		c.comma = '\t'
	}
	var err error
	if c.from, c.closer, err = r.stream(path); err != nil {
		return nil, err
	}
	if err := c.header(); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *csvFile) close() {
	for _, f := range c.closer {
		_ = f.Close() // it was only read
	}
}

// header reads the first record, which names the columns.
func (c *csvFile) header() error {
	if err := c.fill(chunkBytes); err != nil {
		return err
	}
	c.rest = bytes.TrimPrefix(c.rest, []byte("\xef\xbb\xbf")) // a byte order mark
	if len(c.rest) == 0 {
		return fmt.Errorf("%w: %s is empty", ErrUnreadable, c.path)
	}
	rd := csv.NewReader(bytes.NewReader(c.rest))
	rd.Comma = c.comma
	names, err := rd.Read()
	if err != nil {
		return c.wrong(err, c.line)
	}
	for i, name := range names {
		if name == "" || slices.Contains(names[:i], name) {
			return fmt.Errorf("%w: %s line 1: column %d has the name %q: its first line has to name all columns, each once", ErrUnreadable, c.path, i+1, name)
		}
	}
	c.names = names
	used := rd.InputOffset()
	c.line += bytes.Count(c.rest[:used], newline)
	c.rest = c.rest[used:]
	return nil
}

// fill reads on until n bytes are there, or the file has ended.
func (c *csvFile) fill(n int) error {
	larger := make([]byte, len(c.rest), max(n, len(c.rest)))
	copy(larger, c.rest)
	c.rest = larger
	for !c.done && len(c.rest) < n {
		k, err := c.from.Read(c.rest[len(c.rest):n])
		c.rest = c.rest[:len(c.rest)+k]
		if errors.Is(err, io.EOF) {
			c.done = true
		} else if err != nil {
			return cut(c.path, err)
		}
	}
	return nil
}

// cut is the error of a file that does not read to its end.
func cut(path string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %s is cut short", ErrUnreadable, path)
	}
	return fmt.Errorf("%w: %s: %w", ErrUnreadable, path, err)
}

// next cuts off the next records, about chunkBytes of them.
func (c *csvFile) next() (*csvChunk, error) {
	for n := chunkBytes; ; n *= 2 {
		if err := c.fill(n); err != nil {
			return nil, err
		}
		end := records(c.rest)
		if c.done {
			end = len(c.rest)
		}
		switch {
		case end > 0:
			chunk := &csvChunk{c.rest[:end:end], c.line}
			c.rest = c.rest[end:]
			c.line += bytes.Count(chunk.data, newline)
			return chunk, nil
		case c.done:
			return nil, io.EOF
		case n >= mostBytes:
			return nil, fmt.Errorf("%w: %s line %d: the record that begins there does not end: a quote may be missing", ErrUnreadable, c.path, c.line)
		}
	}
}

var newline, quote = []byte("\n"), []byte{'"'}

// records is where the last whole record of b ends: at a line's end that is not
// within quotes, so that has an even number of them before it.
func records(b []byte) int {
	quotes := bytes.Count(b, quote)
	for end := len(b); end > 0; {
		at := bytes.LastIndexByte(b[:end], '\n')
		quotes -= bytes.Count(b[at+1:end], quote)
		if quotes%2 == 0 {
			return at + 1
		}
		end = at
	}
	return 0
}

// wrong is the error of what encoding/csv refuses in a part that begins at line.
func (c *csvFile) wrong(err error, line int) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("%w: %s: %w", ErrUnreadable, c.path, err)
	}
	return fmt.Errorf("%w: %s line %d, character %d: %w", ErrUnreadable, c.path, line+parse.Line-1, parse.Column, parse.Err)
}
