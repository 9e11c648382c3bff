// Package jsonl reads JSON Lines: files of which each line is an object.
package jsonl

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"epochtime/harness/dataset"
)

// Format reads JSON Lines, which may be compressed. A line is an example and its
// keys are columns: numbers, truths, strings, and lists of them; a key b of an object
// a is the column a.b.
var Format = dataset.Tables{
	Called: "JSON Lines", Files: named,
	Begins: begins,
	Open:   func(b *dataset.Builder, _ dataset.Request, path string) (dataset.Table, error) { return open(b, path) },
}

// How names end: those of a plain file may hold lines, and may be one value.
var (
	plain = dataset.Packed(".json")
	named = append(dataset.Packed(".jsonl", ".ndjson"), plain...)
)

// mark is the byte order mark of UTF-8.
var mark = []byte("\xef\xbb\xbf")

// blanks are what may stand between the parts of a value.
const blanks = " \t\r\n"

// begins reports whether a file that begins with head can be of objects, or one list
// of objects or lists, which is refused with what to do.
func begins(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, mark), blanks)
	if len(head) == 0 {
		return false
	}
	next := bytes.TrimLeft(head[1:], blanks)
	return head[0] == '{' && bytes.HasPrefix(next, []byte{'"'}) || head[0] == '[' && len(next) > 0 && (next[0] == '{' || next[0] == '[')
}

// file is an open file whose first lines have been read.
type file struct {
	*dataset.Cutter
	path    string
	head    *lines // nil if there are none, and once Next has returned them
	line    int    // of what comes next
	whole   bool   // no lines come after those that were cut
	binding *binding
}

func open(b *dataset.Builder, path string) (*file, error) {
	f := &file{path: path, line: 1}
	var err error
	if f.Cutter, err = b.OpenCutter(path, f.cut); err != nil {
		return nil, err
	}
	if f.head, err = f.lines(); err == nil {
		err = f.head.start(f.whole)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		f.Close()
		return nil, err
	}
	return f, nil
}

// cut finds where the last whole line ends.
func (f *file) cut(data []byte, last bool) (end, need int, err error) {
	f.whole = last
	switch end = bytes.LastIndexByte(data, '\n') + 1; {
	case last:
		return len(data), 0, nil
	case end == 0 && len(data) >= dataset.MaxRecord:
		return 0, 0, fmt.Errorf("%w: %s line %d is longer than %d bytes", dataset.ErrUnreadable, f.path, f.line, dataset.MaxRecord)
	}
	return end, 2 * len(data), nil
}

// lines returns the next lines, or io.EOF.
func (f *file) lines() (*lines, error) {
	data, err := f.Cutter.Next()
	if err != nil {
		return nil, err
	}
	l := &lines{f.path, data, f.line, f.Ahead(data)}
	f.line += bytes.Count(data, []byte{'\n'})
	return l, nil
}

// Fields implements dataset.Table. It lists what the first lines hold, about
// dataset.ChunkBytes of them.
func (f *file) Fields() ([]dataset.Field, error) {
	var s survey
	if f.head != nil {
		if err := s.read(f.head); err != nil {
			return nil, err
		}
	}
	if s.lines == 0 {
		return nil, fmt.Errorf("%w: %s holds no examples", dataset.ErrUnfit, f.path)
	}
	return s.fields(), nil
}

// Bind implements dataset.Table.
func (f *file) Bind(sinks []*dataset.Sink) error {
	f.binding = bind(f.path, sinks)
	if f.head == nil {
		return nil
	}
	return f.binding.look(f.head)
}

// Next implements dataset.Table.
func (f *file) Next() (dataset.Chunk, error) {
	next := f.head
	f.head = nil
	if next == nil {
		var err error
		if next, err = f.lines(); err != nil {
			return nil, err
		}
	}
	return &chunk{next, f.binding}, nil
}

// chunk is some lines that are decoded.
type chunk struct {
	lines   *lines
	binding *binding
}

// Decode implements dataset.Chunk.
func (c *chunk) Decode() ([]*dataset.Part, error) {
	defer dataset.Recycle(c.lines.data)
	d := c.binding.decoder()
	if err := c.lines.each(d.line); err != nil {
		return nil, err
	}
	return d.parts(c.lines.ahead), nil
}
