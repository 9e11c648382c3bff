package csv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"epochtime/harness/dataset"
)

// blocks cuts a file into blocks of whole records.
type blocks struct {
	path  string
	comma byte
	from  io.ReadCloser
	most  int // bytes of a record

	size  int64 // of the file, which may be compressed
	taken int64 // bytes of blocks

	rest []byte // that was read and is in no block yet; slack follows it
	line int    // of its start
	done bool   // there is no more to read

	spans []span // of quoted fields in the whole records of the rest
	utf16 bool   // the file is in UTF-16
}

// buffers holds memory of blocks that were decoded.
var buffers sync.Pool

// buffer returns memory for n bytes, a line end and slack.
func buffer(n int) []byte {
	if b, ok := buffers.Get().(*[]byte); ok && cap(*b) >= n+1+slack {
		return (*b)[:0]
	}
	return make([]byte, 0, max(n, dataset.ChunkBytes)+1+slack)
}

// recycle takes back memory that nothing points to any more.
func recycle(b []byte) {
	if cap(b) >= dataset.ChunkBytes+1+slack {
		buffers.Put(&b)
	}
}

// Close implements dataset.Table.
func (f *blocks) Close() error {
	recycle(f.rest)
	f.rest, f.done = nil, true
	return f.from.Close()
}

// mostIdle is how many reads may bring nothing, one after another.
const mostIdle = 100

// fill reads on until n bytes are there, or the file has ended. The last line ends
// like any other.
func (f *blocks) fill(n int) error {
	if f.done || len(f.rest) >= n {
		return nil
	}
	if cap(f.rest) < n+1+slack {
		old := f.rest
		f.rest = append(buffer(n), old...)
		recycle(old)
	}
	for idle := 0; !f.done && len(f.rest) < n; idle++ {
		k, err := f.from.Read(f.rest[len(f.rest):n])
		f.rest = f.rest[:len(f.rest)+k]
		if k > 0 {
			idle = 0
		}
		switch {
		case errors.Is(err, io.EOF):
			f.done = true
		case err == nil && idle == mostIdle:
			err = io.ErrNoProgress
			fallthrough
		case err != nil:
			return dataset.ReadError(f.path, err)
		}
	}
	if k := len(f.rest); f.done && k > 0 && !isLineEnd(f.rest[k-1]) {
		f.rest = append(f.rest, '\n') // there is room
	}
	return nil
}

// block is some whole records.
type block struct {
	data   []byte  // with slack after it
	quoted []span  // fields; those after the data do not matter
	line   int     // of the first record
	lines  int     // line ends
	ahead  float64 // how much of the file follows, in blocks as large as this one
}

// next returns the next block, of about dataset.ChunkBytes. The error is io.EOF after
// the last.
func (f *blocks) next() (block, error) {
	end, err := f.whole()
	if err != nil {
		return block{}, err
	}
	return f.take(end), nil
}

// whole reads on until the rest holds whole records, and returns where the last of
// them ends. The error is io.EOF where nothing is left.
func (f *blocks) whole() (end int, err error) {
	for n := dataset.ChunkBytes; ; n *= 2 {
		if err := f.fill(n); err != nil {
			return 0, err
		}
		end, open := f.cut()
		switch {
		case end > 0:
			return end, f.checkUTF16(f.rest[:end])
		case f.done && len(f.rest) == 0:
			return 0, io.EOF
		case f.done:
			return 0, f.wrong(f.line+lines(f.rest[:open]), errOpen)
		case n >= f.most:
			return 0, f.wrong(f.line, fmt.Errorf("the record that begins there has more than %d MiB: a quote may be missing", n>>20))
		}
	}
}

// take cuts off the first bytes of the rest, which have their memory for themselves.
func (f *blocks) take(end int) block {
	out := block{data: f.rest[:end], quoted: f.spans, line: f.line, lines: lines(f.rest[:end])}
	after := f.rest[end:]
	f.rest = nil
	if len(after) > 0 {
		f.rest = append(buffer(len(after)), after...)
	}
	f.line += out.lines
	f.taken += int64(end)
	out.ahead = max(0, float64(f.size-f.taken)/float64(end))
	return out
}

// cut returns where the last whole record of the rest ends, and notes the quoted
// fields. After it, open is where a field begins whose closing quote was not read, or
// -1.
func (f *blocks) cut() (end, open int) {
	b := f.rest
	f.spans = make([]span, 0, cap(f.spans))
	for i := 0; ; {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 && f.done {
			return len(b), -1
		}
		if n < 0 {
			return f.lastRecord(len(b)), -1
		}
		if i += n; i > 0 && b[i-1] != f.comma && !isLineEnd(b[i-1]) {
			i++ // it is part of the text
			continue
		}
		at := spanOf(b, i)
		if at.end < 0 || at.end == len(b)-1 { // it may be the first of two
			return f.lastRecord(i), i
		}
		f.spans = append(f.spans, at)
		i = at.end + 1
	}
}

// lastRecord returns where the last line of the rest ends that ends before to and not
// within quotes, or 0.
func (f *blocks) lastRecord(to int) int {
	for k := len(f.spans); ; k-- {
		from := 0
		if k > 0 {
			from = f.spans[k-1].end + 1
		}
		if at := lastEnd(f.rest[from:to], to == len(f.rest)); at > 0 {
			return from + at
		}
		if k == 0 {
			return 0
		}
		to = f.spans[k-1].open
	}
}

// lastEnd returns where the last line of b ends, or 0. If more follows b, a \r at its
// very end is not the end of a line, as \n may come next.
func lastEnd(b []byte, more bool) int {
	end := bytes.LastIndexByte(b, '\n') + 1
	last := len(b) - 1
	if more {
		last--
	}
	for i := last; i >= end; i-- {
		if b[i] == '\r' {
			return i + 1
		}
	}
	return end
}

// wrong is the error of what stands in a line.
func (f *blocks) wrong(line int, err error) error {
	return fmt.Errorf("%w: %s line %d: %w", dataset.ErrUnreadable, f.path, line, err)
}
