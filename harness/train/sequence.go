package train

import (
	"context"
	"errors"
	"fmt"
	"math"

	"epochtime/harness/dataset"
	"epochtime/harness/epoch"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/tfsession"
)

// sequence is one pass over a set in order, beside the trainer's own feeder, for a
// signature that does not train. The trainer is locked while it is used.
type sequence struct {
	set      *dataset.Set
	feeder   *feed.Feeder
	rings    []*tfsession.Buffers
	layers   *layers
	decoders []*tfsession.ImageDecoder
}

// receiver is what a pass gives its batches to.
type receiver interface {
	Shape(b *tfsession.Buffers, i int, shape []int64) error
	Made(m *tfsession.Maker)
}

// newSequence begins a pass over set, fed as m says: the graph's manifest, or one that
// gathers less. It prepares so many batches ahead. Close it, after an error too.
func (t *Trainer) newSequence(m *graph.Manifest, set *dataset.Set, ahead int) (*sequence, error) {
	p := &sequence{set: set}
	if err := set.Fit(m); err != nil {
		return p, err
	}
	batch, err := m.BatchFor(t.info.Batch, set.Examples())
	if err != nil {
		return p, err
	}
	o := feed.Options{Batch: batch, Prefetch: ahead, Threads: t.feeding.Threads, PadTo: t.feeding.PadTo}
	if p.feeder, err = feed.New(set, m, o, t.clock.Now); err != nil {
		return p, fmt.Errorf("%w: %w", dataset.ErrUnfit, err)
	}
	sizes := p.feeder.BufferBytes()
	sizes = append(sizes, make([]int, len(t.manifest.Gathered())-len(sizes))...)
	var rings [][][]byte
	for range p.feeder.Rings() {
		ring, err := t.session.NewBuffers(sizes)
		if err != nil {
			return p, err
		}
		p.rings, rings = append(p.rings, ring), append(rings, ring.Bytes())
	}
	if p.layers, p.decoders, err = equip(t.session, p.feeder, p.rings); err != nil {
		return p, err
	}
	if err := p.feeder.Use(rings); err != nil {
		return p, err
	}
	p.feeder.Start(0)
	return p, nil
}

// next gives the next batch to a receiver and returns its examples; 0 says that
// the pass is over.
func (p *sequence) next(ctx context.Context, to receiver) (examples int, err error) {
	if err := epoch.Stopped(ctx); err != nil {
		return 0, err
	}
	b, err := p.feeder.Next()
	if err != nil {
		return 0, err
	}
	if b == nil {
		return 0, p.set.Unchanged()
	}
	for i := range b.Slots {
		if err := to.Shape(p.rings[b.Ring], i, b.Slots[i].Shape); err != nil {
			return 0, err
		}
	}
	if p.layers != nil {
		to.Made(p.layers.makers[b.Ring])
	}
	return b.Examples, nil
}

func (p *sequence) close() error {
	if p.feeder != nil {
		p.feeder.Close()
	}
	var err error
	for _, d := range p.decoders {
		err = errors.Join(err, d.Close())
	}
	if p.layers != nil {
		for _, m := range p.layers.makers {
			err = errors.Join(err, m.Close())
		}
	}
	for _, ring := range p.rings {
		err = errors.Join(err, ring.Close())
	}
	return err
}

// Tensor is an output of the model, by name.
type Tensor = tfsession.Tensor

// Values returns the elements of t, the last dimension varying fastest, in place.
// T is the Go type of t.DType: float32 for graph.Float32, and so on.
func Values[T graph.Number](t Tensor) ([]T, error) {
	if want := graph.DTypeOf[T](); t.DType != want {
		return nil, fmt.Errorf("train: %q holds %s, not %s", t.Name, t.DType, want)
	}
	return graph.View[T](t.Data), nil
}

// Metric is the value of one metric over a pass.
type Metric struct {
	Name  string  // as Keras's evaluate names it: loss, accuracy, …
	Value float64 // NaN where the metric has Values
	// Values has one value per class for a metric such as F1Score, else nil.
	Values []float64
}

// Metrics are a model's metrics in the order of Keras's evaluate(return_dict=True).
type Metrics []Metric

// Value returns the value of the metric of that name, or false.
func (m Metrics) Value(name string) (float64, bool) {
	for _, each := range m {
		if each.Name == name {
			return each.Value, true
		}
	}
	return 0, false
}

func metricsOf(tensors []Tensor) (Metrics, error) {
	var out Metrics
	for _, t := range tensors {
		v, err := Values[float64](t)
		if err != nil {
			return nil, err
		}
		metric := Metric{Name: t.Name, Value: math.NaN(), Values: v}
		if len(t.Shape) == 0 {
			metric.Value, metric.Values = v[0], nil
		}
		out = append(out, metric)
	}
	return out, nil
}
