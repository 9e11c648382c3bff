// Package idx reads arrays in the idx format, which MNIST and data sets like it are
// in: a type, the dimensions, and the values with the highest byte first.
package idx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// types are those of the values by their code.
var types = map[byte]graph.DType{
	0x08: graph.Uint8, 0x09: graph.Int8, 0x0b: graph.Int16, 0x0c: graph.Int32, 0x0d: graph.Float32, 0x0e: graph.Float64,
}

// maxRank is how many dimensions an array has at most.
const maxRank = 32

// Array is what the head of an idx file says of the values that follow it.
type Array struct {
	DType graph.DType
	Shape []int // the first dimension counts the examples
}

// Begins reports whether a file begins as idx files do.
func Begins(head []byte) bool {
	return len(head) >= 4 && head[0] == 0 && head[1] == 0 && types[head[2]] != "" && head[3] >= 1 && head[3] <= maxRank
}

// Holds reports whether a file that begins so is idx: the values that it claims
// are no fewer than are there, and no more where head is all of it.
func Holds(head []byte) bool {
	if !Begins(head) {
		return false
	}
	at := 4 + 4*int(head[3])
	if len(head) < at {
		return false
	}
	shape := dimensions(head[4:at])
	n := graph.Count(shape)
	size := types[head[2]].Size()
	if n < 0 || n > dataset.MaxBytes/size {
		return false
	}
	end := at + n*size
	return end == len(head) || end > len(head) && len(head) >= dataset.HeadBytes
}

func dimensions(head []byte) []int {
	var out []int
	for ; len(head) >= 4; head = head[4:] {
		out = append(out, int(binary.BigEndian.Uint32(head)))
	}
	return out
}

// Head reads the head of an idx file, and leaves the body at its values. The error
// has no class.
func Head(body *dataset.Body) (*Array, error) {
	if body == nil || body.Reader == nil {
		return nil, errors.New("there is no file")
	}
	head := make([]byte, 4)
	if _, err := io.ReadFull(body, head); err != nil {
		return nil, short(err)
	}
	if !Begins(head) {
		return nil, fmt.Errorf("it is not an idx file: it begins with the bytes % x", head)
	}
	sizes := make([]byte, 4*int(head[3]))
	if _, err := io.ReadFull(body, sizes); err != nil {
		return nil, short(err)
	}
	a := &Array{types[head[2]], dimensions(sizes)}
	body.Offset += int64(len(head) + len(sizes))
	if n := graph.Count(a.Shape); n < 0 || n > dataset.MaxBytes/a.DType.Size() {
		return nil, fmt.Errorf("claims the shape %v, which no file holds: copy the file again", a.Shape)
	}
	return a, nil
}

func short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it is cut short in its head")
	}
	return err
}

// Column reads the values. where names the file in errors, which are
// dataset.ErrUnreadable.
func (a *Array) Column(b *dataset.Builder, where string, body *dataset.Body) (dataset.Column, error) {
	none := dataset.Column{}
	if a == nil || body == nil || body.Reader == nil || len(a.Shape) == 0 {
		return none, fmt.Errorf("%w: %s: there is no array", dataset.ErrUnreadable, where)
	}
	n := int64(graph.Count(a.Shape)) * int64(a.DType.Size())
	if body.File != nil && body.End-body.Offset > n {
		return none, fmt.Errorf("%w: %s: %w", dataset.ErrUnreadable, where, tooLong(n))
	}
	body.BigEndian = true
	body.Reader = &exactly{body.Reader, n, n}
	c, err := b.Hold(a.DType, a.Shape[1:], a.Shape[0], body)
	if err != nil {
		return none, fmt.Errorf("%w: %s: %w", dataset.ErrUnreadable, where, err)
	}
	return c, nil
}

func tooLong(n int64) error {
	return fmt.Errorf("it is too long: its head claims %d bytes of values, and more follow", n)
}

// exactly reads so many bytes, and fails if there are more.
type exactly struct {
	io.Reader
	all, left int64
}

func (r *exactly) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if r.left -= int64(n); r.left < 0 {
		return n, tooLong(r.all)
	}
	return n, err
}
