package arrow

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// envelope is a message whose body may not be read yet.
type envelope struct {
	head
	meta []byte
	open func() ([]byte, error) // returns the body
}

// message reads the body.
func (e envelope) message() (*ipc.Message, error) {
	body, err := e.open()
	if err != nil {
		return nil, err
	}
	return ipc.NewMessage(memory.NewBufferBytes(e.meta), memory.NewBufferBytes(body)), nil
}

// framing are the messages of a file or stream: a schema, then dictionaries and
// batches of records, and io.EOF.
type framing interface {
	next() (envelope, error)
}

// sized reads messages one after the other: each begins with a mark, which writers
// before Arrow 0.15 left out, and the size of its metadata.
type sized struct {
	in   io.Reader
	most int64 // bytes of one thing
}

func (s *sized) next() (envelope, error) {
	size, err := s.size()
	if err != nil {
		return envelope{}, err
	}
	meta, err := s.bytes(size)
	if err != nil {
		return envelope{}, err
	}
	e := envelope{meta: meta}
	if e.head, err = readHead(meta); err != nil {
		return e, err
	}
	body, err := s.bytes(e.body)
	e.open = func() ([]byte, error) { return body, nil }
	return e, err
}

// size reads the size of a message's metadata. A size of 0 ends a stream, as its end
// does.
func (s *sized) size() (int64, error) {
	var word [4]byte
	if _, err := io.ReadFull(s.in, word[:]); err != nil {
		return 0, err // of no byte: io.EOF
	}
	if bytes.Equal(word[:], streamMagic) {
		if _, err := io.ReadFull(s.in, word[:]); err != nil {
			return 0, cut(err)
		}
	}
	if n := binary.LittleEndian.Uint32(word[:]); n > 0 {
		return int64(n), nil
	}
	return 0, io.EOF
}

// bytes reads n bytes. It allocates no more than there are, but for a while twice.
func (s *sized) bytes(n int64) ([]byte, error) {
	if n > s.most {
		return nil, fmt.Errorf("it claims a message of %d bytes", n)
	}
	const believed = 64 << 20
	if n <= believed {
		b := memory.NewGoAllocator().Allocate(int(n)) // aligned
		_, err := io.ReadFull(s.in, b)
		return b, cut(err)
	}
	var all bytes.Buffer
	got, err := io.Copy(&all, io.LimitReader(s.in, n))
	if err == nil && got < n {
		err = io.ErrUnexpectedEOF
	}
	return all.Bytes(), err
}

// cut is the error of what ends before its end.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// blocks reads messages where a footer says that they are.
type blocks struct {
	in     io.ReaderAt
	size   int64   // of the file
	first  bool    // the schema was read
	coming []block // dictionaries, then batches
}

// openBlocks reads the footer of a file of that size.
func openBlocks(in io.ReaderAt, size int64) (*blocks, error) {
	end := size - int64(4+len(fileMagic))
	tail := make([]byte, 4+len(fileMagic))
	if _, err := in.ReadAt(tail, max(0, end)); err != nil || !bytes.HasSuffix(tail, fileMagic) {
		return nil, errors.New("it has no end")
	}
	n := int64(binary.LittleEndian.Uint32(tail))
	if n > end {
		return nil, errClaims
	}
	footer := make([]byte, n)
	if _, err := in.ReadAt(footer, end-n); err != nil {
		return nil, err
	}
	all, err := readFooter(footer)
	return &blocks{in: in, size: size, coming: all}, err
}

func (b *blocks) next() (envelope, error) {
	if !b.first { // the schema follows the file's mark, which takes 8 bytes
		b.first = true
		return (&sized{io.NewSectionReader(b.in, 8, b.size-8), b.size}).next()
	}
	if len(b.coming) == 0 {
		return envelope{}, io.EOF
	}
	at := b.coming[0]
	b.coming = b.coming[1:]
	start := at.offset + int64(at.meta)
	if at.offset < 0 || at.meta < 8 || at.body < 0 || start < 0 || start > b.size || at.body > b.size-start {
		return envelope{}, errClaims
	}
	meta := make([]byte, at.meta)
	if _, err := b.in.ReadAt(meta, at.offset); err != nil {
		return envelope{}, err
	}
	meta = bytes.TrimPrefix(meta, streamMagic)[4:] // its size
	h, err := readHead(meta)
	if err == nil && h.body > at.body {
		err = errClaims
	}
	return envelope{h, meta, func() ([]byte, error) {
		body := memory.NewGoAllocator().Allocate(int(at.body))
		_, err := b.in.ReadAt(body, start)
		return body, cut(err)
	}}, err
}

// letters hands messages to the library.
type letters []*ipc.Message

// Message implements ipc.MessageReader.
func (l *letters) Message() (*ipc.Message, error) {
	if len(*l) == 0 {
		return nil, io.EOF
	}
	m := (*l)[0]
	*l = (*l)[1:]
	return m, nil
}

// Retain implements ipc.MessageReader.
func (l *letters) Retain() {}

// Release implements ipc.MessageReader.
func (l *letters) Release() {}
