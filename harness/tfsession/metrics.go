package tfsession

import (
	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// Metrics are the graph's metrics as training and validation fill them. Their state
// lives in the session. It is used from one goroutine at a time.
type Metrics struct {
	part
	reset  *making
	values *making
	of     []graph.MetricOutput
}

// Metrics resolves the signature that resets all metrics, and the outputs of the
// signature "metrics" that values name. Errors are ErrGraph.
func (s *Session) Metrics(values []graph.MetricOutput) (*Metrics, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	outputs, err := s.metricOutputs(graph.Metrics, values)
	if err != nil {
		return nil, err
	}
	m := &Metrics{of: values}
	if m.reset, err = s.resetMetrics(); err != nil {
		return nil, err
	}
	m.values = newMaking(s.model.Session, nil, outputs, s.runOptions)
	s.own(m)
	return m, nil
}

// metricOutputs are the outputs of a signature of the manifest that values name.
func (s *Session) metricOutputs(name string, values []graph.MetricOutput) ([]tf.Output, error) {
	of, err := s.signature(s.manifest.Signatures[name].Key)
	if err != nil {
		return nil, err
	}
	var outputs []tf.Output
	for _, v := range values {
		out, err := of.made(v.Output, graph.Float64)
		if err != nil {
			return nil, err
		}
		outputs = append(outputs, out)
	}
	return outputs, nil
}

// resetMetrics is the call that resets all metrics.
func (s *Session) resetMetrics() (*making, error) {
	reset := s.manifest.Signatures[graph.ResetMetrics]
	found, err := s.signature(reset.Key)
	if err != nil {
		return nil, err
	}
	count, err := found.scalar(reset.Count, graph.Int32)
	if err != nil {
		return nil, err
	}
	return newMaking(s.model.Session, nil, []tf.Output{count}, s.runOptions), nil
}

// Reset begins a pass: no metric has seen a batch.
func (m *Metrics) Reset() error {
	if m == nil {
		return ErrClosed
	}
	if err := m.enter(); err != nil {
		return err
	}
	defer m.leave()
	return m.reset.run()
}

// Values returns the metrics over the batches since Reset, named as Keras names them:
// scalars or vectors of float64.
func (m *Metrics) Values() ([]Tensor, error) {
	if m == nil {
		return nil, ErrClosed
	}
	if err := m.enter(); err != nil {
		return nil, err
	}
	defer m.leave()
	if err := m.values.run(); err != nil {
		return nil, err
	}
	return m.values.metrics(m.of, 0), nil
}

// Close releases what it holds. A second Close does nothing.
func (m *Metrics) Close() error {
	if m != nil {
		release(m)
	}
	return nil
}

func (m *Metrics) free() {
	m.reset.free()
	m.values.free()
}
