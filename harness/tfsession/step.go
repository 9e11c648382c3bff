package tfsession

import (
	"fmt"
	"slices"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// Step is the graph's training step: one call trains one batch. Its methods but
// Close are called from one goroutine at a time.
type Step struct {
	part
	call   *call
	feeds  feeds
	inputs []int // by slot: the step's input; -1 where only the preprocess signature takes it
	made   *Maker
	taken  *Pipeline
	takes  []int // by component of taken: the step's input
}

// Train resolves the graph's training step: what it is fed, in the order of the
// manifest's inputs and targets, and its loss. Errors are ErrGraph.
func (s *Session) Train() (*Step, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
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
	return s.step(newCall(s.model.Session, inputs, []tf.Output{loss}, s.runOptions)), nil
}

// step is a call that trains a batch, with what it is fed.
func (s *Session) step(c *call) *Step {
	step := &Step{call: c, feeds: newFeeds(len(s.gathered)), inputs: s.stepInputs()}
	s.own(step)
	return step
}

// stepInputs says, for each slot of a batch, which of the step's inputs it is; -1
// for what only the preprocess signature takes.
func (s *Session) stepInputs() []int {
	takes := len(s.manifest.Signatures[graph.Preprocessing].Takes)
	out := make([]int, len(s.gathered))
	for slot, g := range s.gathered {
		out[slot] = -1
		if slot >= takes {
			out[slot] = slices.IndexFunc(s.tensors, func(t graph.Tensor) bool { return t.Name == g.Name })
		}
	}
	return out
}

// Shape makes the next Run read slot i from b, as a batch of that shape. Run
// reports a shape that does not fit.
func (s *Step) Shape(b *Buffers, i int, shape []int64) error {
	if s == nil {
		return ErrClosed
	}
	if b == nil {
		return fmt.Errorf("%w: its buffers are nil", ErrStep)
	}
	return s.feeds.set(i, source{buffers: b, shape: shape})
}

// Over makes the next Run read slot i from data, as large as its shape. data is
// aligned to 64 bytes and, if it is Go's memory, pinned. It stays unchanged
// until the step is closed or slot i is given another. A slot that the graph
// keeps must not be given so.
func (s *Step) Over(i int, data []byte, shape []int64) error {
	if s == nil {
		return ErrClosed
	}
	return s.feeds.set(i, source{data: data, shape: shape})
}

// Made makes the next Run read what the preprocessing layers made in m, without
// a copy.
func (s *Step) Made(m *Maker) {
	if s != nil {
		s.made = m
	}
}

// Take makes each Run read the batch that p has drawn, without a copy. The components
// of p are the step's inputs and targets; else the error is ErrGraph.
func (s *Step) Take(p *Pipeline) error {
	if s == nil || p == nil {
		return ErrClosed
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	takes := make([]int, len(p.components))
	for k, name := range p.components {
		takes[k] = slices.IndexFunc(s.session.tensors, func(t graph.Tensor) bool { return t.Name == name })
		if takes[k] < 0 {
			return fmt.Errorf("%w: its pipeline makes %q, which the step does not take", ErrGraph, name)
		}
	}
	s.taken, s.takes = p, takes
	return nil
}

// Run trains one batch and returns its loss, once that is on the host; a step of
// Session.Accumulate returns 0, and may leave work on the device. Every slot
// has been given by Shape, Over or Made, or all by Take. Errors are ErrStep, ErrOOM and ErrClosed.
func (s *Step) Run() (float64, error) {
	if s == nil {
		return 0, ErrClosed
	}
	if err := s.enter(); err != nil {
		return 0, err
	}
	defer s.leave()
	if err := s.feed(); err != nil {
		return 0, err
	}
	return s.call.run()
}

// feed gives each input its tensor. It fails where one has none, which
// TensorFlow would not survive.
func (s *Step) feed() error {
	for slot, input := range s.inputs {
		if input < 0 {
			continue
		}
		t, err := s.feeds.tensor(s.session, slot)
		if err != nil {
			return err
		}
		s.call.tensors[input] = t
	}
	if m := s.made; m != nil {
		if !m.open || m.session != s.session {
			return ErrClosed
		}
		for k, input := range m.layers.makes {
			s.call.tensors[input] = m.call.made[k]
		}
	}
	if p := s.taken; p != nil {
		if !p.open || p.session != s.session {
			return ErrClosed
		}
		for k, input := range s.takes {
			s.call.tensors[input] = p.current[k]
		}
	}
	for i, t := range s.call.tensors {
		if t == nil {
			return fmt.Errorf("%w: its input %s has been given no batch", ErrStep, s.session.tensors[i].Name)
		}
	}
	return nil
}

// CheckKept returns the names of the slots that the graph keeps, as after
// v.assign(x): the variable shares the fed memory, and refilling it would change
// the variable. What preprocessing layers hand on unchanged is kept too. From now
// on each call gets a copy of these slots. Call it after a step on b, when the
// makers have dropped what they made, and before Reset. The next step needs every
// slot again.
func (s *Step) CheckKept(b *Buffers) []string {
	if s == nil || b == nil || s.enter() != nil {
		return nil
	}
	defer s.leave()
	if !b.open || b.session != s.session {
		return nil
	}
	var names []string
	clear(s.call.tensors) // they may be over b
	clear(s.feeds.from)
	for i, in := range b.inputs {
		in.drop()
		if in.kept() {
			s.session.kept[i] = true
			names = append(names, s.session.gathered[i].Name)
		}
	}
	return names
}

// Close releases what the step holds; the session stays. A second Close does
// nothing.
func (s *Step) Close() error {
	if s != nil {
		release(s)
	}
	return nil
}

func (s *Step) free() {
	s.feeds.free()
	s.call.free()
}
