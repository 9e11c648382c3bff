package tfsession

import (
	"fmt"
	"runtime"
	"slices"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// Step is the graph's training step: one call trains one batch.
type Step struct {
	session *Session
	call    *call
	inputs  []int           // by slot: the step's input; -1 where only the preprocess signature takes it
	over    []tensorPointer // the last tensor over borrowed memory, by slot
}

// Buffers holds one batch, an input after the other, in memory that TensorFlow
// reads in place. Refill it and run again.
type Buffers struct{ inputs []*buffer }

// Train resolves the graph's training step: what it is fed, in the order of the
// manifest's inputs and targets, and its loss.
func (s *Session) Train() (*Step, error) {
	want := s.manifest.Signatures[graph.Train]
	signature, err := s.signature(want.Key)
	if err != nil {
		return nil, err
	}
	inputs, err := signature.columns()
	if err != nil {
		return nil, err
	}
	loss, err := signature.scalar(want.Loss, graph.Float32)
	if err != nil {
		return nil, err
	}
	step := &Step{
		session: s, call: newCall(s.model.Session, inputs, []tf.Output{loss}, s.runOptions), over: make([]tensorPointer, len(s.gathered)),
	}
	takes := len(s.manifest.Signatures[graph.Preprocessing].Takes)
	for slot, g := range s.gathered {
		input := -1
		if slot >= takes {
			input = slices.IndexFunc(s.tensors, func(t graph.Tensor) bool { return t.Name == g.Name })
		}
		step.inputs = append(step.inputs, input)
	}
	return step, nil
}

// NewBuffers makes room for one batch; sizes are bytes, one an input, for strings
// with the room behind their records.
func (s *Session) NewBuffers(sizes []int) (*Buffers, error) {
	b := &Buffers{}
	for i, t := range s.gathered {
		in, err := newBuffer(t.DType, sizes[i])
		if err != nil {
			b.Free()
			return nil, err
		}
		b.inputs = append(b.inputs, in)
	}
	return b, nil
}

// Bytes returns the memory of each input; strings are laid there by graph.PutString.
func (b *Buffers) Bytes() [][]byte {
	out := make([][]byte, len(b.inputs))
	for i, in := range b.inputs {
		out[i] = in.bytes
	}
	return out
}

// Free gives the memory back. No step may run on it afterwards.
func (b *Buffers) Free() {
	for _, in := range b.inputs {
		in.free()
	}
	b.inputs = nil
}

// Shape says what shape slot i of a batch has; its bytes lie at the start of the
// buffer. A slot that only preprocessing layers take is none of the step's.
func (s *Step) Shape(b *Buffers, i int, shape []int64) error {
	if s.inputs[i] < 0 {
		return nil
	}
	t, err := b.inputs[i].feed(shape, s.session.kept[i])
	if err != nil {
		return err
	}
	s.call.tensors[s.inputs[i]] = t
	return nil
}

// Over says that slot i of the next Run lies in data, as large as its shape,
// and is read from there. data is aligned to 64 bytes and, if it is Go's memory,
// pinned; it stays as it is until the step is freed or given another. Not for a
// slot that the graph keeps.
func (s *Step) Over(i int, data []byte, shape []int64) error {
	if s.inputs[i] < 0 {
		return nil
	}
	t, err := borrow(s.session.gathered[i].DType, data, shape)
	if err != nil {
		return err
	}
	dropTensor(s.over[i])
	s.over[i], s.call.tensors[s.inputs[i]] = t, t
	return nil
}

// Made says that the next Run takes what the preprocessing layers made in m,
// without a copy.
func (s *Step) Made(m *Maker) {
	for k, input := range m.layers.makes {
		s.call.tensors[input] = m.call.made[k]
	}
}

// Run trains one batch and returns its loss. Every input has been given its
// Shape. It returns when the loss is on the host.
func (s *Step) Run() (float64, error) {
	if err := s.fed(); err != nil {
		return 0, err
	}
	loss, err := s.call.run()
	runtime.KeepAlive(s.session) // whose finalizer ends the C session
	return float64(loss), err
}

// fed fails where an input has no tensor, which TensorFlow would not survive.
func (s *Step) fed() error {
	for i, t := range s.call.tensors {
		if t == nil {
			return fmt.Errorf("%w: its input %s has been given no batch", ErrStep, s.session.manifest.Tensors()[i].Name)
		}
	}
	return nil
}

// CheckKept finds the slots that the graph keeps, as after v.assign(x), where
// the variable shares the fed memory and refilling it would change the
// variable; what preprocessing layers hand on unchanged lies there too. From here
// on these are copied for each call. Call it after a step on b, with what was
// made of it dropped, and before Reset; the next step needs every Shape again. It
// returns their names.
func (s *Step) CheckKept(b *Buffers) []string {
	var names []string
	clear(s.call.tensors) // they may have been some of those
	for i, in := range b.inputs {
		in.drop()
		if in.kept() {
			s.session.kept[i] = true
			names = append(names, s.session.gathered[i].Name)
		}
	}
	return names
}

// Free releases what the step holds; the session stays.
func (s *Step) Free() {
	for _, t := range s.over {
		dropTensor(t)
	}
	s.over = nil
	s.call.free()
}
