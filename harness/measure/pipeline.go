package measure

import (
	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// pipelined reports whether batches come from a script's own pipeline.
func pipelined(g *graph.Manifest, c record.Config) bool { return g.Pipeline != nil && len(c.Data) == 0 }

// pipelineFits reports settings of how batches are made that differ from the defaults
// where a script's own pipeline makes them, and settings of a pipeline where there is
// none.
func pipelineFits(g *graph.Manifest, c record.Config) error {
	if !pipelined(g, c) {
		if c.Pipeline != "" && !c.Fits() { // which makes one of arrays
			return setting.Errorf("pipeline", "%s is not fed by a script's own pipeline: leave it out", g.Name)
		}
		return nil
	}
	if c.Resident() {
		return setting.Errorf("feed", "%s is fed by its script's own pipeline, and such data cannot stay on the device: set pipeline to %s, which draws the batches before the clock starts", g.Name, record.PipelineMemory)
	}
	own, usual := g.Settings, setting.Defaults()
	for _, s := range []struct {
		name string
		said bool
	}{
		{"batch", c.Batch != setting.OfGraph && (own.Batch == nil || c.Batch != *own.Batch)},
		{"samples", c.Samples != 0 && c.Samples != own.Samples},
		{"take", c.Take != 0},
		{"shuffle", c.Shuffles()},
		{"preprocess", len(c.Preprocess) > 0},
		{"pad-to", c.PadTo != 0},
		{"prefetch", c.Prefetch != 0 && c.Prefetch != usual.Prefetch},
		{"feed-threads", c.FeedThreads > usual.FeedThreads},
	} {
		if s.said {
			return setting.Errorf(s.name, "%s is fed by its script's own pipeline, which says how batches are made: change it in the script, or give data to use in its place", g.Name)
		}
	}
	return nil
}
