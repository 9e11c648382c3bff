package tfrecord

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"epochtime/harness/dataset"
)

// A TFRecord file is made of records: each is its length, a checksum of that, its
// bytes, and a checksum of them.
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

// begins reports whether a file that begins with head can be one of records.
func begins(head []byte) bool {
	return len(head) >= recordHead && masked(head[:8]) == binary.LittleEndian.Uint32(head[8:])
}

// reader cuts a file into runs of whole records.
type reader struct {
	*dataset.Cutter
	path  string
	read  int // records so far
	count int // of the run that is cut
}

// records is a run of whole records with what frames them.
type records struct {
	path  string
	data  []byte
	first int // the number of its first record
	count int
	ahead float64 // as dataset.Part.Ahead
}

func openReader(b *dataset.Builder, path string) (*reader, error) {
	r := &reader{path: path}
	var err error
	r.Cutter, err = b.OpenCutter(path, r.cut)
	return r, err
}

// next returns the next records, or io.EOF.
func (r *reader) next() (*records, error) {
	data, err := r.Next()
	if err != nil {
		return nil, err
	}
	c := &records{r.path, data, r.read, r.count, r.Ahead(data)}
	r.read += r.count
	return c, nil
}

// cut counts the whole records that data begins with, and finds where they end.
func (r *reader) cut(data []byte, last bool) (end, need int, err error) {
	for r.count = 0; ; r.count++ {
		need = recordHead
		if head := data[end:]; len(head) >= need {
			if !begins(head) {
				return 0, 0, fmt.Errorf("%w: %s: the checksum of the length of record %d is wrong: the file is damaged, or is not a TFRecord file", dataset.ErrUnreadable, r.path, r.read+r.count)
			}
			length := binary.LittleEndian.Uint64(head)
			if length > dataset.MaxRecord {
				return 0, 0, fmt.Errorf("%w: %s: record %d is %d bytes long, %d are read at most", dataset.ErrUnreadable, r.path, r.read+r.count, length, dataset.MaxRecord)
			}
			need += int(length) + recordFoot
		}
		if len(data)-end < need {
			break
		}
		end += need
	}
	if last && end == 0 {
		return 0, 0, r.short(len(data), need)
	}
	return end, need, nil
}

// short is the error of a file that ends with n bytes of a record that takes need.
func (r *reader) short(n, need int) error {
	if n < recordHead {
		return fmt.Errorf("%w: %s is cut short in record %d, %d bytes after its start", dataset.ErrUnreadable, r.path, r.read, n)
	}
	length := need - recordHead - recordFoot
	return fmt.Errorf("%w: %s is cut short in record %d, %d of its %d bytes are there", dataset.ErrUnreadable, r.path, r.read, min(n-recordHead, length), length)
}

// each calls do with the bytes of every record and compares its checksum.
func (c *records) each(do func(number int, record []byte) error) error {
	for at, k := 0, c.first; k < c.first+c.count; k++ {
		from := at + recordHead
		to := from + int(binary.LittleEndian.Uint64(c.data[at:]))
		record := c.data[from:to:to]
		at = to + recordFoot
		if masked(record) != binary.LittleEndian.Uint32(c.data[to:]) {
			return fmt.Errorf("%w: %s: the checksum of record %d is wrong: the file is damaged", dataset.ErrUnreadable, c.path, k)
		}
		if err := do(k, record); err != nil {
			return err
		}
	}
	return nil
}
