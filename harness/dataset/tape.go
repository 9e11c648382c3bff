package dataset

import (
	"os"

	"epochtime/harness/graph"
)

// tape is a row of bytes whose number is not known before. It is in memory while
// the builder has room, and from then on in a scratch file.
type tape struct {
	b     *Builder
	bytes []byte   // in memory
	file  *os.File // once they no longer fit there
	n     int
	ahead int // bytes that may follow what is appended next
}

// append adds bytes at the end.
func (t *tape) append(p []byte) error {
	t.n += len(p)
	if t.file == nil && mappable && len(p) > t.b.room {
		if err := t.spill(); err != nil {
			return err
		}
	}
	if t.file != nil {
		_, err := scratch{t.file}.Write(p)
		return err
	}
	t.b.room -= len(p)
	t.grow(len(p))
	t.bytes = append(t.bytes, p...)
	return nil
}

// reserve makes room in memory for the next n items of size bytes, to be written in
// place. It returns nil if there is none.
func (t *tape) reserve(n, size int) []byte {
	if t == nil || t.file != nil || n < 0 || size < 1 || n > t.b.room/size {
		return nil
	}
	n *= size
	t.b.room -= n
	t.grow(n)
	t.bytes = t.bytes[:len(t.bytes)+n]
	return t.bytes[len(t.bytes)-n:]
}

// grow makes room for n bytes more and, as far as that is known, for what follows.
func (t *tape) grow(n int) {
	if need := len(t.bytes) + n; need > cap(t.bytes) {
		ahead := min(t.ahead+t.ahead/32, t.b.room)
		larger := graph.Allocate(max(2*len(t.bytes), need+ahead, 512))
		largePages(larger)
		t.bytes = larger[:copy(larger, t.bytes)]
	}
}

// positions adds where things end; the first begins at 0.
func (t *tape) positions(ends []int) error {
	if len(ends) == 0 {
		return nil
	}
	if t.n == 0 {
		if err := t.append(graph.Bytes([]int{0})); err != nil {
			return err
		}
	}
	return t.append(graph.Bytes(ends))
}

// spill moves the bytes from memory to a scratch file.
func (t *tape) spill() error {
	f, err := newScratch()
	if err != nil {
		return err
	}
	t.file = f
	t.b.room += len(t.bytes)
	_, err = scratch{f}.Write(t.bytes)
	t.bytes = nil
	return err
}

// finish returns the bytes, and the mapping that they are in unless they are in
// memory. The set owns it.
func (t *tape) finish() ([]byte, *mapping, error) {
	if t.file == nil {
		data := t.bytes
		t.bytes = nil
		return data, nil, nil
	}
	defer t.close()
	m, data, err := newMapping(t.file, "", 0, t.n)
	if err != nil {
		return nil, nil, err
	}
	s := t.b.building()
	s.mappings = append(s.mappings, m)
	return data, m, nil
}

// close gives back what was not finished: room in memory, and the scratch file.
func (t *tape) close() {
	t.b.room += len(t.bytes)
	t.bytes = nil
	if t.file != nil {
		_ = t.file.Close() // it has no name: nothing of worth is lost
		t.file = nil
	}
}
