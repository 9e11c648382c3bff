// Package tfrecord reads TFRecord files of tf.train.Example messages.
package tfrecord

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"epochtime/harness/dataset"
)

// Format reads TFRecord files, which may be compressed. The two checksums of every
// record are compared.
var Format = dataset.Tables{
	Called: "TFRecord", Files: []string{".tfrecord", ".tfrecords", ".tfrecord.gz", ".tfrecords.gz"},
	Open: func(b *dataset.Builder, _ dataset.Request, path string) (dataset.Table, error) { return open(b, path) },
}

// file is a TFRecord file: each record is its length, a checksum of that, its
// bytes, and a checksum of them.
type file struct {
	path   string
	from   *bufio.Reader
	closer io.Closer
	count  int // records read so far
	sinks  []*dataset.Sink
}

// chunk is some whole records with what frames them.
type chunk struct {
	*file
	data  []byte
	first int // the number of its first record
	count int
}

const (
	recordHead = 12 // bytes: the length and its checksum
	recordFoot = 4  // bytes: the checksum of the record
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is the checksum that TFRecord stores: CRC-32C, turned and shifted.
func masked(b []byte) uint32 {
	sum := crc32.Checksum(b, castagnoli)
	return (sum>>15 | sum<<17) + 0xa282ead8
}

func open(b *dataset.Builder, path string) (*file, error) {
	from, err := b.OpenStream(path)
	if err != nil {
		return nil, err
	}
	return &file{path: path, from: bufio.NewReaderSize(from, 1<<18), closer: from}, nil
}

// Close implements dataset.Table.
func (f *file) Close() error { return f.closer.Close() }

// Bind implements dataset.Table.
func (f *file) Bind(sinks []*dataset.Sink) error {
	f.sinks = sinks
	return nil
}

// Fields implements dataset.Table. It lists what the first record holds.
func (f *file) Fields() ([]dataset.Field, error) {
	data, err := f.record(nil)
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: %s holds no examples", dataset.ErrUnfit, f.path)
	}
	if err != nil {
		return nil, err
	}
	var out []dataset.Field
	err = (&chunk{f, data, 0, 1}).each(func(record []byte) error {
		return eachFeature(record, func(name []byte, v feature) error {
			n, err := v.count()
			out = append(out, dataset.Field{Name: string(name), DType: kindTypes[v.kind], List: n != 1})
			return err
		})
	})
	slices.SortFunc(out, func(a, b dataset.Field) int { return strings.Compare(a.Name, b.Name) })
	return out, err
}

// Next implements dataset.Table. It reads about dataset.ChunkBytes of records.
func (f *file) Next() (dataset.Chunk, error) {
	c := &chunk{file: f, data: make([]byte, 0, dataset.ChunkBytes+dataset.ChunkBytes/8), first: f.count}
	for len(c.data) < dataset.ChunkBytes {
		more, err := f.record(c.data)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		c.data = more
		c.count++
		f.count++
	}
	if c.count == 0 {
		return nil, io.EOF
	}
	return c, nil
}

// Decode implements dataset.Chunk.
func (c *chunk) Decode() ([]*dataset.Part, error) {
	d := newDecoder(c.sinks, c.count)
	return d.parts, c.each(d.example)
}

// record appends one record, as it is in the file, or returns io.EOF.
func (f *file) record(to []byte) ([]byte, error) {
	var head [recordHead]byte
	switch n, err := io.ReadFull(f.from, head[:]); {
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("%w: %s is cut short in record %d, %d bytes after its start", dataset.ErrUnreadable, f.path, f.count, n)
	case err != nil:
		return nil, dataset.ReadError(f.path, err)
	}
	if masked(head[:8]) != binary.LittleEndian.Uint32(head[8:]) {
		return nil, fmt.Errorf("%w: %s: the checksum of the length of record %d is wrong: the file is damaged, or is not a TFRecord file", dataset.ErrUnreadable, f.path, f.count)
	}
	length := binary.LittleEndian.Uint64(head[:])
	if length > dataset.MaxRecord {
		return nil, fmt.Errorf("%w: %s: record %d is %d bytes long, %d are read at most", dataset.ErrUnreadable, f.path, f.count, length, dataset.MaxRecord)
	}
	start := len(to) + recordHead
	to = slices.Grow(append(to, head[:]...), int(length)+recordFoot)[:start+int(length)+recordFoot]
	switch n, err := io.ReadFull(f.from, to[start:]); {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("%w: %s is cut short in record %d, %d of its %d bytes are there", dataset.ErrUnreadable, f.path, f.count, n, length)
	case err != nil:
		return nil, dataset.ReadError(f.path, err)
	}
	return to, nil
}

// each calls do with the bytes of every record and compares its checksum.
func (c *chunk) each(do func(record []byte) error) error {
	for at, k := 0, c.first; k < c.first+c.count; k++ {
		from := at + recordHead
		to := from + int(binary.LittleEndian.Uint64(c.data[at:]))
		record := c.data[from:to:to]
		at = to + recordFoot
		if masked(record) != binary.LittleEndian.Uint32(c.data[to:]) {
			return fmt.Errorf("%w: %s: the checksum of record %d is wrong: the file is damaged", dataset.ErrUnreadable, c.path, k)
		}
		if err := do(record); err != nil {
			kind := dataset.ErrUnfit
			if errors.Is(err, errExample) {
				kind = dataset.ErrUnreadable
			}
			return fmt.Errorf("%w: %s record %d: %w", kind, c.path, k, err)
		}
	}
	return nil
}
