package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"al.essio.dev/pkg/shellescape"
	"github.com/spf13/pflag"

	"epochtime/harness/exporter"
	"epochtime/harness/graph"
)

// candidate is one way to train a model.
type candidate struct {
	graph    *graph.Manifest
	name     string // by which it is named in a command line
	settings []setting
	flags    *measureFlags // with the settings
}

// onednn is the variable that turns TensorFlow's oneDNN kernels on and off.
const onednn = "TF_ENABLE_ONEDNN_OPTS"

// candidates makes every candidate a configuration of the measurement, the
// default first.
func (f *tuneFlags) candidates(ctx context.Context, s streams, m *measurement, model string) ([]candidate, error) {
	variants, err := f.variants(ctx, s, m, model)
	if err != nil {
		return nil, err
	}
	var out []candidate
	for i, g := range variants {
		name := filepath.Base(g.Dir)
		if i == 0 {
			name = model
		}
		for _, settings := range f.choices(i == 0) {
			flags, err := f.with(settings)
			if err != nil {
				return nil, err
			}
			label := g.Name
			for _, s := range settings {
				label += ", " + strings.TrimPrefix(s.key, "env.") + " " + s.value
			}
			if err := flags.addTo(m, g, "", label); err != nil {
				return nil, err
			}
			out = append(out, candidate{g, name, settings, flags})
		}
	}
	return out, nil
}

// choices are the settings to try with each graph; with the first one, none
// comes first. What was given as a flag is not tried otherwise. Whether oneDNN is
// on by default depends on the processor, so both are asked for by name.
func (f *tuneFlags) choices(first bool) [][]setting {
	executions := [][]setting{nil}
	if !f.chosen["executor"] && !f.chosen["intra-op"] && !f.chosen["inter-op"] {
		executions = append(executions, []setting{{"executor", "caller-thread"}}, []setting{{"intra-op", "1"}, {"inter-op", "1"}})
		if !f.feed.resident() { // which loops in the graph, with other kernels
			executions = append(executions, []setting{{"executor", "single-threaded"}})
		}
	}
	kernels := [][]setting{nil}
	set := slices.ContainsFunc(f.worker.env, func(item string) bool { return strings.HasPrefix(item, onednn+"=") })
	if !set && f.worker.device == "cpu" {
		kernels = [][]setting{{{"env." + onednn, "0"}}, {{"env." + onednn, "1"}}}
	}
	var out [][]setting
	if first && len(kernels) > 1 {
		out = append(out, nil)
	}
	for _, k := range kernels {
		for _, e := range executions {
			out = append(out, slices.Concat(e, k))
		}
	}
	if !f.chosen["prefetch"] && !f.feed.resident() {
		out = append(out, []setting{{"prefetch", "0"}})
	}
	return out
}

// variants are the exported graphs that train the same model on the same data in
// the same way, the one that was named first.
func (f *tuneFlags) variants(ctx context.Context, s streams, m *measurement, model string) ([]*graph.Manifest, error) {
	found, err := f.findGraphs(ctx, s, "", []string{model})
	if err != nil {
		return nil, err
	}
	named := found[0]
	asked, err := f.config(named)
	if err != nil {
		return nil, err
	}
	all, _, err := graph.List(f.graphs.root) // broken ones are none of this model's
	if err != nil {
		return nil, err
	}
	for _, g := range all {
		if g.SHA256 == named.SHA256 || !sameTraining(named, g) || f.fits(g) != nil {
			continue
		}
		if err := g.Verify(); err != nil {
			fmt.Fprintf(m.notices, "notice: %s is left out: %v\n", g.Name, err)
			continue
		}
		if c, err := f.config(g); err != nil || !sameConfig(c, asked) {
			fmt.Fprintf(m.notices, "notice: %s is left out: it does not train in the same batches\n", g.Name)
			continue
		}
		if f.feed.resident() && g.Resident() != nil {
			continue
		}
		found = append(found, g)
	}
	return found, nil
}

// sameTraining tells whether two graphs are the same model, data and precision,
// computed in other ways.
func sameTraining(a, b *graph.Manifest) bool {
	key := func(g *graph.Manifest) string {
		text, err := json.Marshal([]any{
			g.Model.Architecture, g.Model.Parameters, g.Model.TrainableParameters, g.Model.Loss, g.Model.Optimizer,
			g.Data.Kind, g.Data.SHA256, g.Data.Columns, g.Preprocess, g.Variant.Precision, g.Variant.Device,
		})
		if err != nil {
			return g.SHA256 // like no other
		}
		return string(text)
	}
	return key(a) == key(b)
}

// given are the names of the flags that were given.
func given(flags *pflag.FlagSet) map[string]bool {
	out := map[string]bool{}
	flags.Visit(func(f *pflag.Flag) { out[f.Name] = true })
	return out
}

// command is the command line that runs a candidate.
func (f *tuneFlags) command(c candidate) string {
	words := []string{"epochtime", "run", c.name}
	if exporter.IsModel(f.graphs.root, c.name) {
		words = append(words, f.models.options.Words()...)
	}
	for _, name := range []string{"graphs", "epochs", "warmup", "batch", "samples", "data", "input", "take", "tokens", "window", "image-size", "seed", "feed", "shuffle", "preprocess", "pad-to", "prefetch", "feed-threads",
		"worker", "device", "timeout", "env", "intra-op", "inter-op", "executor", "memory-limit", "python"} {
		flag := f.own.Lookup(name)
		if list, ok := flag.Value.(pflag.SliceValue); ok && flag.Changed {
			for _, v := range list.GetSlice() {
				words = append(words, "--"+name, v)
			}
		} else if flag.Changed {
			words = append(words, "--"+name+"="+flag.Value.String())
		}
	}
	for _, s := range c.settings {
		if name, ok := strings.CutPrefix(s.key, "env."); ok {
			words = append(words, "--env", name+"="+s.value)
		} else {
			words = append(words, "--"+s.key, s.value)
		}
	}
	return shellescape.QuoteCommand(words)
}
