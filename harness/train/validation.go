package train

import (
	"context"
	"fmt"
	"maps"

	"epochtime/harness/epoch"
	"epochtime/harness/record"
	"epochtime/harness/tfsession"
)

// validation is the pass that follows the training of an epoch.
type validation struct {
	source  *source
	call    *tfsession.Validation
	metrics *tfsession.Metrics // nil where the graph has no signatures of metrics
}

// openMetrics resolves what a script's graph reports beside the loss: its metrics, and
// validation.
func (t *Trainer) openMetrics() error {
	m := t.manifest
	var err error
	if m.Script != nil && m.HasMetrics() {
		if t.metrics, err = t.session.Metrics(m.Signatures["metrics"].Values); err != nil {
			return err
		}
	}
	if m.Validation == nil || t.options.TrainOnly {
		return nil
	}
	t.validation = &validation{source: newSource(&m.Validation.Pipeline)}
	if err := t.validation.source.open(t, m.Validation.Evaluate); err != nil {
		return fmt.Errorf("validation: %w", err)
	}
	if t.validation.call, err = t.session.Validation(m.Validation, t.validation.source.calls); err != nil {
		return fmt.Errorf("validation: %w", err)
	}
	if m.HasMetrics() && len(m.Validation.Values) > 0 {
		t.validation.metrics, err = t.session.Metrics(m.Validation.Values)
	}
	return err
}

// first takes one batch of each shape through validation, and reads its metrics, so that
// what TensorFlow does once is in no epoch. The trainer is then to be reset.
func (v *validation) first(ctx context.Context, t *Trainer) error {
	if v == nil {
		return nil
	}
	if v.metrics != nil {
		if err := v.metrics.Reset(); err != nil {
			return err
		}
	}
	err := v.source.eachShape(t.manifest.Name, "validation", func() error {
		if err := t.stopped(ctx); err != nil {
			return err
		}
		_, err := v.call.Add()
		return err
	})
	if err != nil {
		return err
	}
	_, err = values(v.metrics, "")
	return err
}

// whole trains an epoch with what Keras does around it: its metrics begin anew, and
// validation follows. Neither is in the epoch's Seconds.
func (t *Trainer) whole(ctx context.Context, index int, train func() (Epoch, error)) (Epoch, error) {
	if t.metrics != nil {
		if err := t.metrics.Reset(); err != nil {
			return Epoch{}, fmt.Errorf("epoch %d: %w", index, err)
		}
	}
	e, err := train()
	if err != nil {
		return Epoch{}, err
	}
	if e.Metrics, err = values(t.metrics, ""); err != nil {
		return Epoch{}, fmt.Errorf("epoch %d: %w", index, err)
	}
	delete(e.Metrics, "loss") // it is Loss
	if t.validation == nil || !t.manifest.Validation.Due(index) {
		return e, nil
	}
	if err := t.validation.pass(ctx, t, &e); err != nil {
		return Epoch{}, fmt.Errorf("validation of epoch %d: %w", index, err)
	}
	return e, nil
}

// pass is one pass of validation, from the reset of the metrics to their values.
func (v *validation) pass(ctx context.Context, t *Trainer, e *Epoch) error {
	start := t.clock.Now()
	turn := epoch.Turn{Since: start}
	if v.metrics != nil {
		if err := v.metrics.Reset(); err != nil {
			return err
		}
	}
	v.source.Start(e.Index)
	for {
		b, err := v.source.Next()
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		if err := t.stopped(ctx); err != nil {
			return err
		}
		n, err := v.call.Add()
		if err != nil {
			return err
		}
		e.ValidationSteps++
		e.ValidationSamples += n
		turn.Yield(t.clock.Now())
	}
	if e.ValidationSteps == 0 {
		return errNoBatches(t.manifest.Name, "validation")
	}
	found, err := values(v.metrics, "val_")
	e.Validation = (t.clock.Now() - start).Seconds()
	if e.Metrics == nil {
		e.Metrics = found
	}
	maps.Copy(e.Metrics, found)
	return err
}

// values are the metrics that are one number each, with a prefix to their names.
func values(of *tfsession.Metrics, prefix string) (map[string]record.Number, error) {
	if of == nil {
		return nil, nil
	}
	tensors, err := of.Values()
	if err != nil {
		return nil, err
	}
	metrics, err := metricsOf(tensors)
	if err != nil {
		return nil, err
	}
	out := make(map[string]record.Number)
	for _, m := range metrics {
		if m.Values == nil {
			out[prefix+m.Name] = record.Number(m.Value)
		}
	}
	return out, nil
}

// stopped returns why training is to end, if it is.
func (t *Trainer) stopped(ctx context.Context) error {
	if t.closed.Load() {
		return ErrClosed
	}
	return epoch.Stopped(ctx)
}
