package tfsession

import (
	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// Total is the sum of the losses of steps, which stays on the device until it is read. It
// is used from one goroutine at a time.
type Total struct {
	part
	read *call
}

// Accumulate is Train for steps that return no loss: each adds its own, times the
// examples of the batch, to the session's Total. To run one fetches nothing. Clear the
// total before the first. A graph without such steps is graph.ErrTotal; other errors are
// ErrGraph.
func (s *Session) Accumulate() (*Step, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if err := s.manifest.Totals(); err != nil {
		return nil, err
	}
	want := s.manifest.Signatures[graph.Accumulate]
	signature, err := s.signature(want.Key)
	if err != nil {
		return nil, err
	}
	inputs, err := signature.columns()
	if err != nil {
		return nil, err
	}
	examples, err := signature.scalar(want.Examples, graph.Int32)
	if err != nil {
		return nil, err
	}
	c := newCall(s.model.Session, inputs, nil, s.runOptions)
	c.target(examples)
	return s.step(c), nil
}

// Total resolves the signature that reads what the steps of Accumulate add up. Errors are
// those of Accumulate.
func (s *Session) Total() (*Total, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if err := s.manifest.Totals(); err != nil {
		return nil, err
	}
	want := s.manifest.Signatures[graph.Total]
	signature, err := s.signature(want.Key)
	if err != nil {
		return nil, err
	}
	loss, err := signature.scalar(want.Loss, graph.Float64)
	if err != nil {
		return nil, err
	}
	examples, err := signature.scalar(want.Examples, graph.Int32)
	if err != nil {
		return nil, err
	}
	t := &Total{read: newCall(s.model.Session, nil, []tf.Output{loss, examples}, s.runOptions)}
	s.own(t)
	return t, nil
}

// Read waits for the device, and returns the mean loss of the steps since the last Read,
// weighted by their examples, and how many examples they had; 0 and 0 before the first
// step. It clears the total.
func (t *Total) Read() (loss float64, examples int, err error) {
	if t == nil {
		return 0, 0, ErrClosed
	}
	if err := t.enter(); err != nil {
		return 0, 0, err
	}
	defer t.leave()
	loss, err = t.read.run()
	return loss, t.read.count(), err
}

// Clear forgets the steps so far, also those of an epoch that was not finished.
func (t *Total) Clear() error {
	_, _, err := t.Read()
	return err
}

// Close releases what it holds; the total stays on the device. A second Close does nothing.
func (t *Total) Close() error {
	if t != nil {
		release(t)
	}
	return nil
}

func (t *Total) free() { t.read.free() }
