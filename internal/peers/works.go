//go:build linux

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// kind says which contenders can train a model.
type kind int

const (
	plain     kind = iota
	several        // it has several inputs or targets
	written        // it has loops of its own in PyTorch and JAX
	recurrent      // likewise, and variants of its recurrent layer
)

// work is a model and what of it is trained. Zeros are the model's own.
type work struct {
	name    string
	spec    string // for the exporter
	kind    kind
	batch   int
	samples int
	noXLA   bool // XLA's rounding moves its losses by more than the exporter allows
}

// works are the models that there are. The large ones have few examples, so that an
// epoch takes seconds.
var works = []work{
	{name: "linear", kind: written},
	{name: "mlp", kind: written},
	{name: "cnn", kind: written},
	{name: "rnn", kind: recurrent},
	{name: "lstm", kind: recurrent},
	{name: "gru", kind: recurrent},
	{name: "gpt", samples: 64},
	{name: "vit", samples: 128},
	{name: "bert", kind: several, samples: 64},
	// One step an epoch: the loss of the second differs by half a percent between runtimes, as rounding grows.
	{name: "resnet50", spec: "keras:ResNet50", samples: 8, batch: 8, noXLA: true},
}

// usualWorks are the works that are measured if none are named.
func usualWorks() []string {
	var names []string
	for _, w := range works {
		name := w.name
		if name == "cnn" { // whose own batch is the whole of its examples
			name = "cnn:32"
		}
		names = append(names, name)
	}
	return names
}

// chooseWorks returns the works with these names, each NAME or NAME:BATCH.
func chooseWorks(names []string) ([]work, error) {
	var out []work
	for _, text := range names {
		name, batch, batched := strings.Cut(text, ":")
		i := slices.IndexFunc(works, func(w work) bool { return w.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no model %q to compare: there are %s", name, strings.Join(usualWorks(), ", "))
		}
		w := works[i]
		if batched {
			n, err := strconv.Atoi(batch)
			if err != nil || n < 1 {
				return nil, fmt.Errorf("the batch of %q is no number of examples", text)
			}
			w.batch = n
		}
		out = append(out, w)
	}
	return out, nil
}

// model returns the model as the exporter takes it.
func (w work) model() string {
	if w.spec != "" {
		return w.spec
	}
	return w.name
}

// title returns the work's name for people, as in "cnn, batch 32".
func (w work) title() string {
	if w.batch == 0 {
		return w.name
	}
	return fmt.Sprintf("%s, batch %d", w.name, w.batch)
}

// file returns a name for its files.
func (w work) file() string { return strings.ReplaceAll(w.title(), ", batch ", "-") }
