package measure

import (
	"slices"

	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/runtimes"
	"epochtime/harness/setting"
)

// ofFeeding are the settings of how Go feeds the graph, or runs it, which no other
// runtime has.
var ofFeeding = []string{"feed", "preprocess", "pad-to", "prefetch", "feed-threads", "fetch", "executor", "load-weights"}

// runtimeFits reports settings that a configuration's runtime does not have, and graphs
// that it cannot train.
func runtimeFits(g *graph.Manifest, c record.Config) error {
	if !c.Fits() {
		if name := changed(c, setting.OfFit()); name != "" {
			return setting.Errorf(name, "it is a part of Keras's own fit, which does not run here: set runtime to %s", record.RuntimeFit)
		}
	}
	if c.OfGraph() {
		return nil
	}
	if name := changed(c, ofFeeding); name != "" {
		return setting.Errorf(name, "it says how the graph is fed and run from Go, and the runtime %s does that itself: leave it out", c.Runtime)
	}
	if c.Timed() {
		return setting.Errorf("for", "the runtime %s is told how many epochs to train before it begins: set epochs instead", c.Runtime)
	}
	if c.Cold {
		return setting.Errorf("cold", "every launch of the runtime %s begins cold, and its first epoch is shown beside the later ones: leave it out", c.Runtime)
	}
	if c.Warmup < 1 {
		return setting.Errorf("warmup", "the first epoch of the runtime %s has the first steps in it, such as compiling, and cannot be measured as the others: set it to 1 or more", c.Runtime)
	}
	if ownData(g) && len(c.Data) > 0 {
		return setting.Errorf("data", "under the runtime %s the script of %s trains on its own data: leave it out", c.Runtime, g.Name)
	}
	if c.Runtime == record.RuntimePeer && ownData(g) {
		return setting.Errorf("runtime", "%s is trained by its script's own fit, and the runtime %s takes examples from a file", g.Name, c.Runtime)
	}
	if c.Runtime == record.RuntimePeer && len(c.Worker) == 0 {
		return setting.Errorf("worker", "the runtime %s is a worker that is named: name one", c.Runtime)
	}
	if _, named := runtimes.FindNamed(c.Worker); c.Runtime != record.RuntimePeer && len(c.Worker) > 0 && !named {
		return setting.Errorf("worker", "the runtime %s starts Python, of which only a named worker has one of its own: name such a worker, or leave it out", c.Runtime)
	}
	for _, p := range g.Preprocess {
		if p.Op != "pad" {
			return setting.Errorf("runtime", "%s is preprocessed from Go (%s of %s), which %s does not repeat", g.Name, p.Op, p.Input, c.Runtime)
		}
	}
	v := g.Variant
	if c.Runtime != record.RuntimePeer && (v.Fused || v.Unroll || v.Parts > 1 || v.Replicas > 1) {
		return setting.Errorf("runtime", "%s has a step that only the exporter makes (fused, unrolled, in parts or replicas), which %s cannot train: name the plain graph", g.Name, c.Runtime)
	}
	return nil
}

// changed returns the first of the settings that c changes, "" for none.
func changed(c record.Config, names []string) string {
	usual := setting.Defaults()
	i := slices.IndexFunc(names, func(name string) bool {
		s, _ := setting.Find(name)
		said := s.Text(c)
		return said != s.Text(usual) && said != "" && said != "0"
	})
	if i < 0 {
		return ""
	}
	return names[i]
}

// ownData reports whether a script's own call of fit gives the data, so that other
// runtimes take it from there.
func ownData(g *graph.Manifest) bool { return g.Script != nil && g.Script.Call == "fit" }

// ofRuntime returns c without what its runtime leaves to itself.
func ofRuntime(g *graph.Manifest, c record.Config) record.Config {
	if c.OfGraph() {
		return c
	}
	c.Prefetch, c.FeedThreads = 0, 0
	if !c.Fits() && g.Validation != nil {
		c.Validation = record.PartNone
	}
	return c
}
