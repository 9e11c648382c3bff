// Package csv reads CSV and TSV files, whose first line names the columns.
package csv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// Format reads CSV files, and TSV files, which have tabs in place of commas. Both
// may be compressed.
var Format = dataset.Tables{
	Called: "CSV", Files: endings(),
	Open: func(b *dataset.Builder, _ dataset.Request, path string) (dataset.Table, error) { return open(b, path) },
}

// endings are those of plain files, and of compressed ones.
func endings() []string {
	var out []string
	for _, kind := range []string{".csv", ".tsv"} {
		for _, by := range []string{"", ".gz", ".zst", ".bz2", ".xz"} {
			out = append(out, kind+by)
		}
	}
	return out
}

// file is a CSV file whose header has been read.
type file struct {
	path  string
	comma rune
	names []string
	from  io.ReadCloser
	sinks []*sink

	rest []byte // that was read and is not part of a chunk yet
	line int    // of its start
	done bool
}

// open opens a CSV file and reads its header.
func open(b *dataset.Builder, path string) (*file, error) {
	f := &file{path: path, comma: ',', line: 1}
	if strings.Contains(strings.ToLower(filepath.Base(path)), ".tsv") {
		f.comma = '\t'
	}
	var err error
	if f.from, err = b.OpenStream(path); err != nil {
		return nil, err
	}
	if err := f.header(); err != nil {
		f.from.Close()
		return nil, err
	}
	return f, nil
}

// Close implements dataset.Table.
func (f *file) Close() error { return f.from.Close() }

// reader reads records of the file.
func (f *file) reader(data []byte) *csv.Reader {
	rd := csv.NewReader(bytes.NewReader(data))
	rd.Comma = f.comma
	return rd
}

// header reads the first record, which names the columns.
func (f *file) header() error {
	if err := f.fill(dataset.ChunkBytes); err != nil {
		return err
	}
	f.rest = bytes.TrimPrefix(f.rest, []byte("\xef\xbb\xbf")) // a byte order mark
	if len(f.rest) == 0 {
		return fmt.Errorf("%w: %s is empty", dataset.ErrUnreadable, f.path)
	}
	rd := f.reader(f.rest)
	names, err := rd.Read()
	if err != nil {
		return f.wrong(err, f.line)
	}
	for i, name := range names {
		if name == "" || slices.Contains(names[:i], name) {
			return fmt.Errorf("%w: %s line 1: column %d has the name %q: its first line has to name all columns, each once",
				dataset.ErrUnreadable, f.path, i+1, name)
		}
	}
	f.names = names
	used := rd.InputOffset()
	f.line += bytes.Count(f.rest[:used], newline)
	f.rest = f.rest[used:]
	return nil
}

// Fields implements dataset.Table. A column whose first value is no number is
// certainly text.
func (f *file) Fields() ([]dataset.Field, error) {
	record, err := f.reader(f.rest).Read()
	out := make([]dataset.Field, len(f.names))
	for i, name := range f.names {
		out[i].Name = name
		if err == nil && i < len(record) && record[i] != "" {
			_, _, notNumber := dataset.ParseNumber([]byte(record[i]))
			if notNumber != nil {
				out[i].DType = graph.String
			}
		}
	}
	return out, nil
}

// Bind implements dataset.Table.
func (f *file) Bind(sinks []*dataset.Sink) error {
	for _, s := range sinks {
		one := &sink{Sink: s}
		if s.DType() != graph.String {
			one.set = s.Texts()
		}
		for _, name := range s.Fields() {
			at := slices.Index(f.names, name)
			if at < 0 {
				return fmt.Errorf("%w: %s has no column %q, which the files before it have", dataset.ErrUnfit, f.path, name)
			}
			one.at = append(one.at, at)
		}
		f.sinks = append(f.sinks, one)
	}
	return nil
}

// fill reads on until n bytes are there, or the file has ended.
func (f *file) fill(n int) error {
	larger := make([]byte, len(f.rest), max(n, len(f.rest)))
	copy(larger, f.rest)
	f.rest = larger
	for !f.done && len(f.rest) < n {
		k, err := f.from.Read(f.rest[len(f.rest):n])
		f.rest = f.rest[:len(f.rest)+k]
		if errors.Is(err, io.EOF) {
			f.done = true
		} else if err != nil {
			return dataset.ReadError(f.path, err)
		}
	}
	return nil
}

// Next implements dataset.Table. It cuts off the next records, about
// dataset.ChunkBytes of them.
func (f *file) Next() (dataset.Chunk, error) {
	for n := dataset.ChunkBytes; ; n *= 2 {
		if err := f.fill(n); err != nil {
			return nil, err
		}
		end := records(f.rest)
		if f.done {
			end = len(f.rest)
		}
		switch {
		case end > 0:
			c := &chunk{f, f.rest[:end:end], f.line}
			f.rest = f.rest[end:]
			f.line += bytes.Count(c.data, newline)
			return c, nil
		case f.done:
			return nil, io.EOF
		case n >= dataset.MaxRecord:
			return nil, fmt.Errorf("%w: %s line %d: the record that begins there does not end: a quote may be missing",
				dataset.ErrUnreadable, f.path, f.line)
		}
	}
}

var newline, quote = []byte("\n"), []byte{'"'}

// records returns where the last whole record of b ends: at a line's end with an
// even number of quotes before it, so that it is not within quotes.
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
func (f *file) wrong(err error, line int) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("%w: %s: %w", dataset.ErrUnreadable, f.path, err)
	}
	return fmt.Errorf("%w: %s line %d, character %d: %w", dataset.ErrUnreadable, f.path, line+parse.Line-1, parse.Column, parse.Err)
}
