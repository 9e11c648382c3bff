//go:build linux && cgo

package main

import (
	"context"
	"fmt"
	"math"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/files"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/tfsession"
	"epochtime/harness/train"
)

// steps is how many of an epoch's losses are compared.
const steps = 10

// here trains a graph twice from its start, for the losses of its first steps and for
// an epoch, in sessions with these options. As timed, its first steps come before.
func here(ctx context.Context, m *graph.Manifest, o tfsession.Options, timed bool) (figures, error) {
	t, closeAll, err := open(ctx, m, train.Options{Session: o})
	if err != nil {
		return figures{}, err
	}
	defer closeAll()
	if timed {
		if _, err := t.FirstSteps(ctx); err != nil {
			return figures{}, err
		}
	}
	out := figures{Epoch: make(map[string]float64)}
	for step, err := range t.Steps(ctx) {
		if err != nil {
			return figures{}, err
		}
		if out.Losses = append(out.Losses, step.Loss); len(out.Losses) == steps {
			break
		}
	}
	if err := t.Reset(); err != nil {
		return figures{}, err
	}
	e, err := t.Epoch(ctx)
	if err != nil {
		return figures{}, err
	}
	out.examples, out.held = e.Samples, e.ValidationSamples
	out.Epoch["loss"] = float64(e.Loss)
	for name, value := range e.Metrics {
		out.Epoch[name] = float64(value)
	}
	return out, nil
}

// open opens a graph on what its script's fit is given, in order.
func open(ctx context.Context, m *graph.Manifest, o train.Options) (t *train.Trainer, closeAll func(), err error) {
	if m.Pipeline != nil {
		if t, err = train.OpenPipeline(m, o); err != nil {
			return nil, nil, err
		}
		return t, func() { t.Close() }, nil
	}
	q, err := dataset.Choice{Room: math.MaxInt32}.Request(m)
	if err != nil {
		return nil, nil, err
	}
	if len(q.Sources) == 0 {
		return nil, nil, fmt.Errorf("%s has made-up data", m.Name)
	}
	set, err := files.Open(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	o.Feed = feed.Options{Batch: *m.Settings.Batch, Prefetch: 2}
	if t, err = train.Open(m, set, o); err != nil {
		set.Close()
		return nil, nil, err
	}
	return t, func() { t.Close(); set.Close() }, nil
}
