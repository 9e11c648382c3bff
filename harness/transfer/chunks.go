package transfer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A tree travels as a tar archive in chunks, so that its end can be told from that of the
// connection, and the sender can stop in the middle: each chunk is its length in four
// bytes, big-endian, and its bytes. The last has the length end, or aborted.
const (
	end       = 0
	aborted   = 1<<32 - 1
	chunkSize = 256 << 10
)

// chunks writes chunks.
type chunks struct{ w io.Writer }

func (c chunks) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		part := p[done:min(len(p), done+chunkSize)]
		if err := c.length(uint32(len(part))); err != nil {
			return done, err
		}
		n, err := c.w.Write(part)
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

func (c chunks) length(n uint32) error {
	_, err := c.w.Write(binary.BigEndian.AppendUint32(nil, n))
	return err
}

// dechunked reads what chunks wrote, to its end.
type dechunked struct {
	r    io.Reader
	left uint32 // of the chunk
	err  error
}

func (d *dechunked) Read(p []byte) (int, error) {
	for d.left == 0 && d.err == nil {
		d.next()
	}
	if d.err != nil {
		return 0, d.err
	}
	n, err := d.r.Read(p[:min(len(p), int(d.left))])
	d.left -= uint32(n)
	if err != nil {
		d.err = cut(err)
	}
	return n, d.err
}

func (d *dechunked) next() {
	var head [4]byte
	if _, err := io.ReadFull(d.r, head[:]); err != nil {
		d.err = cut(err)
		return
	}
	switch n := binary.BigEndian.Uint32(head[:]); {
	case n == end:
		d.err = io.EOF
	case n == aborted:
		d.err = ErrAborted
	case n > chunkSize:
		d.err = fmt.Errorf("%w: a chunk of %d bytes", ErrDamaged, n)
	default:
		d.left = n
	}
}

// cut says of an error of reading that the connection ended in the middle.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("the connection ended in the middle of a file: %w", err)
}
