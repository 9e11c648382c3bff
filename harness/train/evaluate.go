package train

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"epochtime/harness/dataset"
	"epochtime/harness/epoch"
	"epochtime/harness/tfsession"
)

// Evaluate makes one pass over set, in order and in batches of the trainer's size,
// and returns the model's metrics over the whole pass, the loss among them: what
// Keras's evaluate returns. An AUC is that of all examples, never a mean over
// batches. Layers behave as at inference, and no variable of the model changes but
// the state of preprocessing layers that draw at random. The graph's random
// preprocessing, such as flip, is left out.
//
// set has the columns that training takes, and stays the caller's. ctx is looked at
// before every batch. Errors are graph.ErrNoSignature, with the reason, for a model
// that Keras cannot evaluate either, those of Open for a set that does not fit,
// dataset.ErrChanged, those of tfsession, and ErrClosed.
func (t *Trainer) Evaluate(ctx context.Context, set *dataset.Set) (m Metrics, err error) {
	if err := t.enterWith(ctx, "Evaluate", set); err != nil {
		return nil, err
	}
	defer t.mu.Unlock()
	e, err := t.session.Evaluate()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	p, err := t.newSequence(t.manifest.ForEvaluation(), set, t.feeding.Prefetch)
	defer func() { err = errors.Join(err, p.close()) }()
	if err != nil {
		return nil, err
	}
	if err := e.Reset(); err != nil {
		return nil, fmt.Errorf("evaluating: %w", err)
	}
	for batch := 0; ; batch++ {
		if t.closed.Load() {
			return nil, ErrClosed
		}
		n, err := p.next(ctx, e)
		if err == nil && n > 0 {
			err = e.Add()
		}
		if err != nil {
			return nil, fmt.Errorf("evaluating batch %d: %w", batch, err)
		}
		if n == 0 {
			break
		}
	}
	tensors, err := e.Metrics()
	if err != nil {
		return nil, fmt.Errorf("evaluating: %w", err)
	}
	return metricsOf(tensors)
}

// enterWith is enter with what a pass is asked for, by the method of that name.
func (t *Trainer) enterWith(ctx context.Context, method string, set *dataset.Set) error {
	if err := epoch.Stopped(ctx); err != nil {
		return err
	}
	if err := t.enter(); err != nil {
		return err
	}
	if set == nil {
		t.mu.Unlock()
		return unfit("train.Trainer.%s: the data is nil", method)
	}
	return nil
}

// Prediction is what the model makes of one batch.
type Prediction struct {
	First    int // the first of its examples, by its place in the set
	Examples int
	Outputs  []Tensor // the model's, in the order of the manifest's predict signature
}

// Predict makes one pass over set, in order and in batches of the trainer's size,
// and yields what the model makes of each batch: what Keras's predict returns, in
// pieces. It ends after the first error, which it yields alone. The tensors are the
// caller's. Between two batches other methods may be called; a batch is predicted
// with the variables of that moment.
//
// set has the columns of the model's inputs; it needs no targets, unless
// preprocessing layers make them. Errors are those of Evaluate.
func (t *Trainer) Predict(ctx context.Context, set *dataset.Set) iter.Seq2[Prediction, error] {
	return func(yield func(Prediction, error) bool) {
		call, p, err := t.beginPrediction(ctx, set)
		first := 0
		for err == nil {
			var out Prediction
			out, err = t.predict(ctx, call, p)
			if err != nil || out.Examples == 0 {
				break
			}
			out.First = first
			first += out.Examples
			if !yield(out, nil) {
				t.endPrediction(call, p) //nolint:errcheck // nobody is left to tell
				return
			}
		}
		if err = errors.Join(err, t.endPrediction(call, p)); err != nil {
			yield(Prediction{}, err)
		}
	}
}

// beginPrediction resolves the predict signature and begins a pass. Nothing is
// prepared ahead, so that no goroutine fills buffers while the trainer is not
// locked: Close would free them.
func (t *Trainer) beginPrediction(ctx context.Context, set *dataset.Set) (*tfsession.Prediction, *sequence, error) {
	if err := t.enterWith(ctx, "Predict", set); err != nil {
		return nil, nil, err
	}
	defer t.mu.Unlock()
	call, err := t.session.Predict()
	if err != nil {
		return nil, nil, err
	}
	p, err := t.newSequence(t.manifest.ForPrediction(), set, 0)
	return call, p, err
}

// predict makes the next batch's prediction; one of no examples says that the pass
// is over.
func (t *Trainer) predict(ctx context.Context, call *tfsession.Prediction, p *sequence) (Prediction, error) {
	if err := t.enter(); err != nil {
		return Prediction{}, err
	}
	defer t.mu.Unlock()
	n, err := p.next(ctx, call)
	if err != nil || n == 0 {
		return Prediction{}, wrapped("predicting", err)
	}
	outputs, err := call.Run()
	return Prediction{Examples: n, Outputs: outputs}, wrapped("predicting", err)
}

func (t *Trainer) endPrediction(call *tfsession.Prediction, p *sequence) error {
	if p == nil {
		return call.Close()
	}
	return errors.Join(p.close(), call.Close())
}

func wrapped(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
