// Package arrow reads Arrow's IPC files, which Feather files of version 2 are, and IPC
// streams, as Hugging Face's datasets are saved.
package arrow

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/columnar"
)

// Format reads IPC files and streams.
var Format = dataset.Tables{
	Called: "Arrow", Files: []string{".arrow", ".feather", ".ipc"},
	Begins: begins,
	Open:   func(b *dataset.Builder, _ dataset.Request, path string) (dataset.Table, error) { return open(b, path) },
}

// How files begin: an IPC file, and a stream.
var (
	fileMagic   = []byte("ARROW1")
	streamMagic = []byte{0xff, 0xff, 0xff, 0xff}
)

// maxSchema is the largest schema that a stream is recognised by.
const maxSchema = 1 << 24

func begins(head []byte) bool {
	switch {
	case bytes.HasPrefix(head, fileMagic):
		return true
	case bytes.HasPrefix(head, streamMagic):
		return schemaFollows(head[len(streamMagic):])
	}
	return schemaFollows(head) // as before Arrow 0.15
}

// schemaFollows reports whether the message of a schema begins, its size first.
func schemaFollows(head []byte) (is bool) {
	if len(head) < 64 {
		return false
	}
	size := binary.LittleEndian.Uint32(head)
	if size < 8 || size > maxSchema || size%4 != 0 {
		return false
	}
	defer func() {
		if recover() != nil {
			is = false // it is no message
		}
	}()
	m := ipc.NewMessage(memory.NewBufferBytes(head[4:]), memory.NewBufferBytes(nil))
	return m.Type() == ipc.MessageSchema && m.Version() >= ipc.MetadataV4
}

// file is an open file. Each of its record batches is a chunk.
type file struct {
	*source
	columns []column
	bound   []binding // by sink, then by field
	sinks   int
	row     int64 // that the next batch begins with
}

// binding is a column of the file that feeds a field of a sink.
type binding struct {
	column
	sink  *dataset.Sink
	part  int
	field int
}

func open(b *dataset.Builder, path string) (_ *file, err error) {
	defer columnar.Contain(&err, func(cause error) error { return columnar.Damaged(path, "", cause) })
	from, err := openSource(b, path)
	if err != nil {
		return nil, err
	}
	return &file{source: from, columns: columnsOf(from.read)}, nil
}

// Fields implements dataset.Table.
func (f *file) Fields() ([]dataset.Field, error) {
	var fields []dataset.Field
	for _, c := range f.columns {
		fields = append(fields, c.Field)
	}
	return fields, nil
}

// Bind implements dataset.Table.
func (f *file) Bind(sinks []*dataset.Sink) error {
	byName, err := columnar.ByName(f.path, f.columns, func(c column) string { return c.Name })
	if err != nil {
		return err
	}
	f.sinks = len(sinks)
	for i, w := range sinks {
		for k, name := range w.Fields() {
			c, ok := byName[name]
			if err := columnar.Feeds(f.path, name, c.Field, ok, w); err != nil {
				return err
			}
			f.bound = append(f.bound, binding{column: c, sink: w, part: i, field: k})
		}
	}
	return nil
}

// Next implements dataset.Table.
func (f *file) Next() (_ dataset.Chunk, err error) {
	defer columnar.Contain(&err, f.damaged)
	rows, load, err := f.source.next()
	if err != nil {
		return nil, err
	}
	if rows > f.most {
		return nil, f.damaged(fmt.Errorf("it claims %d rows", rows))
	}
	c := &chunk{file: f, rows: rows, first: f.row, load: load}
	f.row += rows
	return c, nil
}
