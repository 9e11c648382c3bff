package tfsession

import (
	"fmt"
	"runtime"

	"epochtime/harness/graph"
)

// Preloaded are batches in memory of their own, made before the first step, and
// a loop in C that does nothing but train on one after the other. What it does
// not do, nobody could save: a fed step is measured against it.
type Preloaded struct {
	step    *Step
	batches []*Buffers
	tensors []tensorPointer // of the first batch, of the second, …
}

// Preloaded returns an empty set of batches. Free it before the step.
func (s *Step) Preloaded() *Preloaded { return &Preloaded{step: s} }

// Add copies a batch: the bytes and the shape of each input and target.
func (p *Preloaded) Add(inputs [][]byte, shapes [][]int64) error {
	sizes := make([]int, len(inputs))
	for i, in := range inputs {
		sizes[i] = len(in)
	}
	b, err := p.step.session.NewBuffers(sizes)
	if err != nil {
		return err
	}
	p.batches = append(p.batches, b)
	for i, in := range inputs {
		if to := b.inputs[i]; to.dtype == graph.String {
			graph.MoveStrings(to.bytes, in, bytesOf(to.dtype, shapes[i])/to.dtype.Size())
		} else {
			copy(to.bytes, in)
		}
		t, err := b.inputs[i].tensor(shapes[i])
		if err != nil {
			return err
		}
		p.tensors = append(p.tensors, t)
	}
	return nil
}

// Run trains n steps in one C call.
func (p *Preloaded) Run(n int) error {
	if len(p.batches) == 0 {
		return fmt.Errorf("%w: no batch was preloaded", ErrStep)
	}
	err := p.step.call.repeat(p.tensors, n)
	runtime.KeepAlive(p.step.session)
	return err
}

// Free gives the memory back.
func (p *Preloaded) Free() {
	for _, b := range p.batches {
		b.Free()
	}
	p.batches, p.tensors = nil, nil
}
