package hdf5

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The messages of an object header that matter here.
const (
	messageSpace    = 0x01
	messageType     = 0x03
	messageLayout   = 0x08
	messageContinue = 0x10
	messageTable    = 0x11
)

// messages returns an object's header messages by type, the first of each.
func (f *file) messages(address uint64) (map[uint16][]byte, error) {
	head, err := f.at(address, 16)
	if err != nil {
		return nil, err
	}
	if head[0] != 1 {
		return nil, fmt.Errorf("%w: an object header of version %d", ErrUnsupported, head[0])
	}
	left := int(binary.LittleEndian.Uint16(head[2:]))
	blocks := [][2]uint64{{address + 16, uint64(binary.LittleEndian.Uint32(head[8:]))}}
	out := make(map[uint16][]byte)
	for len(blocks) > 0 && left > 0 {
		if blocks[0][1] > maxHeader || len(blocks) > maxDepth {
			return nil, fmt.Errorf("%w: an object header of %d bytes", ErrDamaged, blocks[0][1])
		}
		b, err := f.at(blocks[0][0], int(blocks[0][1]))
		if err != nil {
			return nil, err
		}
		blocks = blocks[1:]
		for ; len(b) >= 8 && left > 0; left-- {
			kind, size, flags := binary.LittleEndian.Uint16(b), int(binary.LittleEndian.Uint16(b[2:])), b[4]
			if size > len(b)-8 {
				return nil, fmt.Errorf("%w: a header message of %d bytes", ErrDamaged, size)
			}
			data := b[8 : 8+size]
			b = b[8+size:]
			if kind == messageContinue {
				if size < 16 {
					return nil, fmt.Errorf("%w: an object header goes on nowhere", ErrDamaged)
				}
				blocks = append(blocks, [2]uint64{u64(data), u64(data[8:])})
				continue
			}
			if flags&2 != 0 && (kind == messageSpace || kind == messageType) {
				return nil, fmt.Errorf("%w: a shared datatype", ErrUnsupported)
			}
			if _, ok := out[kind]; !ok {
				out[kind] = data
			}
		}
	}
	return out, nil
}

// dataset makes sense of a dataset's messages.
func (f *file) dataset(messages map[uint16][]byte) (Dataset, error) {
	var d Dataset
	if err := d.datatype(messages[messageType]); err != nil {
		return d, err
	}
	count, err := d.space(messages[messageSpace])
	if err != nil {
		return d, err
	}
	layout := messages[messageLayout]
	switch {
	case len(layout) < 2:
		return d, fmt.Errorf("%w: a dataset without a layout", ErrDamaged)
	case layout[0] != 3 && layout[0] != 4:
		return d, fmt.Errorf("%w: a layout of version %d", ErrUnsupported, layout[0])
	case layout[1] != 1:
		return d, fmt.Errorf("%w: values that are compact, compressed or in chunks", ErrUnsupported)
	case len(layout) < 18:
		return d, fmt.Errorf("%w: a layout of %d bytes", ErrDamaged, len(layout))
	}
	offset, bytes := u64(layout[2:]), u64(layout[10:])
	if count > uint64(f.size)/uint64(d.Size) || bytes != count*uint64(d.Size) {
		return d, fmt.Errorf("%w: %d values of %d bytes in %d bytes", ErrDamaged, count, d.Size, bytes)
	}
	if bytes == 0 {
		return d, nil
	}
	if offset == undefined {
		return d, fmt.Errorf("%w: a dataset whose values were never written", ErrUnsupported)
	}
	if offset > uint64(f.size)-bytes {
		return d, fmt.Errorf("%w: its %d values are outside the file: it is cut short", ErrDamaged, count)
	}
	d.Offset, d.Bytes = int64(offset), int64(bytes)
	return d, nil
}

func (d *Dataset) datatype(b []byte) error {
	if len(b) < 8 {
		return fmt.Errorf("%w: a dataset without a datatype", ErrDamaged)
	}
	size := binary.LittleEndian.Uint32(b[4:])
	if size == 0 || size > 1<<16 {
		return fmt.Errorf("%w: values of %d bytes", ErrDamaged, size)
	}
	d.Class, d.Size = Class(b[0]&15), int(size)
	d.Signed = d.Class == Integer && b[1]&8 != 0
	d.BigEndian = (d.Class == Integer || d.Class == Float) && b[1]&1 != 0
	return nil
}

// space reads the shape and returns the number of values.
func (d *Dataset) space(b []byte) (uint64, error) {
	if len(b) < 4 {
		return 0, fmt.Errorf("%w: a dataset without a shape", ErrDamaged)
	}
	rank, dims := int(b[1]), 8
	if b[0] == 2 {
		dims = 4
	}
	if b[0] != 1 && b[0] != 2 {
		return 0, fmt.Errorf("%w: a dataspace of version %d", ErrUnsupported, b[0])
	}
	if len(b) < dims+8*rank {
		return 0, fmt.Errorf("%w: a shape of %d dimensions in %d bytes", ErrDamaged, rank, len(b))
	}
	count := uint64(1)
	for i := range rank {
		n := u64(b[dims+8*i:])
		if n > math.MaxInt64 || n > 0 && count > math.MaxInt64/n {
			return 0, fmt.Errorf("%w: a shape of too many values", ErrDamaged)
		}
		count *= n
		d.Shape = append(d.Shape, int64(n))
	}
	return count, nil
}
