package arrow

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	arrowgo "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/columnar"
)

// source reads the record batches of a file.
type source struct {
	framing
	io.Closer
	path    string
	most    int64 // rows of a batch that the file may claim
	options []ipc.Option
	schema  envelope
	read    *arrowgo.Schema

	decoders sync.Pool // of batches that stand alone
	coded    *decoder  // of batches that need dictionaries, in order; nil where none does
}

// openSource opens a file as what it begins like, and reads its schema.
func openSource(b *dataset.Builder, path string) (*source, error) {
	f, info, err := b.Open(path)
	if err != nil {
		return nil, err
	}
	s := &source{path: path, Closer: f, most: columnar.Largest(info.Size()) / 8, options: []ipc.Option{ipc.WithAllocator(columnar.NewAllocator(info.Size())), ipc.WithEnsureNativeEndian(true)}}
	start := make([]byte, len(fileMagic))
	n, _ := io.ReadFull(f, start) // what is too short is none of these
	if bytes.Equal(start[:n], fileMagic) {
		s.framing, err = openBlocks(f, info.Size())
		err = s.damaged(err)
	} else {
		f.Close()
		s.framing, s.Closer, err = openStream(b, path, columnar.Largest(info.Size()))
	}
	if err == nil {
		err = s.readSchema()
	}
	if err != nil {
		if s.Closer != nil {
			s.Close()
		}
		return nil, err
	}
	return s, nil
}

// openStream opens a stream, which may be compressed as a whole.
func openStream(b *dataset.Builder, path string, most int64) (framing, io.Closer, error) {
	in, err := b.OpenStream(path)
	if err != nil {
		return nil, nil, err
	}
	buffered := bufio.NewReaderSize(b.Reader(in), 1<<20)
	start, _ := buffered.Peek(len(fileMagic))
	if bytes.Equal(start, fileMagic) {
		return nil, in, columnar.Compressed(path, "an Arrow file")
	}
	if printable(start) { // a schema of 500 MB and more
		return nil, in, fmt.Errorf("%w: %s is not an Arrow file: it begins with %q: copy the file again, or call it what it is", dataset.ErrUnreadable, path, start[:4])
	}
	return &sized{buffered, most}, in, nil
}

// printable reports whether a file begins with letters and the like, as of another format.
func printable(start []byte) bool {
	return len(start) >= 4 && !bytes.ContainsFunc(start[:4], func(r rune) bool { return r < ' ' || r > '~' })
}

// damaged is the error of a file that cannot be read.
func (s *source) damaged(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return dataset.ReadError(s.path, err)
	}
	return columnar.Damaged(s.path, "", err)
}

// readSchema reads the first message.
func (s *source) readSchema() (err error) {
	s.schema, err = s.framing.next()
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) || err == nil && s.schema.kind != ipc.MessageSchema {
		return columnar.Not(s.path, "an Arrow file", nil)
	}
	if err != nil {
		return s.damaged(err)
	}
	d, err := s.decoder()
	if err != nil {
		return s.damaged(err)
	}
	s.read = d.Schema()
	if slices.ContainsFunc(s.read.Fields(), func(f arrowgo.Field) bool { return hasDictionary(f.Type) }) {
		s.coded = d
	} else {
		s.decoders.Put(d)
	}
	return nil
}

func hasDictionary(dt arrowgo.DataType) bool {
	switch t := storage(dt).(type) {
	case *arrowgo.DictionaryType:
		return true
	case arrowgo.NestedType:
		return slices.ContainsFunc(t.Fields(), func(f arrowgo.Field) bool { return hasDictionary(f.Type) })
	}
	return false
}

// decoder decodes the messages that it is sent.
type decoder struct {
	*ipc.Reader
	mail letters
}

func (s *source) decoder() (*decoder, error) {
	schema, err := s.schema.message()
	if err != nil {
		return nil, err
	}
	d := &decoder{mail: letters{schema}}
	d.Reader, err = ipc.NewReaderFromMessageReader(&d.mail, s.options...)
	return d, err
}

// batch decodes a record batch, after dictionaries that it was sent.
func (s *source) batch(d *decoder, e envelope) (arrowgo.RecordBatch, error) {
	m, err := e.message()
	if err != nil {
		return nil, s.damaged(err)
	}
	d.mail = append(d.mail, m)
	batch, err := d.Read()
	if err == nil && batch == nil {
		err = errors.New("it has a batch of nothing")
	}
	if err != nil {
		return nil, s.damaged(err)
	}
	batch.Retain()
	return batch, nil
}

// loader loads a record batch. Goroutines load batches side by side.
type loader func() (arrowgo.RecordBatch, error)

// next returns the number of rows of the next record batch and what loads it, or
// io.EOF.
func (s *source) next() (rows int64, load loader, err error) {
	for {
		e, err := s.framing.next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, nil, io.EOF
		}
		if err != nil {
			return 0, nil, s.damaged(err)
		}
		if s.schema.needs.lacks(e.head) {
			return 0, nil, s.damaged(errClaims)
		}
		switch {
		case e.kind == ipc.MessageDictionaryBatch && s.coded != nil:
			m, err := e.message()
			if err != nil {
				return 0, nil, s.damaged(err)
			}
			s.coded.mail = append(s.coded.mail, m)
		case e.kind != ipc.MessageRecordBatch:
			return 0, nil, s.damaged(fmt.Errorf("it has a message of type %s among its rows", e.kind))
		case s.coded != nil:
			batch, err := s.batch(s.coded, e)
			return e.rows, func() (arrowgo.RecordBatch, error) { return batch, nil }, err
		default:
			return e.rows, func() (arrowgo.RecordBatch, error) { return s.alone(e) }, nil
		}
	}
}

// alone decodes a batch that needs no dictionaries.
func (s *source) alone(e envelope) (_ arrowgo.RecordBatch, err error) {
	defer columnar.Contain(&err, s.damaged)
	d, ok := s.decoders.Get().(*decoder)
	if !ok {
		if d, err = s.decoder(); err != nil {
			return nil, s.damaged(err)
		}
	}
	batch, err := s.batch(d, e)
	if err == nil {
		s.decoders.Put(d)
	}
	return batch, err
}
