package measure

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/trace"
)

// ofDevice warns of what a run's graph does on its device that may not be meant.
func (s *Session) ofDevice(run int) []string {
	c := s.rec.Runs[run].Config
	if !c.OnGPU() || !c.OfGraph() {
		return nil
	}
	g := s.configs[run].Graph
	out := append(loops(g), idle(g, c)...)
	if compared := s.configs[run].compared; compared != nil {
		out = append(out, onHost(compared.Placement)...)
	}
	return out
}

// onHost warns of operations that the host computed where a GPU was asked for.
func onHost(p *trace.Placement) []string {
	switch {
	case p == nil:
		return []string{"where its operations run is not known: TensorFlow did not trace its step"}
	case !slices.ContainsFunc(slices.Collect(maps.Keys(p.Devices)), func(d string) bool { return !strings.HasPrefix(d, "CPU:") }):
		return []string{"all of its operations run on the host, and none on the GPU"}
	case len(p.Host) == 0:
		return nil
	}
	var named []string
	for _, op := range p.Host {
		named = append(named, fmt.Sprintf("%s (%s)", shortened(op.Node), shortened(op.Op)))
	}
	more := ""
	if p.More > 0 {
		more = fmt.Sprintf(", and %d more", p.More)
	}
	return []string{fmt.Sprintf("operations run on the host, and not on the GPU: %s%s", strings.Join(named, ", "), more)}
}

// longestNode is how many bytes of an operation's name a warning has.
const longestNode = 100

// shortened is the end of a name, which says more of an operation than its beginning.
func shortened(name string) string {
	if len(name) <= longestNode {
		return name
	}
	return "…" + strings.ToValidUTF8(name[len(name)-longestNode:], "")
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
