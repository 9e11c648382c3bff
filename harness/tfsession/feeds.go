package tfsession

import (
	"errors"
	"fmt"

	"epochtime/harness/graph"
)

// feeds say what a call reads next, slot by slot. Nothing in C changes before
// the call: only then are all of them looked up, under one lock.
type feeds struct {
	from []source
	over []tensorPointer // the last tensors over borrowed memory, by slot
}

// source is where one slot is read from: a slot of buffers, or borrowed memory.
type source struct {
	buffers *Buffers
	data    []byte
	shape   []int64
}

func newFeeds(slots int) feeds {
	return feeds{from: make([]source, slots), over: make([]tensorPointer, slots)}
}

// set says what slot i is read from. Slots behind the last are none of the call's.
func (f *feeds) set(i int, from source) error {
	if i < 0 {
		return fmt.Errorf("%w: there is no slot %d", ErrStep, i)
	}
	if i < len(f.from) {
		f.from[i] = from
	}
	return nil
}

// tensor returns the tensor of slot i; nil where it was given nothing. The
// caller has entered the session.
func (f *feeds) tensor(s *Session, i int) (tensorPointer, error) {
	from := &f.from[i]
	switch {
	case from.shape == nil:
		return nil, nil
	case from.buffers == nil:
		t, err := borrow(s.gathered[i].DType, from.data, from.shape)
		if err != nil {
			return nil, err
		}
		dropTensor(f.over[i])
		f.over[i] = t
		return t, nil
	case !from.buffers.open:
		return nil, ErrClosed
	case from.buffers.session != s:
		return nil, fmt.Errorf("%w: its buffers belong to another session", ErrStep)
	}
	return from.buffers.inputs[i].feed(from.shape, s.kept[i])
}

func (f *feeds) free() {
	for _, t := range f.over {
		dropTensor(t)
	}
	clear(f.over)
	clear(f.from)
}

// Buffers hold one batch, an input after the other, in memory that TensorFlow
// reads in place. Refill them and run again.
type Buffers struct {
	part
	inputs []*buffer
}

// NewBuffers makes room for one batch. sizes are bytes, one for each slot of the
// manifest's Gathered; those of strings include the room behind their records.
func (s *Session) NewBuffers(sizes []int) (*Buffers, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	return s.newBuffers(sizes)
}

func (s *Session) newBuffers(sizes []int) (*Buffers, error) {
	if len(sizes) != len(s.gathered) {
		return nil, fmt.Errorf("%w: %d buffers for a batch of %d inputs", ErrStep, len(sizes), len(s.gathered))
	}
	b := &Buffers{}
	for i, t := range s.gathered {
		in, err := newBuffer(t.DType, sizes[i])
		if err != nil {
			b.free()
			return nil, err
		}
		b.inputs = append(b.inputs, in)
	}
	s.own(b)
	return b, nil
}

// Bytes returns the memory of each slot, nil once the buffers are closed. It may
// be used until then.
func (b *Buffers) Bytes() [][]byte {
	if b == nil || b.enter() != nil {
		return nil
	}
	defer b.leave()
	return bytesIn(b.inputs)
}

func bytesIn(inputs []*buffer) [][]byte {
	out := make([][]byte, len(inputs))
	for i, in := range inputs {
		out[i] = in.bytes
	}
	return out
}

// Close gives the memory back, after calls that use it. A second Close does
// nothing.
func (b *Buffers) Close() error {
	if b != nil {
		release(b)
	}
	return nil
}

func (b *Buffers) free() { freeAll(b.inputs) }

func freeAll(inputs []*buffer) {
	for _, in := range inputs {
		in.free()
	}
}

// Data holds a whole data set on the host, to be uploaded.
type Data struct {
	part
	inputs []*buffer
}

// NewData makes room on the host for a whole data set: shapes has one shape for
// each input and target, all examples first. Resident.Upload takes it.
func (s *Session) NewData(shapes [][]int64) (*Data, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if len(shapes) != len(s.tensors) {
		return nil, fmt.Errorf("%w: %d shapes for data of %d inputs and targets", ErrStep, len(shapes), len(s.tensors))
	}
	d := &Data{}
	for i, t := range s.tensors {
		in, err := newTensorBuffer(t.DType, shapes[i])
		if err != nil {
			d.free()
			return nil, err
		}
		d.inputs = append(d.inputs, in)
	}
	s.own(d)
	return d, nil
}

// Bytes returns the memory of each input and target, nil once the data is
// uploaded or closed. It may be used until then.
func (d *Data) Bytes() [][]byte {
	if d == nil || d.enter() != nil {
		return nil
	}
	defer d.leave()
	return bytesIn(d.inputs)
}

// Close gives the memory back. A second Close does nothing.
func (d *Data) Close() error {
	if d != nil {
		release(d)
	}
	return nil
}

func (d *Data) free() { freeAll(d.inputs) }

// borrow makes the tensor of that shape over memory that stays where it is until
// the tensor is dropped.
func borrow(d graph.DType, data []byte, shape []int64) (tensorPointer, error) {
	if d == graph.String {
		return nil, fmt.Errorf("%w: strings cannot be read in place", ErrStep)
	}
	if size := bytesOf(d, shape); size != len(data) {
		return nil, fmt.Errorf("%w: a batch of shape %v takes %d bytes, it has %d", ErrStep, shape, size, len(data))
	}
	t := tensorOver(d, data, shape)
	if t == nil {
		return nil, errNoTensor
	}
	return t, nil
}

var errNoTensor = errors.New("TensorFlow made no tensor over a batch")
