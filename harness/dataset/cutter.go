package dataset

import (
	"errors"
	"io"
	"os"
	"sync"

	"epochtime/harness/graph"
)

// Cutter cuts a file into runs of whole records, of about ChunkBytes or of one larger
// record. Memory grows as bytes come, whatever length a record claims.
type Cutter struct {
	path string
	size int64 // of the file, which may be compressed
	from io.ReadCloser
	cut  CutFunc

	rest  []byte // that was read and is not part of a run yet
	done  bool   // nothing follows rest
	taken int64  // bytes of runs
}

// CutFunc returns where the last whole record ends in data, which begins with one.
// Where that is 0, it is called again with more bytes: need of them, or all that there
// are. last says that these are all; then need does not matter.
type CutFunc func(data []byte, last bool) (end, need int, err error)

// OpenCutter opens a file, decompressed if it is compressed, which cut knows the
// records of.
func (b *Builder) OpenCutter(path string, cut CutFunc) (*Cutter, error) {
	from, err := b.OpenStream(path)
	if err != nil {
		return nil, err
	}
	c := &Cutter{path: path, from: from, cut: cut}
	if info, err := os.Stat(path); err == nil {
		c.size = info.Size()
	}
	return c, nil
}

// Close closes the file.
func (c *Cutter) Close() error {
	if c == nil || c.from == nil {
		return nil
	}
	return c.from.Close()
}

// runs are the memory of runs that are done with. To bring in new memory takes
// longer than to decode what is read into it.
var runs = sync.Pool{New: func() any { return new([]byte) }}

// Recycle takes back a run of a Cutter that is done with.
func Recycle(run []byte) {
	if cap(run) <= 2*ChunkBytes { // larger ones are rare, and left to the collector
		runs.Put(&run)
	}
}

// Next returns the next run, or io.EOF. Its errors are ErrUnreadable, and those of the
// CutFunc.
func (c *Cutter) Next() ([]byte, error) {
	if c == nil || c.from == nil || c.cut == nil {
		return nil, io.EOF
	}
	data := *runs.Get().(*[]byte)
	if cap(data) < ChunkBytes {
		data = graph.Allocate(ChunkBytes)
	}
	data = append(data[:0], c.rest...)
	for need := ChunkBytes; ; {
		if err := c.fill(&data, need); err != nil {
			return nil, err
		}
		if len(data) == 0 {
			return nil, io.EOF
		}
		end, more, err := c.cut(data, c.done)
		if err != nil {
			return nil, err
		}
		if end > 0 {
			c.rest = append(c.rest[:0], data[end:]...)
			c.taken += int64(end)
			return data[:end], nil
		}
		if c.done {
			return nil, ReadError(c.path, io.ErrUnexpectedEOF)
		}
		need = max(more, len(data)+1)
	}
}

// Ahead returns how much of the file follows the run that Next returned last, as
// Part.Ahead says it. Of a compressed file it is too little.
func (c *Cutter) Ahead(run []byte) float64 {
	if c == nil || len(run) == 0 {
		return 0
	}
	return max(0, float64(c.size-c.taken)/float64(len(run)))
}

// fill reads until there are n bytes, or the stream ends.
func (c *Cutter) fill(data *[]byte, n int) error {
	b := *data
	for !c.done && len(b) < n {
		if len(b) == cap(b) {
			larger := graph.Allocate(min(n, 2*cap(b)))
			b = larger[:copy(larger, b)]
		}
		k, err := c.from.Read(b[len(b):min(n, cap(b))])
		b = b[:len(b)+k]
		if errors.Is(err, io.EOF) {
			c.done = true
		} else if err != nil {
			return ReadError(c.path, err)
		}
	}
	*data = b
	return nil
}
