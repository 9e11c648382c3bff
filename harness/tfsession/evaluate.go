package tfsession

import (
	"fmt"
	"slices"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// Tensor is what a signature made: numbers on the host.
type Tensor struct {
	Name  string // the output's
	DType graph.DType
	Shape []int64
	Data  []byte // little-endian, the last dimension varying fastest
}

// batchCall is a call of a signature that takes a batch and is not timed. Each
// call gets a copy of the batch, since the graph may keep it.
type batchCall struct {
	call   *making
	from   []source // by slot of Gathered, as many as the signature needs
	inputs []int    // by slot: the call's input; -1 where only the preprocess signature takes it
	names  []string // of the inputs
	maker  *Maker
}

// newBatchCall resolves a signature that takes the first of the step's inputs
// and targets.
func (s *Session) newBatchCall(found signature, takes []graph.Tensor, outputs []tf.Output) (*batchCall, error) {
	b := &batchCall{}
	var inputs []tf.Output
	for _, t := range takes {
		in, err := found.input(t.Name, t.DType)
		if err != nil {
			return nil, err
		}
		inputs, b.names = append(inputs, in), append(b.names, t.Name)
	}
	for _, input := range s.stepInputs() {
		if input >= len(takes) {
			input = -1
		}
		b.inputs = append(b.inputs, input)
	}
	b.from = make([]source, len(b.inputs))
	b.call = newMaking(s.model.Session, inputs, outputs, s.runOptions)
	return b, nil
}

// run makes the call on what shape and made gave it. The caller has entered the
// session.
func (b *batchCall) run(s *Session) error {
	clear(b.call.tensors)
	if m := b.maker; m != nil {
		if !m.open || m.session != s {
			return ErrClosed
		}
		for k, input := range m.layers.makes {
			if input < len(b.call.tensors) {
				b.call.tensors[input] = m.call.made[k]
			}
		}
	}
	for slot, input := range b.inputs {
		from := b.from[slot]
		if input < 0 || from.shape == nil {
			continue
		}
		if !from.buffers.open || from.buffers.session != s {
			return ErrClosed
		}
		t, err := from.buffers.inputs[slot].copied(from.shape)
		if err != nil {
			return err
		}
		b.call.tensors[input] = t
	}
	if i := slices.Index(b.call.tensors, nil); i >= 0 {
		return fmt.Errorf("%w: its input %s has been given no batch", ErrStep, b.names[i])
	}
	return b.call.run()
}

func (b *batchCall) set(i int, from source) error {
	if i < 0 || i >= len(b.from) {
		return fmt.Errorf("%w: there is no slot %d", ErrStep, i)
	}
	if from.buffers == nil {
		return fmt.Errorf("%w: its buffers are nil", ErrStep)
	}
	b.from[i] = from
	return nil
}

// Prediction is the graph's predict signature: a call makes the model's outputs of
// one batch. It is used from one goroutine at a time.
type Prediction struct {
	part
	batch   *batchCall
	outputs []graph.Tensor
}

// Predict resolves the predict signature. Errors are graph.ErrNoSignature and
// ErrGraph.
func (s *Session) Predict() (*Prediction, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if err := s.manifest.CanPredict(); err != nil {
		return nil, err
	}
	want := s.manifest.Signatures[graph.Predict]
	found, err := s.signature(want.Key)
	if err != nil {
		return nil, err
	}
	var outputs []tf.Output
	for _, t := range want.Outputs {
		out, err := found.made(t.Name, t.DType)
		if err != nil {
			return nil, err
		}
		outputs = append(outputs, out)
	}
	p := &Prediction{outputs: want.Outputs}
	if p.batch, err = s.newBatchCall(found, s.manifest.Inputs, outputs); err != nil {
		return nil, err
	}
	s.own(p)
	return p, nil
}

// Shape makes the next Run read slot i from b, as Step.Shape does. Slots of
// targets are not needed.
func (p *Prediction) Shape(b *Buffers, i int, shape []int64) error {
	if p == nil || p.batch == nil {
		return ErrClosed
	}
	return p.batch.set(i, source{buffers: b, shape: shape})
}

// Made makes the next Run read what the preprocessing layers made in m.
func (p *Prediction) Made(m *Maker) {
	if p != nil && p.batch != nil {
		p.batch.maker = m
	}
}

// Run returns the model's outputs for one batch, in the manifest's order. Errors
// are ErrStep, ErrOOM and ErrClosed.
func (p *Prediction) Run() ([]Tensor, error) {
	if p == nil {
		return nil, ErrClosed
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if err := p.batch.run(p.session); err != nil {
		return nil, err
	}
	defer p.batch.call.forget()
	out := make([]Tensor, len(p.outputs))
	for i, t := range p.outputs {
		out[i] = Tensor{Name: t.Name, DType: t.DType, Shape: shapeOf(p.batch.call.made[i]), Data: p.batch.call.clone(i)}
	}
	return out, nil
}

// Close releases what it holds. A second Close does nothing.
func (p *Prediction) Close() error {
	if p != nil {
		release(p)
	}
	return nil
}

func (p *Prediction) free() { p.batch.call.free() }

// Evaluation is the graph's signatures of metrics, whose state lives in the
// session: there is one pass at a time. It is used from one goroutine at a time.
type Evaluation struct {
	part
	batch   *batchCall
	reset   *making
	metrics *making // nil: the values are the last batch's outputs
	values  []graph.MetricOutput
	added   bool
}

// Evaluate resolves the signatures of metrics. Errors are graph.ErrNoSignature and
// ErrGraph.
func (s *Session) Evaluate() (*Evaluation, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if err := s.manifest.CanEvaluate(); err != nil {
		return nil, err
	}
	e := &Evaluation{}
	if err := e.resolve(s); err != nil {
		e.free()
		return nil, err
	}
	s.own(e)
	return e, nil
}

func (e *Evaluation) resolve(s *Session) error {
	evaluate := s.manifest.Signatures[graph.Evaluate]
	found, err := s.signature(evaluate.Key)
	if err != nil {
		return err
	}
	examples, err := found.scalar(evaluate.Examples, graph.Int32)
	if err != nil {
		return err
	}
	name, values := s.manifest.MetricOutputs()
	outputs, err := s.metricOutputs(name, values)
	if err != nil {
		return err
	}
	e.values = values
	fetched := []tf.Output{examples}
	if name == graph.Evaluate {
		fetched = append(fetched, outputs...)
	} else {
		e.metrics = newMaking(s.model.Session, nil, outputs, s.runOptions)
	}
	if e.batch, err = s.newBatchCall(found, s.tensors, fetched); err != nil {
		return err
	}
	e.reset, err = s.resetMetrics()
	return err
}

// Reset begins a pass: no metric has seen a batch.
func (e *Evaluation) Reset() error {
	if e == nil {
		return ErrClosed
	}
	if err := e.enter(); err != nil {
		return err
	}
	defer e.leave()
	e.added = false
	return e.reset.run()
}

// Shape makes the next Add read slot i from b, as Step.Shape does.
func (e *Evaluation) Shape(b *Buffers, i int, shape []int64) error {
	if e == nil || e.batch == nil {
		return ErrClosed
	}
	return e.batch.set(i, source{buffers: b, shape: shape})
}

// Made makes the next Add read what the preprocessing layers made in m.
func (e *Evaluation) Made(m *Maker) {
	if e != nil && e.batch != nil {
		e.batch.maker = m
	}
}

// Add adds one batch to the metrics. Errors are ErrStep, ErrOOM and ErrClosed.
func (e *Evaluation) Add() error {
	if e == nil {
		return ErrClosed
	}
	if err := e.enter(); err != nil {
		return err
	}
	defer e.leave()
	if err := e.batch.run(e.session); err != nil {
		return err
	}
	e.added = true
	return nil
}

// Metrics returns the values of the metrics over all batches of the pass, named
// as Keras names them, in its order: scalars or vectors of float64.
func (e *Evaluation) Metrics() ([]Tensor, error) {
	if e == nil {
		return nil, ErrClosed
	}
	if err := e.enter(); err != nil {
		return nil, err
	}
	defer e.leave()
	if !e.added {
		return nil, fmt.Errorf("%w: no batch has been evaluated", ErrStep)
	}
	call, first := e.batch.call, 1 // behind the number of examples
	if e.metrics != nil {
		if err := e.metrics.run(); err != nil {
			return nil, err
		}
		call, first = e.metrics, 0
	}
	return call.metrics(e.values, first), nil
}

// Close releases what it holds. A second Close does nothing.
func (e *Evaluation) Close() error {
	if e != nil {
		release(e)
	}
	return nil
}

func (e *Evaluation) free() {
	if e.batch != nil {
		e.batch.call.free()
	}
	for _, m := range []*making{e.reset, e.metrics} {
		if m != nil {
			m.free()
		}
	}
}

// metrics copies the values of metrics, which are the outputs from first on.
func (m *making) metrics(values []graph.MetricOutput, first int) []Tensor {
	out := make([]Tensor, len(values))
	for i, v := range values {
		out[i] = Tensor{Name: v.Name, DType: graph.Float64, Shape: shapeOf(m.made[first+i]), Data: m.clone(first + i)}
	}
	return out
}

// clone copies what output i returned, aligned for its elements.
func (m *making) clone(i int) []byte {
	from := m.bytes(i)
	out := graph.Allocate(len(from))
	copy(out, from)
	return out
}
