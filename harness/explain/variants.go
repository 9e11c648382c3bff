// Package explain makes the bill of an epoch of Keras's fit: which launches it takes, and
// how their differences add up to what fit takes.
package explain

import (
	"slices"

	"epochtime/harness/graph"
	"epochtime/harness/record"
)

// Variants returns the configurations whose launches make the bill of a graph, from that
// of its training: fit as it is, fit without each of its parts, fit without any and with
// its steps stamped, fit's input alone, and the graph alone. The first is fit as c has it;
// a part that c leaves out already is no part of the bill. A graph that fit does not train
// has none: see measure.Resolve for the reason.
func Variants(g *graph.Manifest, c record.Config) []record.Config {
	if g == nil {
		return nil
	}
	c.Runtime = record.RuntimeFit
	without := func(parts ...record.Part) record.Config {
		v := c
		for _, p := range parts {
			leave(&v, p)
		}
		return v
	}
	left := Left(c, record.Config{})
	removable := slices.DeleteFunc(removableParts(g), func(p record.Part) bool { return slices.Contains(left, p) })
	out := []record.Config{c}
	for _, p := range removable {
		if p != record.PartValidation { // fit's own clock has it apart
			out = append(out, without(p))
		}
	}
	if hasMetrics(g) && !slices.Contains(left, record.PartMetrics) {
		out = append(out, without(record.PartMetrics))
	}
	if g.Variant.JIT && c.Compile != record.CompileOff {
		off := c
		off.Compile = record.CompileOff
		out = append(out, off)
	}
	stamped, input := without(removable...), without(slices.DeleteFunc(slices.Clone(removable), func(p record.Part) bool { return p == record.PartInput })...)
	stamped.Step = record.StepStamped
	input.Step, input.Metrics = record.PartNone, record.PartNone
	return append(out, stamped, input, stepAlone(g, c))
}

// stepAlone returns the configuration of the graph's step with nothing beside it, on
// TensorFlow's pool of threads, as in Python, and without settings of fit.
func stepAlone(g *graph.Manifest, c record.Config) record.Config {
	c.Runtime, c.Executor = "", record.ThreadPool
	c.Callbacks, c.Metrics, c.Compile, c.PerCall = "", "", "", 0
	if c.Pipeline = ""; g.Pipeline != nil {
		c.Pipeline = record.PipelineMemory
	}
	if g.Validation != nil {
		c.Validation = record.PartNone
	}
	return c
}

// leave leaves a part out of fit.
func leave(c *record.Config, p record.Part) {
	switch p {
	case record.PartInput:
		c.Pipeline = record.PipelineMemory
	case record.PartValidation:
		c.Validation = record.PartNone
	case record.PartMetrics:
		c.Metrics = record.PartNone
	case record.PartCallbacks:
		c.Callbacks = record.PartNone
	}
}

// Left returns which parts a configuration of fit leaves out that whole has.
func Left(c, whole record.Config) []record.Part {
	var out []record.Part
	for _, p := range []struct {
		part record.Part
		left func(record.Config) bool
	}{
		{record.PartInput, func(c record.Config) bool { return c.Pipeline == record.PipelineMemory }},
		{record.PartValidation, func(c record.Config) bool { return c.Validation == record.PartNone }},
		{record.PartMetrics, func(c record.Config) bool { return c.Metrics == record.PartNone }},
		{record.PartCallbacks, func(c record.Config) bool { return c.Callbacks == record.PartNone }},
		{record.PartStep, func(c record.Config) bool { return c.Step == record.PartNone }},
	} {
		if p.left(c) && !p.left(whole) {
			out = append(out, p.part)
		}
	}
	return out
}

// Uncompiled reports whether a configuration is fit without compiling what whole
// compiles.
func Uncompiled(c, whole record.Config) bool {
	return c.Compile == record.CompileOff && whole.Compile != record.CompileOff
}

// WholeOf returns the run that is fit as it is in the bill of another: the first of fit of
// its graph and side; nil where there is none.
func WholeOf(rec *record.Record, of *record.Run) *record.Run {
	if rec == nil || of == nil {
		return nil
	}
	i := slices.IndexFunc(rec.Runs, func(r record.Run) bool {
		return r.Config.Fits() && r.Graph.Name == of.Graph.Name && r.Graph.SHA256 == of.Graph.SHA256 && r.Side == of.Side
	})
	if i < 0 {
		return nil
	}
	return &rec.Runs[i]
}

// removableParts returns the parts of a graph's fit that are beside its steps.
func removableParts(g *graph.Manifest) []record.Part {
	out := []record.Part{record.PartInput}
	if g.Validation != nil {
		out = append(out, record.PartValidation)
	}
	if slices.ContainsFunc(g.Notices, func(n graph.Notice) bool { return n.About == "callbacks" }) {
		out = append(out, record.PartCallbacks)
	}
	return out
}

// hasMetrics reports whether fit computes metrics beside the loss.
func hasMetrics(g *graph.Manifest) bool {
	return slices.ContainsFunc(g.Signatures[graph.Metrics].Values, func(v graph.MetricOutput) bool { return v.Name != "loss" })
}
