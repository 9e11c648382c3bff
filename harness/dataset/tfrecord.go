package dataset

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
)

// recordFile is a TFRecord file: each record is its length, a checksum of that,
// its bytes, and a checksum of them.
type recordFile struct {
	path   string
	from   *bufio.Reader
	closer []io.Closer
	count  int // records read so far
}

// recordChunk is some whole records with what frames them.
type recordChunk struct {
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

func (r *reader) records(path string) (*recordFile, error) {
	from, closer, err := r.stream(path)
	if err != nil {
		return nil, err
	}
	return &recordFile{path: path, from: bufio.NewReaderSize(from, 1<<18), closer: closer}, nil
}

func (f *recordFile) close() {
	for _, c := range f.closer {
		_ = c.Close() // it was only read
	}
}

// next reads the next records, about chunkBytes of them.
func (f *recordFile) next() (*recordChunk, error) {
	chunk := &recordChunk{data: make([]byte, 0, chunkBytes+chunkBytes/8), first: f.count}
	for len(chunk.data) < chunkBytes {
		more, err := f.record(chunk.data)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		chunk.data = more
		chunk.count++
		f.count++
	}
	if chunk.count == 0 {
		return nil, io.EOF
	}
	return chunk, nil
}

// record adds one record, as it stands in the file; io.EOF where none follows.
func (f *recordFile) record(to []byte) ([]byte, error) {
	var head [recordHead]byte
	switch n, err := io.ReadFull(f.from, head[:]); {
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("%w: %s is cut short in record %d, %d bytes after its start", ErrUnreadable, f.path, f.count, n)
	case err != nil:
		return nil, cut(f.path, err)
	}
	if masked(head[:8]) != binary.LittleEndian.Uint32(head[8:]) {
		return nil, fmt.Errorf("%w: %s: the checksum of the length of record %d is wrong: the file is damaged, or is no TFRecord file", ErrUnreadable, f.path, f.count)
	}
	length := binary.LittleEndian.Uint64(head[:])
	if length > mostBytes {
		return nil, fmt.Errorf("%w: %s: record %d is %d bytes long, %d are read at most", ErrUnreadable, f.path, f.count, length, mostBytes)
	}
	start := len(to) + recordHead
	to = slices.Grow(append(to, head[:]...), int(length)+recordFoot)[:start+int(length)+recordFoot]
	switch n, err := io.ReadFull(f.from, to[start:]); {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("%w: %s is cut short in record %d, %d of its %d bytes are there", ErrUnreadable, f.path, f.count, n, length)
	case err != nil:
		return nil, cut(f.path, err)
	}
	return to, nil
}

// each calls do with the bytes of every record, whose checksum it compares.
func (c *recordChunk) each(path string, do func(record []byte) error) error {
	for at, k := 0, c.first; k < c.first+c.count; k++ {
		from := at + recordHead
		to := from + int(binary.LittleEndian.Uint64(c.data[at:]))
		record := c.data[from:to:to]
		at = to + recordFoot
		if masked(record) != binary.LittleEndian.Uint32(c.data[to:]) {
			return fmt.Errorf("%w: %s: the checksum of record %d is wrong: the file is damaged", ErrUnreadable, path, k)
		}
		if err := do(record); err != nil {
			kind := ErrUnfit
			if errors.Is(err, errExample) {
				kind = ErrUnreadable
			}
			return fmt.Errorf("%w: %s record %d: %w", kind, path, k, err)
		}
	}
	return nil
}

// readRecords reads the wanted features of files that are laid end to end.
func (r *reader) readRecords(q Request, paths []string) error {
	fields, err := r.features(paths[0])
	if err != nil {
		return err
	}
	all, err := match(q, fields)
	if err != nil {
		return err
	}
	return r.build(all, func(add func([]*Part) error) error {
		for _, path := range paths {
			if err := r.oneRecordFile(path, all, add); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *reader) oneRecordFile(path string, all []*wanted, add func([]*Part) error) error {
	f, err := r.records(path)
	if err != nil {
		return err
	}
	defer f.close()
	return ordered(f.next, func(chunk *recordChunk) ([]*Part, error) {
		d := newExampleDecoder(all, chunk)
		return d.parts, chunk.each(path, d.example)
	}, add)
}

// features lists what the first record of a file holds.
func (r *reader) features(path string) ([]field, error) {
	f, err := r.records(path)
	if err != nil {
		return nil, err
	}
	defer f.close()
	data, err := f.record(nil)
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: %s holds no examples", ErrUnfit, path)
	}
	if err != nil {
		return nil, err
	}
	var out []field
	err = (&recordChunk{data, 0, 1}).each(path, func(record []byte) error {
		return eachFeature(record, func(name []byte, v feature) error {
			n, err := v.count()
			out = append(out, field{name: string(name), text: v.kind == bytesList, list: n != 1, whole: v.kind == int64List, single: v.kind == floatList})
			return err
		})
	})
	slices.SortFunc(out, func(a, b field) int { return strings.Compare(a.name, b.name) })
	return out, err
}
