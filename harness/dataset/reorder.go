package dataset

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"slices"

	"epochtime/harness/graph"
)

// plain returns a body of the same numbers, of size bytes each, little-endian and
// in C order: the body itself, if it is one. The caller calls done when it is read.
func (b *Builder) plain(body *Body, size int, shape []int) (out *Body, done func(), err error) {
	out, done, err = b.InOrder(body, size, shape)
	if err == nil && body.BigEndian && size > 1 {
		out = &Body{Reader: swapped(out.Reader, size), Path: body.Path}
	}
	return out, done, err
}

// InOrder returns the body of an array of that shape, of items of size bytes, in C
// order: the body itself, if it is so. The caller calls done when it is read.
func (b *Builder) InOrder(body *Body, size int, shape []int) (ordered *Body, done func(), err error) {
	done = func() {}
	n := graph.Count(shape)
	if b == nil || body == nil || body.Reader == nil || size < 1 || n < 0 || n > MaxBytes/size {
		return nil, done, fmt.Errorf("an array of the shape %v cannot be read", shape)
	}
	several := slices.DeleteFunc(slices.Clone(shape), func(d int) bool { return d == 1 })
	if !body.Fortran || n == 0 || len(several) < 2 {
		return body, done, nil
	}
	from, closer, err := b.anywhere(body, n*size)
	if err != nil {
		return nil, done, err
	}
	if closer != nil {
		done = func() { _ = closer.Close() } // a scratch file, of no more use
	}
	t := &turning{b: b, from: from, size: size, shape: shape, each: n / shape[0]}
	t.rows = min(shape[0], max(1, b.turned()/(t.each*size)))
	return &Body{Reader: &blocks{next: t.next}, Path: body.Path}, done, nil
}

// turned is how much of an array may be turned at a time, which takes twice the memory.
func (b *Builder) turned() int { return min(32<<20, max(1<<20, b.room/8)) }

// anywhere returns the n bytes of a body, to be read in any order: where they are,
// if they are in a file as they are, otherwise in memory or in a scratch file.
func (b *Builder) anywhere(body *Body, n int) (io.ReaderAt, io.Closer, error) {
	r := b.Reader(body.Reader)
	if body.File != nil {
		return io.NewSectionReader(body.File, body.Offset, int64(n)), nil, body.whole(r, n)
	}
	if n <= b.room/2 || !mappable { // the array in order takes as much
		data, err := readBody(r, n, 0)
		return bytes.NewReader(data), nil, err
	}
	f, err := newScratch()
	if err != nil {
		return nil, nil, err
	}
	if err := unpack(f, r, n); err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, f, nil
}

// blocks reads what next returns, until that is an error.
type blocks struct {
	next func() ([]byte, error)
	left []byte
}

func (b *blocks) Read(p []byte) (int, error) {
	for len(b.left) == 0 {
		var err error
		if b.left, err = b.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, b.left)
	b.left = b.left[n:]
	return n, nil
}

// swapped reads numbers of size bytes with their bytes in reverse.
func swapped(r io.Reader, size int) io.Reader {
	buffer := graph.Allocate(256 << 10)
	return &blocks{next: func() ([]byte, error) {
		n, err := io.ReadFull(r, buffer)
		if n > 0 { // an error comes again
			swap(buffer[:n], size)
			return buffer[:n], nil
		}
		return nil, err
	}}
}

func swap(data []byte, size int) {
	switch size {
	case 2:
		for i, v := range graph.View[uint16](data) {
			graph.View[uint16](data)[i] = bits.ReverseBytes16(v)
		}
	case 4:
		for i, v := range graph.View[uint32](data) {
			graph.View[uint32](data)[i] = bits.ReverseBytes32(v)
		}
	case 8:
		for i, v := range graph.View[uint64](data) {
			graph.View[uint64](data)[i] = bits.ReverseBytes64(v)
		}
	}
}

// turning reads an array in Fortran order some examples at a time: place j of all
// examples lies together, one example after the other.
type turning struct {
	b     *Builder
	from  io.ReaderAt
	size  int   // bytes of an item
	shape []int // examples first
	each  int   // items of an example
	rows  int   // examples of a block
	at    int   // first example of the next block

	block []byte
	runs  [][]byte // places that are turned together, of a block's examples
}

// next returns the next examples in C order.
func (t *turning) next() ([]byte, error) {
	n := min(t.rows, t.shape[0]-t.at)
	if n == 0 {
		return nil, io.EOF
	}
	if t.block == nil {
		t.allocate()
	}
	read, place := t.reader(n), t.places()
	runs, places := t.runs, make([]int, len(t.runs))
	for j := 0; j < t.each; j += len(runs) {
		if err := t.b.Context().Err(); err != nil {
			return nil, err
		}
		runs = runs[:min(len(runs), t.each-j)]
		for k, run := range runs {
			if err := read(run[:n*t.size], j+k); err != nil {
				return nil, err
			}
			places[k] = place()
		}
		t.scatter(n, places, runs)
	}
	t.at += n
	return t.block[:n*t.each*t.size], nil
}

func (t *turning) allocate() {
	const together = 64 // fill the cache's lines
	t.block = graph.Allocate(t.rows * t.each * t.size)
	for range min(together, t.each) {
		t.runs = append(t.runs, graph.Allocate(t.rows*t.size))
	}
}

// places returns what counts the places in C order, as the file has them.
func (t *turning) places() func() int {
	next, index := 0, make([]int, len(t.shape))
	return func() int {
		place := next
		for k, stride := 1, t.each; k < len(t.shape); k++ {
			stride /= t.shape[k]
			next += stride
			if index[k]++; index[k] < t.shape[k] {
				break
			}
			next -= stride * t.shape[k]
			index[k] = 0
		}
		return place
	}
}

// reader returns what reads place j of the next n examples, called for each j in turn.
func (t *turning) reader(n int) func(run []byte, j int) error {
	const near = 4 << 10 // to read what lies between takes no longer than another call
	stride := t.shape[0] * t.size
	if n < t.shape[0] && stride > near {
		return func(run []byte, j int) error {
			_, err := t.from.ReadAt(run, int64(j)*int64(stride)+int64(t.at*t.size))
			return err
		}
	}
	in, skip := bufio.NewReaderSize(io.NewSectionReader(t.from, 0, int64(stride)*int64(t.each)), 256<<10), t.at*t.size
	return func(run []byte, _ int) error {
		if _, err := in.Discard(skip); err != nil {
			return err
		}
		skip = stride - len(run)
		_, err := io.ReadFull(in, run)
		return err
	}
}

// scatter writes runs of n examples to their places, some examples at a time: what
// these span stays in the cache.
func (t *turning) scatter(n int, places []int, runs [][]byte) {
	const some = 256
	for first := 0; first < n; first += some {
		last := min(first+some, n)
		block := t.block[first*t.each*t.size:]
		for k, run := range runs {
			t.place(block, places[k], run[first*t.size:last*t.size])
		}
	}
}

// place writes a place of each example.
func (t *turning) place(block []byte, place int, run []byte) {
	if d := unsigned[t.size]; d != "" {
		d.Elements().Scatter(block, place, t.each, run)
		return
	}
	for to := place * t.size; len(run) > 0; to += t.each * t.size {
		copy(block[to:], run[:t.size])
		run = run[t.size:]
	}
}

// unsigned are the types of items by their size.
var unsigned = map[int]graph.DType{1: graph.Uint8, 2: graph.Uint16, 4: graph.Uint32, 8: graph.Uint64}
