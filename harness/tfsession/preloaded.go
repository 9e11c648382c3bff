package tfsession

import (
	"fmt"

	"epochtime/harness/graph"
	"epochtime/internal/tstring"
)

// Preloaded are batches in memory of their own, made before the first step, and
// a loop in C that does nothing but train on one after the other. No feeding
// could be faster, so a fed step is measured against it.
type Preloaded struct {
	part
	step    *Step
	batches []*Buffers
	tensors []tensorPointer // of the first batch, of the second, …
}

// Preloaded returns an empty set of batches.
func (s *Step) Preloaded() (*Preloaded, error) {
	if s == nil {
		return nil, ErrClosed
	}
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if len(s.call.tensors) != len(s.session.gathered) {
		return nil, fmt.Errorf("%w: a bare loop does not run preprocessing layers", ErrStep)
	}
	p := &Preloaded{step: s}
	s.session.own(p)
	return p, nil
}

// Add copies a batch: the bytes and the shape of each input and target.
func (p *Preloaded) Add(inputs [][]byte, shapes [][]int64) error {
	if p == nil {
		return ErrClosed
	}
	if err := p.enter(); err != nil {
		return err
	}
	defer p.leave()
	if len(shapes) != len(inputs) {
		return fmt.Errorf("%w: a batch of %d inputs and %d shapes", ErrStep, len(inputs), len(shapes))
	}
	sizes := make([]int, len(inputs))
	for i, in := range inputs {
		sizes[i] = len(in)
	}
	b, err := p.session.newBuffers(sizes)
	if err != nil {
		return err
	}
	p.batches = append(p.batches, b)
	var tensors []tensorPointer
	for i, in := range inputs {
		to := b.inputs[i]
		t, err := to.tensor(shapes[i])
		if err != nil {
			return err
		}
		if to.dtype == graph.String {
			tstring.Move(to.bytes, in, bytesOf(to.dtype, shapes[i])/to.dtype.Size())
		} else {
			copy(to.bytes, in)
		}
		tensors = append(tensors, t)
	}
	p.tensors = append(p.tensors, tensors...)
	return nil
}

// Run trains n steps in one C call.
func (p *Preloaded) Run(n int) error {
	if p == nil {
		return ErrClosed
	}
	if err := p.enter(); err != nil {
		return err
	}
	defer p.leave()
	if !p.step.open {
		return ErrClosed
	}
	if len(p.tensors) == 0 {
		return fmt.Errorf("%w: no batch was preloaded", ErrStep)
	}
	return p.step.call.repeat(p.tensors, n)
}

// Close gives the memory back. A second Close does nothing.
func (p *Preloaded) Close() error {
	if p != nil {
		release(p)
	}
	return nil
}

func (p *Preloaded) free() {
	for _, b := range p.batches {
		if b.open {
			delete(p.session.parts, b)
			b.open = false
			b.free()
		}
	}
	p.batches, p.tensors = nil, nil
}
