package tfsession

import (
	"fmt"
	"slices"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// Layers is the graph's preprocess signature: a call makes inputs of a step of
// one batch as it was gathered from the data. It holds no C memory.
type Layers struct {
	session         *Session
	inputs, outputs []tf.Output // the inputs are the first of the slots
	makes           []int       // the step's input that each output is
}

// Layers resolves the preprocess signature; nil where the graph has none.
func (s *Session) Layers() (*Layers, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	want, ok := s.manifest.Signatures[graph.Preprocessing]
	if !ok {
		return nil, nil
	}
	found, err := s.signature(want.Key)
	if err != nil {
		return nil, err
	}
	l := &Layers{session: s}
	for _, t := range want.Takes {
		in, err := found.input(t.Name, t.DType)
		if err != nil {
			return nil, err
		}
		l.inputs = append(l.inputs, in)
	}
	for i, t := range s.tensors {
		if !slices.Contains(want.Makes, t.Name) {
			continue
		}
		out, err := found.made(t.Name, t.DType)
		if err != nil {
			return nil, err
		}
		l.outputs, l.makes = append(l.outputs, out), append(l.makes, i)
	}
	return l, nil
}

// Maker calls the signature on the batches of one ring of buffers. Makers may
// run side by side; one of them is used by one goroutine at a time.
type Maker struct {
	part
	layers *Layers
	call   *making
	feeds  feeds
}

// Maker makes a maker. Close it after the last step on what it made.
func (l *Layers) Maker() (*Maker, error) {
	if l == nil {
		return nil, ErrClosed
	}
	if err := l.session.enter(); err != nil {
		return nil, err
	}
	defer l.session.leave()
	m := &Maker{
		layers: l, call: newMaking(l.session.model.Session, l.inputs, l.outputs, l.session.runOptions), feeds: newFeeds(len(l.inputs)),
	}
	l.session.own(m)
	return m, nil
}

// Shape makes the next Make read slot i from b, as Step.Shape does. A slot that
// the signature does not take is left to the step.
func (m *Maker) Shape(b *Buffers, i int, shape []int64) error {
	if m == nil {
		return ErrClosed
	}
	if b == nil {
		return fmt.Errorf("%w: its buffers are nil", ErrStep)
	}
	return m.feeds.set(i, source{buffers: b, shape: shape})
}

// Over makes the next Make read slot i from data, as Step.Over does.
func (m *Maker) Over(i int, data []byte, shape []int64) error {
	if m == nil {
		return ErrClosed
	}
	return m.feeds.set(i, source{data: data, shape: shape})
}

// Make runs the signature on what Shape and Over gave it, a batch of so many
// examples. What it made stays until the next Make, Drop or Close.
func (m *Maker) Make(examples int) error {
	if m == nil {
		return ErrClosed
	}
	if err := m.enter(); err != nil {
		return err
	}
	defer m.leave()
	s := m.session
	for i := range m.call.tensors {
		t, err := m.feeds.tensor(s, i)
		if err != nil {
			return err
		}
		if t == nil {
			return fmt.Errorf("%w: the preprocessing layers have been given no %s", ErrStep, s.gathered[i].Name)
		}
		m.call.tensors[i] = t
	}
	if err := m.call.run(); err != nil {
		return fmt.Errorf("the preprocessing layers: %w", err)
	}
	for i, input := range m.layers.makes {
		if t, made := s.tensors[input], m.call.made[i]; !fitsShape(made, t.Shape, int64(examples)) {
			return fmt.Errorf("%w: of %d examples the preprocessing layers made %s of the shape %v, which the step does not take",
				ErrStep, examples, t.Name, shapeOf(made))
		}
	}
	return nil
}

// Drop releases what was made. The next Make needs every slot again.
func (m *Maker) Drop() {
	if m == nil || m.enter() != nil {
		return
	}
	defer m.leave()
	m.call.forget()
	clear(m.call.tensors)
	clear(m.feeds.from)
}

// Close releases what the maker holds. A second Close does nothing.
func (m *Maker) Close() error {
	if m != nil {
		release(m)
	}
	return nil
}

func (m *Maker) free() {
	m.call.free()
	m.feeds.free()
}
