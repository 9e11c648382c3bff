package tfsession

import (
	"fmt"
	"slices"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// Layers is the graph's preprocess signature: a call makes inputs of a step of
// one batch as it was gathered from the data. Calls of different makers may run
// side by side.
type Layers struct {
	session         *Session
	inputs, outputs []tf.Output // the inputs are the first of the slots
	makes           []int       // the step's input that each output is
}

// Layers resolves the preprocess signature; nil where the graph has none.
func (s *Session) Layers() (*Layers, error) {
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
	for i, t := range s.manifest.Tensors() {
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

// Maker calls the signature on the batches of one ring of buffers.
type Maker struct {
	layers *Layers
	call   *making
	over   []tensorPointer // the last tensor over borrowed memory, by slot that the signature takes
}

// Maker makes a maker. Free it after the last step on what it made.
func (l *Layers) Maker() *Maker {
	call := newMaking(l.session.model.Session, l.inputs, l.outputs, l.session.runOptions)
	return &Maker{layers: l, call: call, over: make([]tensorPointer, len(l.inputs))}
}

// Shape says what shape slot i of a batch has. A slot that the signature does
// not take is the step's.
func (m *Maker) Shape(b *Buffers, i int, shape []int64) error {
	if i >= len(m.over) {
		return nil
	}
	t, err := b.inputs[i].feed(shape, m.layers.session.kept[i])
	if err != nil {
		return err
	}
	m.call.tensors[i] = t
	return nil
}

// Over says that slot i lies in data and is read from there, as Step.Over does.
func (m *Maker) Over(i int, data []byte, shape []int64) error {
	if i >= len(m.over) {
		return nil
	}
	t, err := borrow(m.layers.session.gathered[i].DType, data, shape)
	if err != nil {
		return err
	}
	dropTensor(m.over[i])
	m.over[i], m.call.tensors[i] = t, t
	return nil
}

// Make runs the signature on what Shape and Over gave it, a batch of so many
// examples. What it made stays until the next Make, Drop or Free.
func (m *Maker) Make(examples int) error {
	s := m.layers.session
	for i, t := range m.call.tensors {
		if t == nil {
			return fmt.Errorf("%w: the preprocessing layers have been given no %s", ErrStep, s.gathered[i].Name)
		}
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

// Drop lets go of what was made. The next Make needs every Shape again.
func (m *Maker) Drop() {
	m.call.forget()
	clear(m.call.tensors)
}

// Free releases what the maker holds. No step may run on it afterwards.
func (m *Maker) Free() {
	m.call.free()
	for _, t := range m.over {
		dropTensor(t)
	}
	m.over = nil
}
