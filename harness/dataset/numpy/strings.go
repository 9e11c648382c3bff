package numpy

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// stringCode is one of NumPy's types of strings: |S8 is 8 bytes, <U8 are 8
// characters of 4 bytes each.
type stringCode struct {
	size int // bytes of a string; 0: it is no type of strings
	wide bool
}

func stringType(descr string) stringCode {
	if len(descr) < 3 || descr[:2] != "|S" && descr[:2] != "<U" {
		return stringCode{}
	}
	n, err := strconv.Atoi(descr[2:])
	if err != nil || n < 1 || n > maxHeader {
		return stringCode{}
	}
	if descr[1] == 'U' {
		return stringCode{4 * n, true}
	}
	return stringCode{n, false}
}

// strings reads an array of strings, each padded with zeros: without the zeros, and
// in UTF-8.
func (a *Array) strings(b *dataset.Builder, where string, body *dataset.Body) (dataset.Column, error) {
	sink := graph.Tensor{Name: where, DType: graph.String, Shape: make([]*int64, 1)}
	for _, d := range a.Shape[1:] {
		size := int64(d)
		sink.Shape = append(sink.Shape, &size)
	}
	if graph.Count(a.Shape) < 1 {
		return dataset.Column{}, fmt.Errorf("%w: %s holds no strings", dataset.ErrUnfit, where)
	}
	ordered, done, err := b.InOrder(body, a.text.size, a.Shape)
	if err != nil {
		return dataset.Column{}, fmt.Errorf("%w: %s: %w", dataset.ErrUnreadable, where, err)
	}
	defer done()
	c, err := b.Column(dataset.NewSink(sink), func(add func(*dataset.Part) error) error {
		return a.texts(b.Reader(ordered), add)
	})
	switch {
	case errors.Is(err, dataset.ErrUnfit) || errors.Is(err, dataset.ErrUnreadable):
		return dataset.Column{}, err
	case err != nil:
		return dataset.Column{}, fmt.Errorf("%w: %s: %w", dataset.ErrUnreadable, where, err)
	}
	return c, nil
}

// texts hands the strings to add.
func (a *Array) texts(r io.Reader, add func(*dataset.Part) error) error {
	in, one := bufio.NewReaderSize(r, 1<<18), make([]byte, a.text.size)
	each := graph.Count(a.Shape[1:])
	p := &dataset.Part{}
	for i := range a.Shape[0] {
		for k := range each {
			if got, err := io.ReadFull(in, one); err != nil {
				return cutShort(err, (i*each+k)*a.text.size+got, a.Shape[0]*each*a.text.size)
			}
			p.Data = a.appendUnpadded(p.Data, one)
			p.Ends = append(p.Ends, len(p.Data))
		}
		p.Examples++
		if len(a.Shape) > 1 {
			p.Lengths = append(p.Lengths, each)
		}
		if len(p.Data) < dataset.ChunkBytes && len(p.Ends) < dataset.ChunkBytes/64 && i < a.Shape[0]-1 {
			continue
		}
		if err := add(p); err != nil {
			return err
		}
		p = &dataset.Part{}
	}
	_, err := io.Copy(io.Discard, in) // an archive compares its checksum
	return err
}

func cutShort(err error, have, want int) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("it is cut short: %d bytes of its %d are there", have, want)
	}
	return err
}

// appendUnpadded appends a string without the zeros that pad it.
func (a *Array) appendUnpadded(to, padded []byte) []byte {
	if !a.text.wide {
		return append(to, bytes.TrimRight(padded, "\x00")...)
	}
	character := binary.LittleEndian.Uint32
	if a.bigEndian {
		character = binary.BigEndian.Uint32
	}
	last := len(padded)
	for last >= 4 && character(padded[last-4:]) == 0 {
		last -= 4
	}
	for i := 0; i < last; i += 4 {
		to = utf8.AppendRune(to, rune(character(padded[i:])))
	}
	return to
}
