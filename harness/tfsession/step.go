package tfsession

import (
	"fmt"
	"runtime"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// Step is the graph's training step: one call trains one batch.
type Step struct {
	session *Session
	call    *call
	fresh   []bool          // inputs that the graph keeps: they get a tensor of their own for each step
	types   []graph.DType   // of the inputs
	over    []tensorPointer // the last tensor over borrowed memory, by input
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
		session: s, call: newCall(s.model.Session, inputs, []tf.Output{loss}, s.runOptions),
		fresh: make([]bool, len(inputs)), over: make([]tensorPointer, len(inputs)),
	}
	for _, t := range s.manifest.Tensors() {
		step.types = append(step.types, t.DType)
	}
	return step, nil
}

// NewBuffers makes room for one batch; sizes are bytes, one an input, for strings
// with the room behind their records.
func (s *Session) NewBuffers(sizes []int) (*Buffers, error) {
	b := &Buffers{}
	for i, t := range s.manifest.Tensors() {
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

// Shape says what shape input i of the next Run has; its bytes lie at the start
// of the buffer.
func (s *Step) Shape(b *Buffers, i int, shape []int64) error {
	feed := b.inputs[i].tensor
	if s.fresh[i] {
		feed = b.inputs[i].copied
	}
	t, err := feed(shape)
	if err != nil {
		return err
	}
	s.call.tensors[i] = t
	return nil
}

// Over says that input i of the next Run lies in data, as large as its shape,
// and is read from there. data is aligned to 64 bytes and, if it is Go's memory,
// pinned; it stays as it is until the step is freed or given another. Not for an
// input that the graph keeps.
func (s *Step) Over(i int, data []byte, shape []int64) error {
	t, err := borrow(s.types[i], data, shape)
	if err != nil {
		return err
	}
	dropTensor(s.over[i])
	s.over[i], s.call.tensors[i] = t, t
	return nil
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

// CheckKept finds the inputs that the graph keeps, as after v.assign(x), where
// the variable shares the fed memory and refilling it would change the
// variable. From here on these are copied for each step. Call it after a step
// on b and before Reset; the next step needs every Shape again. It returns
// their names.
func (s *Step) CheckKept(b *Buffers) []string {
	var names []string
	for i, in := range b.inputs {
		in.drop()
		s.call.tensors[i] = nil // it may have been one of those
		if in.kept() {
			s.fresh[i] = true
			names = append(names, s.session.manifest.Tensors()[i].Name)
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
