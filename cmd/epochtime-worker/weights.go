package main

import (
	"fmt"

	"epochtime/harness/graph"
	"epochtime/harness/protocol"
	"epochtime/harness/train"
	"epochtime/internal/atomicfile"
)

// canSave finds, before anything is trained, that the variables which the job
// wants could not be saved.
func (w *worker) canSave(m *graph.Manifest) error {
	path := w.job.SaveWeights
	if path == "" {
		return nil
	}
	if _, err := m.OpenWeights(); err != nil {
		return err
	}
	if err := atomicfile.Check(path); err != nil {
		return protocol.Fail(protocol.CodeJob, fmt.Errorf("the trained weights cannot be written to %s: %w", path, err), "name another folder")
	}
	return nil
}

// saveWeights writes the trained variables where the job wants them.
func (w *worker) saveWeights(t *train.Trainer) error {
	path := w.job.SaveWeights
	if path == "" {
		return nil
	}
	w.lap.next()
	bytes, err := t.SaveWeights(path)
	if err != nil {
		return err
	}
	return w.events.Send(protocol.Event{Event: protocol.EventWeights, Weights: &protocol.Saved{Path: path, Bytes: bytes, Seconds: w.lap.next()}})
}

// loadWeights gives the variables the values of the job's file, and returns the
// names of those that it lacks.
func (w *worker) loadWeights(t *train.Trainer) ([]string, error) {
	path := w.job.Config.LoadWeights
	if path == "" || w.job.Kind != protocol.Train {
		return nil, nil
	}
	return t.LoadWeights(path)
}
