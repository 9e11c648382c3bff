package dataset

import (
	"epochtime/harness/graph"
	"os"
	"unsafe"
)

// tape is a row of bytes whose length shows only as they come. It lies in memory
// while the reader has room, and from then on in a scratch file.
type tape struct {
	r     *reader
	bytes []byte   // in memory
	file  *os.File // once they no longer fit there
	n     int
}

// append adds bytes at the end.
func (t *tape) append(b []byte) error {
	t.n += len(b)
	if t.file == nil && mappable && len(b) > t.r.room {
		if err := t.spill(); err != nil {
			return err
		}
	}
	if t.file != nil {
		_, err := scratch{t.file}.Write(b)
		return err
	}
	t.r.room -= len(b)
	t.grow(len(b))
	t.bytes = append(t.bytes, b...)
	return nil
}

// reserve makes room in memory for the next n things of so many bytes, to be
// written in place; nil where there is none.
func (t *tape) reserve(n, size int) []byte {
	if t.file != nil || n > t.r.room/size {
		return nil
	}
	n *= size
	t.r.room -= n
	t.grow(n)
	t.bytes = t.bytes[:len(t.bytes)+n]
	return t.bytes[len(t.bytes)-n:]
}

// grow makes room for n bytes more.
func (t *tape) grow(n int) {
	if need := len(t.bytes) + n; need > cap(t.bytes) {
		larger := graph.Allocate(max(2*len(t.bytes), need, 512))
		t.bytes = larger[:copy(larger, t.bytes)]
	}
}

// bounds adds where things end; the first begins at 0.
func (t *tape) bounds(ends []int) error {
	if len(ends) == 0 {
		return nil
	}
	if t.n == 0 {
		if err := t.append(intBytes([]int{0})); err != nil {
			return err
		}
	}
	return t.append(intBytes(ends))
}

// spill moves the bytes from memory to a scratch file.
func (t *tape) spill() error {
	f, err := newScratch()
	if err != nil {
		return err
	}
	t.file = f
	t.r.room += len(t.bytes)
	_, err = scratch{f}.Write(t.bytes)
	t.bytes = nil
	return err
}

// finish returns the bytes, and the mapping that they lie in where they are not
// in memory. The set owns it.
func (t *tape) finish() ([]byte, *mapping, error) {
	if t.file == nil {
		return t.bytes, nil, nil
	}
	defer t.close()
	m, data, err := newMapping(t.file, &file{path: t.r.set.source}, 0, t.n)
	if err != nil {
		return nil, nil, err
	}
	t.r.set.mappings = append(t.r.set.mappings, m)
	return data, m, nil
}

// close gives the scratch file back if there is one.
func (t *tape) close() {
	if t.file != nil {
		_ = t.file.Close() // it has no name: nothing of worth is lost
		t.file = nil
	}
}

// intBytes are the bytes of whole numbers, in place.
func intBytes(v []int) []byte {
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(v[0])))
}
