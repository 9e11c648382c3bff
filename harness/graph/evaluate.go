package graph

import (
	"errors"
	"fmt"
	"slices"
)

// Names in Manifest.Signatures of what is not training.
const (
	Predict      = "predict"       // the model's outputs for one batch
	Evaluate     = "evaluate"      // adds one batch to the state of the metrics
	Metrics      = "metrics"       // the values of the metrics
	ResetMetrics = "reset_metrics" // begins a pass
)

// ErrNoSignature: the graph was exported without what was asked for, because
// Keras cannot do it with this model either. Test with errors.Is.
var ErrNoSignature = errors.New("the graph has no such signature")

// MetricOutput says which output of a signature is the value of a metric.
type MetricOutput struct {
	Name   string `json:"name"` // as Keras's evaluate names it
	Output string `json:"output"`
}

// CanEvaluate returns ErrNoSignature, with the exporter's reason, for a graph
// whose model cannot be evaluated.
func (m *Manifest) CanEvaluate() error { return m.has(Evaluate) }

// CanPredict returns ErrNoSignature, with the exporter's reason, for a graph
// whose model has no predictions.
func (m *Manifest) CanPredict() error { return m.has(Predict) }

func (m *Manifest) has(name string) error {
	if m == nil {
		return fmt.Errorf("%w: the manifest is nil", ErrNoSignature)
	}
	if _, ok := m.Signatures[name]; ok {
		return nil
	}
	why := m.Missing[name]
	if why == "" {
		why = "export it again"
	}
	return fmt.Errorf("%w: %s of %s: %s", ErrNoSignature, name, m.Name, why)
}

// ForEvaluation returns the manifest as a pass of evaluation is fed: without the
// random steps of its preprocessing, which are for training.
func (m *Manifest) ForEvaluation() *Manifest {
	if m == nil {
		return nil
	}
	out := *m
	out.Preprocess = slices.DeleteFunc(slices.Clone(m.Preprocess), Preprocess.Random)
	return &out
}

// ForPrediction returns the manifest as a pass of prediction is fed: as
// ForEvaluation, and without targets but those that the preprocess signature
// makes, which cannot run without what it takes. What it gathers is what begins
// the Gathered of m.
func (m *Manifest) ForPrediction() *Manifest {
	if m == nil {
		return nil
	}
	out := m.ForEvaluation()
	makes := m.Signatures[Preprocessing].Makes
	out.Targets = slices.DeleteFunc(slices.Clone(m.Targets), func(t Tensor) bool { return !slices.Contains(makes, t.Name) })
	return out
}

// MetricOutputs lists the metrics in Keras's order, and the signature whose
// outputs they are: Metrics, or Evaluate where Keras returns those of the last
// batch.
func (m *Manifest) MetricOutputs() (signature string, outputs []MetricOutput) {
	if m == nil {
		return Evaluate, nil
	}
	if s, ok := m.Signatures[Metrics]; ok {
		return Metrics, s.Values
	}
	return Evaluate, m.Signatures[Evaluate].Values
}

// checkEvaluation finds signatures of evaluation and prediction that are not
// whole.
func (m *Manifest) checkEvaluation() error {
	if s, ok := m.Signatures[Predict]; ok {
		if s.Key == "" || len(s.Outputs) == 0 {
			return errors.New("it has no predict signature that is whole")
		}
		for _, t := range s.Outputs {
			if t.Name == "" || t.DType == String || t.DType.Size() == 0 {
				return fmt.Errorf("its prediction %q is of dtype %q", t.Name, t.DType)
			}
		}
	}
	evaluate, ok := m.Signatures[Evaluate]
	if !ok {
		return nil
	}
	reset := m.Signatures[ResetMetrics]
	if evaluate.Key == "" || evaluate.Examples == "" || reset.Key == "" || reset.Count == "" {
		return errors.New("it has no evaluate and reset_metrics signatures that are whole")
	}
	name, outputs := m.MetricOutputs()
	if len(outputs) == 0 || m.Signatures[name].Key == "" {
		return errors.New("it has an evaluate signature without metrics")
	}
	for _, o := range outputs {
		if o.Name == "" || o.Output == "" {
			return errors.New("it has a metric without a name")
		}
	}
	return nil
}
