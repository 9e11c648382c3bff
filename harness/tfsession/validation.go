package tfsession

import (
	"fmt"
	"slices"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// Validation adds batches of a pipeline to the graph's metrics. It is used from one
// goroutine at a time.
type Validation struct {
	part
	call *call
	from *Pipeline
}

// Validation resolves the signature that validation calls on each batch of p. Errors
// are ErrGraph.
func (s *Session) Validation(v *graph.Validation, p *Pipeline) (*Validation, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if v == nil || p == nil || p.session != s {
		return nil, fmt.Errorf("%w: it has no pipeline of validation", ErrGraph)
	}
	found, err := s.signature(v.Evaluate)
	if err != nil {
		return nil, err
	}
	examples, err := found.scalar("examples", graph.Int32)
	if err != nil {
		return nil, err
	}
	var inputs []tf.Output
	for _, name := range p.components {
		in, err := s.output(found.Inputs[name].Name)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, in)
	}
	out := &Validation{call: newCall(s.model.Session, inputs, []tf.Output{examples}, s.runOptions), from: p}
	s.own(out)
	return out, nil
}

// Add adds the batch that the pipeline has drawn to the metrics, and returns its
// examples. Errors are ErrStep, ErrOOM and ErrClosed.
func (v *Validation) Add() (examples int, err error) {
	if v == nil {
		return 0, ErrClosed
	}
	if err := v.enter(); err != nil {
		return 0, err
	}
	defer v.leave()
	if !v.from.open {
		return 0, ErrClosed
	}
	copy(v.call.tensors, v.from.current)
	if slices.Contains(v.call.tensors, nil) {
		return 0, fmt.Errorf("%w: no batch of validation was drawn", ErrStep)
	}
	if _, err := v.call.run(); err != nil {
		return 0, err
	}
	return v.call.count(), nil
}

// Close releases what it holds. A second Close does nothing.
func (v *Validation) Close() error {
	if v != nil {
		release(v)
	}
	return nil
}

func (v *Validation) free() { v.call.free() }
