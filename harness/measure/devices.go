package measure

import (
	"fmt"

	"epochtime/harness/graph"
	"epochtime/harness/record"
)

// ofDevice warns of what a run's graph does on its device that may not be meant.
func (s *Session) ofDevice(run int) []string {
	c := s.rec.Runs[run].Config
	if !c.OnGPU() || !c.OfGraph() {
		return nil
	}
	g := s.configs[run].Graph
	return append(loops(g), idle(g, c)...)
}

// loops warns of recurrent layers that a GPU runs as loops, which Keras's fit does not do
// there.
func loops(g *graph.Manifest) []string {
	if !g.Variant.Loops {
		return nil
	}
	return []string{"its recurrent layers are loops of small operations, where Keras's fit on a GPU has kernels of cuDNN: export it with the target gpu"}
}

// idle warns of GPUs that are named and that the graph has no work for.
func idle(_ *graph.Manifest, c record.Config) []string {
	gpus := c.GPUs()
	if len(gpus) < 2 {
		return nil
	}
	return []string{fmt.Sprintf("its graph is made for one device: it runs on GPU %d, the first of %s, and the others do nothing", gpus[0], c.Device)}
}
