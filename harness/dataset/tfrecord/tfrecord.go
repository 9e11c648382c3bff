// Package tfrecord reads TFRecord files of tf.train.Example messages.
package tfrecord

import (
	"errors"
	"fmt"
	"io"

	"epochtime/harness/dataset"
)

// Format reads TFRecord files, which may be compressed. The two checksums of every
// record are compared.
var Format = dataset.Tables{
	Called: "TFRecord", Files: dataset.Packed(".tfrecord", ".tfrecords"),
	Begins: begins,
	Open:   func(b *dataset.Builder, _ dataset.Request, path string) (dataset.Table, error) { return open(b, path) },
}

// file is an open file whose first records have been read.
type file struct {
	reader  *reader
	head    *records // nil if there are none, and once Next has returned them
	binding *binding
}

func open(b *dataset.Builder, path string) (*file, error) {
	r, err := openReader(b, path)
	if err != nil {
		return nil, err
	}
	f := &file{reader: r}
	if f.head, err = r.next(); err != nil && !errors.Is(err, io.EOF) {
		r.Close()
		return nil, err
	}
	return f, nil
}

// Close implements dataset.Table.
func (f *file) Close() error { return f.reader.Close() }

// Fields implements dataset.Table. It lists what the first records hold, about
// dataset.ChunkBytes of them.
func (f *file) Fields() ([]dataset.Field, error) {
	if f.head == nil {
		return nil, fmt.Errorf("%w: %s holds no examples", dataset.ErrUnfit, f.reader.path)
	}
	return f.head.fields()
}

// Bind implements dataset.Table.
func (f *file) Bind(sinks []*dataset.Sink) (err error) {
	f.binding, err = bind(f.reader.path, sinks, f.head)
	return err
}

// Next implements dataset.Table.
func (f *file) Next() (dataset.Chunk, error) {
	records := f.head
	f.head = nil
	if records == nil {
		var err error
		if records, err = f.reader.next(); err != nil {
			return nil, err
		}
	}
	return &chunk{records, f.binding}, nil
}

// chunk is some records that are decoded.
type chunk struct {
	records *records
	binding *binding
}

// Decode implements dataset.Chunk.
func (c *chunk) Decode() ([]*dataset.Part, error) {
	defer dataset.Recycle(c.records.data)
	d := c.binding.decoder()
	if err := c.records.each(d.record); err != nil {
		return nil, err
	}
	return d.parts(c.records.ahead), nil
}
